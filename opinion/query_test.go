package opinion

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func day(y, m, d int) time.Time {
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, ChinaTime).UTC()
}

func words(list ...string) []Node {
	var nodes []Node
	for _, w := range list {
		nodes = append(nodes, Term{Text: w})
	}
	return nodes
}

func TestParseQuery(t *testing.T) {
	ab := words("停车", "收费")
	for in, want := range map[string]Node{
		"":                                   nil,
		" \t\n　":                             nil,
		"停车":                                 Term{Text: "停车"},
		"停车 收费":                              And{ab},
		"停车　收费":                              And{ab},
		"停车 与 收费":                            And{ab},
		"停车 且 收费":                            And{ab},
		"停车 AND 收费":                          And{ab},
		"停车&&收费":                             And{ab},
		"停车 ＆＆ 收费":                           And{ab},
		"停车 或 收费":                            Or{ab},
		"停车 OR 收费":                           Or{ab},
		"停车|收费":                              Or{ab},
		"停车 || 收费":                           Or{ab},
		"停车｜收费":                              Or{ab},
		"停车或收费":                              Term{Text: "停车或收费"},
		"参与 或者 非法":                           And{words("参与", "或者", "非法")},
		"or not and":                         And{words("or", "not", "and")},
		`停车 "或" 收费`:                          And{words("停车", "或", "收费")},
		"非 停车":                               Not{Term{Text: "停车"}},
		"非(停车)":                              Not{Term{Text: "停车"}},
		"NOT 停车":                             Not{Term{Text: "停车"}},
		"-停车":                                Not{Term{Text: "停车"}},
		"!停车":                                Not{Term{Text: "停车"}},
		"！停车":                                Not{Term{Text: "停车"}},
		"非 非 停车":                             Not{Not{Term{Text: "停车"}}},
		"停车 -收费":                             And{[]Node{ab[0], Not{ab[1]}}},
		"pm2.5-超标 a-b":                       And{words("pm2.5-超标", "a-b")},
		"a 或 b c 或 d":                        Or{[]Node{Term{Text: "a"}, And{words("b", "c")}, Term{Text: "d"}}},
		"（a 或 b） c":                          And{[]Node{Or{words("a", "b")}, Term{Text: "c"}}},
		"(a)与(b)":                            And{words("a", "b")},
		"((a b) c)":                          And{[]Node{And{words("a", "b")}, Term{Text: "c"}}},
		`"拖欠  工资"`:                           Term{Text: "拖欠 工资"},
		"“拖欠工资”":                             Term{Text: "拖欠工资"},
		"”拖欠“工资":                             And{words("拖欠", "工资")},
		`"a\"b\\c"`:                          Term{Text: `a"b\c`},
		`"“引”"`:                              Term{Text: "“引”"},
		`"a|b (c) -d 或"`:                     Term{Text: "a|b (c) -d 或"},
		"title:停车":                           Term{TitleOnly: true, Text: "停车"},
		"TITLE：“停 车” 收费":                     And{[]Node{Term{TitleOnly: true, Text: "停 车"}, ab[1]}},
		"topic:edu.school":                   Match{FacetTopic, "edu.school"},
		"source:12345":                       Match{FacetSource, "12345"},
		"channel:public":                     Match{FacetChannel, "public"},
		"kind:k4":                            Match{FacetKind, "K4"},
		"intent：投诉":                          Match{FacetIntent, "投诉"},
		"street:yuelu":                       Match{FacetStreet, "yuelu"},
		"event:EV-abc":                       Match{FieldEvent, "ev-abc"},
		"id:ABC":                             Match{FieldID, "abc"},
		"history:true":                       Match{FieldHistory, "true"},
		"risk:2":                             Range{FacetRisk, OpEqual, 2},
		"risk:=2":                            Range{FacetRisk, OpEqual, 2},
		"risk:>=2":                           Range{FacetRisk, OpGreaterEqual, 2},
		"risk：≥2":                            Range{FacetRisk, OpGreaterEqual, 2},
		"score:<60.5":                        Range{FieldScore, OpLess, 60.5},
		"sentiment:-1":                       Range{FacetSentiment, OpEqual, -1},
		"sentiment:>-1":                      Range{FacetSentiment, OpGreater, -1},
		"date:2019-01-01":                    Dates{day(2019, 1, 1), day(2019, 1, 2)},
		"after:2019-01-01":                   Dates{From: day(2019, 1, 1)},
		"before:2019-02-01":                  Dates{To: day(2019, 2, 1)},
		"时间：下午 10:30":                        And{words("时间：下午", "10:30")},
		"-topic:none -(a b)":                 And{[]Node{Not{Match{FacetTopic, "none"}}, Not{And{words("a", "b")}}}},
		"date:2019-01-01..2019-02-01 risk:3": And{[]Node{Dates{day(2019, 1, 1), day(2019, 2, 2)}, Range{FacetRisk, OpEqual, 3}}},
	} {
		q, err := ParseQuery(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if q.Text != in {
			t.Errorf("%q keeps the text %q", in, q.Text)
		}
		if diff := cmp.Diff(want, q.Root); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestParseQueryErrors(t *testing.T) {
	for in, want := range map[string]string{
		"停车 或":                                "character 5: expected a word, a phrase, a field or \"(\", found the end",
		"或 停车":                                "character 1: expected a word",
		"停车 与 或 收费":                           "character 6: expected a word",
		"(停车":                                 "character 4: expected \")\" for the \"(\" at character 1",
		"停车)":                                 "character 3: expected the end of the query, found \")\" without \"(\"",
		"()":                                  "character 2: expected a word",
		"停车 （ ）":                              "character 6: expected a word",
		`停车 "收费`:                              "character 7: expected the quotation mark that closes the one at character 4",
		`"收费\"`:                               "character 6: expected the quotation mark",
		`""`:                                  "character 1: expected words between",
		"停车 - 收费":                             "character 4: expected a word right after '-'",
		"停车 !":                                "character 4: expected a word right after '!'",
		"非":                                   "character 2: expected a word",
		"-)":                                  "character 2: expected a word",
		"author:张三":                           "character 1: expected another field: there is no search by author",
		"a Author：b":                          "character 3: expected another field: there is no search by author",
		"http://x":                            "character 1: expected one of the fields title,",
		"topic:":                              "character 7: expected a value",
		"a title: b":                          "character 9: expected a value",
		"risk:4":                              "character 6: expected a whole number from 0 to 3",
		"risk:1.5":                            "character 6: expected a whole number",
		"risk:>=":                             "character 6: expected a whole number",
		"risk:>>2":                            "character 6: expected a whole number",
		"risk:NaN":                            "character 6: expected a whole number",
		"score:101":                           "character 7: expected a number from 0 to 100",
		"score:0x10":                          "character 7: expected a number",
		"sentiment:-2":                        "character 11: expected a whole number from -1 to 1",
		"history:ja":                          "character 9: expected true or false",
		"channel:fax":                         "character 9: expected public, web_message or hotline_12345",
		"date:2019":                           "character 6: expected a day",
		"date:2019-02-30":                     "character 6: expected a day",
		"date:2019-02-02..2019-02-01":         "character 6: expected a day",
		"after:昨天":                            "character 7: expected a day such as 2019-01-31 after",
		"a\x00b":                              "character 2: expected no control character",
		"停\xff":                               "character 2: expected UTF-8",
		"\ufffd\xff":                          "character 2: expected UTF-8",
		strings.Repeat("车", MaxQueryLength+1): "character 2001: expected the end",
		strings.Repeat("车", MaxTermLength+1):  "character 1: expected a word, phrase or value of at most 200",
		strings.Repeat("a ", MaxQueryTerms+1): "character 129: expected at most 64",
		strings.Repeat("(", MaxQueryDepth+1) + "a" + strings.Repeat(")", MaxQueryDepth+1): "character 13: expected at most 12",
		strings.Repeat("非 ", MaxQueryDepth+1) + "a":                                       "character 25: expected at most 12",
	} {
		_, err := ParseQuery(in)
		if CodeOf(err) != CodeInvalid || !strings.Contains(err.Error(), "query, "+want) {
			t.Errorf("%.40q gave %v, want %s", in, err, want)
		}
	}
}

// queries draws every shape of tree that the parser can build.
func queries(depth int) *rapid.Generator[Node] {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("停车或与非ANDORNOT|&-!()（）:：“”\"\\ab1.，👍")), 1, 8, -1)
	nonBlank := rapid.Map(text, func(s string) string { return strings.Join(strings.Fields(s), " ") })
	nodes := func(t *rapid.T) []Node { return rapid.SliceOfN(queries(depth-1), 2, 3).Draw(t, "nodes") }
	return rapid.Custom(func(t *rapid.T) Node {
		kind := rapid.IntRange(0, 9).Draw(t, "kind")
		if depth == 0 {
			kind = kind%6 + 4
		}
		switch kind {
		case 0, 1:
			return And{nodes(t)}
		case 2:
			return Or{nodes(t)}
		case 3:
			return Not{queries(depth-1).Draw(t, "node")}
		case 4, 5:
			return Term{TitleOnly: rapid.Bool().Draw(t, "title"), Text: nonBlank.Draw(t, "text")}
		case 6:
			return Match{FacetIntent, nonBlank.Draw(t, "value")}
		case 7:
			return Match{FacetTopic, strings.ToLower(nonBlank.Draw(t, "value"))}
		case 8:
			op := rapid.SampledFrom([]Op{OpEqual, OpLess, OpLessEqual, OpGreater, OpGreaterEqual}).Draw(t, "op")
			return Range{FieldScore, op, float64(rapid.IntRange(0, 10000).Draw(t, "score")) / 100}
		default:
			from := day(2019, 1, rapid.IntRange(1, 400).Draw(t, "day"))
			return rapid.SampledFrom([]Node{Dates{From: from}, Dates{To: from}, Dates{From: from, To: from.AddDate(0, 0, 3)}}).Draw(t, "dates")
		}
	})
}

func TestQueryPrintsAsItParses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := queries(3).Draw(t, "query")
		printed := Query{Root: want}.String()
		got, err := ParseQuery(printed)
		if err != nil {
			t.Fatalf("%s: %v", printed, err)
		}
		if !reflect.DeepEqual(got.Root, want) {
			t.Fatalf("%s\nparsed as %#v\nwant      %#v", printed, got.Root, want)
		}
	})
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"", "停车 或 非 (收费 -title:“乱”)", "risk:>=2 date:2019-01-01..2019-02-01", `"\`, "a:|&&", "！！（", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuery(s)
		if err != nil {
			if CodeOf(err) != CodeInvalid {
				t.Fatalf("%q gave %v", s, err)
			}
			return
		}
		again, err := ParseQuery(q.String())
		if err != nil && utf8.RuneCountInString(q.String()) <= MaxQueryLength {
			t.Fatalf("%q printed as %q: %v", s, q.String(), err)
		}
		if err == nil && !reflect.DeepEqual(again.Root, q.Root) {
			t.Fatalf("%q printed as %q", s, q.String())
		}
		for _, span := range Highlight(s, q, nil) {
			if span.Start < 0 || span.End <= span.Start || span.End > utf8.RuneCountInString(s) {
				t.Fatalf("%q: span %v", s, span)
			}
		}
	})
}

func TestTerms(t *testing.T) {
	q, err := ParseQuery("停车 (收费 或 -噪音 或 -(-垃圾)) title:停车 停车 topic:none 非 （收费 拆迁）")
	if err != nil {
		t.Fatal(err)
	}
	want := []Term{{Text: "停车"}, {Text: "收费"}, {Text: "垃圾"}, {TitleOnly: true, Text: "停车"}}
	if diff := cmp.Diff(want, q.Terms()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// table is a tokenizer that knows the cuts of a few texts and cuts others at spaces.
type table map[string]string

func (c table) Tokens(text string) []string {
	if cut, ok := c[text]; ok {
		return strings.Fields(cut)
	}
	return strings.Fields(text)
}

func TestTermPhrases(t *testing.T) {
	tok := table{"公交车": "公交 公交车", "停车": "停车", "地铁3号线": "地铁 3 号线", "KTV": "ktv", "，": "", "业主委员会": "业主 委员 委员会 业主委员会", "a b": "a b"}
	for text, want := range map[string][]Phrase{
		"公交车":   {{[]string{"公交", "公交车"}, true}, {[]string{"公交车"}, true}, {[]string{"公", "交", "车"}, true}},
		"停车":    {{[]string{"停车"}, true}, {[]string{"停", "车"}, true}},
		"地铁3号线": {{[]string{"地铁", "3", "号线"}, true}, {[]string{"地", "铁", "3", "号", "线"}, true}},
		"KTV":   {{[]string{"ktv"}, false}},
		"a b":   {{[]string{"a", "b"}, false}},
		"，":     nil,
		"业主委员会": {{[]string{"业主", "委员", "委员会", "业主委员会"}, true}, {[]string{"业主委员会"}, true}, {[]string{"业", "主", "委", "员", "会"}, true}},
	} {
		if diff := cmp.Diff(want, TermPhrases(tok, text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestIndexText(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"停车 收费":                    "停车 收费",
		"  停车\n\u3000收费\x00\x1fA ": "停车 收费 a",
		"ＡＢ é É":                   "ａｂ é é",
		"a\xffb":                   "a\ufffdb",
		"\ufffd":                   "\ufffd",
		strings.Repeat("x", 250):   strings.Repeat("x", 100) + " " + strings.Repeat("x", 100) + " " + strings.Repeat("x", 50),
		strings.Repeat("长", 100):   strings.Repeat("长", 100),
	} {
		if got := IndexText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		once := IndexText(s)
		if slow := strings.Join(IndexTokens(s), " "); once != slow || IndexText(once) != once {
			t.Fatalf("%q became %q, then %q; token by token %q", s, once, IndexText(once), slow)
		}
	})
}

func TestHighlight(t *testing.T) {
	tok := table{"业主委员会": "业主 委员会", "甲 乙": "甲 乙"}
	for _, c := range []struct {
		body, query string
		want        []Span
	}{
		{"停车场乱停车", "停车", []Span{{0, 2}, {4, 6}}},
		{"停车停车", "停车", []Span{{0, 4}}},
		{"乱收费的停车场", "停车场 收费 停车", []Span{{1, 3}, {4, 7}}},
		{"KtV 扰民 ktv", "KTV", []Span{{0, 3}, {7, 10}}},
		{"👍👍停车", "停车", []Span{{2, 4}}},
		{"İ停车", "停车", []Span{{1, 3}}},
		{"业主和委员会", "业主委员会", []Span{{0, 2}, {3, 6}}},
		{"甲乙", `"甲 乙"`, nil},
		{"停车 噪音", "停车 -噪音 risk:2", []Span{{0, 2}}},
		{"停车", "", nil},
		{"", "停车", nil},
	} {
		q, err := ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := Highlight(c.body, q, tok); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s in %s: %v, want %v", c.query, c.body, got, c.want)
		}
	}
	q, err := ParseQuery("a")
	if err != nil {
		t.Fatal(err)
	}
	if got := Highlight(strings.Repeat("a ", 5000), q, nil); len(got) != MaxHighlights {
		t.Errorf("%d spans, want %d", len(got), MaxHighlights)
	}
}

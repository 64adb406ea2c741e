package backendtest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

// dictionary is a small tokenizer in the manner of a search-mode segmenter: the longest
// word of its dictionary first, its shorter words put before it, other characters alone,
// letters and digits in runs, white space dropped.
type dictionary struct{}

var dictionaryWords = map[string][]string{
	"停车": nil, "停车场": {"停车"}, "收费": nil, "乱收费": {"收费"}, "小区": nil, "新城": nil, "丽发": nil, "丽发新城": {"丽发", "新城"},
	"噪音": nil, "扰民": nil, "噪音扰民": {"噪音", "扰民"}, "没人管": nil, "垃圾": nil, "拆迁": nil,
}

func (dictionary) Tokens(text string) []string {
	var out []string
	for rs := []rune(strings.ToLower(text)); len(rs) > 0; {
		n := dictionaryWord(rs)
		if word := string(rs[:n]); strings.TrimSpace(word) != "" {
			out = append(append(out, dictionaryWords[word]...), word)
		}
		rs = rs[n:]
	}
	return out
}

func dictionaryWord(rs []rune) int {
	for n := min(4, len(rs)); n > 1; n-- {
		if _, ok := dictionaryWords[string(rs[:n])]; ok {
			return n
		}
	}
	n := 0
	for n < len(rs) && rs[n] < 128 && (unicode.IsLetter(rs[n]) || unicode.IsDigit(rs[n])) {
		n++
	}
	return max(n, 1)
}

// indexBoolean asks random questions of random posts and compares with a plain list.
func indexBoolean(t *testing.T, open OpenIndex) {
	for seed := range 2 {
		x := openIndex(t, open, dictionary{})
		docs := randomDocs(x.tok).Example(seed + 1)
		x.put(docs...)
		rapid.Check(t, func(rt *rapid.T) {
			s := opinion.Search{
				Query:     opinion.Query{Root: randomNode(3).Draw(rt, "query")},
				Sort:      rapid.SampledFrom([]opinion.Sort{opinion.SortTime, opinion.SortRisk, opinion.SortRelevance}).Draw(rt, "sort"),
				Histogram: rapid.SampledFrom([]string{"hour", "day", "week", "month"}).Draw(rt, "histogram"),
				Facets:    opinion.Facets, Limit: opinion.MaxHits,
			}
			r, err := x.Search(t.Context(), s)
			if err != nil {
				rt.Fatalf("Search %s: %v", s.Query, err)
			}
			want := naiveOrder(x.tok, docs, s)
			if got := hitIDs(r); !slices.Equal(got, want) {
				rt.Fatalf("query %s by %s found\n%v, want\n%v", s.Query, s.Sort, got, want)
			}
			if r.Total != len(want) || r.Next != "" {
				rt.Fatalf("query %s: total %d, next %q, want %d", s.Query, r.Total, r.Next, len(want))
			}
			facets, bars := naiveCounts(x.tok, docs, s)
			if diff := gocmp.Diff(facets, r.Facets); diff != "" {
				rt.Fatalf("query %s: facets (-want +got):\n%s", s.Query, diff)
			}
			if diff := gocmp.Diff(bars, r.Histogram); diff != "" {
				rt.Fatalf("query %s: histogram (-want +got):\n%s", s.Query, diff)
			}
		})
	}
}

var (
	sampleWords   = []string{"停车", "停车场", "停", "车", "收费", "乱收费", "丽发新城", "新城", "小区", "噪音扰民", "扰民", "垃圾", "ktv", "KTV", "12345", "12", "，", "3号线", "停车收费", "车场"}
	sampleTopics  = []string{"edu.school", "urban.parking", "none"}
	sampleSources = []string{"12345", "renmin"}
	sampleKinds   = []string{"K1", "K2", "K4"}
	sampleIntents = []string{"投诉", "咨询"}
	sampleStreets = []string{"street-a", "street-ab", "street-b"}
	sampleEvents  = []string{"", "ev-1", "ev-2"}
	sampleScores  = []float64{0, 12.5, 60, 60.000001, 100}
	sampleChannel = []opinion.Channel{opinion.ChannelPublic, opinion.ChannelHotline}
)

func randomDocs(tok opinion.Tokenizer) *rapid.Generator[[]opinion.Doc] {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(append([]string{" ", "\n"}, sampleWords...)), 0, 8).Draw(t, "words"), "")
	})
	return rapid.Custom(func(t *rapid.T) []opinion.Doc {
		docs := make([]opinion.Doc, 150)
		for i := range docs {
			d := newDoc(tok, fmt.Sprintf("p%03d", i*37%150), text.Draw(t, "title"), text.Draw(t, "text"))
			d.Post.Source = rapid.SampledFrom(sampleSources).Draw(t, "source")
			d.Post.Channel = rapid.SampledFrom(sampleChannel).Draw(t, "channel")
			d.Post.History = rapid.Bool().Draw(t, "history")
			d.Post.PublishedAt = time.Date(2018, 12, 28, 0, 0, 0, 0, opinion.ChinaTime).Add(time.Duration(rapid.IntRange(0, 80).Draw(t, "hours")) * 6 * time.Hour).
				Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "ms")) * time.Millisecond).UTC()
			d.Assessment = opinion.Assessment{
				Topic: rapid.SampledFrom(sampleTopics).Draw(t, "topic"), Risk: opinion.Risk(rapid.IntRange(0, 3).Draw(t, "risk")),
				Score: rapid.SampledFrom(sampleScores).Draw(t, "score"), Sentiment: rapid.IntRange(-1, 1).Draw(t, "sentiment"),
				Intent:    rapid.SampledFrom(sampleIntents).Draw(t, "intent"),
				Kinds:     rapid.SliceOfNDistinct(rapid.SampledFrom(sampleKinds), 0, 3, rapid.ID).Draw(t, "kinds"),
				Streets:   rapid.SliceOfNDistinct(rapid.SampledFrom(sampleStreets), 0, 2, rapid.ID).Draw(t, "streets"),
				Elsewhere: rapid.SampledFrom([]*opinion.Elsewhere{nil, nil, {Name: "河北省"}}).Draw(t, "elsewhere"),
			}
			d.EventID = rapid.SampledFrom(sampleEvents).Draw(t, "event")
			docs[i] = d
		}
		return docs
	})
}

func randomNode(depth int) *rapid.Generator[opinion.Node] {
	return rapid.Custom(func(t *rapid.T) opinion.Node {
		kind := rapid.IntRange(0, 9).Draw(t, "kind")
		if depth == 0 {
			kind = kind%6 + 4
		}
		list := func() []opinion.Node { return rapid.SliceOfN(randomNode(depth-1), 2, 3).Draw(t, "nodes") }
		switch kind {
		case 0, 1:
			return opinion.And{Nodes: list()}
		case 2:
			return opinion.Or{Nodes: list()}
		case 3:
			return opinion.Not{Node: randomNode(depth-1).Draw(t, "node")}
		case 4, 5, 6:
			return opinion.Term{TitleOnly: rapid.IntRange(0, 4).Draw(t, "title") == 0, Text: rapid.SampledFrom(sampleWords).Draw(t, "word")}
		case 7:
			return randomMatch(t)
		case 8:
			return randomRange(t)
		default:
			day := func(n int) time.Time { return time.Date(2018, 12, 26+n, 0, 0, 0, 0, opinion.ChinaTime).UTC() }
			from := rapid.IntRange(0, 24).Draw(t, "from")
			return []opinion.Node{opinion.Dates{From: day(from)}, opinion.Dates{To: day(from)},
				opinion.Dates{From: day(from), To: day(from + rapid.IntRange(1, 9).Draw(t, "days"))}}[rapid.IntRange(0, 2).Draw(t, "side")]
		}
	})
}

func randomMatch(t *rapid.T) opinion.Node {
	field := rapid.SampledFrom([]string{opinion.FacetTopic, opinion.FacetSource, opinion.FacetChannel, opinion.FacetKind, opinion.FacetIntent,
		opinion.FacetStreet, opinion.FacetArea, opinion.FieldEvent, opinion.FieldID, opinion.FieldHistory}).Draw(t, "field")
	values := map[string][]string{
		opinion.FacetTopic: sampleTopics, opinion.FacetSource: sampleSources, opinion.FacetChannel: {"public", "hotline_12345", "web_message"},
		opinion.FacetKind: append([]string{"K"}, sampleKinds...), opinion.FacetIntent: sampleIntents, opinion.FacetStreet: append([]string{"street"}, sampleStreets...),
		opinion.FieldEvent: sampleEvents[1:], opinion.FieldID: {"p001", "p149", "p"}, opinion.FieldHistory: {"true", "false"},
		opinion.FacetArea: {opinion.AreaOurs, opinion.AreaElsewhere},
	}[field]
	return opinion.Match{Field: field, Value: rapid.SampledFrom(values).Draw(t, "value")}
}

func randomRange(t *rapid.T) opinion.Node {
	field := rapid.SampledFrom([]string{opinion.FacetRisk, opinion.FacetSentiment, opinion.FieldScore}).Draw(t, "field")
	op := rapid.SampledFrom([]opinion.Op{opinion.OpEqual, opinion.OpLess, opinion.OpLessEqual, opinion.OpGreater, opinion.OpGreaterEqual}).Draw(t, "op")
	value := float64(rapid.IntRange(-1, 3).Draw(t, "value"))
	if field == opinion.FieldScore {
		value = rapid.SampledFrom(sampleScores).Draw(t, "score")
	}
	return opinion.Range{Field: field, Op: op, Value: value}
}

// docMatches is the meaning of a query, without an index.
func docMatches(tok opinion.Tokenizer, d opinion.Doc, n opinion.Node) bool {
	has := func(c opinion.Node) bool { return docMatches(tok, d, c) }
	switch n := n.(type) {
	case nil:
		return true
	case opinion.And:
		return !slices.ContainsFunc(n.Nodes, func(c opinion.Node) bool { return !has(c) })
	case opinion.Or:
		return slices.ContainsFunc(n.Nodes, has)
	case opinion.Not:
		return !has(n.Node)
	case opinion.Term:
		return holds(tok, d.TitleTokens, n.Text) || !n.TitleOnly && holds(tok, d.TextTokens, n.Text)
	case opinion.Match:
		return slices.Contains(docValues(d, n.Field), n.Value)
	case opinion.Range:
		return compareNumbers(docNumber(d, n.Field), n.Op, n.Value)
	case opinion.Dates:
		return !d.Post.PublishedAt.Before(n.From) && (n.To.IsZero() || d.Post.PublishedAt.Before(n.To))
	default:
		panic(fmt.Sprintf("no meaning for %T", n))
	}
}

func holds(tok opinion.Tokenizer, tokens, term string) bool {
	return slices.ContainsFunc(opinion.TermPhrases(tok, term), func(p opinion.Phrase) bool { return phraseIn(opinion.IndexTokens(tokens), p) })
}

func phraseIn(tokens []string, p opinion.Phrase) bool {
	for at := 0; at+len(p.Tokens) <= len(tokens); at++ {
		last := at + len(p.Tokens) - 1
		if slices.Equal(tokens[at:last], p.Tokens[:len(p.Tokens)-1]) &&
			(tokens[last] == p.Tokens[len(p.Tokens)-1] || p.Prefix && strings.HasPrefix(tokens[last], p.Tokens[len(p.Tokens)-1])) {
			return true
		}
	}
	return false
}

func docValues(d opinion.Doc, field string) []string {
	switch field {
	case opinion.FacetTopic:
		return []string{d.Assessment.Topic}
	case opinion.FacetRisk:
		return []string{strconv.Itoa(int(d.Assessment.Risk))}
	case opinion.FacetSource:
		return []string{d.Post.Source}
	case opinion.FacetChannel:
		return []string{string(d.Post.Channel)}
	case opinion.FacetKind:
		return d.Assessment.Kinds
	case opinion.FacetIntent:
		return []string{d.Assessment.Intent}
	case opinion.FacetSentiment:
		return []string{strconv.Itoa(d.Assessment.Sentiment)}
	case opinion.FacetStreet:
		return d.Assessment.Streets
	case opinion.FacetArea:
		return []string{opinion.AreaOf(d.Assessment)}
	case opinion.FieldEvent:
		return []string{d.EventID}
	case opinion.FieldID:
		return []string{d.Post.ID}
	default:
		return []string{strconv.FormatBool(d.Post.History)}
	}
}

func docNumber(d opinion.Doc, field string) float64 {
	switch field {
	case opinion.FacetRisk:
		return float64(d.Assessment.Risk)
	case opinion.FacetSentiment:
		return float64(d.Assessment.Sentiment)
	default:
		return d.Assessment.Score
	}
}

func compareNumbers(x float64, op opinion.Op, y float64) bool {
	switch op {
	case opinion.OpLess:
		return x < y
	case opinion.OpLessEqual:
		return x <= y
	case opinion.OpGreater:
		return x > y
	case opinion.OpGreaterEqual:
		return x >= y
	default:
		return x == y
	}
}

// naiveOrder lists the IDs of the posts that match, in order.
func naiveOrder(tok opinion.Tokenizer, docs []opinion.Doc, s opinion.Search) []string {
	var found []opinion.Doc
	for _, d := range docs {
		if docMatches(tok, d, s.Query.Root) {
			found = append(found, d)
		}
	}
	key := func(d opinion.Doc) (k float64) {
		switch s.Sort {
		case opinion.SortRisk:
			return d.Assessment.Score
		case opinion.SortRelevance:
			for _, t := range s.Query.Terms() {
				if holds(tok, d.TitleTokens, t.Text) {
					k += opinion.RelevanceTitle
				}
				if !t.TitleOnly && holds(tok, d.TextTokens, t.Text) {
					k += opinion.RelevanceText
				}
			}
		}
		return k
	}
	slices.SortFunc(found, func(a, b opinion.Doc) int {
		return cmp.Or(cmp.Compare(key(b), key(a)), cmp.Compare(b.Post.PublishedAt.UnixMilli(), a.Post.PublishedAt.UnixMilli()), cmp.Compare(a.Post.ID, b.Post.ID))
	})
	var ids []string
	for _, d := range found {
		ids = append(ids, d.Post.ID)
	}
	return ids
}

func naiveCounts(tok opinion.Tokenizer, docs []opinion.Doc, s opinion.Search) (map[string][]opinion.Count, []opinion.Bucket) {
	counts := map[string]map[string]int{}
	for _, f := range s.Facets {
		counts[f] = map[string]int{}
	}
	bars := map[time.Time]int{}
	for _, d := range docs {
		if !docMatches(tok, d, s.Query.Root) {
			continue
		}
		bars[opinion.HistogramStart(s.Histogram, d.Post.PublishedAt)]++
		for _, f := range s.Facets {
			for _, v := range docValues(d, f) {
				counts[f][v]++
			}
		}
	}
	facets := map[string][]opinion.Count{}
	for f, values := range counts {
		facets[f] = []opinion.Count{}
		for v, n := range values {
			facets[f] = append(facets[f], opinion.Count{Value: v, Count: n})
		}
		slices.SortFunc(facets[f], func(a, b opinion.Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
	}
	buckets := []opinion.Bucket{}
	for start, n := range bars {
		buckets = append(buckets, opinion.Bucket{Start: start, Count: n})
	}
	slices.SortFunc(buckets, func(a, b opinion.Bucket) int { return a.Start.Compare(b.Start) })
	return facets, buckets
}

// indexLargest asks the longest and the deepest question that the language allows.
func indexLargest(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	x.put(newDoc(x.tok, "p1", "丽发新城停车场", "乱收费"))
	x.expect(strings.Repeat("停车场 ", opinion.MaxQueryTerms), "p1")
	x.expect(strings.Join(slices.Repeat([]string{"丽发新城停车场"}, opinion.MaxQueryTerms), " OR "), "p1")
	var terms []opinion.Node
	for i := range opinion.MaxQueryTerms {
		terms = append(terms, opinion.Term{Text: fmt.Sprintf("词%d停车场", i)})
	}
	r := x.search(opinion.Search{Query: opinion.Query{Root: opinion.Or{Nodes: append(terms, opinion.Term{Text: "收费"})}}, Sort: opinion.SortRelevance})
	if r.Total != 1 {
		t.Errorf("%d posts, want 1", r.Total)
	}
	depth := opinion.MaxQueryDepth
	x.expect(strings.Repeat("非 （", depth/2)+"停车"+strings.Repeat("）", depth/2), "p1")
	deepest := strings.Repeat("无 或 收费 (", depth) + "%s 收费 或 无" + strings.Repeat(")", depth)
	x.expect(fmt.Sprintf(deepest, "停车"), "p1")
	x.expect(fmt.Sprintf(deepest, "无"))
}

package eval

import (
	"strings"
	"testing"

	"github.com/huiying/huiying/opinion"
)

func TestBadRowsAreNamedByTheirLine(t *testing.T) {
	for bad, want := range map[string]string{
		`{"text":`:                               "line 2: is no JSON object",
		`{"text":"x"} {"text":"y"}`:              "line 2: is no JSON object",
		`["x"]`:                                  "line 2: is no JSON object",
		`null`:                                   "line 2: is no JSON object",
		`{"risk":4}`:                             "line 2: risk 4: must be 0 to 3",
		`{"a":{"risk":-1}}`:                      "line 2: risk -1: must be 0 to 3",
		`{"risk":"high"}`:                        "line 2: risk: a JSON string cannot be used there",
		`{"sentiment":2}`:                        "line 2: sentiment 2",
		`{"kinds":["K7"]}`:                       `line 2: kinds holds "K7"`,
		`{"relevance":3}`:                        "3 is no grade",
		`{"empty":2}`:                            "line 2: empty and evasive",
		`{"published_at":"yesterday"}`:           `line 2: published_at "yesterday"`,
		`{"likes":-1}`:                           "line 2: likes",
		`{"repost_delays_s":[2,1]}`:              "line 2: repost_delays_s",
		`{"repost_delays_s":[-1]}`:               "line 2: repost_delays_s",
		`{"secrets":[""]}`:                       "line 2: secrets holds an empty string",
		`{"id":{}}`:                              "line 2:",
		strings.Repeat("x", maxLine+1):           "line 2: longer than",
		`{"text":"` + strings.Repeat("x", 99):    "line 2:",
		"\xef\xbb\xbf{}":                         "line 2: is no JSON object",
		`{"label":7}`:                            "line 2: label: a JSON number cannot be used there",
		`{"a":[]}`:                               "line 2: a: a JSON array cannot be used there",
		`{"text":"x","likes":1.5}`:               "line 2: likes: a JSON number 1.5 cannot be used there",
		`{"text":"x","repost_delays_s":["now"]}`: "line 2: repost_delays_s",
	} {
		_, err := ReadRows(strings.NewReader("{\"text\":\"fine\"}\n"+bad), parseTime)
		if opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", bad, err, want)
		}
	}
	if _, err := ReadRows(strings.NewReader("\n\n"), parseTime); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("no rows: %v", err)
	}
}

func TestRowsAsFilesWriteThem(t *testing.T) {
	list := rows(t, "\xef\xbb\xbf"+`{"id":12,"likes":null,"published_at":"","label":""}`, `{"id":"12","published_at":"2019-02-28 11:25:05","secrets":null,"unknown":[1]}`)
	if list[0].ID != list[1].ID || list[0].Label != nil || !list[0].PublishedAt.IsZero() || list[1].PublishedAt.Day() != 28 || list[1].Line != 2 {
		t.Errorf("%+v", list)
	}
	p, q := list[0].Post(), rows(t, `{"text":"x"}`, `{"text":"y","src":"weibo"}`)
	if p.PublishedKnown || p.PublishedAt.IsZero() || q[0].Post().ID == q[1].Post().ID || q[1].Post().Source != "weibo" {
		t.Errorf("%+v", p)
	}
}

func TestGoldFiles(t *testing.T) {
	events, err := ReadEvents(strings.NewReader(`{"ids":["1",2]}` + "\n" + `{"ids":["3"],"complete":false}`))
	if err != nil || !events[0].complete() || events[1].complete() || events[0].IDs[1] != "2" {
		t.Errorf("%+v %v", events, err)
	}
	pairs, err := ReadLookalikes(strings.NewReader(`{"a":"1","b":2,"why":"x"}`))
	if err != nil || pairs[0].B != "2" {
		t.Errorf("%+v %v", pairs, err)
	}
	human, err := ReadHumanReplies(strings.NewReader(`{"id":"1","complete":"1","explained":0}`))
	if err != nil || *human[0].Complete != 1 {
		t.Errorf("%+v %v", human, err)
	}
	for _, bad := range []string{`{"ids":[]}`, `{"ids":["1"]}` + "\n" + `{"ids":["1"]}`, `{}`, `[]`} {
		if _, err := ReadEvents(strings.NewReader(bad)); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("events %s: %v", bad, err)
		}
	}
	for _, bad := range []string{`{"a":"1"}`, `{"a":"1","b":"1"}`, `x`} {
		if _, err := ReadLookalikes(strings.NewReader(bad)); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("look-alikes %s: %v", bad, err)
		}
	}
	for _, bad := range []string{`{"id":"1","complete":1}`, `{"id":"1","complete":2,"explained":1}`, `{"complete":1,"explained":1}`, `{`} {
		if _, err := ReadHumanReplies(strings.NewReader(bad)); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("replies %s: %v", bad, err)
		}
	}
}

func FuzzReadRows(f *testing.F) {
	f.Add([]byte(`{"id":1,"text":"x","risk":2,"kinds":["K1"],"a":{"risk":1},"repost_delays_s":[1,2]}`))
	f.Add([]byte("\xef\xbb\xbf{}\n[1]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ReadRows(strings.NewReader(string(b)), parseTime)
		if err == nil && len(list) == 0 {
			t.Error("no rows and no error")
		}
		if err == nil {
			for _, name := range Tasks() {
				if r, err := Run(t.Context(), name, harmless(), Input{Rows: list}); err == nil {
					if len(r.Predictions) != len(list) {
						t.Errorf("%s: %d predictions of %d rows", name, len(r.Predictions), len(list))
					}
					_ = r.Report(Heading{}, true)
				}
			}
		}
	})
}

// harmless are models that take any row.
func harmless() Models {
	m := all()
	m.Assess = func(Row) opinion.Assessment { return opinion.Assessment{Topic: "x", Risk: 1} }
	return m
}

package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huiying/huiying/opinion"
)

func parseTime(s string) (time.Time, error) { return time.Parse("2006-01-02 15:04:05", s) }

func rows(t *testing.T, lines ...string) []Row {
	t.Helper()
	list, err := ReadRows(strings.NewReader(strings.Join(lines, "\n")), parseTime)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// run measures, and returns the result with its JSON lines.
func run(t *testing.T, task string, m Models, in Input) (r *Result, metrics string, predictions []string) {
	t.Helper()
	r, err := Run(t.Context(), task, m, in)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Predictions {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		predictions = append(predictions, string(b))
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(b), predictions
}

func expect(t *testing.T, metrics, wantMetrics string, predictions []string, wantPredictions ...string) {
	t.Helper()
	if d := cmp.Diff(wantMetrics, metrics); d != "" {
		t.Errorf("metrics: %s", d)
	}
	if d := cmp.Diff(wantPredictions, predictions); d != "" {
		t.Errorf("predictions: %s", d)
	}
}

// fakeAssess answers by the first character of the text: its digit is the risk.
func fakeAssess(r Row) opinion.Assessment {
	n := int(r.Text[0] - '0')
	return opinion.Assessment{
		Topic:  fmt.Sprintf("t%d", n),
		Topics: []opinion.TopicScore{{Topic: fmt.Sprintf("t%d", n), Probability: 0.75}, {Topic: "t1"}, {Topic: "t2"}, {Topic: "t7"}},
		Risk:   opinion.Risk(n), Score: float64(30 * n), Kinds: []string{"K2"}, Sentiment: -1, Intent: "投诉",
		Factors: []opinion.Factor{{Name: "term", Points: 8, Evidence: []opinion.Evidence{{Span: opinion.Span{Start: 0, End: 1}, Word: "x"}}}},
	}
}

func TestTopic31(t *testing.T) {
	in := Input{Rows: rows(t, `{"text":"0","topic":"t0"}`, ``, `{"text":"3","topic":"t2"}`, `{"text":"1"}`, `{"text":"2","topic":""}`, `{"text":"0","topic":"t9"}`)}
	r, metrics, predictions := run(t, "topic31", Models{Assess: fakeAssess}, in)
	expect(t, metrics, `{"task":"topic31","rows":5,"labelled":3,"accuracy":0.3333333333333333,"top3":0.6666666666666666}`, predictions,
		`{"topic":"t0","top3":["t0","t1","t2"]}`, `{"topic":"t3","top3":["t3","t1","t2"]}`, `{"topic":"t1","top3":["t1","t2","t7"]}`,
		`{"topic":"t2","top3":["t2","t1","t7"]}`, `{"topic":"t0","top3":["t0","t1","t2"]}`)
	near(t, "ECE", r.Parts[0].Calibration.ECE, 0.75-1.0/3)
	if got := r.Parts[0].Worst; len(got) != 2 || got[0].Line != 3 || got[1].Line != 6 {
		t.Errorf("worst by line: %+v", got)
	}
}

func TestRisk(t *testing.T) {
	in := Input{Rows: rows(t,
		`{"text":"0","risk":0,"a":{"risk":0},"b":{"risk":1}}`, `{"text":"2","risk":2,"a":{"risk":2},"b":{"risk":2}}`,
		`{"text":"1","risk":3}`, `{"text":"3","risk":0}`)}
	r, metrics, predictions := run(t, "risk", Models{Assess: fakeAssess}, in)
	// g = 2,0,1,1 and p = 1,1,1,1 of 4: observed 0+0+4+9; expected (2·14 + 6 + 14)/4 = 12.
	expect(t, metrics, `{"task":"risk","rows":4,"labelled":4,"accuracy":0.5,"kappa_quadratic":-0.08333333333333326,"precision_ge2":0.5,"recall_ge2":0.5,"recall_3":0}`,
		[]string{predictions[0]}, `{"risk":0,"score":0,"factors":[{"name":"term","points":8,"evidence":[{"start":0,"end":1,"word":"x"}]}]}`)
	p := r.Parts[0]
	if p.Readers == nil || p.Readers.Rows != 2 || p.Readers.Accuracy != 0.5 {
		t.Errorf("readers: %+v", p.Readers)
	}
	if p.Worst[0].Line != 4 || p.Worst[1].Line != 3 {
		t.Errorf("the farthest first: %+v", p.Worst)
	}
}

// Of two risks that are one grade off, a miss at 30 of 100 is surer than a false alarm at 60.
func TestWorstRisksAreThoseThatTheModelWasSurestOf(t *testing.T) {
	in := Input{Rows: rows(t, `{"text":"2","risk":1}`, `{"text":"1","risk":2}`, `{"text":"3","risk":2}`)}
	r, _, _ := run(t, "risk", Models{Assess: fakeAssess}, in)
	var lines []int
	for _, m := range r.Parts[0].Worst {
		lines = append(lines, m.Line)
	}
	if d := cmp.Diff([]int{3, 2, 1}, lines); d != "" {
		t.Error(d)
	}
}

func TestKindsSentimentIntent(t *testing.T) {
	in := Input{Rows: rows(t,
		`{"text":"0","kinds":["K2"],"sentiment":-1,"intent":"投诉","a":{"kinds":[]},"b":{"kinds":["K2"]}}`,
		`{"text":"0","kinds":[],"sentiment":1,"intent":"咨询"}`, `{"text":"0","kinds":null}`)}
	m := Models{Assess: fakeAssess}
	r, metrics, predictions := run(t, "kinds", m, in)
	expect(t, metrics, `{"task":"kinds","rows":3,"labelled":2,"macro_f1":0.1111111111111111}`, predictions, `{"kinds":["K2"]}`, `{"kinds":["K2"]}`, `{"kinds":["K2"]}`)
	if r.Parts[0].Readers.Rows != 1 || r.Parts[0].Worst[0].Gold != "none" {
		t.Errorf("%+v", r.Parts[0])
	}
	_, metrics, predictions = run(t, "sentiment", m, in)
	expect(t, metrics, `{"task":"sentiment","rows":3,"labelled":2,"macro_f1":0.3333333333333333}`, predictions, `{"sentiment":-1}`, `{"sentiment":-1}`, `{"sentiment":-1}`)
	_, metrics, predictions = run(t, "intent", m, in)
	expect(t, metrics, `{"task":"intent","rows":3,"labelled":2,"macro_f1":0.3333333333333333}`, predictions, `{"intent":"投诉"}`, `{"intent":"投诉"}`, `{"intent":"投诉"}`)
}

func TestLabels(t *testing.T) {
	in := Input{Rows: rows(t, `{"text":"a","label":"x","peer_svm":"y"}`, `{"title":"b","label":"y","peer_svm":"y"}`)}
	guess := func(r Row) Guess { return Guess{"x", 0.5} }
	r, metrics, predictions := run(t, "topic7", Models{Topic7: guess}, in)
	expect(t, metrics, `{"task":"topic7","rows":2,"labelled":2,"accuracy":0.5,"macro_f1":0.3333333333333333}`, predictions,
		`{"label":"x","probability":0.5}`, `{"label":"x","probability":0.5}`)
	if r.Parts[0].Peer.Accuracy != 0.5 {
		t.Errorf("peer: %+v", r.Parts[0].Peer)
	}
	_, metrics, predictions = run(t, "emotion", Models{Emotion: func(Row) Guess { return Guess{"y", math.NaN()} }}, in)
	expect(t, metrics, `{"task":"emotion","rows":2,"labelled":2,"accuracy":0.5,"macro_f1":0.3333333333333333}`, predictions, `{"label":"y"}`, `{"label":"y"}`)
}

func TestEventsComeInOrderOfPublication(t *testing.T) {
	in := Input{
		Rows: rows(t, `{"id":"late","text":"x"}`, `{"id":3,"text":"x","published_at":"2019-01-03 00:00:00"}`,
			`{"id":"1","text":"x","published_at":"2019-01-01 00:00:00"}`, `{"id":"2","text":"x","published_at":"2019-01-03 00:00:00"}`),
		Gold:       []GoldEvent{gold(true, "1", "3")},
		Lookalikes: []Lookalike{{A: "2", B: "1"}},
	}
	var order []string
	m := Models{Events: func(_ context.Context, rows []Row) (events []string, err error) {
		for i, r := range rows {
			order = append(order, string(r.ID))
			events = append(events, fmt.Sprint("e", i/2))
		}
		return events, nil
	}}
	_, metrics, predictions := run(t, "events", m, in)
	if d := cmp.Diff([]string{"1", "3", "2", "late"}, order); d != "" {
		t.Error(d)
	}
	expect(t, metrics, `{"task":"events","rows":4,"labelled":2,"b3_precision":1,"b3_recall":1,"b3_f1":1,"lookalikes_joined":0,"events":2,"largest":2}`, predictions,
		`{"id":"late","event":"e1"}`, `{"id":"3","event":"e0"}`, `{"id":"1","event":"e0"}`, `{"id":"2","event":"e1"}`)
	_, metrics, _ = run(t, "events", m, Input{Rows: in.Rows})
	expect(t, metrics, `{"task":"events","rows":4,"labelled":0,"b3_precision":null,"b3_recall":null,"b3_f1":null,"lookalikes_joined":null,"events":2,"largest":2}`, nil)
}

func TestEventModelsThatBreakTheirWord(t *testing.T) {
	in := Input{Rows: rows(t, `{"id":"1","text":"x"}`)}
	boom := errors.New("boom")
	for want, f := range map[string]func(context.Context, []Row) ([]string, error){
		"boom":           func(context.Context, []Row) ([]string, error) { return nil, boom },
		"0 events for 1": func(context.Context, []Row) ([]string, error) { return nil, nil },
		"got no event":   func(context.Context, []Row) ([]string, error) { return []string{""}, nil },
	} {
		if _, err := Run(t.Context(), "events", Models{Events: f}, in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestReply(t *testing.T) {
	in := Input{
		Rows: rows(t,
			`{"id":1,"reply":"a","relevance":2,"completeness":"1","explained":0,"action":2,"empty":0,"evasive":1}`,
			`{"id":2,"reply":"b","relevance":0,"completeness":0,"explained":2,"action":0,"empty":1,"evasive":false}`),
		Human: []HumanReply{{ID: "1", Complete: grade(1), Explained: grade(0)}, {ID: "2", Complete: grade(0), Explained: grade(0)}},
	}
	m := Models{Reply: func(r Row) ReplyQuality {
		if r.ID == "1" {
			return ReplyQuality{Relevance: 2, Completeness: 1, Explained: 2, Action: 0}
		}
		return ReplyQuality{Explained: 0, Action: 2, Empty: true}
	}}
	r, metrics, predictions := run(t, "reply", m, in)
	expect(t, metrics, `{"task":"reply","rows":2,"labelled":2,"kappa_relevance":1,"kappa_completeness":1,"kappa_explained":-1,"kappa_action":-1,"f1_empty":1,"f1_evasive":0}`, predictions,
		`{"id":"1","relevance":2,"completeness":1,"explained":2,"action":0,"empty":0,"evasive":0}`,
		`{"id":"2","relevance":0,"completeness":0,"explained":0,"action":2,"empty":1,"evasive":0}`)
	want := HumanAgreement{Name: "complete", AtLeast: 1, Rows: 2, Accuracy: 1, Kappa: 1, Majority: 0.5}
	if r.Human[0] != want {
		t.Errorf("%+v", r.Human)
	}
	in.Human[0].ID = "9"
	if _, err := Run(t.Context(), "reply", m, in); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("a judgement of a reply that is not there: %v", err)
	}
}

func grade(n int) *Grade { g := Grade(n); return &g }

func TestBurst(t *testing.T) {
	delays, _ := json.Marshal(ramp(1000))
	in := Input{Rows: rows(t, `{"text":"x","published_at":"2019-01-01 00:00:00","repost_delays_s":`+string(delays)+`}`,
		`{"repost_delays_s":[],"published_at":"2019-01-03 00:00:00"}`)}
	m := Models{Burst: func(r Row) *float64 {
		if len(r.RepostDelays) == 0 {
			return nil
		}
		return &r.RepostDelays[99]
	}}
	_, metrics, predictions := run(t, "burst", m, in)
	expect(t, metrics, `{"task":"burst","rows":2,"labelled":2,"called":1,"lead_s_median":400,"false_per_day":0}`, predictions, `{"called_at_s":100}`, `{"called_at_s":null}`)
}

func TestMask(t *testing.T) {
	in := Input{Rows: rows(t, `{"title":"secret","text":"secret","secrets":["secret"]}`, `{"text":"nothing"}`, `{"title":"t","text":"secret","secrets":["t","secret"]}`)}
	m := Models{Mask: func(s string) Masked {
		if s != "secret" {
			return Masked{Text: s}
		}
		return Masked{Text: "〔…〕", Replaced: map[string]int{"x": 1}}
	}}
	_, metrics, predictions := run(t, "mask", m, in)
	expect(t, metrics, `{"task":"mask","rows":3,"labelled":2,"recall":0.6666666666666666,"false_per_1000":0}`, predictions,
		`{"title":"〔…〕","text":"〔…〕"}`, `{"text":"nothing"}`, `{"title":"t","text":"〔…〕"}`)
}

func TestTasksWithoutModelAreRefused(t *testing.T) {
	in := Input{Rows: rows(t, `{"id":"1","text":"x","reply":"y","repost_delays_s":[1]}`)}
	for _, name := range Tasks() {
		_, err := Run(t.Context(), name, Models{}, in)
		want := "task " + name + " needs a model that this release does not have"
		if opinion.CodeOf(err) != opinion.CodeNotFound || err.Error() != want {
			t.Errorf("%v", err)
		}
	}
	if _, err := Run(t.Context(), "topic8", Models{}, in); opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), "topic7, topic31") {
		t.Errorf("%v", err)
	}
}

// all is a model for every task.
func all() Models {
	guess := func(Row) Guess { return Guess{"x", 1} }
	return Models{
		Assess: fakeAssess, Topic7: guess, Emotion: guess,
		Reply: func(Row) ReplyQuality { return ReplyQuality{} },
		Burst: func(Row) *float64 { return nil },
		Mask:  func(s string) Masked { return Masked{Text: s} },
		Events: func(_ context.Context, rows []Row) ([]string, error) {
			return slices.Repeat([]string{"e"}, len(rows)), nil
		},
	}
}

func TestRowsThatLackWhatATaskNeedsAreNamed(t *testing.T) {
	for task, bad := range map[string]string{
		"risk": `{"risk":1}`, "topic7": `{"title":" ","text":""}`, "events": `{"text":"x"}`, "reply": `{"text":"x"}`, "burst": `{"text":"x"}`,
	} {
		in := Input{Rows: rows(t, `{"id":"1","text":"0","reply":"r","repost_delays_s":[]}`, ``, bad)}
		if _, err := Run(t.Context(), task, all(), in); opinion.CodeOf(err) != opinion.CodeInvalid || !strings.HasPrefix(err.Error(), "line 3: ") {
			t.Errorf("%s: %v", task, err)
		}
	}
	in := Input{Rows: rows(t, `{"id":"1","text":"0"}`, `{"id":"1","text":"0"}`)}
	if _, err := Run(t.Context(), "events", all(), in); err == nil || err.Error() != "line 2: id 1 is that of line 1 already" {
		t.Errorf("%v", err)
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := Input{Rows: rows(t, `{"id":"1","text":"0","reply":"r","repost_delays_s":[]}`)}
	for _, name := range Tasks() {
		if name == "events" { // the model's own to do
			continue
		}
		if _, err := Run(ctx, name, all(), in); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReportsQuoteOnlyWhenAsked(t *testing.T) {
	const private = "某人的话"
	in := Input{
		Rows:       rows(t, `{"id":"1","src":"s1","text":"3 `+private+`","topic":"a|b","risk":0,"kinds":[],"sentiment":1,"intent":"其他","label":"z"}`, `{"id":"2","src":"s2","text":"0","risk":0,"topic":"t0"}`),
		Lookalikes: []Lookalike{{A: "1", B: "2", Why: private}},
		Gold:       []GoldEvent{gold(true, "1", "2")},
	}
	for _, task := range []string{"topic7", "topic31", "risk", "kinds", "sentiment", "intent", "emotion", "events", "mask"} {
		r, _, _ := run(t, task, all(), in)
		h := Heading{Data: "rows.jsonl", Hash: "abc", Model: "m"}
		if report := r.Report(h, false); strings.Contains(report, private) || !strings.Contains(report, "rows.jsonl (SHA-256 abc), 2 rows") {
			t.Errorf("%s:\n%s", task, report)
		}
		if report := r.Report(h, true); task != "mask" && !strings.Contains(report, private) {
			t.Errorf("%s quotes nothing:\n%s", task, report)
		}
		if report := r.Report(h, true); strings.Contains(report, "NaN") || strings.Contains(report, "%!") {
			t.Errorf("%s:\n%s", task, report)
		}
		for _, m := range r.Metrics {
			if !strings.Contains(r.Summary(), m.Name) {
				t.Errorf("%s leaves out %s", task, m.Name)
			}
		}
	}
}

func TestModelsSeeNoLabels(t *testing.T) {
	in := Input{Rows: rows(t, `{"id":"1","text":"0","reply":"r","label":"x","topic":"x","risk":1,"kinds":["K1"],"sentiment":1,"intent":"x",`+
		`"relevance":1,"completeness":1,"explained":1,"action":1,"empty":1,"evasive":1,"a":{},"b":{},"peer_svm":"x","secrets":["0"],`+
		`"likes":1,"dislikes":1,"comments":1,"reposts":1,"repost_delays_s":[1]}`)}
	seen := 0
	check := func(r Row) {
		seen++
		want := Row{Line: 1, ID: "1", Text: "0", Reply: "r", Likes: r.Likes, Dislikes: r.Likes, Comments: r.Likes, Reposts: r.Likes, RepostDelays: []float64{1}}
		if d := cmp.Diff(want, r); d != "" {
			t.Error(d)
		}
	}
	m := all()
	m.Assess = func(r Row) opinion.Assessment { check(r); return opinion.Assessment{} }
	m.Topic7 = func(r Row) Guess { check(r); return Guess{} }
	m.Emotion = m.Topic7
	m.Reply = func(r Row) ReplyQuality { check(r); return ReplyQuality{} }
	m.Burst = func(r Row) *float64 {
		if check(r); r.Likes != 0 {
			t.Error("a model of bursts sees counts of the end")
		}
		return nil
	}
	m.Events = func(_ context.Context, rows []Row) ([]string, error) { check(rows[0]); return []string{"e"}, nil }
	for _, name := range Tasks() {
		run(t, name, m, in)
	}
	if in.Rows[0].Risk == nil || seen != len(Tasks())-1 { // all but mask, which sees texts only
		t.Errorf("%d tasks showed a row; the rows are left as they were: %+v", seen, in.Rows[0])
	}
}

package analyze

import (
	"slices"
	"testing"
	"time"

	"github.com/huiying/huiying/analyze/eval"
	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
)

// TestQualityOnLabels measures the models on the labelled development rows, and holds
// the figures that this release reached.
func TestQualityOnLabels(t *testing.T) {
	a := testAnalyzer()
	var topic, top3, sentiment, intent int
	var confusion [4][4]int
	rows := shared(t, "labels_dev.jsonl")
	for _, r := range rows {
		as, _ := a.Assess(r.post())
		if as.Topic == r.Topic {
			topic++
		}
		for _, s := range as.Topics {
			if s.Topic == r.Topic {
				top3++
			}
		}
		confusion[r.Risk][as.Risk]++
		if as.Sentiment == r.Sentiment {
			sentiment++
		}
		if as.Intent == r.Intent {
			intent++
		}
	}
	n := float64(len(rows))
	table := eval.Confusion{Classes: []string{"0", "1", "2", "3"}}
	for i := range confusion {
		table.Count = append(table.Count, confusion[i][:])
	}
	kappa, grave := table.QuadraticKappa(), table.AtLeast(2)
	precision, recall, recall3 := grave.Precision(), grave.Recall(), table.AtLeast(3).Recall()
	t.Logf("topic %.3f, in the first three %.3f; risk kappa %.3f, ≥2 precision %.3f recall %.3f, 3 recall %.3f; sentiment %.3f, intent %.3f",
		float64(topic)/n, float64(top3)/n, kappa, precision, recall, recall3, float64(sentiment)/n, float64(intent)/n)
	t.Logf("confusion (rows: labelled, columns: ours) %v", confusion)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"topic", float64(topic) / n, 0.77}, {"topic in three", float64(top3) / n, 0.92}, {"risk kappa", kappa, 0.79},
		{"risk ≥2 precision", precision, 0.77}, {"risk ≥2 recall", recall, 0.9}, {"risk 3 recall", recall3, 0.8},
		{"sentiment", float64(sentiment) / n, 0.9}, {"intent", float64(intent) / n, 0.74},
	} {
		if c.got < c.want {
			t.Errorf("%s is %.3f, below %.2f", c.name, c.got, c.want)
		}
	}
}

// TestEvidencePointsAtItsWords holds on all real messages: every evidence is the word that
// stands at its offsets.
func TestEvidencePointsAtItsWords(t *testing.T) {
	a := testAnalyzer()
	for _, name := range []string{"messages_2019.jsonl", "messages_gas_2022.jsonl", "messages_hangzhou.jsonl"} {
		for _, r := range shared(t, name) {
			as, _ := a.Assess(r.post())
			body := []rune(r.post().Body())
			all := slices.Clone(as.Places)
			for _, s := range as.Topics {
				all = append(all, s.Evidence...)
			}
			for _, f := range as.Factors {
				all = append(all, f.Evidence...)
			}
			for _, e := range all {
				if e.Start < 0 || e.End > len(body) || e.Start >= e.End || string(body[e.Start:e.End]) != e.Word {
					t.Fatalf("%s %s: %q is not at [%d, %d)", name, r.ID, e.Word, e.Start, e.End)
				}
			}
		}
	}
}

// TestExactRepeatsAreOneEvent feeds the real messages in their order: those that say the
// same letter for letter are one event. It also tells how many events there are.
func TestExactRepeatsAreOneEvent(t *testing.T) {
	a := testAnalyzer()
	matcher := event.NewMatcher(10_000)
	entries := map[string]event.Entry{}
	eventOf := map[string]string{}
	repeats := 0
	for _, r := range shared(t, "messages_2019.jsonl") {
		p := r.post()
		as, _ := a.Assess(p)
		q := queryOf(opinion.Assessed{Post: p, Assessment: as})
		id := matcher.Find(q).Event
		if id == "" {
			id = "ev-" + r.ID
			entries[id] = event.Entry{ID: id, Signature: q.Signature}
		}
		e := entries[id]
		e.Profile = e.Profile.Absorb(q.Profile)
		entries[id] = e
		matcher.Put(e)
		if want, ok := eventOf[p.Body()]; ok {
			repeats++
			if id != want {
				t.Errorf("message %s repeats one of %s and is in %s", r.ID, want, id)
			}
		}
		eventOf[p.Body()] = id
	}
	t.Logf("%d events, %d exact repeats", matcher.Len(), repeats)
	if repeats < 20 {
		t.Errorf("only %d exact repeats: the data is not what this test is about", repeats)
	}
}

// TestShortPostsNeedMoreThanAWordInCommon: people who chat, or complain in one line, share words
// by chance.
func TestShortPostsNeedMoreThanAWordInCommon(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"考研的人太多，图书馆又坐满了", "图书馆延长开放到晚上十点吧", false},
		{"我的天这么多了", "都这天了下的还是雨，不是应该和雪换班了吗", false},
		{"时代英雄，致敬英雄", "辛苦辛苦，你们都是英雄", false},
		{"幸福里小区三天没有暖气了，物业不管", "幸福里小区又没有暖气，家里冻得睡不着，物业不管", true},
	} {
		m := event.NewMatcher(10)
		query := func(text string) event.Query {
			as, _ := testAnalyzer().Assess(opinion.Post{Text: text, PublishedAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)})
			return event.Query{Signature: event.FromSlice(as.Fingerprint), Profile: event.ParseProfile(as.Profile)}
		}
		first := query(c.a)
		m.Put(event.Entry{ID: "first", Signature: first.Signature, Profile: first.Profile})
		if got := m.Find(query(c.b)).Event == "first"; got != c.same {
			t.Errorf("%q and %q are one event: %v", c.a, c.b, got)
		}
	}
}

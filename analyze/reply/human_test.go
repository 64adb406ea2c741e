package reply_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/huiying/huiying/analyze/reply"
)

// TestGradesBeatChanceOnAnotherTeamsLabels compares full grades with the yes and no of a
// team that worked by rules of its own, which nothing here was fitted to. The margin over
// chance is Cohen's kappa; its interval is a bootstrap over the sixty replies.
func TestGradesBeatChanceOnAnotherTeamsLabels(t *testing.T) {
	type label struct {
		ID        string `json:"id"`
		Complete  string `json:"complete"`
		Explained string `json:"explained"`
	}
	labels := map[string]label{}
	for _, l := range rows[label](t, "reply_human_labels_60.jsonl") {
		labels[l.ID] = l
	}
	m := reply.New(reply.Assumed())
	var complete, explained [][2]bool
	for _, r := range rows[row](t, "replies_2011_2020.jsonl") {
		if l, ok := labels[r.ID]; ok {
			q := m.Assess(r.Title, r.Text, r.Reply)
			complete = append(complete, [2]bool{l.Complete == "1", q.Completeness == 2})
			explained = append(explained, [2]bool{l.Explained == "1", q.Explained == 2})
		}
	}
	if len(complete) != 60 {
		t.Fatalf("%d of 60 labelled replies found", len(complete))
	}
	for name, pairs := range map[string][][2]bool{"complete": complete, "explained": explained} {
		k := cohen(pairs)
		low, high := bootstrap(pairs)
		t.Logf("%-9s agreement %.3f, kappa %.3f, 95%% of bootstraps in [%.3f, %.3f]", name, agreement(pairs), k, low, high)
		if k <= 0 {
			t.Errorf("%s is no better than chance: kappa %.3f", name, k)
		}
	}
}

func agreement(pairs [][2]bool) float64 {
	same := 0
	for _, p := range pairs {
		same += bit(p[0] == p[1])
	}
	return float64(same) / float64(len(pairs))
}

// cohen is Cohen's kappa of yes and no.
func cohen(pairs [][2]bool) float64 {
	var a, b float64
	for _, p := range pairs {
		a += float64(bit(p[0])) / float64(len(pairs))
		b += float64(bit(p[1])) / float64(len(pairs))
	}
	chance := a*b + (1-a)*(1-b)
	if chance == 1 {
		return 0
	}
	return (agreement(pairs) - chance) / (1 - chance)
}

// bootstrap is the middle 95 % of kappa over resamples, with a fixed seed.
func bootstrap(pairs [][2]bool) (low, high float64) {
	const times = 4000
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]float64, times)
	drawn := make([][2]bool, len(pairs))
	for i := range all {
		for k := range drawn {
			drawn[k] = pairs[r.IntN(len(pairs))]
		}
		all[i] = cohen(drawn)
	}
	slices.Sort(all)
	return all[times*25/1000], all[times*975/1000]
}

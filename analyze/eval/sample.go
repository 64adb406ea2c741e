package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// sampleSize is how many rows of each kind a report of the task risk explains, and
// sampleSeed draws them: the same rows of the same predictions, whoever asks.
const (
	sampleSize = 10
	sampleSeed = 1
)

// Explained is a row that was drawn by lot, with what the model says for its risk.
type Explained struct {
	Line    int
	Risk    opinion.Risk
	Score   float64
	Factors []opinion.Factor
	// Quote is as in Miss.
	Quote string
}

// drawExplained draws rows that were called grave (risk 2 or 3) and rows that were called
// calm (0), grave ones first. A reader of the explanations alone should agree or disagree
// at once.
func drawExplained(rows []Row, all []opinion.Assessment) []Explained {
	var grave, calm []int
	for i, a := range all {
		switch {
		case a.Risk >= opinion.RiskHigh:
			grave = append(grave, i)
		case a.Risk == opinion.RiskCalm:
			calm = append(calm, i)
		}
	}
	var out []Explained
	for _, kind := range [][]int{grave, calm} {
		slices.SortFunc(kind, func(i, j int) int { return cmp.Compare(lot(rows[i].Line), lot(rows[j].Line)) })
		drawn := kind[:min(len(kind), sampleSize)]
		slices.Sort(drawn)
		for _, i := range drawn {
			out = append(out, Explained{Line: rows[i].Line, Risk: all[i].Risk, Score: all[i].Score, Factors: all[i].Factors, Quote: quote(&rows[i])})
		}
	}
	return out
}

// lot is the number that a line draws (SplitMix64, Steele et al. 2014).
func lot(line int) uint64 {
	x := (uint64(line) + sampleSeed) * 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func (w *writer) explained(list []Explained, quote bool) {
	if len(list) == 0 {
		return
	}
	w.line("\n## explanations of rows drawn by lot (seed %d)", sampleSeed)
	head, rule := "| line | risk | score | factors, with their points |", "|---:|---:|---:|---|"
	if quote {
		head, rule = head+" text |", rule+"---|"
	}
	w.table(head, rule)
	for _, e := range list {
		line := fmt.Sprintf("| %d | %d | %s | %s |", e.Line, e.Risk, figure(e.Score), cell(factors(e.Factors, quote)))
		if quote {
			line += " " + cell(e.Quote) + " |"
		}
		w.line("%s", line)
	}
}

// factors names them in their order; the words of the row are quoted only when asked.
func factors(list []opinion.Factor, words bool) string {
	var parts []string
	for _, f := range list {
		part := fmt.Sprintf("%s %+.1f", f.Name, f.Points)
		if f.Kind != "" {
			part += " (" + f.Kind + ")"
		}
		if words && len(f.Evidence) > 0 {
			var said []string
			for _, e := range f.Evidence {
				said = append(said, e.Word)
			}
			part += ": " + strings.Join(said, "、")
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "nothing was found"
	}
	return strings.Join(parts, "; ")
}

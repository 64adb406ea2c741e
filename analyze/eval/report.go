package eval

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// maxMatrix is how many classes a confusion matrix may have to be printed; of more the
// commonest mistakes are listed.
const maxMatrix = 10

// maxMistakes bounds that list.
const maxMistakes = 20

// Heading says what a report is of.
type Heading struct {
	// Data names the data, without its directory; Hash is its SHA-256 in hex.
	Data, Hash string
	// Model names the release and the policy that were measured.
	Model string
}

// Report writes the result in Markdown: the metrics, and for each part the classes, the
// confusion, kappa beside that of the annotators, the calibration and the worst errors.
// Rows are named by their line; their text is quoted only when quote is set, because it
// may be confidential.
func (r *Result) Report(h Heading, quote bool) string {
	w := &writer{}
	w.line("# huiying eval: %s", r.Task)
	w.line("")
	w.line("Data %s (SHA-256 %s), %d rows, %d of them labelled. Model %s.", h.Data, h.Hash, r.Rows, r.Labelled, h.Model)
	w.table("| metric | value |", "|---|---:|")
	for _, m := range r.Metrics {
		w.line("| %s | %s |", m.Name, figure(m.Value))
	}
	for _, p := range r.Parts {
		w.part(p, quote)
	}
	w.human(r.Human)
	w.events(r.Events, quote)
	w.warning(r.Warning)
	w.masking(r.Masking)
	w.explained(r.Explained, quote)
	return w.String()
}

// Summary is the metrics in a few lines of plain text.
func (r *Result) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "task %s: %d rows, %d labelled\n", r.Task, r.Rows, r.Labelled)
	for _, m := range r.Metrics {
		fmt.Fprintf(&b, "  %-20s %s\n", m.Name, figure(m.Value))
	}
	return b.String()
}

// figure writes counts whole and shares with three digits; — is for no value.
func figure(f float64) string {
	switch {
	case math.IsNaN(f):
		return "—"
	case f == math.Trunc(f) && math.Abs(f) >= 2:
		return fmt.Sprintf("%.0f", f)
	default:
		return fmt.Sprintf("%.3f", f)
	}
}

type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// table begins a table after an empty line.
func (w *writer) table(head, rule string) { w.line("\n%s\n%s", head, rule) }

func (w *writer) part(p Part, quote bool) {
	w.line("\n## %s", p.Name)
	if len(p.Scores) == 0 {
		w.line("\nNo row is labelled.")
		return
	}
	w.agreement(p)
	w.table("| class | precision | recall | F1 | support | predicted |", "|---|---:|---:|---:|---:|---:|")
	for _, s := range p.Scores {
		w.line("| %s | %s | %s | %s | %d | %d |", cell(s.Class), figure(s.Precision()), figure(s.Recall()), figure(s.F1()),
			s.Support(), s.TruePositive+s.FalsePositive)
	}
	w.confusion(p.Confusion)
	w.sources(p.Sources)
	w.calibration(p.Calibration)
	w.worst(p.Worst, quote)
}

func (w *writer) agreement(p Part) {
	kappa := "Cohen's kappa"
	switch {
	case p.Quadratic:
		kappa = "kappa (quadratic)"
	case len(p.Confusion.Classes) == 0:
		kappa = "Cohen's kappa (mean over the kinds)"
	}
	w.table("| | rows | accuracy | macro-F1 | "+kappa+" |", "|---|---:|---:|---:|---:|")
	rows := p.Confusion.Total()
	if len(p.Confusion.Classes) == 0 {
		w.line("| model | | %s | %s | %s |", figure(p.Accuracy), figure(p.MacroF1), figure(p.Kappa))
	} else {
		w.line("| model | %d | %s | %s | %s |", rows, figure(p.Accuracy), figure(p.MacroF1), figure(p.Kappa))
	}
	for _, other := range []struct {
		name string
		a    *Agreement
	}{{"the two annotators with each other", p.Readers}, {"the published system", p.Peer}} {
		if a := other.a; a != nil {
			w.line("| %s | %d | %s | %s | %s |", other.name, a.Rows, figure(a.Accuracy), figure(a.MacroF1), figure(a.Kappa))
		}
	}
}

func (w *writer) confusion(c Confusion) {
	if n := len(c.Classes); n == 0 || n > maxMatrix {
		w.mistakes(c)
		return
	}
	head, rule := "| gold \\ predicted |", "|---|"
	for _, class := range c.Classes {
		head += " " + cell(class) + " |"
		rule += "---:|"
	}
	w.table(head, rule)
	for i, class := range c.Classes {
		line := "| " + cell(class) + " |"
		for _, n := range c.Count[i] {
			line += fmt.Sprintf(" %d |", n)
		}
		w.line("%s", line)
	}
}

func (w *writer) mistakes(c Confusion) {
	all := c.Mistakes()
	if len(all) == 0 {
		return
	}
	w.table("| gold | predicted | rows |", "|---|---|---:|")
	for _, m := range all[:min(len(all), maxMistakes)] {
		w.line("| %s | %s | %d |", cell(m.Gold), cell(m.Predicted), m.Rows)
	}
}

func (w *writer) sources(list []Slice) {
	if len(list) < 2 {
		return
	}
	w.table("| source | rows | accuracy |", "|---|---:|---:|")
	for _, s := range list {
		w.line("| %s | %d | %s |", cell(s.Source), s.Rows, figure(s.Accuracy))
	}
}

func (w *writer) calibration(c *Calibration) {
	if c == nil {
		return
	}
	w.line("\nCalibration: expected calibration error %s.", figure(c.ECE))
	w.table("| probability | rows | mean probability | right |", "|---|---:|---:|---:|")
	for _, b := range c.Bins {
		w.line("| %.1f–%.1f | %d | %s | %s |", b.From, b.To, b.Rows, figure(b.Confidence), figure(b.Accuracy))
	}
}

func (w *writer) worst(list []Miss, quote bool) {
	if len(list) == 0 {
		return
	}
	w.line("\nWorst errors, by line of the data:")
	if !quote {
		w.table("| line | gold | predicted | score |", "|---:|---|---|---:|")
	} else {
		w.table("| line | gold | predicted | score | text |", "|---:|---|---|---:|---|")
	}
	for _, m := range list {
		line := fmt.Sprintf("| %d | %s | %s | %s |", m.Line, cell(m.Gold), cell(m.Predicted), figure(m.Score))
		if quote {
			line += " " + cell(m.Quote) + " |"
		}
		w.line("%s", line)
	}
}

func (w *writer) human(list []HumanAgreement) {
	if len(list) == 0 {
		return
	}
	w.line("\n## beside another team's labels")
	w.table("| label | ours counts from | rows | accuracy | always the commoner answer | margin | Cohen's kappa |", "|---|---:|---:|---:|---:|---:|---:|")
	for _, h := range list {
		w.line("| %s | %d | %d | %s | %s | %+.3f | %s |", h.Name, h.AtLeast, h.Rows, figure(h.Accuracy), figure(h.Majority), h.Accuracy-h.Majority, figure(h.Kappa))
	}
}

func (w *writer) events(c *Clustering, quote bool) {
	if c == nil {
		return
	}
	w.line("\n%d events, %d of two or more posts, the largest of %d. %d posts are in gold events.", c.Events, c.Several, c.Largest, c.Judged)
	if len(c.Worst) > 0 {
		w.line("\nGold events that were found least well, by line:")
		w.table("| line | posts | pieces | precision | recall |", "|---:|---:|---:|---:|---:|")
		for _, f := range c.Worst[:min(len(c.Worst), maxWorst)] {
			w.line("| %d | %d | %d | %s | %s |", f.Line, f.Posts, f.Pieces, figure(f.Precision), figure(f.Recall))
		}
	}
	if len(c.Wrong) == 0 {
		return
	}
	w.line("\nLook-alikes that were joined, by line:")
	for _, p := range c.Wrong {
		if quote {
			w.line("- %d: %s and %s: %s", p.Line, p.A, p.B, cell(p.Why))
		} else {
			w.line("- %d: %s and %s", p.Line, p.A, p.B)
		}
	}
}

func (w *writer) warning(m *Warning) {
	if m == nil {
		return
	}
	w.line("\n%d cascades passed %d recorded reposts: %d were called before that, %d only after, %d never. %d others were called that never passed %d, in %.0f days.",
		m.Big, bigCascade, m.InTime, m.Late, m.Big-m.InTime-m.Late, m.FalseCalls, bigCascade, m.Days)
	w.line("Of the calls in time and the false ones, %s were in time.", figure(ratio(m.InTime, m.InTime+m.FalseCalls)))
}

func (w *writer) masking(m *Masking) {
	if m == nil {
		return
	}
	w.line("\n%d of %d secrets survived. %d pieces were replaced in %d rows without secrets.", m.Kept, m.Secrets, m.False, m.Clean)
	for _, kind := range slices.Sorted(maps.Keys(m.FalseByKind)) {
		w.line("- %s: %d", kind, m.FalseByKind[kind])
	}
}

// cell makes a string safe within a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ").Replace(s)
}

package eval

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// Input is what a task is run on.
type Input struct {
	Rows []Row
	// Gold and Lookalikes are for the task events, Human for the task reply; each may be
	// missing.
	Gold       []GoldEvent
	Lookalikes []Lookalike
	Human      []HumanReply
}

// task is one way to measure.
type task struct {
	name string
	has  func(Models) bool
	need func(*Row) error // what a row must have to be predicted
	run  func(ctx context.Context, m Models, in Input) (*Result, error)
}

// tasks are all of them, in the order of the manual.
func tasks() []task {
	return []task{
		{"topic7", func(m Models) bool { return m.Topic7 != nil }, needText, guesses("topic7", func(m Models) func(Row) Guess { return m.Topic7 })},
		{"topic31", hasAssess, needText, runTopic31},
		{"risk", hasAssess, needText, runRisk},
		{"kinds", hasAssess, needText, runKinds},
		{"sentiment", hasAssess, needText, runSentiment},
		{"intent", hasAssess, needText, runIntent},
		{"emotion", func(m Models) bool { return m.Emotion != nil }, needText, guesses("emotion", func(m Models) func(Row) Guess { return m.Emotion })},
		{"events", func(m Models) bool { return m.Events != nil }, needID, runEvents},
		{"reply", func(m Models) bool { return m.Reply != nil }, needReply, runReply},
		{"burst", func(m Models) bool { return m.Burst != nil }, needDelays, runBurst},
		{"mask", func(m Models) bool { return m.Mask != nil }, needText, runMask},
	}
}

// Tasks lists the names of all tasks.
func Tasks() []string {
	var names []string
	for _, t := range tasks() {
		names = append(names, t.name)
	}
	return names
}

// Run measures the models on one task. It is an *opinion.Error with CodeInvalid when there
// is no such task or a row lacks what it needs, which names the row's line, and one with
// CodeNotFound when the models have no function for it.
func Run(ctx context.Context, name string, m Models, in Input) (*Result, error) {
	for _, t := range tasks() {
		if t.name != name {
			continue
		}
		if !t.has(m) {
			return nil, opinion.Errorf(opinion.CodeNotFound, "task %s needs a model that this release does not have", name)
		}
		for i := range in.Rows {
			if err := t.need(&in.Rows[i]); err != nil {
				return nil, badLine(in.Rows[i].Line, err)
			}
		}
		return t.run(ctx, m, in)
	}
	return nil, opinion.Errorf(opinion.CodeInvalid, "no task %q: use one of %s", name, strings.Join(Tasks(), ", "))
}

func hasAssess(m Models) bool { return m.Assess != nil }

func needText(r *Row) error {
	if strings.TrimSpace(r.Title+r.Text) == "" {
		return errors.New("text and title are both missing or empty")
	}
	return nil
}

// CheckTexts tells the first row that has neither title nor text, as an *opinion.Error that
// names its line.
func CheckTexts(rows []Row) error {
	for i := range rows {
		if err := needText(&rows[i]); err != nil {
			return badLine(rows[i].Line, err)
		}
	}
	return nil
}

func needID(r *Row) error {
	if r.ID == "" {
		return errors.New("id is missing: events are compared by the IDs of their posts")
	}
	return needText(r)
}

func needReply(r *Row) error {
	if strings.TrimSpace(r.Reply) == "" {
		return errors.New("reply is missing or empty")
	}
	return nil
}

func needDelays(r *Row) error {
	if r.RepostDelays == nil {
		return errors.New("repost_delays_s is missing")
	}
	return nil
}

// assessments judges every row once.
func assessments(ctx context.Context, m Models, rows []Row) ([]opinion.Assessment, error) {
	out := make([]opinion.Assessment, len(rows))
	for i := range rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = m.Assess(rows[i].blind())
	}
	return out, nil
}

// single makes the result of a task with one answer a row.
func single(name string, rows []Row, predictions []any, part Part) *Result {
	return &Result{Task: name, Rows: len(rows), Labelled: part.Confusion.Total(), Predictions: predictions, Parts: []Part{part}}
}

// readings are the two annotators' own answers, when a row has both.
func readings(r *Row, of func(*Labels) (string, bool)) (a, b string, both bool) {
	if r.A == nil || r.B == nil {
		return "", "", false
	}
	a, okA := of(r.A)
	b, okB := of(r.B)
	return a, b, okA && okB
}

// collect makes the items of the rows that have a gold answer.
func collect(rows []Row, of func(*Labels) (string, bool), answer func(i int) (predicted string, score float64)) []item {
	var items []item
	for i := range rows {
		gold, ok := of(&rows[i].Labels)
		if !ok {
			continue
		}
		it := item{row: &rows[i], gold: gold}
		it.predicted, it.score = answer(i)
		it.a, it.b, it.read = readings(&rows[i], of)
		items = append(items, it)
	}
	return items
}

func textLabel(field func(*Labels) *string) func(*Labels) (string, bool) {
	return func(l *Labels) (string, bool) {
		if s := field(l); s != nil && *s != "" {
			return *s, true
		}
		return "", false
	}
}

func number[N ~int](field func(*Labels) *N) func(*Labels) (string, bool) {
	return func(l *Labels) (string, bool) {
		if n := field(l); n != nil {
			return fmt.Sprint(int(*n)), true
		}
		return "", false
	}
}

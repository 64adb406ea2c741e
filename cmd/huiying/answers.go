package main

import (
	"github.com/huiying/huiying/analyze/reply"
	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

// sameAnswer is from which likeness on two answers are copies (see reply.Copies).
const sameAnswer = 0.9

// answerReader lets the console read answers, of which it knows nothing itself.
func answerReader() console.AnswerFunc {
	model := reply.New(reply.Assumed())
	return func(title, text, answer string, earlier []string) (console.AnswerReading, []console.Repeated) {
		q := model.Assess(title, text, answer)
		r := console.AnswerReading{
			Relevance: q.Relevance, Completeness: q.Completeness, Explained: q.Explained, Action: q.Action,
			Empty: q.Empty, Evasive: q.Evasive, Reasons: []console.AnswerReason{}, Demands: []console.AnswerDemand{},
		}
		for _, f := range q.Reasons {
			r.Reasons = append(r.Reasons, console.AnswerReason{Name: string(f.Name), Count: f.Count, Evidence: words(f.Evidence)})
		}
		for _, d := range q.Demands {
			r.Demands = append(r.Demands, console.AnswerDemand{Point: word(d.Point), Met: d.Met, Answer: words(d.Answer)})
		}
		return r, repeats(answer, earlier)
	}
}

// repeats finds the earlier answers that are like an answer.
func repeats(answer string, earlier []string) []console.Repeated {
	var out []console.Repeated
	for i, text := range earlier {
		for _, g := range reply.Copies([]string{answer, text}, sameAnswer) {
			out = append(out, console.Repeated{Earlier: i, Likeness: g.Likeness})
		}
	}
	return out
}

func word(e opinion.Evidence) console.Word {
	return console.Word{Start: e.Start, End: e.End, Word: e.Word}
}

func words(list []opinion.Evidence) []console.Word {
	out := make([]console.Word, len(list))
	for i, e := range list {
		out[i] = word(e)
	}
	return out
}

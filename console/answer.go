package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// AnswerFunc reads an answer to a post, and finds those of the earlier answers that it
// repeats, by their place and how alike they are (0 to 1). It is pure. Offsets of the reading
// count code points: of the answer, and of the post's body for what is asked.
type AnswerFunc func(title, text, answer string, earlier []string) (AnswerReading, []Repeated)

// Repeated is an earlier answer that is repeated.
type Repeated struct {
	Earlier  int
	Likeness float64
}

// AnswerReading is what was read in an answer (答复质量). It grades the answer, never who wrote
// it, and is advice: whether what it says is true it cannot know.
type AnswerReading struct {
	Relevance    int            `json:"relevance" minimum:"0" maximum:"2" doc:"Whether it speaks to the matter: 0 not at all, 1 in part, 2 fully; likewise the other grades."`
	Completeness int            `json:"completeness" minimum:"0" maximum:"2" doc:"Whether it meets each of the demands."`
	Explained    int            `json:"explained" minimum:"0" maximum:"2" doc:"Whether it gives facts, a rule or its basis."`
	Action       int            `json:"action" minimum:"0" maximum:"2" doc:"Whether it says what was or will be done, by whom and when."`
	Empty        bool           `json:"empty" doc:"It only confirms receipt or transfer."`
	Evasive      bool           `json:"evasive" doc:"It only sends the citizen elsewhere or disclaims the matter."`
	Reasons      []AnswerReason `json:"reasons"`
	Demands      []AnswerDemand `json:"demands" doc:"What the post asks for, at most 16 points."`
	Copies       []AnswerCopy   `json:"copies" doc:"Earlier answers of the same unit that it repeats, at most 5, the latest first."`
	Warnings     []string       `json:"warnings" enum:"empty,evasive,relevance,completeness,explained,action,copy" doc:"What should be looked at before it is sent or accepted."`
}

// AnswerReason is one kind of thing that was found in an answer.
type AnswerReason struct {
	Name     string `json:"name" doc:"Stable identifier."`
	Count    int    `json:"count"`
	Evidence []Word `json:"evidence" doc:"Where it stands in the answer, at most eight places."`
}

// AnswerDemand is one thing that the post asks for.
type AnswerDemand struct {
	Point  Word   `json:"point" doc:"Where the post says it, in its body."`
	Met    bool   `json:"met"`
	Answer []Word `json:"answer" doc:"Where the answer speaks to it."`
}

// AnswerCopy is an earlier answer that is repeated.
type AnswerCopy struct {
	CaseID   string    `json:"case_id"`
	Number   string    `json:"number"`
	At       time.Time `json:"at"`
	Likeness float64   `json:"likeness" minimum:"0" maximum:"1"`
}

// ReadAnswer is the reading of a case's latest answer.
type ReadAnswer struct {
	Seq     int           `json:"seq" doc:"The step that gave it."`
	Text    string        `json:"text"`
	Reading AnswerReading `json:"reading"`
}

type checkInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"200"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"20000" doc:"The answer as it stands."`
	}
}

type checkOutput struct{ Body AnswerReading }

func (s *server) registerAnswers(api huma.API) {
	add(s, api, forActors, huma.Operation{
		OperationID: "check-answer", Method: http.MethodPost, Path: "/api/v1/cases/{id}/answer-check", Tags: []string{"cases"},
		Summary:      "Read an answer before it is sent",
		Description:  "Nothing is kept. The reading is advice: the unit may send the answer all the same.",
		MaxBodyBytes: maxActBody, Errors: []int{400, 401, 403, 404, 422, 503},
	}, s.checkAnswer)
}

func (s *server) checkAnswer(ctx context.Context, c caller, in *checkInput) (*checkOutput, error) {
	found, err := s.store.Case(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	if s.cfg.Answer == nil {
		return nil, problem(ctx, opinion.CodeUnavailable, "unavailable")
	}
	reading, err := s.readAnswer(ctx, c.Actor, found, strings.TrimSpace(in.Body.Text), len(found.Steps)+1)
	if err != nil {
		return nil, err
	}
	return &checkOutput{reading}, nil
}

// latestAnswer reads the latest answer of a case; nil when it has none.
func (s *server) latestAnswer(ctx context.Context, a opinion.Actor, c opinion.Case) (*ReadAnswer, error) {
	i := lastAnswer(c.Steps)
	if i < 0 || s.cfg.Answer == nil {
		return nil, nil
	}
	step := c.Steps[i]
	reading, err := s.readAnswer(ctx, a, c, step.Text, step.Seq)
	if err != nil {
		return nil, err
	}
	return &ReadAnswer{step.Seq, step.Text, reading}, nil
}

// lastAnswer is the place of the latest answer, or -1.
func lastAnswer(steps []opinion.Step) int {
	for i, s := range slices.Backward(steps) {
		if s.Action == opinion.ActionAnswer {
			return i
		}
	}
	return -1
}

// How many earlier answers of a unit are compared, and how many are named.
const (
	comparedCases = 100
	shownCopies   = 5
)

// earlier is an answer that was given before.
type earlier struct {
	caseID, number string
	at             time.Time
	text           string
}

// readAnswer reads an answer to a case beside what its lead unit has answered in its latest
// cases, and in this one before the step seq.
func (s *server) readAnswer(ctx context.Context, a opinion.Actor, c opinion.Case, text string, seq int) (AnswerReading, error) {
	cases := []opinion.Case{c}
	if a.Role != opinion.RoleUnit || a.Unit == c.LeadUnit { // a helping unit sees no others of the lead unit
		page, err := s.store.Cases(ctx, a, opinion.CaseQuery{Unit: c.LeadUnit, Limit: comparedCases})
		if err != nil {
			return AnswerReading{}, err
		}
		others := slices.DeleteFunc(page.Cases, func(o opinion.Case) bool { return o.ID == c.ID || o.LeadUnit != c.LeadUnit })
		cases = append(cases, others...)
	}
	var before []earlier
	for _, other := range cases {
		for _, p := range other.Steps {
			if p.Action == opinion.ActionAnswer && (other.ID != c.ID || p.Seq < seq) {
				before = append(before, earlier{other.ID, other.Number, p.At, p.Text})
			}
		}
	}
	texts := make([]string, len(before))
	for i, e := range before {
		texts[i] = e.text
	}
	reading, repeated := s.cfg.Answer(c.Title, c.Text, text, texts)
	reading.Copies = copies(before, repeated)
	reading.Warnings = warnings(reading)
	return reading, nil
}

// copies names the latest of the answers that are repeated.
func copies(before []earlier, repeated []Repeated) []AnswerCopy {
	out := []AnswerCopy{}
	for _, r := range repeated {
		e := before[r.Earlier]
		out = append(out, AnswerCopy{e.caseID, e.number, e.at, r.Likeness})
	}
	slices.SortStableFunc(out, func(a, b AnswerCopy) int { return b.At.Compare(a.At) })
	return out[:min(len(out), shownCopies)]
}

// warnings are what a reader should look at: an answer that is empty, evasive or repeated, and
// the grades that are nothing. Of an empty answer its grades say no more.
func warnings(r AnswerReading) []string {
	out := []string{}
	add := func(is bool, name string) {
		if is {
			out = append(out, name)
		}
	}
	add(r.Empty, "empty")
	add(r.Evasive, "evasive")
	add(!r.Empty && r.Relevance == 0, "relevance")
	add(!r.Empty && r.Completeness == 0, "completeness")
	add(!r.Empty && r.Explained == 0, "explained")
	add(!r.Empty && r.Action == 0, "action")
	add(len(r.Copies) > 0, "copy")
	return out
}

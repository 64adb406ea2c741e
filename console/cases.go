package console

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

type casesInput struct {
	State     string    `query:"state" enum:"to_sign,handling,review,closed"`
	Unit      string    `query:"unit" maxLength:"200" doc:"Unit ID that leads or helps."`
	Topic     string    `query:"topic" maxLength:"200"`
	Level     string    `query:"level" enum:"I,II,III,IV"`
	DueBefore time.Time `query:"due_before" doc:"Keep to cases with an unmet deadline before this instant."`
	Limit     int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After     string    `query:"after" maxLength:"1024" doc:"next of the page before; belongs to the same filters."`
}

// CaseList is a page of cases, newest first.
type CaseList struct {
	Total int           `json:"total"`
	Cases []CaseSummary `json:"cases"`
	Next  string        `json:"next,omitempty"`
}

type casesOutput struct{ Body CaseList }

type caseOutput struct{ Body CaseDetail }

// maxActBody fits the longest text with every character escaped.
const maxActBody = 384 << 10

type actInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"200"`
	Body struct {
		Action   opinion.Action `json:"action" enum:"sign,answer,approve,return"`
		Text     string         `json:"text,omitempty" maxLength:"20000" doc:"What was done, or why. Needed where allowed says needs_text."`
		Revision int            `json:"revision" minimum:"1" doc:"The case's revision that the person saw."`
	}
}

type ledgerInput struct {
	ID    string `path:"id" minLength:"1" maxLength:"200"`
	After int64  `query:"after" minimum:"0" doc:"seq of the last entry of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// LedgerEntry is one line of the ledger.
type LedgerEntry struct {
	Seq    int64          `json:"seq"`
	At     time.Time      `json:"at"`
	Actor  string         `json:"actor"`
	Role   opinion.Role   `json:"role" enum:"system,staff,unit,leader,admin"`
	Action string         `json:"action" doc:"case.open, case.sign, delivery.failed, …"`
	Object string         `json:"object" doc:"case:<id>, user:<name>, …"`
	Detail map[string]any `json:"detail,omitempty" doc:"What else is known of it."`
}

// LedgerPage is a page of the ledger, oldest first.
type LedgerPage struct {
	Entries []LedgerEntry `json:"entries"`
	Next    int64         `json:"next,omitempty" doc:"after of the next page; absent on the last."`
}

type ledgerOutput struct{ Body LedgerPage }

func (s *server) registerCases(api huma.API) {
	add(s, api, forCases, huma.Operation{
		OperationID: "list-cases", Method: http.MethodGet, Path: "/api/v1/cases", Tags: []string{"cases"},
		Summary: "List cases, newest first", Description: "A unit sees the cases that it leads or helps with.",
		Errors: []int{400, 401, 403, 422, 503},
	}, s.cases)
	add(s, api, forCases, huma.Operation{
		OperationID: "get-case", Method: http.MethodGet, Path: "/api/v1/cases/{id}", Tags: []string{"cases"},
		Summary: "Read a case", Description: "Another unit's case is 404.", Errors: []int{401, 403, 404, 422, 503},
	}, s.caseByID)
	add(s, api, forActors, huma.Operation{
		OperationID: "act-on-case", Method: http.MethodPost, Path: "/api/v1/cases/{id}/acts", Tags: []string{"cases"},
		Summary: "Sign, answer, approve or return a case",
		Description: "The lead unit signs and answers, staff approve or return. Another revision than the case's is 409 with the reason " +
			"stale_revision; an action that its state does not allow is 409 with wrong_state.",
		MaxBodyBytes: maxActBody, Errors: []int{400, 401, 403, 404, 409, 422, 503},
	}, s.act)
	add(s, api, forReaders, huma.Operation{
		OperationID: "get-case-ledger", Method: http.MethodGet, Path: "/api/v1/cases/{id}/ledger", Tags: []string{"cases"},
		Summary: "Read a case's ledger", Errors: []int{400, 401, 403, 404, 422, 503},
	}, s.ledger)
}

func (s *server) cases(ctx context.Context, c caller, in *casesInput) (*casesOutput, error) {
	page, err := s.store.Cases(ctx, c.Actor, opinion.CaseQuery{
		State: opinion.CaseState(in.State), Unit: in.Unit, Topic: in.Topic, Level: opinion.Level(in.Level),
		Due: in.DueBefore, Limit: in.Limit, After: in.After,
	})
	if err != nil {
		return nil, err
	}
	now := s.now()
	return &casesOutput{CaseList{
		Total: page.Total, Next: page.Next,
		Cases: views(page.Cases, func(c opinion.Case) CaseSummary { return viewSummary(c, now) }),
	}}, nil
}

func (s *server) caseByID(ctx context.Context, c caller, in *idInput) (*caseOutput, error) {
	found, err := s.store.Case(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.caseAnswer(ctx, c.Actor, found)
}

func (s *server) caseAnswer(ctx context.Context, a opinion.Actor, c opinion.Case) (*caseOutput, error) {
	deliveries, err := s.store.Deliveries(ctx, a, c.ID)
	if err != nil {
		return nil, err
	}
	v := s.viewCase(a, c, deliveries)
	v.Burst = s.burstOf(ctx, c)
	if v.Answer, err = s.latestAnswer(ctx, a, c); err != nil {
		return nil, err
	}
	return &caseOutput{v}, nil
}

// burstOf reads the call of a burst of a case's event. A case can be worked on while the
// index does not answer.
func (s *server) burstOf(ctx context.Context, c opinion.Case) *Burst {
	e, err := s.livingEvent(ctx, c.EventID)
	if err != nil {
		if opinion.CodeOf(err) != opinion.CodeNotFound {
			s.log.WarnContext(ctx, "could not read the event of a case", "case_id", c.ID, "event_id", c.EventID, "error", err)
		}
		return nil
	}
	return viewBurst(e.Burst)
}

func (s *server) act(ctx context.Context, c caller, in *actInput) (*caseOutput, error) {
	text := strings.TrimSpace(in.Body.Text)
	if text == "" && needsText(in.Body.Action) {
		if _, err := s.store.Case(ctx, c.Actor, in.ID); err != nil { // not yours comes before not complete
			return nil, err
		}
		return nil, problem(ctx, opinion.CodeInvalid, "text_required", "action", string(in.Body.Action))
	}
	changed, err := s.store.Act(ctx, c.Actor, opinion.CaseAct{
		CaseID: in.ID, Action: in.Body.Action, Text: text, Revision: in.Body.Revision, At: s.now(),
	})
	if opinion.CodeOf(err) == opinion.CodeConflict {
		return nil, s.explainConflict(ctx, c.Actor, in, err)
	}
	if err != nil {
		return nil, err
	}
	return s.caseAnswer(ctx, c.Actor, changed)
}

func needsText(action opinion.Action) bool {
	for _, t := range opinion.Transitions {
		if t.Action == action && t.NeedsText {
			return true
		}
	}
	return false
}

// explainConflict tells a case that changed meanwhile from an action that its state does
// not allow.
func (s *server) explainConflict(ctx context.Context, a opinion.Actor, in *actInput, conflict error) error {
	now, err := s.store.Case(ctx, a, in.ID)
	switch {
	case err != nil:
		return conflict
	case now.Revision != in.Body.Revision:
		return problem(ctx, opinion.CodeConflict, "stale_revision")
	default:
		return problem(ctx, opinion.CodeConflict, "wrong_state", "state", string(now.State), "action", string(in.Body.Action))
	}
}

func (s *server) ledger(ctx context.Context, c caller, in *ledgerInput) (*ledgerOutput, error) {
	found, err := s.store.Case(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	entries, err := s.store.Ledger(ctx, c.Actor, "case:"+found.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := LedgerPage{Entries: views(entries, viewEntry)}
	if len(entries) == in.Limit {
		out.Next = entries[len(entries)-1].Seq
	}
	return &ledgerOutput{out}, nil
}

func viewEntry(e opinion.Entry) LedgerEntry {
	v := LedgerEntry{e.Seq, e.At, e.Actor, e.Role, e.Action, e.Object, nil}
	if json.Unmarshal([]byte(e.Detail), &v.Detail) != nil {
		v.Detail = nil // most entries have none
	}
	return v
}

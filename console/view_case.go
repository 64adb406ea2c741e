package console

import (
	"net/url"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Deadline is an instant by which a unit must have done something.
type Deadline struct {
	Kind   opinion.DeadlineKind `json:"kind" enum:"sign,respond,close"`
	Start  time.Time            `json:"start"`
	Due    time.Time            `json:"due"`
	Limit  int                  `json:"limit"`
	Unit   string               `json:"unit" enum:"min,h,d"`
	Clock  opinion.Clock        `json:"clock" enum:"natural_hours,calendar_days,workdays"`
	Rule   string               `json:"rule" doc:"Key of the policy's rule."`
	Basis  string               `json:"basis" doc:"Standing of the rule: mandated, mandated_secondary, variant or assumption."`
	Source string               `json:"source" doc:"Document that sets it."`
	Trace  []string             `json:"trace" doc:"How it was counted, one line a step. Empty in lists."`
	MetAt  *time.Time           `json:"met_at,omitempty"`
	// Overdue and Late are judged by the server's clock, so that every page agrees.
	Overdue bool `json:"overdue" doc:"It has passed and is not met yet."`
	Late    bool `json:"late" doc:"It was met after it had passed."`
}

func viewDeadline(d opinion.Deadline, now time.Time, trace bool) Deadline {
	v := Deadline{d.Kind, d.Start, d.Due, d.Limit, d.Unit, d.Clock, d.Rule, d.Basis, d.Source, []string{}, d.MetAt, d.MetAt == nil && now.After(d.Due), d.MetAt != nil && d.MetAt.After(d.Due)}
	if trace {
		v.Trace = list(d.Trace)
	}
	return v
}

// CaseSummary is a case in a list.
type CaseSummary struct {
	ID        string            `json:"id"`
	Number    string            `json:"number" doc:"Document number, for example 舆〔2026〕0001号."`
	EventID   string            `json:"event_id"`
	Title     string            `json:"title" doc:"Title of its post, or the beginning of its text."`
	Source    string            `json:"source"`
	Channel   opinion.Channel   `json:"channel" enum:"public,web_message,hotline_12345"`
	Topic     string            `json:"topic"`
	Risk      opinion.Risk      `json:"risk" minimum:"0" maximum:"3"`
	Score     float64           `json:"score" minimum:"0" maximum:"100"`
	Level     opinion.Level     `json:"level" enum:"I,II,III,IV," doc:"Empty when it has none."`
	State     opinion.CaseState `json:"state" enum:"to_sign,handling,review,closed"`
	LeadUnit  string            `json:"lead_unit"`
	CoUnits   []string          `json:"co_units"`
	Deadlines []Deadline        `json:"deadlines"`
	OpenedAt  time.Time         `json:"opened_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	Revision  int               `json:"revision"`
}

func viewSummary(c opinion.Case, now time.Time) CaseSummary {
	return CaseSummary{
		ID: c.ID, Number: c.Number, EventID: c.EventID, Title: caseTitle(c), Source: c.Source, Channel: c.Channel,
		Topic: c.Topic, Risk: c.Risk, Score: c.Score, Level: c.Level, State: c.State, LeadUnit: c.LeadUnit,
		CoUnits: list(c.CoUnits), OpenedAt: c.OpenedAt, UpdatedAt: c.UpdatedAt, Revision: c.Revision,
		Deadlines: views(c.Deadlines, func(d opinion.Deadline) Deadline { return viewDeadline(d, now, false) }),
	}
}

// titleLength bounds a title made of a text, in code points.
const titleLength = 60

func caseTitle(c opinion.Case) string {
	if c.Title != "" {
		return c.Title
	}
	text := []rune(strings.Join(strings.Fields(c.Text), " "))
	if len(text) <= titleLength {
		return string(text)
	}
	return string(text[:titleLength-1]) + "…"
}

// Step is one thing that happened to a case.
type Step struct {
	Seq    int               `json:"seq" minimum:"1"`
	Action opinion.Action    `json:"action" enum:"open,sign,answer,approve,return"`
	From   opinion.CaseState `json:"from" enum:"to_sign,handling,review,closed," doc:"Empty for the opening."`
	To     opinion.CaseState `json:"to" enum:"to_sign,handling,review,closed"`
	Actor  string            `json:"actor" doc:"User name, or system."`
	Role   opinion.Role      `json:"role" enum:"system,staff,unit,leader,admin"`
	Unit   string            `json:"unit,omitempty"`
	Text   string            `json:"text,omitempty"`
	At     time.Time         `json:"at"`
}

// Reason is a named cause of a decision.
type Reason struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
	Basis  string `json:"basis,omitempty"`
}

// Delivery is a notification of a case and how it fared.
type Delivery struct {
	ID        string     `json:"id"`
	Unit      string     `json:"unit"`
	Channel   string     `json:"channel" enum:"inbox,email,webhook"`
	Target    string     `json:"target,omitempty" doc:"For staff and leaders: the address, of a webhook the host only."`
	State     string     `json:"state" enum:"pending,delivered,failed"`
	Attempts  int        `json:"attempts"`
	Error     string     `json:"error,omitempty" doc:"For staff and leaders: why the last attempt failed."`
	CreatedAt time.Time  `json:"created_at"`
	DoneAt    *time.Time `json:"done_at,omitempty"`
}

// viewDeliveries keeps to what the actor may know: a unit sees its own notifications and
// no addresses.
func viewDeliveries(all []opinion.Delivery, a opinion.Actor) []Delivery {
	out := []Delivery{}
	for _, d := range all {
		v := Delivery{d.ID, d.Unit, d.Channel, "", d.State, d.Attempts, "", d.CreatedAt, d.DoneAt}
		switch {
		case a.MaySearch():
			v.Target = hostOnly(d.Target)
			v.Error = d.Error
			if d.Target != "" {
				v.Error = strings.ReplaceAll(d.Error, d.Target, v.Target)
			}
		case d.Unit != a.Unit:
			continue
		}
		out = append(out, v)
	}
	return out
}

// hostOnly keeps the secrets in a webhook's path and query to the server.
func hostOnly(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return target
	}
	return u.Scheme + "://" + u.Host
}

// Allowed is an act that the caller may take now.
type Allowed struct {
	Action    opinion.Action       `json:"action" enum:"sign,answer,approve,return"`
	To        opinion.CaseState    `json:"to" enum:"to_sign,handling,review,closed"`
	NeedsText bool                 `json:"needs_text"`
	Meets     opinion.DeadlineKind `json:"meets,omitempty" enum:"sign,respond,close"`
}

func allowed(a opinion.Actor, c opinion.Case) []Allowed {
	out := []Allowed{}
	for _, t := range opinion.Transitions {
		if t.From == c.State && t.From != "" && a.MayDo(t, c) {
			out = append(out, Allowed{t.Action, t.To, t.NeedsText, t.Meets})
		}
	}
	return out
}

// CaseDetail is a whole case as its caller may see it.
type CaseDetail struct {
	CaseSummary
	Permalink  string     `json:"permalink" doc:"Address of its page."`
	PostID     string     `json:"post_id"`
	PostTitle  string     `json:"post_title" doc:"May be empty."`
	Text       string     `json:"text" doc:"The post's text when the case was opened."`
	URL        string     `json:"url,omitempty"`
	Assessment Assessment `json:"assessment" doc:"As it stood when the case was opened. Its offsets count in post_title, a line break when there is a title, and text."`
	Reasons    []Reason   `json:"reasons" doc:"Why it was opened, and at this level."`
	Steps      []Step     `json:"steps" doc:"What happened, oldest first."`
	Deliveries []Delivery `json:"deliveries"`
	Burst      *Burst     `json:"burst,omitempty" doc:"The call of a burst of its event."`
	// Answer is nil while there is none, or nobody reads them.
	Answer          *ReadAnswer `json:"answer,omitempty" doc:"The latest answer with what was read in it."`
	Allowed         []Allowed   `json:"allowed" doc:"What the caller may do now."`
	ReceivedAt      time.Time   `json:"received_at"`
	PolicyVersion   string      `json:"policy_version"`
	CalendarVersion string      `json:"calendar_version"`
	ModelVersion    string      `json:"model_version"`
}

func (s *server) viewCase(a opinion.Actor, c opinion.Case, deliveries []opinion.Delivery) CaseDetail {
	now := s.now()
	v := CaseDetail{
		CaseSummary: viewSummary(c, now), Permalink: s.permalink(c.ID), PostID: c.PostID, PostTitle: c.Title,
		Text: c.Text, URL: webAddress(c.URL), Assessment: viewAssessment(c.Assessment),
		Reasons: views(c.Reasons, func(r opinion.Reason) Reason { return Reason{r.Name, r.Detail, r.Basis} }),
		Steps: views(c.Steps, func(p opinion.Step) Step {
			return Step{p.Seq, p.Action, p.From, p.To, p.Actor, p.Role, p.Unit, p.Text, p.At}
		}),
		Deliveries: viewDeliveries(deliveries, a), Allowed: allowed(a, c), ReceivedAt: c.ReceivedAt,
		PolicyVersion: c.PolicyVersion, CalendarVersion: c.CalendarVersion, ModelVersion: c.ModelVersion,
	}
	v.Deadlines = views(c.Deadlines, func(d opinion.Deadline) Deadline { return viewDeadline(d, now, true) })
	return v
}

// permalink is the address of a case's page.
func (s *server) permalink(id string) string {
	return strings.TrimSuffix(s.cfg.PublicURL, "/") + "/cases/" + url.PathEscape(id)
}

package opinion

import "time"

// Case is the work item that makes units answer an event (舆情工单). It is opened
// once for each event and lives in the Store.
type Case struct {
	ID string `json:"id"`
	// Number is the document number, for example 舆〔2026〕0001号. It counts up
	// without gaps within the year of OpenedAt in China Standard Time.
	Number  string    `json:"number"`
	EventID string    `json:"event_id"`
	PostID  string    `json:"post_id"`
	Source  string    `json:"source"`
	Channel Channel   `json:"channel"`
	URL     string    `json:"url,omitempty"`
	Title   string    `json:"title"`
	Text    string    `json:"text"` // the post's text when the case was opened
	Topic   string    `json:"topic"`
	Risk    Risk      `json:"risk"`
	Score   float64   `json:"score"`
	Level   Level     `json:"level"`
	State   CaseState `json:"state"`
	// LeadUnit answers (主办), CoUnits help (协办): unit IDs.
	LeadUnit string   `json:"lead_unit"`
	CoUnits  []string `json:"co_units"`
	// Assessment and Reasons are why the case was opened, as they stood then.
	Assessment Assessment `json:"assessment"`
	Reasons    []Reason   `json:"reasons"`
	Deadlines  []Deadline `json:"deadlines"`
	Steps      []Step     `json:"steps"`
	ReceivedAt time.Time  `json:"received_at"`
	OpenedAt   time.Time  `json:"opened_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	// Versions of what decided, so that it can be recomputed years later.
	PolicyVersion   string `json:"policy_version"`
	CalendarVersion string `json:"calendar_version"`
	ModelVersion    string `json:"model_version"`
	// Revision grows by one with every step; acts name the revision they saw.
	Revision int `json:"revision"`
}

// CaseState is where a case stands.
type CaseState string

// The states of a case.
const (
	StateToSign   CaseState = "to_sign"  // 待签收
	StateHandling CaseState = "handling" // 办理中
	StateReview   CaseState = "review"   // 待审核
	StateClosed   CaseState = "closed"   // 已办结
)

// Action is what somebody does to a case.
type Action string

// The actions. Open is the system's; the others are people's.
const (
	ActionOpen    Action = "open"    // 立案交办
	ActionSign    Action = "sign"    // 签收
	ActionAnswer  Action = "answer"  // 回应
	ActionApprove Action = "approve" // 审核通过，办结
	ActionReturn  Action = "return"  // 退回重办
)

// Transition is one row of the table of what may happen to a case.
type Transition struct {
	From   CaseState
	Action Action
	To     CaseState
	By     Role // RoleUnit means a user of the lead unit
	// NeedsText tells that the act must say something (an answer, a reason).
	NeedsText bool
	// Meets is the deadline that the act meets, if any.
	Meets DeadlineKind
}

// Transitions is the whole life of a case. Nothing else can happen to it.
var Transitions = []Transition{
	{From: "", Action: ActionOpen, To: StateToSign, By: RoleSystem},
	{From: StateToSign, Action: ActionSign, To: StateHandling, By: RoleUnit, Meets: DeadlineSign},
	{From: StateHandling, Action: ActionAnswer, To: StateReview, By: RoleUnit, NeedsText: true, Meets: DeadlineRespond},
	{From: StateReview, Action: ActionApprove, To: StateClosed, By: RoleStaff, Meets: DeadlineClose},
	{From: StateReview, Action: ActionReturn, To: StateHandling, By: RoleStaff, NeedsText: true},
}

// FindTransition returns the row for an action in a state, or CodeConflict with the
// actions that are possible.
func FindTransition(from CaseState, action Action) (Transition, error) {
	for _, t := range Transitions {
		if t.From == from && t.Action == action {
			return t, nil
		}
	}
	return Transition{}, Errorf(CodeConflict, "a case in state %q cannot be %q", from, action)
}

// Step is one thing that happened to a case, in order. Steps are never changed.
type Step struct {
	Seq    int       `json:"seq"` // 1 … Case.Revision
	Action Action    `json:"action"`
	From   CaseState `json:"from"`
	To     CaseState `json:"to"`
	Actor  string    `json:"actor"` // user name, or "system"
	Role   Role      `json:"role"`
	Unit   string    `json:"unit,omitempty"`
	Text   string    `json:"text,omitempty"`
	At     time.Time `json:"at"`
}

// Reason is a named cause of a decision, with the words that show it to a person.
type Reason struct {
	// Name is stable and is translated by the console, for example "risk_at_least".
	Name string `json:"name"`
	// Detail is the figures of this instance, for example "risk 3 ≥ 2".
	Detail string `json:"detail"`
	// Basis is where the rule stands: a policy key with its source.
	Basis string `json:"basis,omitempty"`
}

// DeadlineKind is what a deadline asks for.
type DeadlineKind string

// The three deadlines of a case. First contact, first response and closing are
// three different instants and are kept apart.
const (
	DeadlineSign    DeadlineKind = "sign"    // 签收
	DeadlineRespond DeadlineKind = "respond" // 首次回应
	DeadlineClose   DeadlineKind = "close"   // 办结
)

// Clock is how a limit is counted.
type Clock string

// The clocks of the deadline policy. Natural hours are never paused by a holiday.
const (
	ClockNaturalHours Clock = "natural_hours" // 自然时
	ClockCalendarDays Clock = "calendar_days" // 自然日
	ClockWorkdays     Clock = "workdays"      // 工作日
)

// Deadline is an instant with the proof of how it was counted (时限证明).
type Deadline struct {
	Kind  DeadlineKind `json:"kind"`
	Start time.Time    `json:"start"`
	Due   time.Time    `json:"due"`
	Limit int          `json:"limit"`
	Unit  string       `json:"unit"` // "min", "h" or "d"
	Clock Clock        `json:"clock"`
	// Rule is the policy key, Basis its standing (mandated, mandated_secondary,
	// variant, assumption) and Source the document.
	Rule   string `json:"rule"`
	Basis  string `json:"basis"`
	Source string `json:"source"`
	// Trace is the count, one line for each step, from which a person can recompute
	// Due by hand with the calendar.
	Trace []string `json:"trace"`
	// MetAt is when the deadline was met, nil while it was not.
	MetAt *time.Time `json:"met_at,omitempty"`
}

// Unit is an organisation that answers, or a set of them (责任单位).
type Unit struct {
	ID        string   `json:"id"` // stable, [a-z0-9-]
	Name      string   `json:"name"`
	FullName  string   `json:"full_name"`
	Kind      string   `json:"kind"`                // "office", "department", "street", "external", "set"
	Members   []string `json:"members,omitempty"`   // of a set
	Aliases   []string `json:"aliases,omitempty"`   // how texts call it
	Items     []int    `json:"items,omitempty"`     // work items that name it
	Basis     string   `json:"basis"`               // mandated, variant, assumption
	Source    string   `json:"source,omitempty"`    // the document that names it
	Successor string   `json:"successor,omitempty"` // name after 2019, unverified
}

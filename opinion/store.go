package opinion

import (
	"context"
	"time"
)

// Role is what a user may do.
type Role string

// The roles. RoleSystem is the product itself and cannot sign in.
const (
	RoleSystem Role = "system"
	RoleStaff  Role = "staff"  // 监测人员: searches, judges, hands over, reviews answers
	RoleUnit   Role = "unit"   // 责任单位: sees and answers the cases of its own unit
	RoleLeader Role = "leader" // 领导: sees everything, changes nothing
	RoleAdmin  Role = "admin"  // 管理员: users and keys; sees no case
)

// Valid reports whether r is a role that a user can have.
func (r Role) Valid() bool {
	return r == RoleStaff || r == RoleUnit || r == RoleLeader || r == RoleAdmin
}

// Actor is who asks. The Store checks every call against it; see May*.
type Actor struct {
	Name string
	Role Role
	Unit string // unit ID, for RoleUnit
}

// System is the actor of the product's own stages and of the command line.
var System = Actor{Name: "system", Role: RoleSystem}

// MaySearch: posts and their assessments are for staff and leaders; a unit sees the
// posts of its own cases only, through the case.
func (a Actor) MaySearch() bool {
	return a.Role == RoleStaff || a.Role == RoleLeader || a.Role == RoleSystem
}

// MaySee reports whether a may read the case: staff and leaders every case, a unit
// those that it leads or helps with.
func (a Actor) MaySee(c Case) bool {
	switch a.Role {
	case RoleSystem, RoleStaff, RoleLeader:
		return true
	case RoleUnit:
		return a.Unit != "" && (c.LeadUnit == a.Unit || contains(c.CoUnits, a.Unit))
	default:
		return false
	}
}

// MayDo reports whether a may take the transition on the case.
func (a Actor) MayDo(t Transition, c Case) bool {
	switch t.By {
	case RoleUnit:
		return a.Role == RoleUnit && a.Unit != "" && a.Unit == c.LeadUnit
	default:
		return a.Role == t.By
	}
}

// MayEditEvents reports whether a may correct events by hand: monitoring staff only.
func (a Actor) MayEditEvents() bool { return a.Role == RoleStaff }

// MayAdminister reports whether a may manage users and keys.
func (a Actor) MayAdminister() bool { return a.Role == RoleAdmin || a.Role == RoleSystem }

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// NewCase is what the alerter asks the Store to open. ID, Number, State, Steps and
// Revision of Case are the Store's to fill.
type NewCase struct {
	Case       Case
	Deliveries []NewDelivery
}

// NewDelivery is a notification to be sent to a unit over a channel (通知).
type NewDelivery struct {
	Unit    string
	Channel string // "inbox", "email" or "webhook"
	// Target is where it goes: an address or a URL; empty for the inbox.
	Target string
}

// Delivery is a notification and how it fared. Inbox deliveries are done at once.
type Delivery struct {
	ID        string     `json:"id"`
	CaseID    string     `json:"case_id"`
	Unit      string     `json:"unit"`
	Channel   string     `json:"channel"`
	Target    string     `json:"target,omitempty"`
	State     string     `json:"state"` // "pending", "delivered", "failed" (gave up)
	Attempts  int        `json:"attempts"`
	Error     string     `json:"error,omitempty"` // of the last attempt
	CreatedAt time.Time  `json:"created_at"`
	DoneAt    *time.Time `json:"done_at,omitempty"`
}

// DeliverFunc sends one notification of a case. A nil error means delivered; an *Error with
// CodeInvalid means that it can never be; any other error is tried again later.
type DeliverFunc func(ctx context.Context, d Delivery, c Case) error

// CaseQuery asks for a page of cases, newest first.
type CaseQuery struct {
	State CaseState // all when empty
	Unit  string    // lead or co-unit; all when empty
	Topic string
	Level Level
	// Due keeps to cases with an unmet deadline before this instant.
	Due   time.Time
	Limit int    // 1 … 500; 0 means 50
	After string // CasePage.Next
}

// CasePage is a page of cases, with their steps and deadlines.
type CasePage struct {
	Total int
	Cases []Case
	Next  string
}

// CaseAct is a person's act on a case.
type CaseAct struct {
	CaseID string
	Action Action
	Text   string // at most 20 000 code points
	// Revision is the one that the person saw; another one now is CodeConflict.
	Revision int
	At       time.Time
}

// CaseCount is how many cases a unit leads, by topic and state.
type CaseCount struct {
	Unit    string    `json:"unit"`
	Topic   string    `json:"topic"`
	State   CaseState `json:"state"`
	Count   int       `json:"count"`
	Overdue int       `json:"overdue"` // with an unmet deadline before now
}

// User is somebody who can sign in.
type User struct {
	Name         string    `json:"name"`
	Role         Role      `json:"role"`
	Unit         string    `json:"unit,omitempty"`
	PasswordHash string    `json:"-"`
	Disabled     bool      `json:"disabled"`
	CreatedAt    time.Time `json:"created_at"`
}

// Session is a signed-in browser. Only the hash of its token is kept.
type Session struct {
	TokenHash string // hex SHA-256
	User      string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Key is a push key of a source. Only the hash of its secret is kept.
type Key struct {
	ID         string     `json:"id"` // the first characters of the secret, to tell keys apart
	Source     string     `json:"source"`
	SecretHash string     `json:"-"` // hex SHA-256
	CreatedAt  time.Time  `json:"created_at"`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
}

// Entry is one line of the ledger: every act of a person or of the system that
// somebody may later dispute. The ledger can only be appended to; the database
// itself refuses changes.
type Entry struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Role   Role      `json:"role"`
	Action string    `json:"action"`           // "case.open", "case.sign", "user.add", "key.revoke", "topic.add", "delivery.failed", …
	Object string    `json:"object"`           // "case:<id>", "user:<name>", …
	Detail string    `json:"detail,omitempty"` // JSON object; no personal data, no secrets
}

// EditDetail is the Detail of the ledger's entries of an Edit ("event.merge", "event.split",
// "event.edit_failed"). Into is the event that the posts are in afterwards.
type EditDetail struct {
	ID     string   `json:"id"`
	From   string   `json:"from"`
	Into   string   `json:"into"`
	Posts  []string `json:"posts,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// Store is the port of the truth: cases, users, keys, deliveries, ledger.
//
// Every method that changes something does so in one transaction together with its
// ledger entry, or not at all. Every method that takes an Actor refuses with
// CodeForbidden, or CodeNotFound where the existence itself is not the actor's to
// know. Concurrency: safe for concurrent use, also by several processes.
type Store interface {
	// OpenCase opens the one case of an event: when the event has a case already, it
	// returns that case and false. It gives the case its ID and number, its first step,
	// its deliveries (inbox ones are delivered at once) and its ledger entries.
	OpenCase(ctx context.Context, n NewCase, at time.Time) (Case, bool, error)
	Case(ctx context.Context, a Actor, id string) (Case, error)
	CaseOfEvent(ctx context.Context, a Actor, eventID string) (Case, error)
	Cases(ctx context.Context, a Actor, q CaseQuery) (CasePage, error)
	// CasesOfEvents returns the cases of those of the events that have one and that the actor
	// may see, in no order and without their steps. At most 500 events.
	CasesOfEvents(ctx context.Context, a Actor, eventIDs []string) ([]Case, error)
	// CaseEvents lists the events that have a case, only one that is not closed when open,
	// newest case first, at most limit (1 … MaxEventIDs). For staff and leaders.
	CaseEvents(ctx context.Context, a Actor, open bool, limit int) ([]string, error)
	// Act checks the transition table, the actor's right and the revision, appends the
	// step, marks the deadline that it meets and returns the changed case.
	Act(ctx context.Context, a Actor, act CaseAct) (Case, error)
	CaseCounts(ctx context.Context, a Actor, now time.Time) ([]CaseCount, error)
	// NoteEdit writes a correction of events by hand in the ledger of both events, before it
	// is published; NoteEditFailed that it could not be. Their detail is EditDetail.
	NoteEdit(ctx context.Context, a Actor, e Edit) error
	NoteEditFailed(ctx context.Context, a Actor, e Edit, at time.Time) error

	// Deliveries lists those of a case, oldest first.
	Deliveries(ctx context.Context, a Actor, caseID string) ([]Delivery, error)
	// WorkDeliveries runs deliver for pending deliveries until ctx ends, several at a
	// time, each with a growing pause between attempts; it gives up after MaxAttempts and
	// writes that in the ledger. Several instances share the work; a delivery may run
	// twice when an instance dies, so its ID serves the receiver to tell.
	WorkDeliveries(ctx context.Context, deliver DeliverFunc) error

	AddUser(ctx context.Context, a Actor, u User) error // CodeConflict when the name is taken
	User(ctx context.Context, name string) (User, error)
	Users(ctx context.Context, a Actor) ([]User, error)
	// DisableUser also ends the user's sessions.
	DisableUser(ctx context.Context, a Actor, name string, at time.Time) error
	AddSession(ctx context.Context, s Session) error
	// Session returns an unexpired session with its enabled user, or CodeUnauthorized.
	Session(ctx context.Context, tokenHash string, now time.Time) (Session, User, error)
	EndSession(ctx context.Context, tokenHash string) error

	AddKey(ctx context.Context, a Actor, k Key) error
	// Key returns the unrevoked key with that secret hash, or CodeUnauthorized.
	Key(ctx context.Context, secretHash string) (Key, error)
	Keys(ctx context.Context, a Actor) ([]Key, error)
	RevokeKey(ctx context.Context, a Actor, id string, at time.Time) error

	// AddUnitTopic keeps a new topic of a unit, at revision 1. The Store fills in ID, times,
	// names and the revision. CodeConflict when the unit has MaxUnitTopics already.
	AddUnitTopic(ctx context.Context, a Actor, t UnitTopic, at time.Time) (UnitTopic, error)
	// ChangeUnitTopic replaces everything of a topic but its unit and its making. Another
	// revision than the one that t carries is CodeConflict.
	ChangeUnitTopic(ctx context.Context, a Actor, t UnitTopic, at time.Time) (UnitTopic, error)
	// UnitTopic returns one topic; to a unit, another unit's does not exist.
	UnitTopic(ctx context.Context, a Actor, id string) (UnitTopic, error)
	// UnitTopics lists the topics of a unit, or of all units when it is empty, active ones
	// first, then the last changed first. A unit asks for its own only. Examples come without
	// their texts, which are most of a topic.
	UnitTopics(ctx context.Context, a Actor, unit string) ([]UnitTopic, error)

	// Ledger lists entries with a larger Seq than after, of one object or of all when
	// it is empty, at most limit. For staff (cases and events), leaders (all) and
	// administrators (all but cases).
	Ledger(ctx context.Context, a Actor, object string, after int64, limit int) ([]Entry, error)

	// Secret returns a random secret of 32 bytes that lives as long as the Store, made
	// at its first use: pseudonym keys, for instance.
	Secret(ctx context.Context, name string) ([]byte, error)
	// Progress and SetProgress keep the resume point of a long job, such as an import.
	Progress(ctx context.Context, job string) (string, error)
	SetProgress(ctx context.Context, job, value string) error

	Ping(ctx context.Context) error
	Close() error
}

// MaxAttempts is after how many attempts a delivery is given up.
const MaxAttempts = 12

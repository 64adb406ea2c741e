package opinion

import (
	"slices"
	"time"
)

// Span is a piece of Post.Body: code points [Start, End).
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Evidence is a word in the text that a decision rests on.
type Evidence struct {
	Span
	Word string `json:"word"`
}

// Risk is how grave a post is if nobody answers, 0 to 3 (标注规范 risk).
type Risk int

// The four risks.
const (
	RiskCalm   Risk = 0 // 平稳
	RiskMinor  Risk = 1 // 一般
	RiskHigh   Risk = 2 // 较高
	RiskUrgent Risk = 3 // 紧急/重大
)

// Factor is one reason for a risk score: what was found, how many points it gave
// (negative when it took some away) and where it stands.
type Factor struct {
	// Name is a stable identifier, for example "term", "negated", "group", "vulnerable".
	Name     string     `json:"name"`
	Points   float64    `json:"points"`
	Kind     string     `json:"kind,omitempty"` // K1 … K6, E1, E2, G1, A1, M1
	Evidence []Evidence `json:"evidence,omitempty"`
}

// TopicScore is one topic with its probability (0 to 1) and the words for it.
type TopicScore struct {
	Topic       string     `json:"topic"`
	Probability float64    `json:"probability"`
	Evidence    []Evidence `json:"evidence,omitempty"`
}

// NoTopic is the topic of a post that is no public affair.
const NoTopic = "none"

// Assessment is what the analyser says of a post (研判). It is a pure function of
// the post, the policy and the model; their versions are kept with it so that it
// can be recomputed.
type Assessment struct {
	Topic  string       `json:"topic"`
	Topic2 string       `json:"topic2,omitempty"`
	Topics []TopicScore `json:"topics"` // best first, at most three
	Risk   Risk         `json:"risk"`
	// Score is the risk on a scale of 0 to 100, for ordering.
	Score   float64  `json:"score"`
	Factors []Factor `json:"factors,omitempty"`
	// Kinds are those of K1 … K6 (work item 33) that the post touches, sorted.
	Kinds     []string `json:"kinds,omitempty"`
	Sentiment int      `json:"sentiment"` // -1, 0, 1
	Intent    string   `json:"intent"`    // 投诉 举报 求助 咨询 建议 表扬 其他
	// Streets are the unit IDs of the street offices whose places the post names.
	Streets []string   `json:"streets,omitempty"`
	Places  []Evidence `json:"places,omitempty"`
	// Elsewhere is set when the post is plainly about another city or district (外地). Such
	// posts are kept and found, and raise no alert. A post whose place is not recognised
	// counts as ours.
	Elsewhere *Elsewhere `json:"elsewhere,omitempty"`
	// Fingerprint is the near-duplicate signature of the text (see analyze/event).
	Fingerprint []uint64 `json:"fingerprint,omitempty"`
	// Profile is what the text says of its matter, packed (see analyze/event), at most
	// MaxPostProfile bytes; empty when it is no public affair and without risk.
	Profile       string `json:"profile,omitempty"`
	PolicyVersion string `json:"policy_version"`
	ModelVersion  string `json:"model_version"`
}

// Elsewhere is the place that a post from outside the district is about.
type Elsewhere struct {
	Name string `json:"name"` // 河北省邯郸市
	// Evidence are the names in the text, at most 8; none when the source itself named the
	// place (Post.Place).
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Level is the grade of an event, I the gravest (特别重大, 重大, 较大, 一般).
type Level string

// The four levels of the deadline policy, and none.
const (
	LevelI    Level = "I"
	LevelII   Level = "II"
	LevelIII  Level = "III"
	LevelIV   Level = "IV"
	LevelNone Level = ""
)

// Rank orders levels from the mildest, 0 of none, to the gravest, 4 of I; -1 of what is no level.
func (l Level) Rank() int {
	return slices.Index([]Level{LevelNone, LevelIV, LevelIII, LevelII, LevelI}, l)
}

// Bounds of the profiles of a post and of an event, in bytes.
const (
	MaxPostProfile  = 1 << 10
	MaxEventProfile = 5 << 10
)

// MaxApart bounds Event.Apart; the oldest go first.
const MaxApart = 64

// Event is a set of posts about one matter (事件).
type Event struct {
	// ID is "ev-" and the ID of the event's first post, so that a replay finds the
	// same event, or Edit.EventID of the split that made it.
	ID      string    `json:"id"`
	Topic   string    `json:"topic"`
	Name    string    `json:"name"`
	FirstAt time.Time `json:"first_at"` // earliest publication
	LastAt  time.Time `json:"last_at"`  // latest publication
	Posts   int       `json:"posts"`
	Sources []string  `json:"sources"` // sorted, at most 32
	Risk    Risk      `json:"risk"`    // gravest of its posts
	Score   float64   `json:"score"`
	Level   Level     `json:"level"`
	KeyPost string    `json:"key_post"` // the gravest post, earliest on a tie
	// Why is why it has its level.
	Why []Reason `json:"why,omitempty"`
	// FirstPost is its earliest post, LikedPost the one with the most likes (the earliest on
	// a tie; empty when none has any) and Likes their number.
	FirstPost string `json:"first_post,omitempty"`
	LikedPost string `json:"liked_post,omitempty"`
	Likes     int    `json:"likes,omitempty"`
	// Heat is how much attention it has.
	Heat Heat `json:"heat,omitzero"`
	// Burst is the call of a burst, nil when there was none; Pulse is what it is called by,
	// nil while the event is a single post without reposts.
	Burst *Burst `json:"burst,omitempty"`
	Pulse *Pulse `json:"pulse,omitempty"`
	// Marks are the signals that were sent of it, oldest first, at most MaxMarks.
	Marks []Mark `json:"marks,omitempty"`
	// Fingerprint is the signature that new posts are compared with.
	Fingerprint []uint64 `json:"fingerprint"`
	// Profile sums up its posts' profiles (see analyze/event), at most MaxEventProfile bytes.
	Profile string `json:"profile,omitempty"`
	// MergedInto is the event that took its posts over; empty in a living event. The other
	// may have been merged since.
	MergedInto string `json:"merged_into,omitempty"`
	// Apart are events that it must not be joined with, unless by hand: those that it was
	// split from or that were split from it.
	Apart []string `json:"apart,omitempty"`
	// Version grows with every change; see Index.PutEvents.
	Version int64 `json:"version"`
}

// Assessed is the message on TopicAssessed: a post and what was said of it.
type Assessed struct {
	Post       Post       `json:"post"`
	Assessment Assessment `json:"assessment"`
	AssessedAt time.Time  `json:"assessed_at"`
}

// Signal is the message on TopicSignals: an event that was new or became graver,
// with the post that made it so.
type Signal struct {
	Event      Event      `json:"event"`
	Post       Post       `json:"post"`
	Assessment Assessment `json:"assessment"`
	// Reason is why it was sent: "new_event", "burst", "risk_rose" or "level_rose".
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

package policy

import (
	"math"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Deadlines is the deadline policy (时限规则): every limit that a document or the district
// sets, and which of them apply to a case.
type Deadlines struct {
	// DayEnd is when a day ends for limits counted in days: "24:00", or the hour at
	// which the units stop working, for example "17:30" (民法典203). DayEndBasis is its
	// standing.
	DayEnd      string         `json:"day_end"`
	DayEndBasis string         `json:"day_end_basis"`
	Rules       []DeadlineRule `json:"rules"`
	// Applies is the table of which rules hold when. When several hold for one kind of
	// deadline, the one that falls due first is taken (从严), and of two that fall due
	// together the one with the stronger basis.
	Applies []Application `json:"applies"`
}

// DeadlineRule is one limit with its source.
type DeadlineRule struct {
	Key   string        `json:"key"` // "level.III.response", stable
	Name  string        `json:"name"`
	Limit int           `json:"limit"` // > 0
	Unit  string        `json:"unit"`  // "min", "h" (natural_hours) or "d" (the others)
	Clock opinion.Clock `json:"clock"`
	// RollOver moves a last day that is no working day to the next one (顺延). It is
	// for calendar days only.
	RollOver bool `json:"roll_over,omitempty"`
	// ExtendTo and ExtendBy are what the document allows in days, in all or in addition.
	ExtendTo int    `json:"extend_to,omitempty"`
	ExtendBy int    `json:"extend_by,omitempty"`
	Basis    string `json:"basis"`
	Source   string `json:"source"`
}

// Application says that a rule limits one kind of deadline for the cases that match.
// Empty lists match everything.
type Application struct {
	Kind     opinion.DeadlineKind `json:"kind"`
	Rule     string               `json:"rule"` // DeadlineRule.Key
	Levels   []opinion.Level      `json:"levels,omitempty"`
	Channels []opinion.Channel    `json:"channels,omitempty"`
	// Intents and NotIntents are those of Assessment.Intent.
	Intents    []string `json:"intents,omitempty"`
	NotIntents []string `json:"not_intents,omitempty"`
	// Start is the instant that the limit counts from: "received" or "opened".
	Start string `json:"start"`
	Basis string `json:"basis"`
	Why   string `json:"why"`
}

// Calendar is the calendar of working days (工作日历) as the State Council published it.
// Years are ascending and without gaps; a day outside them has no answer.
type Calendar struct {
	// Version is "<meta.version>+<first 12 hex digits of the SHA-256 of calendar.json>".
	Version string         `json:"-"`
	Years   []CalendarYear `json:"years"`
}

// CalendarYear is what the notices for one year say. Their dates may reach into the
// December before.
type CalendarYear struct {
	Year     int       `json:"year"`
	Notices  []string  `json:"notices"` // URLs
	Holidays []Holiday `json:"holidays"`
	MakeUp   []MakeUp  `json:"make_up"`
}

// Holiday is a run of days off, both ends included, as YYYY-MM-DD (放假).
type Holiday struct {
	Name string `json:"name"`
	From string `json:"from"`
	To   string `json:"to"`
}

// MakeUp is a Saturday or Sunday that is worked for a holiday (调休上班).
type MakeUp struct {
	Date string `json:"date"` // YYYY-MM-DD
	For  string `json:"for"`  // Holiday.Name
}

// Alert is when a signal opens a case, and at which level.
type Alert struct {
	Open Opening `json:"open"`
	// Levels are read from the top; the first whose conditions all hold gives the level.
	Levels []LevelRule `json:"levels"`
	// HistoryDays is the window: posts published longer before receipt are history and
	// open no case.
	HistoryDays  int    `json:"history_days"`
	HistoryBasis string `json:"history_basis"`
	// DefaultUnit leads where no topic tells (unit ID).
	DefaultUnit       string `json:"default_unit"`
	DefaultUnitSource string `json:"default_unit_source"`
	Heat              Heat   `json:"heat"`
	Burst             Burst  `json:"burst"`
}

// Heat is how the attention of an event is counted and fades (热度). The zero value counts
// nothing.
type Heat struct {
	// HalfLifeHours is after how long half of a post's weight is left.
	HalfLifeHours float64 `json:"half_life_hours"`
	// Attention is how many posts a tenfold of likes, comments and reposts weighs: a post
	// weighs 1 + Attention · log10(1 + their number).
	Attention float64 `json:"attention"`
	Basis     string  `json:"basis"`
	Source    string  `json:"source"`
}

// HalfLife is HalfLifeHours as a duration.
func (h Heat) HalfLife() time.Duration { return time.Duration(h.HalfLifeHours * float64(time.Hour)) }

// Weight is what a post weighs when it comes.
func (h Heat) Weight(p opinion.Post) float64 {
	readers := max(p.Likes, 0) + max(p.Comments, 0) + max(p.Reposts, 0)
	return 1 + h.Attention*math.Log10(1+float64(readers))
}

// Opening is the threshold of a case (立案条件).
type Opening struct {
	MinRisk opinion.Risk `json:"min_risk"` // 1 … 3
	Basis   string       `json:"basis"`
	Source  string       `json:"source"`
}

// LevelRule gives a level to events that meet all its conditions. Zero values ask for
// nothing.
type LevelRule struct {
	Key        string        `json:"key"`
	Level      opinion.Level `json:"level"`
	MinRisk    opinion.Risk  `json:"min_risk"`
	MinSources int           `json:"min_sources,omitempty"`
	MinPosts   int           `json:"min_posts,omitempty"`
	AnyKind    []string      `json:"any_kind,omitempty"` // RiskKind.Code
	// Burst asks that a burst was called (传播速度).
	Burst bool   `json:"burst,omitempty"`
	Basis string `json:"basis"`
	Why   string `json:"why"`
}

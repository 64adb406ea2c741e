package opinion

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// EventSort orders a list of events. Ties are broken by the latest post, newest first, then
// by ID, ascending.
type EventSort string

// The orders: hottest first (Heat.Order), gravest first (Event.Gravity), latest post first
// (to the millisecond).
const (
	EventsByHeat  EventSort = "heat"
	EventsByLevel EventSort = "level"
	EventsByLast  EventSort = "last"
)

// EventSearch asks the Index for a page of events. The zero value asks for all, hottest
// first. Events that became part of another (Event.MergedInto) are in no list.
type EventSearch struct {
	Sort  EventSort
	Topic string // all when empty
	Level Level
	// Name keeps to events whose name holds this text; letters count in lower case.
	Name string
	// IDs, when not nil, keeps to these events. At most MaxEventIDs.
	IDs   []string
	Limit int    // 1 … MaxHits; 0 means 20
	After string // EventPage.Next
}

// MaxEventIDs bounds EventSearch.IDs.
const MaxEventIDs = 20_000

// maxNameSearch bounds EventSearch.Name, in code points.
const maxNameSearch = 100

// EventPage is a page of events.
type EventPage struct {
	Total  int // events that match, on all pages
	Events []Event
	Next   string
}

// Gravity orders events by level, and within a level by score.
func (e Event) Gravity() float64 { return float64(e.Level.Rank())*1000 + e.Score }

// FoldName is the form in which the Index keeps and compares the names of events.
func FoldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// EventKey is the first key of an event in an order; EventsByLast has none.
func EventKey(sort EventSort, e Event) float64 {
	switch sort {
	case EventsByHeat:
		return e.Heat.Order()
	case EventsByLevel:
		return e.Gravity()
	default:
		return 0
	}
}

// CheckEventSearch fills in the defaults and refuses what no index can answer, with
// CodeInvalid. The cursor is nil on the first page.
func CheckEventSearch(s EventSearch) (EventSearch, *Cursor, error) {
	if s.Sort == "" {
		s.Sort = EventsByHeat
	}
	if s.Limit == 0 {
		s.Limit = 20
	}
	s.Name = FoldName(s.Name)
	switch {
	case s.Sort != EventsByHeat && s.Sort != EventsByLevel && s.Sort != EventsByLast:
		return s, nil, invalidSearch("sort", "sort is %q; it is %s, %s or %s", s.Sort, EventsByHeat, EventsByLevel, EventsByLast)
	case s.Limit < 1 || s.Limit > MaxHits:
		return s, nil, invalidSearch("limit", "limit is %d; it is 1 to %d", s.Limit, MaxHits)
	case s.Level.Rank() < 0:
		return s, nil, invalidSearch("level", "level is %q; it is I, II, III or IV", s.Level)
	case len(s.IDs) > MaxEventIDs:
		return s, nil, invalidSearch("ids", "%d events are asked for; at most %d can be", len(s.IDs), MaxEventIDs)
	case len([]rune(s.Name)) > maxNameSearch:
		return s, nil, invalidSearch("name", "the name that is looked for is longer than %d characters", maxNameSearch)
	}
	if s.After == "" {
		return s, nil, nil
	}
	c, err := decodeCursor(s.After)
	if err != nil || c.Question != s.fingerprint() {
		return s, nil, invalidSearch("after", "the page mark belongs to another list; start again without it")
	}
	return s, &c, nil
}

// PageMark is the EventPage.Next behind an event of a checked search.
func (s EventSearch) PageMark(e Event) string {
	b, err := json.Marshal(Cursor{Question: s.fingerprint(), Key: EventKey(s.Sort, e), At: e.LastAt.UnixMilli(), ID: e.ID})
	if err != nil { // only for NaN and infinite keys, which no event has
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// fingerprint tells one question from another. IDs may change from page to page: they stand
// for a state that moves.
func (s EventSearch) fingerprint() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "events\x00%s\x00%s\x00%s\x00%s\x00%t", s.Sort, s.Topic, s.Level, s.Name, s.IDs != nil))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

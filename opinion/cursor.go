package opinion

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Cursor is the place of the last hit of a page in the order of its search. It
// depends on that hit alone and not on how many posts stand before it, so posts that
// arrive meanwhile neither repeat nor hide another.
//
// The orders compare these keys, first to last:
//
//	SortTime       At descending, ID ascending
//	SortRisk       Key (the score) descending, At descending, ID ascending
//	SortRelevance  Key (see Relevance) descending, At descending, ID ascending
type Cursor struct {
	Question string  `json:"q"`
	Key      float64 `json:"k,omitempty"`
	At       int64   `json:"t"` // publication, Unix milliseconds
	ID       string  `json:"i"`
}

// Relevance weights. How well a post matches is, added up over the positive terms of
// the query, RelevanceTitle for a term in the title and RelevanceText for a term in the
// text. It depends on the post and the query only, never on the other posts: so it is the
// same on every index, can be explained to a person, and does not move while somebody pages.
const (
	RelevanceTitle = 3
	RelevanceText  = 1
)

// CheckSearch fills in the defaults of a search and refuses what no index can
// answer, with CodeInvalid. The cursor is nil on the first page.
func CheckSearch(s Search) (Search, *Cursor, error) {
	if s.Sort == "" {
		s.Sort = SortTime
	}
	if s.Limit == 0 {
		s.Limit = 20
	}
	switch {
	case s.Sort != SortTime && s.Sort != SortRelevance && s.Sort != SortRisk:
		return s, nil, invalidSearch("sort", "sort is %q; it is %s, %s or %s", s.Sort, SortTime, SortRelevance, SortRisk)
	case s.Limit < 1 || s.Limit > MaxHits:
		return s, nil, invalidSearch("limit", "limit is %d; it is 1 to %d", s.Limit, MaxHits)
	case !slices.Contains([]string{"", "hour", "day", "week", "month"}, s.Histogram):
		return s, nil, invalidSearch("histogram", "histogram is %q; it is hour, day, week or month", s.Histogram)
	}
	for _, f := range s.Facets {
		if !slices.Contains(Facets, f) {
			return s, nil, invalidSearch("facets", "facet %q does not exist; there are %v", f, Facets)
		}
	}
	if s.After == "" {
		return s, nil, nil
	}
	c, err := decodeCursor(s.After)
	if err != nil || c.Question != s.fingerprint() {
		return s, nil, invalidSearch("after", "the page mark belongs to another search; start again without it")
	}
	return s, &c, nil
}

func invalidSearch(field, format string, args ...any) *Error {
	e := Errorf(CodeInvalid, format, args...)
	e.Field = field
	return e
}

// PageMark is the Result.Next behind the given hit keys of a checked search.
func (s Search) PageMark(key float64, at int64, id string) string {
	b, err := json.Marshal(Cursor{Question: s.fingerprint(), Key: key, At: at, ID: id})
	if err != nil { // only for NaN and infinite keys, which CheckDoc refuses
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(mark string) (Cursor, error) {
	var c Cursor
	if len(mark) > 1024 {
		return c, fmt.Errorf("page mark of %d bytes", len(mark))
	}
	b, err := base64.RawURLEncoding.DecodeString(mark)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}

// fingerprint tells one question from another; facets, histogram and limit may
// differ from page to page.
func (s Search) fingerprint() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", s.Query.String(), s.Sort, s.EventID))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// HistogramStart returns the start of the bar that an instant falls into: an hour,
// day, week (from Monday) or month of China Standard Time.
func HistogramStart(unit string, t time.Time) time.Time {
	l := t.In(ChinaTime)
	day := time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, ChinaTime)
	switch unit {
	case "hour":
		day = day.Add(time.Duration(l.Hour()) * time.Hour)
	case "week":
		day = day.AddDate(0, 0, -(int(l.Weekday())+6)%7)
	case "month":
		day = day.AddDate(0, 0, 1-l.Day())
	}
	return day.UTC()
}

// CheckDoc refuses a document that no index can keep, with CodeInvalid.
func CheckDoc(d Doc) error {
	score := d.Assessment.Score
	switch {
	case d.Post.ID == "" || len(d.Post.ID) > 128:
		return invalidSearch("id", "post ID %q; it has 1 to 128 bytes", d.Post.ID)
	case d.Post.PublishedAt.Year() < 1900 || d.Post.PublishedAt.Year() > 2199:
		return invalidSearch("published_at", "post %s was published in the year %d; it is 1900 to 2199", d.Post.ID, d.Post.PublishedAt.Year())
	case !(score >= 0 && score <= 100):
		return invalidSearch("score", "post %s has the score %v; it is 0 to 100", d.Post.ID, score)
	}
	return nil
}

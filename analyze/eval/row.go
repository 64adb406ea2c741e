package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// maxLine bounds one row, in bytes.
const maxLine = 4 << 20

// maxRows bounds a file: all of its rows are held in memory.
const maxRows = 2_000_000

// Row is one line of a data file. Fields that a file does not have are zero; labels are
// pointers, nil where the row is not labelled. Unknown fields are passed over.
type Row struct {
	// Line is the row's line in its file, from 1.
	Line int `json:"-"`

	ID     Text   `json:"id"`
	Source string `json:"src"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	Reply  string `json:"reply"`
	// Published is the time as the file writes it, PublishedAt as it was read; zero when
	// the file does not tell.
	Published   string    `json:"published_at"`
	PublishedAt time.Time `json:"-"`
	Likes       int       `json:"likes"`
	Dislikes    int       `json:"dislikes"`
	Comments    int       `json:"comments"`
	Reposts     int       `json:"reposts"`
	// RepostDelays are the seconds from publication to each repost, ascending.
	RepostDelays []float64 `json:"repost_delays_s"`
	// Peer is what a published system answered on the row, empty when the file has none.
	Peer string `json:"peer_svm"`
	// Secrets are the strings that masking must not leave; nil when the row has none.
	Secrets []string `json:"secrets"`

	Labels
	// A and B are the labels that two annotators gave, each by itself.
	A *Labels `json:"a"`
	B *Labels `json:"b"`
}

// Labels are what a person said of a row.
type Labels struct {
	// Label is one of seven classes or of six emotions.
	Label     *string   `json:"label"`
	Topic     *string   `json:"topic"`
	Risk      *int      `json:"risk"`
	Kinds     *[]string `json:"kinds"`
	Sentiment *int      `json:"sentiment"`
	Intent    *string   `json:"intent"`

	Relevance    *Grade `json:"relevance"`
	Completeness *Grade `json:"completeness"`
	Explained    *Grade `json:"explained"`
	Action       *Grade `json:"action"`
	Empty        *Grade `json:"empty"`
	Evasive      *Grade `json:"evasive"`
}

// Text is a string that some files write as a number.
type Text string

// UnmarshalJSON reads a string or a number.
func (t *Text) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err == nil {
		*t = Text(n)
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return errors.New("must be a string or a number")
	}
	*t = Text(s)
	return nil
}

// Grade is a small whole number that some files write as a string or as a truth value.
type Grade int

// UnmarshalJSON reads 2, "2", true or false.
func (g *Grade) UnmarshalJSON(b []byte) error {
	switch s := strings.Trim(string(b), `"`); s {
	case "0", "false":
		*g = 0
	case "1", "true":
		*g = 1
	case "2":
		*g = 2
	default:
		return fmt.Errorf("%s is no grade: use 0, 1 or 2", s)
	}
	return nil
}

// Post is the row as a post. Title and Text stand in it as the file has them, so that
// the offsets of evidence count in the row's own title, line break and text.
func (r Row) Post() opinion.Post {
	id := string(r.ID)
	if id == "" {
		id = fmt.Sprintf("line-%d", r.Line)
	}
	p := opinion.Post{
		Source: "eval", SourceID: id, ID: opinion.PostID("eval", id), Channel: opinion.ChannelWebMessage,
		Title: r.Title, Text: r.Text, PublishedAt: r.PublishedAt, PublishedKnown: !r.PublishedAt.IsZero(),
		Likes: r.Likes, Dislikes: r.Dislikes, Comments: r.Comments, Reposts: r.Reposts,
	}
	if !p.PublishedKnown {
		p.PublishedAt = unknownTime
	}
	if opinion.ValidSource(r.Source) {
		p.Source = r.Source
	}
	p.ReceivedAt = p.PublishedAt
	return p
}

// blind is the row as a model may see it: without anything that people or another system
// said of it.
func (r Row) blind() Row {
	r.Labels, r.A, r.B, r.Peer, r.Secrets = Labels{}, nil, nil, "", nil
	return r
}

// withoutCounts leaves out what is known of a post only when its time is over.
func (r Row) withoutCounts() Row {
	r.Likes, r.Dislikes, r.Comments, r.Reposts = 0, 0, 0, 0
	return r
}

// unknownTime stands for the publication of rows that do not tell, as receipt does in
// the product; it is fixed so that a run can be repeated.
var unknownTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ReadRows reads JSON Lines; empty lines are passed over. parse reads the times, in the
// forms that exports write. A line that cannot be used is an *opinion.Error that names
// its number.
func ReadRows(r io.Reader, parse func(string) (time.Time, error)) ([]Row, error) {
	var rows []Row
	err := eachLine(r, func(line int, b []byte) error {
		row := Row{}
		if err := decode(b, &row); err != nil {
			return err
		}
		row.Line = line
		if s := strings.TrimSpace(row.Published); s != "" {
			at, err := parse(s)
			if err != nil {
				return fmt.Errorf("published_at %q: %w", s, err)
			}
			row.PublishedAt = at
		}
		if err := row.check(); err != nil {
			return err
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// check refuses values that no labeller can have meant.
func (r *Row) check() error {
	for _, l := range []*Labels{&r.Labels, r.A, r.B} {
		if err := l.check(); err != nil {
			return err
		}
	}
	if min(r.Likes, r.Dislikes, r.Comments, r.Reposts) < 0 {
		return errors.New("likes, dislikes, comments and reposts must be 0 or more")
	}
	if !slices.IsSorted(r.RepostDelays) || len(r.RepostDelays) > 0 && r.RepostDelays[0] < 0 {
		return errors.New("repost_delays_s must be ascending and 0 or more")
	}
	if slices.Contains(r.Secrets, "") {
		return errors.New("secrets holds an empty string")
	}
	return nil
}

// kindCodes are the six kinds of article 33 of the district's work points.
var kindCodes = []string{"K1", "K2", "K3", "K4", "K5", "K6"}

func (l *Labels) check() error {
	switch {
	case l == nil:
		return nil
	case l.Risk != nil && (*l.Risk < 0 || *l.Risk > 3):
		return fmt.Errorf("risk %d: must be 0 to 3", *l.Risk)
	case l.Sentiment != nil && (*l.Sentiment < -1 || *l.Sentiment > 1):
		return fmt.Errorf("sentiment %d: must be -1, 0 or 1", *l.Sentiment)
	}
	if l.Kinds != nil {
		for _, k := range *l.Kinds {
			if !slices.Contains(kindCodes, k) {
				return fmt.Errorf("kinds holds %q: must be of K1 to K6", k)
			}
		}
	}
	for _, g := range []*Grade{l.Empty, l.Evasive} {
		if g != nil && *g > 1 {
			return fmt.Errorf("empty and evasive must be 0 or 1, not %d", *g)
		}
	}
	// An empty label is none: files keep the field for rows that nobody has judged.
	for _, s := range []**string{&l.Label, &l.Topic, &l.Intent} {
		if *s != nil && **s == "" {
			*s = nil
		}
	}
	return nil
}

// GoldEvent is one case that people found in the data, with the IDs of its posts.
type GoldEvent struct {
	Line int    `json:"-"`
	Name string `json:"name"`
	IDs  []Text `json:"ids"`
	// Complete is false when the case may have members that nobody listed; other members
	// of the predicted event then prove nothing.
	Complete *bool `json:"complete"`
}

// complete takes an event of which nothing is said as complete.
func (g GoldEvent) complete() bool { return g.Complete == nil || *g.Complete }

// ReadEvents reads gold events, one a line.
func ReadEvents(r io.Reader) ([]GoldEvent, error) {
	var all []GoldEvent
	seen := map[Text]int{}
	err := eachLine(r, func(line int, b []byte) error {
		g := GoldEvent{}
		if err := decode(b, &g); err != nil {
			return err
		}
		g.Line = line
		if len(g.IDs) == 0 {
			return errors.New("ids is missing or empty: a gold event lists its posts")
		}
		for _, id := range g.IDs {
			if other, ok := seen[id]; ok {
				return fmt.Errorf("post %s is listed in line %d already: a post is in one event", id, other)
			}
			seen[id] = line
		}
		all = append(all, g)
		return nil
	})
	return all, err
}

// Lookalike is a pair of posts that read alike and are different cases.
type Lookalike struct {
	Line int    `json:"-"`
	A    Text   `json:"a"`
	B    Text   `json:"b"`
	Why  string `json:"why"`
}

// ReadLookalikes reads pairs, one a line.
func ReadLookalikes(r io.Reader) ([]Lookalike, error) {
	var all []Lookalike
	err := eachLine(r, func(line int, b []byte) error {
		l := Lookalike{}
		if err := decode(b, &l); err != nil {
			return err
		}
		if l.Line = line; l.A == "" || l.B == "" || l.A == l.B {
			return errors.New("a and b must be the IDs of two posts")
		}
		all = append(all, l)
		return nil
	})
	return all, err
}

// HumanReply is what another team said of a reply, with the ID of its row: yes or no.
type HumanReply struct {
	Line      int    `json:"-"`
	ID        Text   `json:"id"`
	Complete  *Grade `json:"complete"`
	Explained *Grade `json:"explained"`
}

// ReadHumanReplies reads such judgements, one a line.
func ReadHumanReplies(r io.Reader) ([]HumanReply, error) {
	var all []HumanReply
	err := eachLine(r, func(line int, b []byte) error {
		h := HumanReply{}
		if err := decode(b, &h); err != nil {
			return err
		}
		if h.Line = line; h.ID == "" || h.Complete == nil || h.Explained == nil || max(*h.Complete, *h.Explained) > 1 {
			return errors.New("id, complete (0 or 1) and explained (0 or 1) are needed")
		}
		all = append(all, h)
		return nil
	})
	return all, err
}

// decode reads one object; what follows it on the line is an error.
func decode(b []byte, to any) error {
	if b[0] != '{' {
		return errors.New("is no JSON object")
	}
	if err := json.Unmarshal(b, to); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
			return fmt.Errorf("%s: a JSON %s cannot be used there", strings.ReplaceAll(e.Field, "Labels.", ""), e.Value)
		}
		return fmt.Errorf("is no JSON object: %w", err)
	}
	return nil
}

func eachLine(r io.Reader, f func(line int, b []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n, rows := 0, 0
	for lines.Scan() {
		n++
		b := bytes.TrimSpace(lines.Bytes())
		if n == 1 {
			b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
		}
		if len(b) == 0 {
			continue
		}
		if rows++; rows > maxRows {
			return badLine(n, fmt.Errorf("more than %d rows: split the file", maxRows))
		}
		if err := f(n, b); err != nil {
			return badLine(n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return badLine(n+1, fmt.Errorf("longer than %d bytes", maxLine))
	case err != nil:
		return fmt.Errorf("read line %d: %w", n+1, err)
	}
	if rows == 0 {
		return opinion.Errorf(opinion.CodeInvalid, "no row: one JSON object a line is expected")
	}
	return nil
}

func badLine(line int, err error) error {
	return &opinion.Error{Code: opinion.CodeInvalid, Message: fmt.Sprintf("line %d", line), Err: err}
}

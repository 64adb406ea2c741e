package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/huiying/huiying/ingest/mask"
	"github.com/huiying/huiying/ingest/normalise"
	"github.com/huiying/huiying/opinion"
)

// Limits of a row, in code points after normalising, but bytes for the source ID and
// the URL.
const (
	MaxText     = 100_000
	MaxTitle    = 1_000
	MaxPlace    = 200
	MaxAuthor   = 200
	MaxSourceID = 200
	MaxURL      = 2_000
	// maxCount bounds likes, comments and the like.
	maxCount = 1_000_000_000
)

// maxAhead is how far the clock of a source may be ahead of ours.
const maxAhead = 24 * time.Hour

// earliest is the oldest publication that is believed: earlier ones are wrong clocks
// or misread columns.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, opinion.ChinaTime)

func reject(field, reason string) *Outcome { return &Outcome{Field: field, Reason: reason} }

// post checks a row and makes the post of it, or tells why it cannot.
func (in *Intake) post(raw *opinion.Raw, key []byte, received time.Time, o Options) (opinion.Post, *Outcome) {
	if bad := checkOrigin(raw, received); bad != nil {
		return opinion.Post{}, bad
	}
	p := opinion.Post{
		Source: raw.Source, SourceID: raw.SourceID, Channel: raw.Channel, URL: raw.URL,
		PublishedAt: raw.PublishedAt.UTC(), ReceivedAt: received, PublishedKnown: true,
		Likes: raw.Likes, Dislikes: raw.Dislikes, Comments: raw.Comments, Reposts: raw.Reposts,
	}
	if bad := clean(&p, raw); bad != nil {
		return opinion.Post{}, bad
	}
	author, _ := normalise.Line(raw.Author)
	p.Pseudonym = pseudonym(key, author)
	if p.SourceID == "" {
		p.SourceID = derivedID(&p, raw.PublishedAt)
	}
	if raw.PublishedAt.IsZero() {
		p.PublishedAt, p.PublishedKnown = received, false
	}
	p.History = !o.OpenCases && received.Sub(p.PublishedAt) > in.cfg.HistoryWindow
	p.ID = opinion.PostID(p.Source, p.SourceID)
	return p, nil
}

// clean normalises and masks what a person wrote.
func clean(p *opinion.Post, raw *opinion.Raw) *Outcome {
	for _, part := range []struct {
		field string
		to    *string
		from  string
		max   int
		clean func(string) (string, int)
	}{
		{"title", &p.Title, raw.Title, MaxTitle, normalise.Line},
		{"text", &p.Text, raw.Text, MaxText, normalise.Text},
		{"place", &p.Place, raw.Place, MaxPlace, normalise.Line},
	} {
		if len(part.from) > 16*part.max {
			return reject(part.field, tooLong(part.max))
		}
		text, _ := part.clean(part.from)
		if len(text) > part.max && utf8.RuneCountInString(text) > part.max {
			return reject(part.field, tooLong(part.max))
		}
		masked, counts := mask.Text(text)
		*part.to = masked
		p.Masked = counts.AddTo(p.Masked)
	}
	if p.Text == "" {
		// A letter that says everything in its subject is a letter all the same.
		p.Text, p.Title = p.Title, ""
	}
	if p.Text == "" {
		return reject("text", "is empty: a post needs a text or a title")
	}
	return nil
}

func tooLong(limit int) string {
	return "is longer than " + strconv.Itoa(limit) + " characters"
}

// checkOrigin refuses what names no source, office, time or address that can be.
func checkOrigin(raw *opinion.Raw, received time.Time) *Outcome {
	switch {
	case !opinion.ValidSource(raw.Source):
		return reject("source", "must be 1 to 63 of a-z 0-9 . _ - and begin with a letter or digit")
	case !raw.Channel.Valid():
		return reject("channel", "must be public, web_message or hotline_12345")
	case len(raw.SourceID) > MaxSourceID:
		return reject("id", "is longer than "+strconv.Itoa(MaxSourceID)+" bytes")
	case !printable(raw.SourceID):
		return reject("id", "holds control characters or is not UTF-8")
	case utf8.RuneCountInString(raw.Author) > MaxAuthor:
		return reject("author", tooLong(MaxAuthor))
	case !validURL(raw.URL):
		return reject("url", "must be an http or https address of at most "+strconv.Itoa(MaxURL)+" bytes")
	}
	for _, n := range []struct {
		field string
		value int
	}{{"likes", raw.Likes}, {"dislikes", raw.Dislikes}, {"comments", raw.Comments}, {"reposts", raw.Reposts}} {
		if n.value < 0 || n.value > maxCount {
			return reject(n.field, "must be between 0 and "+strconv.Itoa(maxCount))
		}
	}
	switch t := raw.PublishedAt; {
	case t.IsZero():
	case t.After(received.Add(maxAhead)):
		return reject("published_at", "is more than a day ahead of now: is the time zone or the column right?")
	case t.Before(earliest):
		return reject("published_at", "is before the year 2000: is the column or the time format right?")
	}
	return nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func validURL(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > MaxURL || !printable(s) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// derivedID identifies a row whose source gives no ID, by what it says and when.
func derivedID(p *opinion.Post, published time.Time) string {
	at := ""
	if !published.IsZero() {
		at = published.UTC().Format(time.RFC3339)
	}
	sum := sha256.Sum256([]byte(p.Title + "\x00" + p.Text + "\x00" + at))
	return "sha256-" + hex.EncodeToString(sum[:16])
}

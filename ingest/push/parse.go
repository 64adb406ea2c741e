package push

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/huiying/huiying/ingest/timestamp"
	"github.com/huiying/huiying/opinion"
)

var (
	jsonTypes = map[string]bool{"application/json": true}
	lineTypes = map[string]bool{"application/x-ndjson": true, "application/ndjson": true, "application/jsonl": true, "application/x-jsonlines": true}
)

func isLines(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && lineTypes[kind]
}

// post is a pushed post. Only text (or title) is needed.
type post struct {
	// ID is the post's own identity at its source; without one, two posts are the same
	// when title, text and time are.
	ID       text `json:"id"`
	SourceID text `json:"source_id"` // another name of id
	// Source may repeat the key's source, and nothing else.
	Source string `json:"source"`
	// Channel is public (the default), web_message or hotline_12345.
	Channel opinion.Channel `json:"channel"`
	URL     string          `json:"url"`
	Author  text            `json:"author"` // kept as a pseudonym only
	Title   string          `json:"title"`
	Text    string          `json:"text"`
	Place   string          `json:"place"`
	// PublishedAt is RFC 3339 or another writing that timestamp.Parse reads, or Unix
	// seconds or milliseconds.
	PublishedAt text `json:"published_at"`
	Likes       int  `json:"likes"`
	Dislikes    int  `json:"dislikes"`
	Comments    int  `json:"comments"`
	Reposts     int  `json:"reposts"`
}

// text is a JSON string, or a number as it is written.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(t))
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return errors.New("must be a string or a number")
	}
	*t = text(n)
	return nil
}

// line is one post of a request.
type line struct {
	n      int
	source string // as the post names it
	raw    opinion.Raw
	bad    *opinion.Outcome
}

// parse cuts a body into posts. An error refuses the whole request; what is wrong with
// one post is said in its line.
func parse(body []byte, lines bool, cfg Config) ([]line, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	var out []line
	add := func(n int, raw []byte) error {
		if len(raw) > cfg.MaxLine {
			return &statusError{http.StatusRequestEntityTooLarge, "post " + strconv.Itoa(n) + " is larger than " + strconv.Itoa(cfg.MaxLine) + " bytes"}
		}
		if len(out) == cfg.MaxPosts {
			return &statusError{http.StatusRequestEntityTooLarge, "more than " + strconv.Itoa(cfg.MaxPosts) + " posts: send fewer at a time"}
		}
		out = append(out, parsePost(n, raw))
		return nil
	}
	cut := eachElement
	if lines {
		cut = eachLine
	}
	if err := cut(body, add); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, &statusError{http.StatusBadRequest, "the body holds no post"}
	}
	return out, nil
}

func eachLine(body []byte, add func(int, []byte) error) error {
	for n := 1; len(body) > 0; n++ {
		var raw []byte
		raw, body, _ = bytes.Cut(body, []byte("\n"))
		if raw = bytes.TrimSpace(raw); len(raw) == 0 {
			continue
		}
		if err := add(n, raw); err != nil {
			return err
		}
	}
	return nil
}

func eachElement(body []byte, add func(int, []byte) error) error {
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("[")) {
		if len(body) == 0 {
			return nil
		}
		return add(1, body)
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(body, &elements); err != nil {
		return &statusError{http.StatusBadRequest, "the body is no JSON: " + err.Error()}
	}
	for i, raw := range elements {
		if err := add(i+1, raw); err != nil {
			return err
		}
	}
	return nil
}

func parsePost(n int, raw []byte) line {
	l := line{n: n}
	var p post
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(&p)
	if err == nil {
		if _, end := dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err == nil && raw[0] != '{' {
		err = errors.New("a JSON object is needed")
	}
	if err != nil {
		l.bad = jsonFault(err)
		return l
	}
	l.source = p.Source
	l.raw, l.bad = p.row()
	return l
}

// jsonFault says what is wrong without quoting the post.
func jsonFault(err error) *opinion.Outcome {
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		if field, e := strconv.Unquote(name); e == nil {
			name = field
		}
		return &opinion.Outcome{Field: name, Reason: "is not a field of a post: they are id, title, text, author, place, url, channel, published_at, likes, dislikes, comments, reposts, source"}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &opinion.Outcome{Field: wrong.Field, Reason: "must not be a JSON " + wrong.Value}
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &opinion.Outcome{Reason: "is no JSON, from byte " + strconv.FormatInt(e.Offset, 10) + " on"}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &opinion.Outcome{Reason: "is no whole JSON object"}
	}
	return &opinion.Outcome{Reason: err.Error()}
}

func (p post) row() (opinion.Raw, *opinion.Outcome) {
	raw := opinion.Raw{
		SourceID: string(p.ID), Channel: p.Channel, URL: p.URL, Author: string(p.Author), Title: p.Title, Text: p.Text, Place: p.Place,
		Likes: p.Likes, Dislikes: p.Dislikes, Comments: p.Comments, Reposts: p.Reposts,
	}
	if raw.SourceID == "" {
		raw.SourceID = string(p.SourceID)
	} else if p.SourceID != "" && p.SourceID != p.ID {
		return raw, &opinion.Outcome{Field: "source_id", Reason: "differs from id: they are two names of one field"}
	}
	if raw.Channel == "" {
		raw.Channel = opinion.ChannelPublic
	}
	if p.PublishedAt != "" {
		at, err := timestamp.Parse(string(p.PublishedAt))
		if err != nil {
			return raw, &opinion.Outcome{Field: "published_at", Reason: err.Error()}
		}
		raw.PublishedAt = at
	}
	return raw, nil
}

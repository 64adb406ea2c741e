package console

import (
	"net/url"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Span is a piece of a post's body.
type Span struct {
	Start int `json:"start" minimum:"0" doc:"First code point."`
	End   int `json:"end" minimum:"0" doc:"Code point behind the last."`
}

// Word is a word of a post's body that a decision rests on.
type Word struct {
	Start int    `json:"start" minimum:"0" doc:"First code point in the body."`
	End   int    `json:"end" minimum:"0" doc:"Code point behind the last."`
	Word  string `json:"word"`
}

// PostHit is a post in a list.
type PostHit struct {
	ID             string          `json:"id"`
	Source         string          `json:"source"`
	Channel        opinion.Channel `json:"channel" enum:"public,web_message,hotline_12345"`
	Title          string          `json:"title" doc:"May be empty."`
	Text           string          `json:"text"`
	URL            string          `json:"url,omitempty" doc:"Where it was published; http or https."`
	Place          string          `json:"place,omitempty" doc:"What the source says of where."`
	PublishedAt    time.Time       `json:"published_at"`
	PublishedKnown bool            `json:"published_known" doc:"False when the source told no time and the receipt stands in."`
	ReceivedAt     time.Time       `json:"received_at"`
	History        bool            `json:"history" doc:"Published before the policy's window: searchable, opens no case."`
	Topic          string          `json:"topic" doc:"Topic ID, or none."`
	Topic2         string          `json:"topic2,omitempty"`
	Risk           opinion.Risk    `json:"risk" minimum:"0" maximum:"3"`
	Score          float64         `json:"score" minimum:"0" maximum:"100"`
	Kinds          []string        `json:"kinds" doc:"K1 to K6."`
	Intent         string          `json:"intent"`
	Sentiment      int             `json:"sentiment" minimum:"-1" maximum:"1"`
	Streets        []string        `json:"streets" doc:"Unit IDs of the street offices whose places it names."`
	Elsewhere      string          `json:"elsewhere,omitempty" doc:"The other city or district that it is plainly about: searchable, raises no alert."`
	EventID        string          `json:"event_id,omitempty"`
	Highlights     []Span          `json:"highlights" doc:"Where the query's words stand, as code points of the body: the title, a line break when there is a title, and the text."`
}

func viewHit(h opinion.Hit) PostHit {
	p, a := h.Post, h.Assessment
	elsewhere := ""
	if a.Elsewhere != nil {
		elsewhere = a.Elsewhere.Name
	}
	return PostHit{
		ID: p.ID, Source: p.Source, Channel: p.Channel, Title: p.Title, Text: p.Text, URL: webAddress(p.URL),
		Place: p.Place, PublishedAt: p.PublishedAt, PublishedKnown: p.PublishedKnown, ReceivedAt: p.ReceivedAt,
		History: p.History, Topic: a.Topic, Topic2: a.Topic2, Risk: a.Risk, Score: a.Score, Kinds: list(a.Kinds),
		Intent: a.Intent, Sentiment: a.Sentiment, Streets: list(a.Streets), Elsewhere: elsewhere, EventID: h.EventID,
		Highlights: views(h.Highlights, func(s opinion.Span) Span { return Span{s.Start, s.End} }),
	}
}

// webAddress drops addresses that a browser would run instead of visit.
func webAddress(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return raw
}

// TopicScore is one topic with its probability and the words for it.
type TopicScore struct {
	Topic       string  `json:"topic"`
	Probability float64 `json:"probability" minimum:"0" maximum:"1"`
	Evidence    []Word  `json:"evidence"`
}

// Factor is one reason for a risk score.
type Factor struct {
	Name     string  `json:"name" doc:"Stable identifier of the reason."`
	Points   float64 `json:"points" doc:"What it added to the score; negative when it took some away."`
	Kind     string  `json:"kind,omitempty" doc:"Code of the risk kind."`
	Evidence []Word  `json:"evidence"`
}

// Assessment is what the analyser says of a post, with its reasons.
type Assessment struct {
	Topic         string       `json:"topic"`
	Topic2        string       `json:"topic2,omitempty"`
	Topics        []TopicScore `json:"topics" doc:"Best first, at most three."`
	Risk          opinion.Risk `json:"risk" minimum:"0" maximum:"3"`
	Score         float64      `json:"score" minimum:"0" maximum:"100"`
	Factors       []Factor     `json:"factors"`
	Kinds         []string     `json:"kinds"`
	Sentiment     int          `json:"sentiment" minimum:"-1" maximum:"1"`
	Intent        string       `json:"intent"`
	Streets       []string     `json:"streets"`
	Places        []Word       `json:"places"`
	Elsewhere     *Elsewhere   `json:"elsewhere,omitempty" doc:"Set when the post is plainly about another city or district; such posts raise no alert."`
	PolicyVersion string       `json:"policy_version"`
	ModelVersion  string       `json:"model_version"`
}

// Elsewhere is the place that a post from outside the district is about.
type Elsewhere struct {
	Name     string `json:"name"`
	Evidence []Word `json:"evidence" doc:"Its names in the text; none when the source named it."`
}

func viewElsewhere(e *opinion.Elsewhere) *Elsewhere {
	if e == nil {
		return nil
	}
	return &Elsewhere{e.Name, views(e.Evidence, viewWord)}
}

func viewAssessment(a opinion.Assessment) Assessment {
	return Assessment{
		Topic: a.Topic, Topic2: a.Topic2, Risk: a.Risk, Score: a.Score, Kinds: list(a.Kinds), Sentiment: a.Sentiment,
		Intent: a.Intent, Streets: list(a.Streets), Places: views(a.Places, viewWord), Elsewhere: viewElsewhere(a.Elsewhere),
		PolicyVersion: a.PolicyVersion, ModelVersion: a.ModelVersion,
		Topics: views(a.Topics, func(t opinion.TopicScore) TopicScore {
			return TopicScore{t.Topic, t.Probability, views(t.Evidence, viewWord)}
		}),
		Factors: views(a.Factors, func(f opinion.Factor) Factor {
			return Factor{f.Name, f.Points, f.Kind, views(f.Evidence, viewWord)}
		}),
	}
}

func viewWord(e opinion.Evidence) Word { return Word{e.Start, e.End, e.Word} }

// list makes JSON's [] of a nil list.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// views maps a list; it never returns nil.
func views[T, V any](in []T, view func(T) V) []V {
	out := make([]V, len(in))
	for i, v := range in {
		out[i] = view(v)
	}
	return out
}

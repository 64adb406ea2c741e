package analyze

import (
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/place"
	"github.com/huiying/huiying/analyze/risk"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// ModelRevision counts the releases of the models, 0 to 255. Raise it with every change
// of what they say: an index then takes a new assessment of a post it has.
const ModelRevision = 16

// The lists of the one lexicon that a post is walked with.
const (
	listTopics lexicon.List = iota
	listPlaces
	listRegions
	listRisk // and the risk.Lists-1 lists after it
)

// Analyzer assesses posts. It is read-only and safe for concurrent use.
type Analyzer struct {
	seg     *segment.Segmenter
	version string
	text    models
	lex     *lexicon.Lexicon
	topics  *topic.Model
	places  *place.Gazetteer
	regions *place.Regions // nil: every post counts as ours
	risk    *risk.Model
	scratch sync.Pool // *scratch
}

// scratch is memory for one Assess.
type scratch struct {
	lexicon.Scratch
	matches []lexicon.Match
	bounds  []bool
	tokens  []byte
	cuts    []int32
	bytes   []int32 // the same ends in bytes
	read    linear.Scratch
	topics  topic.Scratch
	risk    risk.Scratch
	margins []float32
	chances []float64
}

// NewAnalyzer compiles a policy. Open seg with DomainWords of the same policy.
func NewAnalyzer(seg *segment.Segmenter, pol *policy.Policy) *Analyzer {
	return newAnalyzer(seg, pol, shipped())
}

func newAnalyzer(seg *segment.Segmenter, pol *policy.Policy, text models) *Analyzer {
	var b lexicon.Builder
	a := &Analyzer{seg: seg, version: pol.Version, text: text}
	a.topics = topic.New(pol.Topics, text.topics, &b, listTopics)
	a.places = place.New(pol.Places, &b, listPlaces)
	if pol.District.Elsewhere == policy.ElsewhereHold {
		a.regions = place.NewRegions(pol.District, pol.Regions, &b, listRegions)
	}
	a.risk = risk.New(pol.Risk, text.risk, &b, listRisk)
	a.lex = b.Build()
	a.scratch.New = func() any { return new(scratch) }
	return a
}

// Assess judges a post and makes the document for the index. Equal posts give equal
// results, in every process with the same policy and release.
func (a *Analyzer) Assess(p opinion.Post) (opinion.Assessment, opinion.Doc) {
	s := a.scratch.Get().(*scratch)
	defer a.scratch.Put(s)
	body := segment.Clean(p.Body())
	reading := a.seg.ReadClean(body)
	s.matches = a.lex.Scan(body, s.matches[:0], &s.Scratch)
	s.matches = s.fit(reading.Words)

	titleEnd := utf8.RuneCountInString(p.Title)
	in := a.readText(body, titleEnd, reading.Words, s)
	topics := a.topics.Classify(in, &s.topics)
	as := opinion.Assessment{
		Topic:         topics.Topics[0].Topic,
		Topic2:        topics.Second,
		Topics:        topics.Topics,
		Fingerprint:   event.Sign(body).Slice(),
		PolicyVersion: a.version,
		ModelVersion:  ModelVersion(),
	}
	as.Streets, as.Places = a.places.Find(body, s.matches, listPlaces)
	here := len(as.Places) > 0 || a.regions == nil
	if !here {
		as.Elsewhere, here = a.regions.Find(body, s.matches, listRegions, titleEnd)
	}
	r := a.risk.Assess(a.riskInput(p, in, &s.risk))
	as.Risk, as.Score, as.Factors = r.Risk, r.Score, r.Factors
	as.Kinds, as.Sentiment, as.Intent = r.Kinds, r.Sentiment, r.Intent
	a.withPlace(&as, p.Place, here, s)
	if as.Topic != opinion.NoTopic || as.Risk > opinion.RiskCalm {
		as.Profile = event.Describe(reading.Words, titleEnd, p.PublishedAt, as.Streets...).String()
	}
	return as, a.doc(p, as, reading, len(body), s)
}

// maxStreets bounds the street offices of a post.
const maxStreets = 8

// withPlace adds what the source itself says of where (所属街道): its street offices, and
// whether that is elsewhere. It stands beside the text, so there is no evidence of it in
// the text. A place of ours in the text outweighs the source.
func (a *Analyzer) withPlace(as *opinion.Assessment, place string, ours bool, s *scratch) {
	if place == "" {
		return
	}
	place = segment.Clean(place)
	s.matches = a.lex.Scan(place, s.matches[:0], &s.Scratch)
	named, _ := a.places.Find(place, s.matches, listPlaces)
	as.Streets = append(as.Streets, named...)
	slices.Sort(as.Streets)
	as.Streets = slices.Compact(as.Streets)
	as.Streets = as.Streets[:min(len(as.Streets), maxStreets)]
	if a.regions == nil {
		return
	}
	away, here := a.regions.Named(place, s.matches, listRegions)
	switch {
	case len(named) > 0 || here:
		as.Elsewhere = nil
	case away != nil && as.Elsewhere == nil && !ours:
		as.Elsewhere = away
	}
}

func (a *Analyzer) doc(p opinion.Post, as opinion.Assessment, reading segment.Reading, end int, s *scratch) opinion.Doc {
	doc := opinion.Doc{Post: p, Assessment: as, Version: DocVersion(p)}
	text := 0
	if p.Title != "" {
		title := len(segment.Clean(p.Title))
		s.tokens = reading.AppendTokens(s.tokens[:0], 0, title)
		doc.TitleTokens = string(s.tokens)
		text = title + 1
	}
	s.tokens = reading.AppendTokens(s.tokens[:0], text, end)
	doc.TextTokens = string(s.tokens)
	return doc
}

// DocVersion orders the documents of one post: by receipt, then by the models' release.
func DocVersion(p opinion.Post) int64 { return p.ReceivedAt.UnixMilli()<<8 | ModelRevision }

// fit drops matches that reach over the edge of a word into part of another (理疗 in
// 管理疗养院), and marks those that are whole words.
func (s *scratch) fit(words []segment.Word) []lexicon.Match {
	length := 0
	if n := len(words); n > 0 {
		length = words[n-1].End
	}
	s.bounds = append(s.bounds[:0], make([]bool, length+1)...)
	for _, w := range words {
		s.bounds[w.Start], s.bounds[w.End] = true, true
	}
	kept := s.matches[:0]
	for _, m := range s.matches {
		m.Whole = s.bounds[m.Start] && s.bounds[m.End]
		if m.Whole || !s.split(m) {
			kept = append(kept, m)
		}
	}
	return kept
}

func (s *scratch) split(m lexicon.Match) bool {
	for i := m.Start + 1; i < m.End; i++ {
		if s.bounds[i] {
			return true
		}
	}
	return false
}

// DomainWords are the words of a policy that the segmenter should know: topic keywords,
// risk terms, names of units and of places, and the risk model's own signs.
func DomainWords(pol *policy.Policy) []string {
	words := risk.Words(pol.Risk)
	for _, t := range pol.Topics {
		words = append(words, t.Keywords...)
	}
	for _, u := range pol.Units {
		words = append(append(words, u.Name, u.FullName), u.Aliases...)
	}
	for _, p := range pol.Places {
		words = append(append(words, p.Name), p.Aliases...)
	}
	return words
}

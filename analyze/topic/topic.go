// Package topic tells which of the policy's topics a post is about, from the topics'
// keywords (taxonomy.json, keywords as weak supervision).
//
// The rule of the taxonomy: the longest keyword at a place counts; a topic has a vote
// when a keyword that is not weak_alone stands in the post, or two different keywords
// do. Each different keyword gives points: more in the title, more for a longer one,
// little more for being repeated, less when several topics share it or when it is
// weak_alone. Points become probabilities by a softmax in which "no topic" takes part
// with points of its own.
package topic

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// What the points are made of. The figures were chosen on the training labels.
const (
	pointsShort  = 1.0  // a keyword of two characters
	pointsLonger = 0.35 // for each further character, up to four of them
	pointsWeak   = 0.45 // factor of a weak_alone keyword
	titleFactor  = 2.2  // of a keyword in the title
	repeatPoints = 0.3  // for the logarithm of how often it stands there
	earlyPoints  = 0.35 // most that standing early in the text adds
	nonePoints   = 0.6  // of "no topic"
	sharpness    = 1.1  // of the softmax: a lead of one point is three times the probability
)

// maxEvidence bounds the words shown for one topic.
const maxEvidence = 5

// Result is the topics of a post.
type Result struct {
	// Topics are the best three, best first. The first may be opinion.NoTopic.
	Topics []opinion.TopicScore
	// Second is a second matter, when it has a vote nearly as strong as the first.
	Second string
}

// Model scores topics. It is read-only and safe for concurrent use.
type Model struct {
	topics   []string
	keywords []keyword
}

type keyword struct {
	points float64
	topics []vote
}

type vote struct {
	topic int
	weak  bool
}

// New compiles the topics and adds their keywords to list in b.
func New(topics []policy.Topic, b *lexicon.Builder, list lexicon.List) *Model {
	m := &Model{}
	ids := map[string]int32{}
	for t, topic := range topics {
		m.topics = append(m.topics, topic.ID)
		for _, word := range topic.Keywords {
			id, known := ids[word]
			if !known {
				id = int32(len(m.keywords))
				ids[word] = id
				m.keywords = append(m.keywords, keyword{points: pointsOf(word)})
				b.Add(list, id, word)
			}
			m.keywords[id].topics = append(m.keywords[id].topics, vote{t, slices.Contains(topic.WeakAlone, word)})
		}
	}
	return m
}

func pointsOf(word string) float64 {
	longer := min(max(utf8.RuneCountInString(word)-2, 0), 4)
	return pointsShort + pointsLonger*float64(longer)
}

// tally is what one topic collected.
type tally struct {
	points   float64
	distinct int
	strong   bool
}

func (t tally) votes() bool { return t.strong || t.distinct >= 2 }

// Classify scores the matches of the model's list (others are passed over) in a body
// of so many code points, whose title ends at titleEnd.
func (m *Model) Classify(body string, matches []lexicon.Match, list lexicon.List, titleEnd, length int) Result {
	count := make(map[int32]int, 16)
	tallies := make([]tally, len(m.topics))
	for _, match := range matches {
		if match.List != list {
			continue
		}
		count[match.ID]++
		m.add(tallies, match, count[match.ID], titleEnd, length)
	}
	return m.rank(tallies, body, matches, list)
}

// add counts one match, the n-th of its keyword.
func (m *Model) add(tallies []tally, match lexicon.Match, n, titleEnd, length int) {
	k := m.keywords[match.ID]
	points := k.points
	switch {
	case n > 1:
		points *= repeatPoints * (math.Log(float64(n)+1) - math.Log(float64(n)))
	case int(match.Start) < titleEnd:
		points *= titleFactor
	default:
		points *= 1 + earlyPoints*(1-float64(match.Start)/float64(length))
	}
	points /= math.Sqrt(float64(len(k.topics)))
	for _, v := range k.topics {
		t := &tallies[v.topic]
		if v.weak {
			t.points += points * pointsWeak
		} else {
			t.points += points
			t.strong = true
		}
		if n == 1 {
			t.distinct++
		}
	}
}

func (m *Model) rank(tallies []tally, body string, matches []lexicon.Match, list lexicon.List) Result {
	type candidate struct {
		topic  int
		points float64
	}
	best := []candidate{{-1, nonePoints}}
	sum := math.Exp(sharpness * nonePoints)
	for t, tally := range tallies {
		if tally.votes() {
			best = append(best, candidate{t, tally.points})
			sum += math.Exp(sharpness * tally.points)
		}
	}
	slices.SortFunc(best, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.points, a.points), cmp.Compare(a.topic, b.topic))
	})
	var r Result
	for _, c := range best[:min(len(best), 3)] {
		score := opinion.TopicScore{Topic: opinion.NoTopic, Probability: round(math.Exp(sharpness*c.points) / sum)}
		if c.topic >= 0 {
			score.Topic = m.topics[c.topic]
			score.Evidence = m.evidence(c.topic, body, matches, list)
		}
		r.Topics = append(r.Topics, score)
	}
	if len(best) > 1 && best[0].topic >= 0 && best[1].topic >= 0 && best[1].points > 0.7*best[0].points {
		r.Second = m.topics[best[1].topic]
	}
	return r
}

func (m *Model) evidence(topic int, body string, matches []lexicon.Match, list lexicon.List) []opinion.Evidence {
	var out []opinion.Evidence
	shown := make([]int32, 0, maxEvidence)
	for _, match := range matches {
		if match.List != list || slices.Contains(shown, match.ID) || !slices.ContainsFunc(m.keywords[match.ID].topics, func(v vote) bool { return v.topic == topic }) {
			continue
		}
		out, shown = append(out, match.Evidence(body)), append(shown, match.ID)
		if len(out) == maxEvidence {
			break
		}
	}
	return out
}

// round keeps four digits: enough to order, and the same on every machine.
func round(p float64) float64 { return math.Round(p*1e4) / 1e4 }

package topic

import (
	"math"
	"slices"
	"unicode/utf8"

	"github.com/huiying/huiying/analyze/lexicon"
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
)

type keyword struct {
	points float64
	topics []vote
}

type vote struct {
	topic int
	weak  bool
}

// compile adds the keywords of the topics to the model's list in b.
func (m *Model) compile(topics []policy.Topic, b *lexicon.Builder) {
	ids := map[string]int32{}
	for t, topic := range topics {
		m.topics = append(m.topics, topic.ID)
		m.sketches = append(m.sketches, sketchesOf(topic)...)
		for _, word := range topic.Keywords {
			id, known := ids[word]
			if !known {
				id = int32(len(m.keywords))
				ids[word] = id
				m.keywords = append(m.keywords, keyword{points: pointsOf(word)})
				b.Add(m.list, id, word)
			}
			m.keywords[id].topics = append(m.keywords[id].topics, vote{t, slices.Contains(topic.WeakAlone, word)})
		}
	}
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

// tally counts the keywords among the matches of the model's list (others are passed over)
// into s.tallies.
func (m *Model) tally(in Input, s *Scratch) {
	s.tallies = append(s.tallies[:0], make([]tally, len(m.topics))...)
	if len(s.count) < len(m.keywords) {
		s.count = make([]uint8, len(m.keywords))
	}
	for _, match := range in.Matches {
		if match.List == m.list {
			n := min(s.count[match.ID], 254) + 1
			s.count[match.ID] = n
			m.add(s.tallies, match, int(n), in.Text.TitleEnd, in.length())
		}
	}
	for _, match := range in.Matches {
		if match.List == m.list {
			s.count[match.ID] = 0
		}
	}
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

package linear

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

type wordScore struct {
	start, end int32
	score      float32
}

// Word is a word of the text with what it did for a class.
type Word struct {
	opinion.Evidence
	// Margin is the part of the class's margin, over the mean of all classes, that this
	// word and its repetitions gave; above 0.
	Margin float64
}

// Explain names the words of the last Read text that gave a class most, over the mean of
// all classes; strongest first, at most limit, each word once. The part of an n-gram is
// shared evenly among its characters and summed over each word, which is exact but for the
// rounding: all words and the extras together give the margin.
func (m *Model) Explain(t Text, class, limit int, s *Scratch) []Word {
	return m.explain(t, limit, s, func(h hit) float32 { return m.gain(h, class, s) })
}

// explain shares what each hit gave out over the words.
func (m *Model) explain(t Text, limit int, s *Scratch, gain func(hit) float32) []Word {
	s.words = s.words[:0]
	start := int32(0)
	for _, end := range t.Cuts {
		s.words = append(s.words, wordScore{start: start, end: end})
		start = end
	}
	if len(s.words) == 0 {
		return nil
	}
	first := 0
	for _, h := range s.hits {
		// Hits come by start, once for the grams and once for the words.
		if s.words[first].start > h.start {
			first = 0
		}
		for s.words[first].end <= h.start {
			first++
		}
		each := gain(h) / float32(h.end-h.start)
		for i := first; i < len(s.words) && s.words[i].start < h.end; i++ {
			s.words[i].score += each * float32(min(h.end, s.words[i].end)-max(h.start, s.words[i].start))
		}
	}
	return m.best(t.Body, limit, s)
}

// gain is what one hit gave the class over the mean of all.
func (m *Model) gain(h hit, class int, s *Scratch) float32 {
	row := m.weights[int(h.feature)*m.classes:][:m.classes]
	mean := float32(0)
	for i, w := range row {
		mean += float32(w) * m.scales[i]
	}
	mean /= float32(m.classes)
	tf := s.tf[h.feature]
	share := dampen(tf) * h.count / tf
	return share * m.idf[h.feature] * s.norm * (float32(row[class])*m.scales[class] - mean)
}

func (m *Model) best(body string, limit int, s *Scratch) []Word {
	slices.SortFunc(s.words, func(a, b wordScore) int { return cmp.Compare(a.start, b.start) })
	ends := make([]int, 0, len(s.words)+1) // bytes
	at, next := int32(0), 0
	for i := range body {
		for next < len(s.words) && s.words[next].end == at {
			ends, next = append(ends, i), next+1
		}
		at++
	}
	for len(ends) < len(s.words) {
		ends = append(ends, len(body))
	}
	byWord := map[string]int{}
	var out []Word
	from := 0
	for i, w := range s.words {
		word := body[from:ends[i]]
		from = ends[i]
		if r, _ := utf8.DecodeRuneInString(word); code(r, m.spec.Signs) == 0 {
			continue
		}
		if n, ok := byWord[word]; ok {
			out[n].Margin += float64(w.score)
			continue
		}
		byWord[word] = len(out)
		out = append(out, Word{opinion.Evidence{Span: opinion.Span{Start: int(w.start), End: int(w.end)}, Word: word}, float64(w.score)})
	}
	out = slices.DeleteFunc(out, func(w Word) bool { return w.Margin <= 0 })
	slices.SortStableFunc(out, func(a, b Word) int { return cmp.Compare(b.Margin, a.Margin) })
	return out[:min(limit, len(out))]
}

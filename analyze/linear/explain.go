package linear

import (
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// Word is a word of the text with what it did for a class.
type Word struct {
	opinion.Evidence
	// Margin is the part of the class's number that this word gave, above 0.
	Margin float64
}

// word is a word of a text in code points with its gain.
type word struct {
	start, end, number int32
	gain               float32
}

// Explain names the words of the last Read text that gave a class most; strongest first, at
// most limit, each word once. With sign -1 it names those that took most from it instead.
//
// What a feature gave is shared evenly among its characters where it stands first, and
// summed over each word: all words and the extras together give the number, but for its
// bias. A OneOf head is explained over the mean of its classes.
func (m *Model) Explain(t Text, id HeadID, class, limit int, sign float32, s *Scratch) []Word {
	m.share(m.heads[id].first+class, sign, s)
	s.words = s.words[:0]
	start := int32(0)
	for i, end := range t.Cuts {
		if int(end) > len(s.gains) {
			break
		}
		w := word{start: start, end: end, number: int32(i)}
		for _, g := range s.gains[start:end] {
			w.gain += g
		}
		if w.gain > 0 && s.codes[start] != 0 {
			s.keep(w, limit)
		}
		start = end
	}
	out := make([]Word, len(s.words))
	for i, w := range s.words {
		at := opinion.Span{Start: int(w.start), End: int(w.end)}
		out[i] = Word{opinion.Evidence{Span: at, Word: strings.Clone(t.spelled(w.number))}, float64(w.gain)}
	}
	return out
}

// spelled is the word of that number.
func (t *Text) spelled(number int32) string {
	from := int32(0)
	if number > 0 {
		from = t.Bytes[number-1]
	}
	return t.Body[from:t.Bytes[number]]
}

// keep puts a word among the strongest, if it is one: s.words holds at most limit, strongest
// first, each once. Of equal ones the earlier goes before.
func (s *Scratch) keep(w word, limit int) {
	if n := len(s.words); n == limit && (n == 0 || s.words[n-1].gain >= w.gain) {
		return
	}
	for i, other := range s.words {
		if slices.Equal(s.codes[w.start:w.end], s.codes[other.start:other.end]) {
			if other.gain >= w.gain {
				return
			}
			s.words = slices.Delete(s.words, i, i+1)
			break
		}
	}
	at := len(s.words)
	for at > 0 && s.words[at-1].gain < w.gain {
		at--
	}
	s.words = slices.Insert(s.words, at, w)
	s.words = s.words[:min(len(s.words), limit)]
}

// share fills s.gains, by character.
func (m *Model) share(column int, sign float32, s *Scratch) {
	if cap(s.gains) < len(s.codes) {
		s.gains = make([]float32, 2*len(s.codes))
	}
	s.gains = s.gains[:len(s.codes)]
	clear(s.gains)
	at, shift := column/8, column%8*8
	unit := float32(sign * float32(m.scales[column]*s.norm))
	for i := range s.hits {
		h := &s.hits[i]
		weight := int32(uint8(m.rows[h.feature][at]>>shift)) - 128
		if weight == 0 {
			continue
		}
		each := float32(unit*float32(weight*int32(h.value))) / float32(h.size)
		for j := range s.gains[h.start:][:h.size] {
			s.gains[int(h.start)+j] += each
		}
	}
}

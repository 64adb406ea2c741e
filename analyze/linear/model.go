package linear

import (
	"math"
	"slices"
)

// Columns bounds the numbers of all heads together: with 64 of one byte, what a feature
// says to every head is one cache line.
const Columns = 64

// Model answers the questions of its heads about a text. It is read-only and safe for
// concurrent use.
type Model struct {
	spec   Spec
	heads  []head
	keys   []uint64    // of the features, ascending
	idf    []uint16    // of each feature, in 64ths
	rows   [][8]uint64 // of each feature: a byte a column, weight plus 128
	scales []float32   // of each column
	table  table
}

// head is a question with its columns.
type head struct {
	Name        string   `json:"name"`
	Kind        Kind     `json:"kind"`
	Classes     []string `json:"classes"`
	Extras      []string `json:"extras,omitempty"`
	Temperature float64  `json:"temperature"`
	Config      Config   `json:"config"`
	Rows        int      `json:"rows"`

	first int       // column
	tail  []float32 // (extras + the bias) × classes
}

// HeadID names a head of a model; it is its place.
type HeadID int

// Head finds a head by its name; -1 when there is none.
func (m *Model) Head(name string) HeadID {
	return HeadID(slices.IndexFunc(m.heads, func(h head) bool { return h.Name == name }))
}

// Classes are the names of a head's numbers. They must not be changed.
func (m *Model) Classes(h HeadID) []string { return m.heads[h].Classes }

// Extras are the names of the caller's own numbers that a head takes, in their order.
func (m *Model) Extras(h HeadID) []string { return m.heads[h].Extras }

// Temperature is the factor of a head's margins in Probabilities.
func (m *Model) Temperature(h HeadID) float64 { return m.heads[h].Temperature }

// Features is the number of n-grams, words and signs that the model knows.
func (m *Model) Features() int { return len(m.keys) }

// Scratch is memory for one text, to be used again for the next. The zero value is ready;
// one goroutine at a time may use it, with one model.
type Scratch struct {
	codes []uint16
	occ   []occurrence
	found []int32 // their numbers, -1 of an unknown one
	hits  []hit   // each feature of the text that the model knows, once
	tf    []uint8 // of each feature, zero between texts
	sums  [Columns]int32
	norm  float32
	// touched keeps the compiler from leaving out what only warms the cache.
	touched uint64
	gains   []float32 // of each character
	words   []word
}

// hit is a known feature where it stands first.
type hit struct {
	feature int32
	start   int32
	size    uint16
	value   uint8
}

// Read reads a text for all heads. What it found stays in s until the next Read.
func (m *Model) Read(t Text, s *Scratch) {
	s.codes = codes(s.codes[:0], t.Body)
	s.occ = m.spec.occurrences(s.occ[:0], t, s.codes)
	m.find(s)
	m.sum(s)
}

// find turns occurrences into hits. It first drops most of the unknown ones without a
// branch, so that the processor loads what it needs of the others side by side.
func (m *Model) find(s *Scratch) {
	if len(s.tf) < len(m.keys) {
		s.tf = make([]uint8, len(m.keys))
	}
	n := 0
	for i := range s.occ {
		s.occ[n] = s.occ[i]
		n += m.table.mayHave(s.occ[n].key)
	}
	s.found = s.found[:0]
	for i := range s.occ[:n] {
		s.found = append(s.found, m.table.find(s.occ[i].key))
	}
	s.hits = s.hits[:0]
	for i, f := range s.found {
		if f < 0 {
			continue
		}
		o := &s.occ[i]
		before := s.tf[f]
		if before == 0 {
			s.hits = append(s.hits, hit{feature: f, start: o.start, size: o.size})
		}
		s.tf[f] = uint8(min(int(before)+int(o.count), 255))
	}
	touched := uint64(0)
	for i := range s.hits {
		touched += m.rows[s.hits[i].feature][0] // loads the rows side by side, which sum needs soon
	}
	s.touched = touched
	sum := uint64(0)
	for i := range s.hits {
		h := &s.hits[i]
		h.value = dampen[s.tf[h.feature]]
		s.tf[h.feature] = 0
		x := uint64(h.value) * uint64(m.idf[h.feature])
		sum += x * x
	}
	s.norm = 0
	if sum > 0 {
		s.norm = float32(1 / math.Sqrt(float64(sum)))
	}
}

// every second byte of a word of eight
const evenBytes = 0x00FF00FF00FF00FF

// sum adds up what the hits say to each column: eight bytes at a time, as four numbers of 16
// bits in each of two words. Values are at most 31 and bytes at most 255, so that eight hits
// fit before the sums are taken out.
func (m *Model) sum(s *Scratch) {
	s.sums = [Columns]int32{}
	total := int32(0)
	for from := 0; from < len(s.hits); from += 8 {
		var even, odd [8]uint64
		for _, h := range s.hits[from:min(from+8, len(s.hits))] {
			row, x := &m.rows[h.feature], uint64(h.value)
			total += int32(h.value)
			for i := range row {
				even[i] += (row[i] & evenBytes) * x
				odd[i] += (row[i] >> 8 & evenBytes) * x
			}
		}
		for i := range even {
			e, o, sums := even[i], odd[i], s.sums[8*i:8*i+8]
			sums[0] += int32(e & 0xFFFF)
			sums[1] += int32(o & 0xFFFF)
			sums[2] += int32(e >> 16 & 0xFFFF)
			sums[3] += int32(o >> 16 & 0xFFFF)
			sums[4] += int32(e >> 32 & 0xFFFF)
			sums[5] += int32(o >> 32 & 0xFFFF)
			sums[6] += int32(e >> 48)
			sums[7] += int32(o >> 48)
		}
	}
	for i := range s.sums {
		s.sums[i] -= 128 * total
	}
}

// Margins appends the numbers of a head for the last Read text to dst, one a class. extras
// are the caller's own numbers, as many as Extras names.
func (m *Model) Margins(dst []float32, id HeadID, extras []float32, s *Scratch) []float32 {
	h := &m.heads[id]
	at, n := len(dst), len(h.Classes)
	for i, bias := range h.tail[len(h.Extras)*n:] {
		text := float32(float32(s.sums[h.first+i]) * s.norm)
		dst = append(dst, float32(text*m.scales[h.first+i])+bias)
	}
	margins := dst[at:]
	for e, x := range extras[:len(h.Extras)] {
		if x != 0 {
			for i, w := range h.tail[e*n:][:n] {
				margins[i] += float32(x * w)
			}
		}
	}
	return dst
}

// Probabilities appends the softmax of a head's margins times its temperature to dst.
func (m *Model) Probabilities(dst []float64, id HeadID, margins []float32) []float64 {
	at, sum, highest := len(dst), 0.0, float64(slices.Max(margins))
	for _, margin := range margins {
		p := math.Exp(m.heads[id].Temperature * (float64(margin) - highest))
		dst, sum = append(dst, p), sum+p
	}
	for i := range dst[at:] {
		dst[at+i] /= sum
	}
	return dst
}

// Known is the number of features of the last text that the model knows.
func (s *Scratch) Known() int { return len(s.hits) }

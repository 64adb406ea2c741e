package linear

import (
	"math"
	"slices"
)

// Model tells classes apart. It is read-only and safe for concurrent use.
type Model struct {
	// Temperature is the factor of the margins in Probabilities. Fit sets 1.
	Temperature float64

	spec    Spec
	classes int
	extras  int
	keys    []uint64  // ascending
	idf     []float32 // of each feature
	weights []int8    // features × classes, in units of the class's scale
	scales  []float32 // of each class
	tail    []float32 // (extras + the bias) × classes
	table   table
}

// Classes is the number of classes, Extras of the caller's numbers that Read takes, and
// Features of the n-grams and words that the model knows.
func (m *Model) Classes() int { return m.classes }

// Extras is the number of the caller's numbers that Read takes.
func (m *Model) Extras() int { return m.extras }

// Features is the number of n-grams and words that the model knows.
func (m *Model) Features() int { return len(m.keys) }

// Model rounds the weights to 8 bits, in 127ths of the largest of their class.
func (f *Fitted) Model() *Model {
	c, classes := f.corpus, len(f.weights)
	m := &Model{
		Temperature: 1, spec: c.spec, classes: classes, extras: c.extras,
		keys: make([]uint64, len(f.kept)), idf: make([]float32, len(f.kept)),
		weights: make([]int8, len(f.kept)*classes), scales: make([]float32, classes),
		tail: make([]float32, (c.extras+1)*classes),
	}
	for at, feature := range f.kept {
		m.keys[at], m.idf[at] = c.keys[feature], c.idf[feature]
	}
	for class, w := range f.weights {
		largest := 0.0
		for at := range f.kept {
			largest = max(largest, math.Abs(w[at]))
		}
		scale := float32(largest / 127)
		m.scales[class] = scale
		for at := range f.kept {
			if scale > 0 {
				m.weights[at*classes+class] = int8(math.Round(w[at] / float64(scale)))
			}
		}
		for e := range c.extras {
			m.tail[e*classes+class] = float32(w[len(f.kept)+e] * f.config.Extra)
		}
		m.tail[c.extras*classes+class] = float32(w[len(w)-1])
	}
	m.table = newTable(m.keys)
	return m
}

// table finds the number of a key. Most n-grams of a text are unknown, and a bit map that
// stays in the processor's cache says so of nearly all of them.
type table struct {
	known []uint64
	keys  []uint64
	at    []int32
}

// knownBits is the size of the bit map: 64 KiB.
const knownBits = 1 << 19

func newTable(keys []uint64) table {
	size := 16
	for size < 2*len(keys) {
		size *= 2
	}
	t := table{known: make([]uint64, knownBits/64), keys: make([]uint64, size), at: make([]int32, size)}
	for i := range t.at {
		t.at[i] = -1
	}
	for n, key := range keys {
		bit := key >> 45
		t.known[bit/64] |= 1 << (bit % 64)
		i := int(key) & (size - 1)
		for t.at[i] >= 0 {
			i = (i + 1) & (size - 1)
		}
		t.keys[i], t.at[i] = key, int32(n)
	}
	return t
}

func (t *table) find(key uint64) int32 {
	bit := key >> 45
	if t.known[bit/64]>>(bit%64)&1 == 0 {
		return -1
	}
	mask := len(t.keys) - 1
	for i := int(key) & mask; ; i = (i + 1) & mask {
		if at := t.at[i]; at < 0 || t.keys[i] == key {
			return at
		}
	}
}

// Scratch is memory that Read uses again, with the results of the last Read. The zero value
// is ready.
type Scratch struct {
	// Margins has one number a class: how far the text is on its side.
	Margins []float32
	// Probabilities is filled by Model.Probabilities.
	Probabilities []float64

	codes []uint16
	occ   []occurrence
	hits  []hit // the occurrences that the model knows
	tf    []float32
	seen  []int32 // the features of hits, each once
	value []float32
	norm  float32
	words []wordScore
}

type hit struct {
	feature    int32
	start, end int32
	count      float32
}

// Read computes the margins of a text. extras has m.Extras numbers.
func (m *Model) Read(t Text, extras []float32, s *Scratch) {
	s.codes = codes(s.codes[:0], t.Body, m.spec.Signs)
	s.occ = m.spec.occurrences(s.occ[:0], t, s.codes)
	m.find(s)
	m.measure(s)
	s.Margins = append(s.Margins[:0], make([]float32, m.classes)...)
	margins := s.Margins
	for i, f := range s.seen {
		x := s.value[i]
		row := m.weights[int(f)*m.classes:][:len(margins)]
		for class, w := range row {
			margins[class] += x * float32(w)
		}
	}
	for class := range margins {
		margins[class] = float32(margins[class]*m.scales[class]) + m.tail[m.extras*m.classes+class]
	}
	for e, x := range extras[:m.extras] {
		if x != 0 {
			for class, w := range m.tail[e*m.classes:][:len(margins)] {
				margins[class] += float32(x * w)
			}
		}
	}
}

// find turns occurrences into hits, and counts each feature.
func (m *Model) find(s *Scratch) {
	for _, f := range s.seen { // of the text before
		s.tf[f] = 0
	}
	if len(s.tf) < len(m.keys) {
		s.tf = make([]float32, len(m.keys))
	}
	s.hits, s.seen = s.hits[:0], s.seen[:0]
	for _, o := range s.occ {
		f := m.table.find(o.key)
		if f < 0 {
			continue
		}
		if s.tf[f] == 0 {
			s.seen = append(s.seen, f)
		}
		s.tf[f] += o.count
		s.hits = append(s.hits, hit{f, o.start, o.end, o.count})
	}
}

// measure gives the features that were seen their values, of length 1 together.
func (m *Model) measure(s *Scratch) {
	s.value = s.value[:0]
	norm := float32(0)
	for _, f := range s.seen {
		x := dampen(s.tf[f]) * m.idf[f]
		norm += float32(x * x)
		s.value = append(s.value, x)
	}
	s.norm = 0
	if norm > 0 {
		s.norm = 1 / float32(math.Sqrt(float64(norm)))
	}
	for i := range s.value {
		s.value[i] *= s.norm
	}
}

// Probabilities turns the margins of the last Read into s.Probabilities: the softmax of the
// margins times the temperature.
func (m *Model) Probabilities(s *Scratch) {
	s.Probabilities = s.Probabilities[:0]
	highest, sum := float64(slices.Max(s.Margins)), 0.0
	for _, margin := range s.Margins {
		p := math.Exp(m.Temperature * (float64(margin) - highest))
		s.Probabilities = append(s.Probabilities, p)
		sum += p
	}
	for i := range s.Probabilities {
		s.Probabilities[i] /= sum
	}
}

package linear

import (
	"math"
	"slices"
)

// Corpus is the rows that models are trained on, as features. It is read-only and safe for
// concurrent use.
type Corpus struct {
	spec   Spec
	extras int
	keys   []uint64  // of the features, ascending
	df     []int32   // rows that hold the feature
	idf    []float32 // from all rows, labelled or not
	rows   [][]count
	extra  [][]float32
}

// count is 1+ln(tf) of a feature in a row.
type count struct {
	feature int32
	value   float32
}

// rareBelow is the number of rows that a feature must stand in to be learned from.
const rareBelow = 2

// NewCorpus reads texts. extras gives the caller's own numbers for each row, all of one
// length; nil is none. Features of fewer than two rows are left out.
func NewCorpus(texts []Text, spec Spec, extras [][]float32) *Corpus {
	c := &Corpus{spec: spec, extra: extras}
	if len(extras) > 0 {
		c.extras = len(extras[0])
	}
	type keyed struct {
		key   uint64
		count float32
	}
	raw := make([][]keyed, len(texts))
	df := map[uint64]int32{}
	var cs []uint16
	var occ []occurrence
	for i, t := range texts {
		cs = codes(cs[:0], t.Body, spec.Signs)
		occ = spec.occurrences(occ[:0], t, cs)
		slices.SortFunc(occ, func(a, b occurrence) int { return compareKeys(a.key, b.key) })
		var row []keyed
		for j := 0; j < len(occ); {
			k := keyed{key: occ[j].key}
			for ; j < len(occ) && occ[j].key == k.key; j++ {
				k.count += occ[j].count
			}
			row = append(row, k)
			df[k.key]++
		}
		raw[i] = row
	}
	for key, n := range df {
		if n >= rareBelow {
			c.keys = append(c.keys, key)
		}
	}
	slices.Sort(c.keys)
	id := make(map[uint64]int32, len(c.keys))
	for i, key := range c.keys {
		id[key] = int32(i)
		c.df = append(c.df, df[key])
		c.idf = append(c.idf, float32(math.Log(float64(1+len(texts))/float64(1+df[key])))+1)
	}
	c.rows = make([][]count, len(texts))
	for i, row := range raw {
		for _, k := range row {
			if f, ok := id[k.key]; ok {
				c.rows[i] = append(c.rows[i], count{f, dampen(k.count)})
			}
		}
		raw[i] = nil
	}
	return c
}

func compareKeys(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// dampen is 1+ln(tf).
func dampen(tf float32) float32 {
	if tf <= 1 {
		return tf
	}
	return 1 + float32(math.Log(float64(tf)))
}

// Len is the number of rows.
func (c *Corpus) Len() int { return len(c.rows) }

// Label says that a row is of a class, and how much that counts.
type Label struct {
	Row   int
	Class int
	// Weight is 1 for a label given by a person, less for a guess, and 0 for a row that is
	// measured and not learned from.
	Weight float64
}

// vector is a row as the solver sees it: ascending features, length 1, extras behind them.
type vector []count

// selection is the part of a corpus's features that a model knows.
type selection struct {
	slot []int32 // feature of the corpus to feature of the model, -1 when left out
	kept []int32 // features of the corpus
}

// vector makes the row's vector of the selected features, with extras times scale.
func (c *Corpus) vector(row int, s selection, scale float32) vector {
	return c.withExtras(c.plain(row, s), row, len(s.kept), scale)
}

// plain makes the row's vector of the selected features alone.
func (c *Corpus) plain(row int, s selection) vector {
	v := make(vector, 0, len(c.rows[row])+c.extras)
	norm := 0.0
	for _, k := range c.rows[row] {
		if at := s.slot[k.feature]; at >= 0 {
			x := k.value * c.idf[k.feature]
			norm += float64(x) * float64(x)
			v = append(v, count{at, x})
		}
	}
	if norm > 0 {
		f := float32(1 / math.Sqrt(norm))
		for i := range v {
			v[i].value *= f
		}
	}
	return v
}

// withExtras adds the row's extras, times scale, as features from first.
func (c *Corpus) withExtras(v vector, row, first int, scale float32) vector {
	if c.extras == 0 {
		return v
	}
	for i, x := range c.extra[row] {
		if x != 0 {
			v = append(v, count{int32(first + i), x * scale})
		}
	}
	return v
}

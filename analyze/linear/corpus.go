package linear

import (
	"cmp"
	"math"
	"slices"
)

// Corpus is the rows that heads are trained on, as features. It is read-only and safe for
// concurrent use.
type Corpus struct {
	spec Spec
	keys []uint64 // of the features, ascending
	df   []int32  // rows that hold the feature
	idf  []uint16 // from all rows, labelled or not, in 64ths
	rows [][]tally
}

// tally is how a feature counts in a row, in eighths: see dampen.
type tally struct {
	feature int32
	value   uint8
}

const (
	// rareBelow is the number of rows that a feature must stand in to be learned from.
	rareBelow = 2
	// idfUnit and valueUnit are the steps to which rarity and counts are rounded, so that
	// training and use reckon with the same whole numbers.
	idfUnit   = 64
	valueUnit = 8
	// maxValue bounds a count's value: 31 eighths are of 18 occurrences.
	maxValue = 31
)

// dampen is 1+ln(tf) in eighths, at most maxValue.
var dampen = func() (t [256]uint8) {
	for tf := 1; tf < len(t); tf++ {
		t[tf] = uint8(min(math.Round(valueUnit*(1+math.Log(float64(tf)))), maxValue))
	}
	return t
}()

// NewCorpus reads texts. Features of fewer than two rows are left out.
func NewCorpus(texts []Text, spec Spec) *Corpus {
	type keyed struct {
		key uint64
		tf  uint8
	}
	c := &Corpus{spec: spec, rows: make([][]tally, len(texts))}
	raw, df := make([][]keyed, len(texts)), map[uint64]int32{}
	var cs []uint16
	var occ []occurrence
	for i, t := range texts {
		cs = codes(cs[:0], t.Body)
		occ = spec.occurrences(occ[:0], t, cs)
		slices.SortFunc(occ, func(a, b occurrence) int { return cmp.Compare(a.key, b.key) })
		for j := 0; j < len(occ); {
			key, tf := occ[j].key, 0
			for ; j < len(occ) && occ[j].key == key; j++ {
				tf += int(occ[j].count)
			}
			raw[i] = append(raw[i], keyed{key, uint8(min(tf, 255))})
			df[key]++
		}
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
		idf := math.Log(float64(1+len(texts))/float64(1+df[key])) + 1
		c.idf = append(c.idf, uint16(math.Round(idf*idfUnit)))
	}
	for i, row := range raw {
		for _, k := range row {
			if f, ok := id[k.key]; ok {
				c.rows[i] = append(c.rows[i], tally{f, dampen[k.tf]})
			}
		}
		raw[i] = nil
	}
	return c
}

// Len is the number of rows.
func (c *Corpus) Len() int { return len(c.rows) }

// Vocabulary is the part of a corpus's features that heads learn from. Heads of one model
// share one.
type Vocabulary struct {
	slot []int32 // feature of the corpus to feature of the model, -1 when left out
	kept []int32 // features of the corpus, ascending
}

// Size is the number of features.
func (v Vocabulary) Size() int { return len(v.kept) }

func vocabularyWhere(wanted []bool) Vocabulary {
	v := Vocabulary{slot: make([]int32, len(wanted))}
	for i, want := range wanted {
		v.slot[i] = -1
		if want {
			v.slot[i] = int32(len(v.kept))
			v.kept = append(v.kept, int32(i))
		}
	}
	return v
}

// seenIn is the features that stand in at least so many of the rows.
func (c *Corpus) seenIn(rows []int, least int) Vocabulary {
	n, wanted := make([]int, len(c.keys)), make([]bool, len(c.keys))
	for _, row := range rows {
		for _, k := range c.rows[row] {
			n[k.feature]++
			wanted[k.feature] = n[k.feature] >= least
		}
	}
	return vocabularyWhere(wanted)
}

// term is a feature of a vector.
type term struct {
	feature int32
	value   float32
}

// vector is a row as the solver sees it: ascending features, length 1, extras behind them.
type vector []term

// vector makes the vector of a row from the features of a vocabulary.
func (c *Corpus) vector(row int, voc Vocabulary) vector {
	v := make(vector, 0, len(c.rows[row]))
	sum := uint64(0)
	for _, k := range c.rows[row] {
		if at := voc.slot[k.feature]; at >= 0 {
			x := uint64(k.value) * uint64(c.idf[k.feature])
			sum += x * x
			v = append(v, term{at, float32(x)})
		}
	}
	if sum > 0 {
		f := float32(1 / math.Sqrt(float64(sum)))
		for i := range v {
			v[i].value *= f
		}
	}
	return v
}

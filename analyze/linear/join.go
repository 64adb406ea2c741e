package linear

import (
	"math"

	"github.com/huiying/huiying/opinion"
)

// Join makes a model of heads that were fitted on one vocabulary, with the temperature of
// each, and rounds weights to 8 bits: in 127ths of the largest of a column.
func Join(fitted []*Fitted, temperatures []float64) (*Model, error) {
	first := fitted[0]
	c, voc := first.corpus, first.voc
	m := &Model{spec: c.spec, rows: make([][8]uint64, len(voc.kept)), scales: make([]float32, Columns)}
	for _, feature := range voc.kept {
		m.keys, m.idf = append(m.keys, c.keys[feature]), append(m.idf, c.idf[feature])
	}
	for i := range m.rows {
		for j := range m.rows[i] {
			m.rows[i][j] = 0x8080808080808080
		}
	}
	column := 0
	for i, f := range fitted {
		n := len(f.Head.Classes)
		if column+n > Columns {
			return nil, opinion.Errorf(opinion.CodeInvalid, "the heads have more than %d classes together", Columns)
		}
		if f.corpus != c || len(f.voc.kept) != len(voc.kept) {
			return nil, opinion.Errorf(opinion.CodeInvalid, "head %s was fitted on other features than %s", f.Head.Name, first.Head.Name)
		}
		h := head{Name: f.Head.Name, Kind: f.Head.Kind, Classes: f.Head.Classes, Extras: f.Head.ExtraNames, Temperature: temperatures[i], Config: f.Head.Config, Rows: len(f.Head.Samples), first: column}
		m.round(f, &h)
		m.heads = append(m.heads, h)
		column += n
	}
	m.table = newTable(m.keys)
	return m, nil
}

// round sets the columns and the tail of a head.
func (m *Model) round(f *Fitted, h *head) {
	weights := f.centred()
	for i, w := range weights {
		column, largest := h.first+i, 0.0
		for at := range m.rows {
			largest = max(largest, math.Abs(w[at]*float64(m.idf[at])))
		}
		if largest == 0 {
			continue
		}
		unit := largest / 127
		m.scales[column] = float32(unit)
		for at := range m.rows {
			biased := uint64(128 + int(math.Round(w[at]*float64(m.idf[at])/unit)))
			word, shift := &m.rows[at][column/8], column%8*8
			*word = *word&^(0xFF<<shift) | biased<<shift
		}
	}
	for e := range len(h.Extras) + 1 {
		for _, w := range weights {
			x := w[len(m.rows)+e]
			if e < len(h.Extras) {
				x *= f.Head.Config.Extra
			}
			h.tail = append(h.tail, float32(x))
		}
	}
}

// centred are the weights, for OneOf less the mean of all classes, which changes neither
// the order of the margins nor their softmax, and makes a weight tell what a feature says
// for a class over the others.
func (f *Fitted) centred() [][]float64 {
	out := make([][]float64, len(f.weights))
	for i, w := range f.weights {
		out[i] = append([]float64(nil), w...)
	}
	if f.Head.Kind != OneOf {
		return out
	}
	for at := range out[0] {
		mean := 0.0
		for _, w := range out {
			mean += w[at]
		}
		mean /= float64(len(out))
		for _, w := range out {
			w[at] -= mean
		}
	}
	return out
}

package linear

import (
	"cmp"
	"math"
	"slices"
)

// Config is how a model is trained.
type Config struct {
	// Cost is C of the support vector machine: what an error costs beside a large weight.
	Cost float64
	// Features bounds the features of the model; those with the largest weights are kept
	// and their weights learned anew. 0 keeps all.
	Features int
	// Epochs bounds the rounds of the solver.
	Epochs int
	// Extra is the scale of the caller's own numbers: a larger one makes their weights
	// cheaper.
	Extra float64
	// Latent is the number of dimensions of the latent space that helps to learn of words
	// the labelled rows do not hold; 0 is none. All rows of the corpus shape it, so that a
	// corpus with many unlabelled rows gains most.
	Latent int
	// Place is the scale of the place in the latent space, as Extra is.
	Place float64
	// Seed is of the order in which rows are taken.
	Seed uint64
}

// Fitted is a model before its weights are rounded: it judges rows of its corpus.
type Fitted struct {
	selection
	corpus  *Corpus
	config  Config
	weights [][]float64 // by class: features, extras, bias
}

// Fit trains a model of so many classes on the labelled rows. Rows that are not labelled
// take part only in how rare a feature is.
func (c *Corpus) Fit(labels []Label, classes int, config Config) *Fitted {
	seen := make([]bool, len(c.keys))
	for _, l := range labels {
		for _, k := range c.rows[l.Row] {
			seen[k.feature] = true
		}
	}
	f := &Fitted{selection: selectWhere(seen), corpus: c, config: config}
	if config.Features > 0 && len(f.kept) > config.Features {
		f.weights = c.solve(labels, f.selection, nil, classes, config)
		f.selection = c.strongest(f, config.Features)
	}
	var space *latent
	if config.Latent > 0 {
		all := make([]vector, len(c.rows))
		for row := range all {
			all[row] = c.plain(row, f.selection)
		}
		space = newLatent(all, len(f.kept), config.Latent, config.Seed)
	}
	f.weights = c.solve(labels, f.selection, space, classes, config)
	return f
}

func selectWhere(wanted []bool) selection {
	s := selection{slot: make([]int32, len(wanted))}
	for i, want := range wanted {
		s.slot[i] = -1
		if want {
			s.slot[i] = int32(len(s.kept))
			s.kept = append(s.kept, int32(i))
		}
	}
	return s
}

// strongest keeps the features that can move a margin most: the largest weight of any
// class, as it counts in a text, times the square root of how many texts have it.
func (c *Corpus) strongest(f *Fitted, n int) selection {
	type ranked struct {
		feature  int32
		strength float64
	}
	all := make([]ranked, len(f.kept))
	for at, feature := range f.kept {
		largest := 0.0
		for _, w := range f.weights {
			largest = max(largest, math.Abs(w[at]))
		}
		all[at] = ranked{feature, largest * float64(c.idf[feature]) * math.Sqrt(float64(c.df[feature]))}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.feature, b.feature))
	})
	wanted := make([]bool, len(c.keys))
	for _, r := range all[:n] {
		wanted[r.feature] = true
	}
	return selectWhere(wanted)
}

// solve finds the weights of the features, the extras and the bias.
func (c *Corpus) solve(labels []Label, s selection, space *latent, classes int, config Config) [][]float64 {
	features := len(s.kept)
	p := &problem{size: features + c.extras, epochs: config.Epochs, seed: config.Seed}
	if space != nil {
		p.size += space.dims
	}
	for _, l := range labels {
		if l.Weight <= 0 {
			continue
		}
		v := c.plain(l.Row, s)
		n := len(v)
		v = c.withExtras(v, l.Row, features, float32(config.Extra))
		if space != nil {
			v = append(v, space.append(slices.Clone(v[:n]), features+c.extras, float32(config.Place))[n:]...)
		}
		p.vectors = append(p.vectors, v)
		p.classes = append(p.classes, int32(l.Class))
		p.costs = append(p.costs, config.Cost*l.Weight)
	}
	weights := p.solve(classes)
	if space != nil {
		for class, w := range weights {
			space.fold(w, features, features+c.extras, config.Place)
			weights[class] = append(w[:features+c.extras:features+c.extras], w[p.size])
		}
	}
	return weights
}

// Margins tells how far a row of the corpus is on the side of every class.
func (f *Fitted) Margins(row int) []float64 {
	v := f.corpus.vector(row, f.selection, float32(f.config.Extra))
	out := make([]float64, len(f.weights))
	for class, w := range f.weights {
		sum := w[len(w)-1]
		for _, k := range v {
			sum += float64(w[k.feature] * float64(k.value))
		}
		out[class] = sum
	}
	return out
}

// Held is a labelled row with the margins of a model that had not seen it.
type Held struct {
	Label
	Margins []float64
}

// CrossValidate trains once for each fold, on the labels of all other folds, and gives the
// margins of the labels of that fold, in the order of labels. folds holds a number of each
// label; a label of fold -1 is in every training set and is not measured. Rows that are
// alike, or of one source, should be in one fold.
func (c *Corpus) CrossValidate(labels []Label, folds []int, classes int, config Config) []Held {
	out := make([]Held, len(labels))
	for fold := range slices.Max(folds) + 1 {
		var train []Label
		for i, l := range labels {
			if folds[i] != fold {
				train = append(train, l)
			}
		}
		f := c.Fit(train, classes, config)
		for i, l := range labels {
			if folds[i] == fold {
				out[i] = Held{l, f.Margins(l.Row)}
			}
		}
	}
	return slices.DeleteFunc(out, func(h Held) bool { return h.Margins == nil })
}

// Temperature is the factor of margins with which their softmax is the likeliest for the
// held rows (Guo et al. 2017, "On calibration of modern neural networks"), found by golden
// section between 1/20 and 20. Rows without weight do not count.
func Temperature(held []Held) float64 {
	loss := func(logT float64) float64 {
		t, sum := math.Exp(logT), 0.0
		for _, h := range held {
			highest, z := slices.Max(h.Margins), 0.0
			for _, m := range h.Margins {
				z += math.Exp(t * (m - highest))
			}
			sum += h.Weight * (math.Log(z) - t*(h.Margins[h.Class]-highest))
		}
		return sum
	}
	golden := (math.Sqrt(5) - 1) / 2
	low, high := -math.Log(20), math.Log(20)
	for range 60 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if loss(a) < loss(b) {
			high = b
		} else {
			low = a
		}
	}
	return math.Exp((low + high) / 2)
}

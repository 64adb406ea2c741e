package linear

import (
	"cmp"
	"math"
	"slices"
)

// Head is one question that a model answers, with the rows it is learned from. Every head
// learns by itself; heads of one model share the features and the reading of a text.
type Head struct {
	// Name is unique in a model, for example "topic31".
	Name string
	// Classes are the names of its numbers (margins), one each.
	Classes []string
	// Samples are the rows to learn from, in any order.
	Samples []Sample
	// Kind is what is learned of them.
	Kind Kind
	// Extras are the caller's own numbers of each row of the corpus, as many as ExtraNames,
	// to learn from beside the text: for example keyword points, or margins of another head.
	// Rows that the head neither learns from nor judges may have nil. Whoever applies the
	// model hands the same numbers to Model.Margins.
	Extras     [][]float32
	ExtraNames []string
	// Shift is added to the margins of each class after learning; nil is nothing. It holds
	// back a class that the samples make too likely.
	Shift  []float64
	Config Config
}

// Kind is what a head learns.
type Kind string

const (
	// OneOf: exactly one class holds; a support vector machine for each against the rest.
	// Sample.Class counts. Margins are shifted alike so that each feature's weights sum to
	// zero, which changes neither their order nor their softmax.
	OneOf Kind = "one_of"
	// AnyOf: any number of classes holds; a support vector machine each. Sample.Values has
	// 1 or -1 for each class, or 0 for a class of which the row does not tell.
	AnyOf Kind = "any_of"
)

// Sample is a row of the corpus with what is known of it.
type Sample struct {
	Row   int
	Class int
	// Values are for AnyOf, one a class.
	Values []float64
	// Weight is 1 for what a person said, less for a guess. A row of weight 0 is measured
	// and not learned from.
	Weight float64
}

// Config is how a head is trained.
type Config struct {
	// Cost is C of the support vector machine: what an error costs beside a large weight.
	Cost float64 `json:"cost"`
	// Ratio, 0 to 1, is how far features count by how telling they are of a class (log-count
	// ratios, as in a naive Bayes classifier).
	Ratio float64 `json:"ratio,omitempty"`
	// Epochs bounds the rounds of the solver; 0 is 20.
	Epochs int `json:"epochs,omitempty"`
	// Features bounds the features that CrossValidate and Choose take for the head; 0 is all.
	Features int `json:"features,omitempty"`
	// Extra is the scale of the caller's own numbers: a larger one makes their weights
	// cheaper.
	Extra float64 `json:"extra,omitempty"`
	// Latent is the number of dimensions of the latent space that helps to learn of words
	// the labelled rows do not hold; 0 is none. All rows of the corpus shape it, so that a
	// corpus with many unlabelled rows gains most.
	Latent int `json:"latent,omitempty"`
	// Place is the scale of the place in the latent space, as Extra is.
	Place float64 `json:"place,omitempty"`
	// Seed is of the order in which rows are taken.
	Seed uint64 `json:"seed"`
}

// Fitted is a head before its weights are rounded: it judges rows of its corpus.
type Fitted struct {
	Head    Head
	corpus  *Corpus
	voc     Vocabulary
	weights [][]float64 // by class: features, extras, bias
}

// Choose picks the features that a model of these heads shares: of each head its strongest
// Config.Features, as a first training on all features of its own rows tells. When they are
// more than most together, each head gives up its weakest in equal share.
func (c *Corpus) Choose(heads []Head, most int) Vocabulary {
	ranked := make([][]int32, len(heads))
	for i, h := range heads {
		ranked[i] = c.rank(h)
		if n := h.Config.Features; n > 0 && len(ranked[i]) > n {
			ranked[i] = ranked[i][:n]
		}
	}
	share := func(part float64) ([]bool, int) {
		wanted, n := make([]bool, len(c.keys)), 0
		for _, list := range ranked {
			for _, f := range list[:int(part*float64(len(list)))] {
				if !wanted[f] {
					wanted[f] = true
					n++
				}
			}
		}
		return wanted, n
	}
	low, high := 0.0, 1.0
	if wanted, n := share(1); n <= most {
		return vocabularyWhere(wanted)
	}
	for range 30 {
		if middle := (low + high) / 2; func() int { _, n := share(middle); return n }() <= most {
			low = middle
		} else {
			high = middle
		}
	}
	wanted, _ := share(low)
	return vocabularyWhere(wanted)
}

// rank orders the features of a head's rows by how far they can move a margin: the largest
// weight of any class, as it counts in a text, times the square root of how many texts
// have it.
func (c *Corpus) rank(h Head) []int32 {
	var rows []int
	for _, s := range h.Samples {
		rows = append(rows, s.Row)
	}
	first := h
	first.Config.Latent = 0
	f := c.Fit(first, c.seenIn(rows, 1))
	type ranked struct {
		feature  int32
		strength float64
	}
	all := make([]ranked, len(f.voc.kept))
	for at, feature := range f.voc.kept {
		largest := 0.0
		for _, w := range f.weights {
			largest = max(largest, math.Abs(w[at]))
		}
		all[at] = ranked{feature, largest * float64(c.idf[feature]) * math.Sqrt(float64(c.df[feature]))}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.feature, b.feature))
	})
	out := make([]int32, len(all))
	for i, r := range all {
		out[i] = r.feature
	}
	return out
}

// Fit trains a head on the features of a vocabulary.
func (c *Corpus) Fit(h Head, voc Vocabulary) *Fitted {
	var space *latent
	if h.Config.Latent > 0 {
		all := make([]vector, len(c.rows))
		for row := range all {
			all[row] = c.vector(row, voc)
		}
		space = newLatent(all, len(voc.kept), h.Config.Latent, h.Config.Seed)
	}
	return c.fit(h, voc, space)
}

func (c *Corpus) fit(h Head, voc Vocabulary, space *latent) *Fitted {
	features := len(voc.kept)
	tail := features + len(h.ExtraNames)
	p := &problem{head: h, texts: features, size: tail}
	if space != nil {
		p.size += space.dims
	}
	for _, s := range h.Samples {
		if s.Weight <= 0 {
			continue
		}
		v := c.vector(s.Row, voc)
		n := len(v)
		v = h.withExtras(v, s.Row, features)
		if space != nil {
			v = space.append(v, v[:n], tail, float32(h.Config.Place))
		}
		p.vectors, p.samples = append(p.vectors, v), append(p.samples, s)
	}
	f := &Fitted{Head: h, corpus: c, voc: voc, weights: p.solve()}
	if space != nil {
		for class, w := range f.weights {
			space.fold(w, features, tail, h.Config.Place)
			f.weights[class] = append(w[:tail:tail], w[p.size])
		}
	}
	for class, shift := range h.Shift {
		w := f.weights[class]
		w[len(w)-1] += shift
	}
	return f
}

// withExtras adds the row's extras, scaled, as features from first.
func (h *Head) withExtras(v vector, row, first int) vector {
	if len(h.ExtraNames) == 0 {
		return v
	}
	for i, x := range h.Extras[row] {
		if x != 0 {
			v = append(v, term{int32(first + i), x * float32(h.Config.Extra)})
		}
	}
	return v
}

// Margins tells how far a row of the corpus is on the side of every class.
func (f *Fitted) Margins(row int) []float64 {
	v := f.Head.withExtras(f.corpus.vector(row, f.voc), row, len(f.voc.kept))
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

// CrossValidate trains once for each fold, on the samples of all other folds, with features
// chosen from those alone, and gives for each sample the margins of the model that had not
// seen it. folds holds a number of each sample; a sample of fold -1 is in every training
// set and gets nil. Rows that are alike, or of one source, should be in one fold.
func (c *Corpus) CrossValidate(h Head, folds []int) [][]float64 {
	return c.holdOut(h, folds, func(part Head) Vocabulary { return c.Choose([]Head{part}, len(c.keys)) })
}

// HoldOut is CrossValidate on the features of a vocabulary that was chosen before, for
// margins that are another head's extras. As a measure it is a little too good: the rows
// that are held out had their part in choosing the features.
func (c *Corpus) HoldOut(h Head, folds []int, voc Vocabulary) [][]float64 {
	return c.holdOut(h, folds, func(Head) Vocabulary { return voc })
}

func (c *Corpus) holdOut(h Head, folds []int, choose func(Head) Vocabulary) [][]float64 {
	out := make([][]float64, len(h.Samples))
	for fold := range slices.Max(folds) + 1 {
		part := h
		part.Samples = nil
		for i, s := range h.Samples {
			if folds[i] != fold {
				part.Samples = append(part.Samples, s)
			}
		}
		f := c.Fit(part, choose(part))
		for i, s := range h.Samples {
			if folds[i] == fold {
				out[i] = f.Margins(s.Row)
			}
		}
	}
	return out
}

package linear

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Sample is a row with a number for each output. A weight of 0 is a row that is measured
// and not learned from.
type Sample struct {
	Row    int
	Values []float64
	Weight float64
}

// FitOutputs trains one ridge regression an output (岭回归) on the same features, so that one
// Read answers any number of questions of a text. Margins are then the outputs. Of Config,
// Cost is the weight of the squared error beside that of the squared weights.
func (c *Corpus) FitOutputs(samples []Sample, config Config) *Fitted {
	seen := make([]bool, len(c.keys))
	for _, s := range samples {
		for _, k := range c.rows[s.Row] {
			seen[k.feature] = true
		}
	}
	f := &Fitted{selection: selectWhere(seen), corpus: c, config: config}
	f.weights = c.regress(samples, f.selection, config)
	if config.Features <= 0 || len(f.kept) <= config.Features {
		return f
	}
	f.selection = c.strongest(f, config.Features)
	f.weights = c.regress(samples, f.selection, config)
	return f
}

// HoldOutputs gives, for each sample, the outputs of a regression that had not seen its
// fold. Samples of fold -1 are in every training set and get none.
func (c *Corpus) HoldOutputs(samples []Sample, folds []int, config Config) [][]float64 {
	out := make([][]float64, len(samples))
	for fold := range slices.Max(folds) + 1 {
		var train []Sample
		for i, s := range samples {
			if folds[i] != fold {
				train = append(train, s)
			}
		}
		f := c.FitOutputs(train, config)
		for i, s := range samples {
			if folds[i] == fold {
				out[i] = f.Margins(s.Row)
			}
		}
	}
	return out
}

func (c *Corpus) regress(samples []Sample, s selection, config Config) [][]float64 {
	size := len(s.kept) + c.extras
	var vectors []vector
	var used []Sample
	for _, x := range samples {
		if x.Weight > 0 {
			vectors, used = append(vectors, c.vector(x.Row, s, float32(config.Extra))), append(used, x)
		}
	}
	out := make([][]float64, len(samples[0].Values))
	var wg sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for output := range out {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			out[output] = ridge(vectors, used, output, size, config)
		})
	}
	wg.Wait()
	return out
}

// ridge minimises ½|w|² + ½Σ cost·(y-wx)² by dual coordinate descent (Ho and Lin 2012,
// "Large-scale linear support vector regression", with the loss's slack 0). The bias is the
// mean of y and is not held down.
func ridge(vectors []vector, samples []Sample, output, size int, config Config) []float64 {
	w := make([]float64, size+1)
	sum, total := 0.0, 0.0
	for _, s := range samples {
		sum += float64(s.Weight * s.Values[output])
		total += s.Weight
	}
	w[size] = sum / total
	alpha, order := make([]float64, len(vectors)), make([]int, len(vectors))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(config.Seed, uint64(output)+1))
	for range config.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		largest := 0.0
		for _, i := range order {
			slack := 1 / (config.Cost * samples[i].Weight)
			q, sum := slack, w[size]
			for _, k := range vectors[i] {
				q += float64(float64(k.value) * float64(k.value))
				sum += float64(w[k.feature] * float64(k.value))
			}
			d := (samples[i].Values[output] - sum - float64(alpha[i]*slack)) / q
			alpha[i] += d
			for _, k := range vectors[i] {
				w[k.feature] += float64(d * float64(k.value))
			}
			largest = max(largest, math.Abs(d))
		}
		if largest < 1e-3 {
			break
		}
	}
	return w
}

// Share names the words of the last Read text that raised an output most (sign 1) or
// lowered it most (sign -1), strongest first, at most limit, each word once. Parts are
// shared out as in Explain; they are above 0 for both signs.
func (m *Model) Share(t Text, output int, sign float32, limit int, s *Scratch) []Word {
	return m.explain(t, limit, s, func(h hit) float32 {
		tf := s.tf[h.feature]
		share := dampen(tf) * h.count / tf
		weight := float32(m.weights[int(h.feature)*m.classes+output]) * m.scales[output]
		return sign * share * m.idf[h.feature] * s.norm * weight
	})
}

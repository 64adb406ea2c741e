package linear

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// problem is one training set for all classes of a head.
type problem struct {
	head    Head
	vectors []vector
	samples []Sample
	texts   int // features of the text
	size    int // and what stands behind them
}

// epsilon is the gap of the projected gradients at which a solution is good enough.
const epsilon = 0.1

// epochs is how many rounds a solver has when the settings do not say.
const epochs = 20

// solve finds the weights of every class, bias last. Classes are solved side by side; each
// has random numbers of its own, so that the result does not depend on who is first.
func (p *problem) solve() [][]float64 {
	if p.head.Config.Epochs == 0 {
		p.head.Config.Epochs = epochs
	}
	out := make([][]float64, len(p.head.Classes))
	var wg sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for class := range out {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			random := rand.New(rand.NewPCG(p.head.Config.Seed, uint64(class)+1))
			scale := p.ratios(class)
			out[class] = p.scaled(scale).machine(class, random)
			for f, r := range scale {
				out[class][f] *= r
			}
		})
	}
	wg.Wait()
	return out
}

// side is 1 or -1 for a sample of a class or of the rest, 0 for one that does not tell.
func (p *problem) side(sample, class int) float64 {
	s := &p.samples[sample]
	switch {
	case p.head.Kind == AnyOf:
		return s.Values[class]
	case s.Class == class:
		return 1
	}
	return -1
}

// ratios are how telling each feature of the text is of a class: the size of the logarithm
// of the ratio of its shares among the class's samples and the others, which a naive Bayes
// classifier goes by (Wang and Manning 2012, "Baselines and bigrams"), mixed with 1 as
// Config.Ratio says. A machine that sees features scaled by it gives the telling ones their
// weight more cheaply. It is nil when the settings ask for none.
func (p *problem) ratios(class int) []float64 {
	mix := p.head.Config.Ratio
	if mix == 0 {
		return nil
	}
	in, out := make([]float64, p.texts+1), make([]float64, p.texts+1)
	for i, v := range p.vectors {
		side := p.side(i, class)
		if side == 0 {
			continue
		}
		n := out
		if side > 0 {
			n = in
		}
		n[p.texts] += p.samples[i].Weight
		for _, k := range v {
			if int(k.feature) < p.texts {
				n[k.feature] += p.samples[i].Weight
			}
		}
	}
	share := func(n []float64, f int) float64 { return math.Log((n[f] + 1) / (n[p.texts] + 2)) }
	scale := make([]float64, p.texts)
	for f := range scale {
		scale[f] = 1 - mix + float64(mix*math.Abs(share(in, f)-share(out, f)))
	}
	return scale
}

// scaled is the problem with its vectors' text features scaled; nil changes nothing.
func (p *problem) scaled(scale []float64) *problem {
	if scale == nil {
		return p
	}
	out := *p
	out.vectors = make([]vector, len(p.vectors))
	for i, v := range p.vectors {
		out.vectors[i] = make(vector, len(v))
		for j, k := range v {
			if int(k.feature) < p.texts {
				k.value *= float32(scale[k.feature])
			}
			out.vectors[i][j] = k
		}
	}
	return &out
}

func dot(w []float64, v vector) float64 {
	sum := w[len(w)-1]
	for _, k := range v {
		sum += float64(w[k.feature] * float64(k.value))
	}
	return sum
}

func addTo(w []float64, v vector, d float64) {
	for _, k := range v {
		w[k.feature] += float64(d * float64(k.value))
	}
	w[len(w)-1] += d
}

// machine minimises ½|w|² + Σ cost·max(0, 1-y·wx)² by dual coordinate descent with
// shrinking (Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear
// SVM", algorithm 3). Products are rounded by conversion before they are added, so that no
// processor fuses the two.
func (p *problem) machine(class int, random *rand.Rand) []float64 {
	w := make([]float64, p.size+1)
	alpha := make([]float64, len(p.vectors))
	q := make([]float64, len(p.vectors)) // diagonal of the dual's matrix
	y := make([]float64, len(p.vectors))
	soft := make([]float64, len(p.vectors))
	var active []int32
	for i, v := range p.vectors {
		if y[i] = p.side(i, class); y[i] == 0 {
			continue
		}
		soft[i] = 0.5 / float64(p.head.Config.Cost*p.samples[i].Weight)
		q[i] = 1 + soft[i] // 1 is the bias
		for _, k := range v {
			q[i] += float64(float64(k.value) * float64(k.value))
		}
		active = append(active, int32(i))
	}
	limit, size, all := math.Inf(1), len(active), len(active)
	for range p.head.Config.Epochs {
		random.Shuffle(size, func(i, j int) { active[i], active[j] = active[j], active[i] })
		highest, lowest := math.Inf(-1), math.Inf(1)
		for s := 0; s < size; s++ {
			i := active[s]
			g := float64(y[i]*dot(w, p.vectors[i])) - 1 + float64(alpha[i]*soft[i])
			projected := g
			if alpha[i] == 0 {
				if g > limit {
					size--
					active[s], active[size] = active[size], active[s]
					s--
					continue
				}
				projected = min(g, 0)
			}
			highest, lowest = max(highest, projected), min(lowest, projected)
			if math.Abs(projected) < 1e-12 {
				continue
			}
			old := alpha[i]
			alpha[i] = max(old-g/q[i], 0)
			addTo(w, p.vectors[i], float64((alpha[i]-old)*y[i]))
		}
		if highest-lowest <= epsilon {
			if size == all {
				break
			}
			size, limit = all, math.Inf(1)
			continue
		}
		if limit = highest; highest <= 0 {
			limit = math.Inf(1)
		}
	}
	return w
}

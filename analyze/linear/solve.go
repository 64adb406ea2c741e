package linear

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// problem is one training set for all classes.
type problem struct {
	vectors []vector
	classes []int32
	costs   []float64 // C times the weight of the row
	size    int       // features and extras
	epochs  int
	seed    uint64
}

// epsilon is the gap of the projected gradients at which a solution is good enough.
const epsilon = 0.1

// solve finds the weights of a class against the rest, bias last, for every class. Classes
// are solved side by side; each has random numbers of its own, so that the result does not
// depend on who is first.
func (p *problem) solve(classes int) [][]float64 {
	out := make([][]float64, classes)
	var wg sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for class := range classes {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			out[class] = p.solveOne(int32(class))
		})
	}
	wg.Wait()
	return out
}

// solveOne minimises ½|w|² + Σ cost·max(0, 1-y·wx)² by dual coordinate descent with
// shrinking (Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear
// SVM", algorithm 3). Products are rounded by conversion before they are added, so that no
// processor fuses the two.
func (p *problem) solveOne(class int32) []float64 {
	n := len(p.vectors)
	w := make([]float64, p.size+1)
	alpha := make([]float64, n)
	q := make([]float64, n) // diagonal of the dual's matrix
	active := make([]int32, n)
	for i, v := range p.vectors {
		q[i] = 1 + 0.5/p.costs[i] // 1 is the bias
		for _, k := range v {
			q[i] += float64(float64(k.value) * float64(k.value))
		}
		active[i] = int32(i)
	}
	random := rand.New(rand.NewPCG(p.seed, uint64(class)+1))
	limit, size := math.Inf(1), n
	for range p.epochs {
		random.Shuffle(size, func(i, j int) { active[i], active[j] = active[j], active[i] })
		highest, lowest := math.Inf(-1), math.Inf(1)
		for s := 0; s < size; s++ {
			i := active[s]
			y := -1.0
			if p.classes[i] == class {
				y = 1
			}
			sum := w[p.size]
			for _, k := range p.vectors[i] {
				sum += float64(w[k.feature] * float64(k.value))
			}
			g := float64(y*sum) - 1 + float64(alpha[i]*(0.5/p.costs[i]))
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
			d := float64((alpha[i] - old) * y)
			for _, k := range p.vectors[i] {
				w[k.feature] += float64(d * float64(k.value))
			}
			w[p.size] += d
		}
		if highest-lowest <= epsilon {
			if size == n {
				break
			}
			size, limit = n, math.Inf(1)
			continue
		}
		if limit = highest; highest <= 0 {
			limit = math.Inf(1)
		}
	}
	return w
}

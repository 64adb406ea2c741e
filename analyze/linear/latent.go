package linear

import (
	"math"
	"math/rand/v2"
	"sync"
)

// latent is a subspace of the space of features in which the rows of a corpus lie best:
// features that stand in like texts point the same way (latent semantic analysis,
// Deerwester et al. 1990). A classifier that also sees where a text lies in it learns of
// words that its labelled rows do not hold. Because the place is linear in the features,
// the weights on it fold into the weights of the features, and cost nothing in use.
type latent struct {
	dims  int
	basis []float32 // features × dims, orthonormal columns
}

// latentRounds is the number of subspace iterations (Halko et al. 2011, "Finding structure
// with randomness", algorithm 4.4).
const latentRounds = 4

// newLatent finds the subspace of so many dimensions for vectors of so many features.
func newLatent(vectors []vector, features, dims int, seed uint64) *latent {
	l := &latent{dims: dims, basis: make([]float32, features*dims)}
	random := rand.New(rand.NewPCG(seed, 0x6C6174656E74))
	for i := range l.basis {
		l.basis[i] = float32(random.NormFloat64())
	}
	l.orthonormalise(features)
	for range latentRounds {
		next := make([]float32, len(l.basis))
		half := (dims + 1) / 2
		var wg sync.WaitGroup
		for _, part := range [][2]int{{0, half}, {half, dims}} {
			wg.Go(func() { l.multiply(vectors, next, part[0], part[1]) })
		}
		wg.Wait()
		l.basis = next
		l.orthonormalise(features)
	}
	return l
}

// multiply adds AᵀA times the columns [from, to) of the basis to next.
func (l *latent) multiply(vectors []vector, next []float32, from, to int) {
	y := make([]float32, to-from)
	for _, v := range vectors {
		clear(y)
		for _, k := range v {
			row := l.basis[int(k.feature)*l.dims+from:][:len(y)]
			for d, b := range row {
				y[d] += float32(k.value * b)
			}
		}
		for _, k := range v {
			row := next[int(k.feature)*l.dims+from:][:len(y)]
			for d := range row {
				row[d] += float32(k.value * y[d])
			}
		}
	}
}

// orthonormalise is the modified Gram-Schmidt process on the columns, by rows of the
// triangular factor: two passes over memory for each column.
func (l *latent) orthonormalise(features int) {
	column := make([]float32, features)
	dot := make([]float64, l.dims)
	for j := range l.dims {
		norm := 0.0
		for f := range features {
			x := float64(l.basis[f*l.dims+j])
			norm += float64(x * x)
		}
		scale := float32(0)
		if norm > 0 {
			scale = float32(1 / math.Sqrt(norm))
		}
		clear(dot)
		for f := range features {
			row := l.basis[f*l.dims:][:l.dims]
			row[j] *= scale
			column[f] = row[j]
			for d := j + 1; d < l.dims; d++ {
				dot[d] += float64(float64(row[j]) * float64(row[d]))
			}
		}
		for f := range features {
			row := l.basis[f*l.dims:][:l.dims]
			for d := j + 1; d < l.dims; d++ {
				row[d] -= float32(column[f] * float32(dot[d]))
			}
		}
	}
}

// append adds the place of a vector in the subspace, times scale, to dst as features from
// first.
func (l *latent) append(dst, v vector, first int, scale float32) vector {
	place := make([]float32, l.dims)
	for _, k := range v {
		for d, b := range l.basis[int(k.feature)*l.dims:][:l.dims] {
			place[d] += float32(k.value * b)
		}
	}
	for d, x := range place {
		dst = append(dst, term{int32(first + d), x * scale})
	}
	return dst
}

// fold turns the weights on features and on places, which stand from first, into weights on
// features alone.
func (l *latent) fold(w []float64, features, first int, scale float64) {
	for f := range features {
		sum := 0.0
		for d, b := range l.basis[f*l.dims:][:l.dims] {
			sum += float64(float64(b) * w[first+d])
		}
		w[f] += float64(scale * sum)
	}
}

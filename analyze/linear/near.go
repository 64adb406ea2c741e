package linear

import (
	"math/bits"
	"slices"
)

// Groups puts texts that are alike into one group, and gives the group of each: the number
// of its first text. Texts are alike when, of the pairs of neighbouring letters within their
// words, the one that has more shares at least share with the other; so a text is found
// again when only its cut words are left. Texts of few pairs are alike when all are the same.
//
// It compares texts of which several of the pairs with the smallest hashes agree (Broder
// 1997, "On the resemblance and containment of documents"), which finds nearly all.
func Groups(texts []Text, share float64) []int {
	sets, group := make([][]uint32, len(texts)), make([]int, len(texts))
	var cs []uint16
	for i, t := range texts {
		cs = codes(cs[:0], t.Body)
		sets[i], group[i] = pairs(cs, t.Cuts), i
	}
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	candidates(sets, func(i, j int) {
		larger := max(len(sets[i]), len(sets[j]))
		if a, b := root(i), root(j); a != b && float64(common(sets[i], sets[j])) >= share*float64(larger) {
			group[max(a, b)] = min(a, b)
		}
	})
	for i := range group {
		group[i] = root(i)
	}
	return group
}

const (
	sketch   = 24  // smallest pairs by which texts are found
	agree    = 4   // of them that two texts have in common to be compared
	frequent = 800 // texts of a pair beyond which it finds nothing more
)

// candidates calls compare with each two texts that may be alike.
func candidates(sets [][]uint32, compare func(i, j int)) {
	byPair, hits := map[uint32][]int32{}, make([]uint8, len(sets))
	var touched []int32
	for i, set := range sets {
		touched = touched[:0]
		small := set[:min(len(set), sketch)]
		for _, p := range small {
			list := byPair[p]
			if len(list) >= frequent {
				continue
			}
			for _, j := range list {
				if hits[j] == 0 {
					touched = append(touched, j)
				}
				hits[j]++
			}
			byPair[p] = append(list, int32(i))
		}
		for _, j := range touched {
			if int(hits[j]) >= min(agree, len(small), len(sets[j])) {
				compare(i, int(j))
			}
			hits[j] = 0
		}
	}
}

// pairs are hashes of the pairs of neighbouring letters within words, ascending, each once.
func pairs(cs []uint16, cuts []int32) []uint32 {
	var out []uint32
	start := 0
	for _, cut := range cuts {
		end := min(int(cut), len(cs))
		for i := start; i+1 < end; i++ {
			a, b := cs[i], cs[i+1]
			if a != 0 && b != 0 && !isSign(a) && !isSign(b) {
				out = append(out, uint32(bits.ReverseBytes64(spread(uint64(a)<<16|uint64(b)))))
			}
		}
		start = end
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// common counts what two ascending lists share.
func common(a, b []uint32) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}

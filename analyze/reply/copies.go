package reply

import (
	"slices"
	"unicode"
)

// The sketch of a text: minima of its shingles under 32 hash functions, in eight bands of
// four. Two texts with nine in ten shingles in common share a band with a chance of 0.9999,
// two with half of them in common with 0.40 (and are then told apart by counting).
const (
	shingleLength = 5
	bands         = 8
	bandRows      = 4
)

// Copy is a group of replies that say the same (复制粘贴): the same text to different posts.
type Copy struct {
	// Members are the positions of the replies, ascending; the first stands for the group.
	Members []int `json:"members"`
	// Likeness is the least share of shingles that a member has in common with the first, 0
	// to 1; 1 are texts that are equal but for names, dates and numbers.
	Likeness float64 `json:"likeness"`
}

// Copies finds the replies in a set that are alike. Names of accounts, numbers, dates and
// punctuation do not count. A reply joins a group when it shares at least the given part of
// its shingles (five characters in a row) with the group's first reply; 0.9 is what
// "the same" takes. Replies with fewer than eight letters are left out. Groups come in the
// order of their first members. The cost grows with the number of replies and the size of
// the groups, not with its square.
func Copies(replies []string, likeness float64) []Copy {
	heads := map[uint64][]int{} // band value to first members
	at := map[int]int{}         // first member to group
	shingles := map[int][]uint64{}
	var groups []Copy
	for i, text := range replies {
		set := shinglesOf(text)
		if len(set) == 0 {
			continue
		}
		keys := bandKeys(set)
		head, alike := nearest(set, keys, heads, shingles, likeness)
		if head < 0 {
			shingles[i] = set
			at[i] = len(groups)
			groups = append(groups, Copy{Members: []int{i}, Likeness: 1})
			for _, k := range keys {
				heads[k] = append(heads[k], i)
			}
			continue
		}
		g := &groups[at[head]]
		g.Members = append(g.Members, i)
		g.Likeness = min(g.Likeness, alike)
	}
	return slices.DeleteFunc(groups, func(g Copy) bool { return len(g.Members) < 2 })
}

// nearest is the first member, among those that share a band, that is most like the set; -1
// when none is like enough.
func nearest(set []uint64, keys []uint64, heads map[uint64][]int, of map[int][]uint64, likeness float64) (head int, alike float64) {
	head = -1
	tried := map[int]bool{}
	for _, k := range keys {
		for _, h := range heads[k] {
			if tried[h] {
				continue
			}
			tried[h] = true
			if j := jaccard(set, of[h]); j >= likeness && (j > alike || j == alike && h < head) {
				head, alike = h, j
			}
		}
	}
	return head, alike
}

// shinglesOf are the hashes of all runs of five letters, ascending and without repetition.
func shinglesOf(text string) []uint64 {
	var letters []rune
	last := ' '
	for _, r := range nameTag.ReplaceAllString(text, "") {
		date := unicode.IsDigit(last) && (r == '年' || r == '月' || r == '日')
		if last = r; unicode.IsLetter(r) && !date {
			letters = append(letters, r)
		}
		if len(letters) == maxRunes {
			break
		}
	}
	if len(letters) < 8 {
		return nil
	}
	var set []uint64
	for i := 0; i+shingleLength <= len(letters); i++ {
		h := uint64(14695981039346656037) // FNV-1a
		for _, r := range letters[i : i+shingleLength] {
			h = (h ^ uint64(r)) * 1099511628211
		}
		set = append(set, mix(h))
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// mix spreads a hash over all bits (the finaliser of SplitMix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func bandKeys(set []uint64) []uint64 {
	keys := make([]uint64, bands)
	for b := range bands {
		key := uint64(b + 1)
		for row := range bandRows {
			salt := mix(uint64(b*bandRows+row+1) * 0x9e3779b97f4a7c15)
			least := uint64(1<<64 - 1)
			for _, h := range set {
				least = min(least, mix(h^salt))
			}
			key = mix(key ^ least)
		}
		keys[b] = key
	}
	return keys
}

// jaccard is the share of common members of two ascending sets.
func jaccard(a, b []uint64) float64 {
	common, i, k := 0, 0, 0
	for i < len(a) && k < len(b) {
		switch {
		case a[i] < b[k]:
			i++
		case a[i] > b[k]:
			k++
		default:
			common, i, k = common+1, i+1, k+1
		}
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

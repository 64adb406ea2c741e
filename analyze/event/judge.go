package event

import (
	_ "embed"
	"encoding/binary"
	"math"
)

// judgeFile holds the trees by which two posts are judged to be of one matter: gradient
// boosting with the logistic loss (Friedman 2001, "Greedy function approximation"), learned
// by TestJudge on public messages whose matters were read by people.
//
//go:embed judge.bin
var judgeFile []byte

// depth is the depth of a tree.
const depth = 3

const (
	inner  = 1<<depth - 1
	leaves = 1 << depth
)

// tree is a complete binary tree: node n goes to 2n+1 when the feature is at most the cut,
// else to 2n+2.
type tree struct {
	feature [inner]uint8
	cut     [inner]float32
	leaf    [leaves]float32
}

// judge sums up its trees.
type judge struct {
	bias  float32
	trees []tree
}

// verdict is the log-odds that two posts with these features are of one matter. Posts that
// name different districts are not, nor are those that have no name in common: two gas leaks
// on one day are two matters. Titles that name different bodies or places of one kind
// and none in common speak against it when neither post speaks of the other's; and settle it
// when the posts say the same otherwise: one complaint is written about many estates.
func (j *judge) verdict(f *[features]float32) float32 {
	different := f[fClash] > 0 && f[fAnchors] == 0
	switch {
	case f[fDistrict] < 0, f[fNames] < noName, f[fCommon] < leastCommon, different && f[fTheme] >= sameTheme:
		return absent
	case different:
		return j.sum(f) - clashCosts
	default:
		return j.sum(f)
	}
}

const (
	noName      = 0.02
	leastCommon = 12 // two rare names, or three that are less so: short posts share one by chance
	sameTheme   = 0.7
	clashCosts  = 1
)

// sum adds up the trees.
func (j *judge) sum(f *[features]float32) float32 {
	z := j.bias
	for i := range j.trees {
		t := &j.trees[i]
		n := 0
		for range depth {
			if f[t.feature[n]] <= t.cut[n] {
				n = 2*n + 1
			} else {
				n = 2*n + 2
			}
		}
		z += t.leaf[n-inner]
	}
	return z
}

var matters = readJudge(judgeFile)

func readJudge(b []byte) *judge {
	word := func() uint32 {
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return n
	}
	number := func() float32 { return math.Float32frombits(word()) }
	j := &judge{trees: make([]tree, word()), bias: number()}
	for i := range j.trees {
		t := &j.trees[i]
		for n := range inner {
			t.feature[n], t.cut[n] = uint8(word()), number()
		}
		for n := range leaves {
			t.leaf[n] = number()
		}
	}
	return j
}

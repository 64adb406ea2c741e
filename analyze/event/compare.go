package event

import (
	"math"
	"slices"
)

// Features of a comparison of two posts, in the order in which the judge learned them.
const (
	fNames       = iota  // cosine of the names, rare ones counting more
	fTheme               // cosine of the theme words
	fBoth                // geometric mean of the two
	fCoveredLess         // share of the names of a title that the other post has, of the two titles the smaller
	fCoveredMore         // and the larger
	fMissLess            // rarest name of a title that the other post lacks, the smaller
	fMissMore            // and the larger
	fShared              // rarest name that both titles have
	fSaidLess            // share of the theme words of a title that the other post has, the smaller
	fSaidMore            // and the larger
	fFirstLess           // share of the heaviest name of a title, a run of pairs, the smaller
	fFirstMore           // and the larger
	fAnyLess             // the same of the run that is best covered, the smaller
	fAnyMore             // and the larger
	fDistrict            // 1 for a district in common, -1 for districts on both sides and none in common
	fAnchors             // kinds of anchor in common, 0 to 2
	fClash               // kinds of anchor that both have and that differ, 0 to 2
	fPlace               // cosine in the space of themes
	fGap                 // time between them: ln(1+days)/5
	asked                // so many the judge has learned
	fCommon      = asked // how rare the names in common are together, for a rule
	features     = asked + 1
)

// view is a sketch with how rare its names are at the moment.
type view struct {
	*sketch
	rare [maxNames]float32 // by names
	norm float32           // length of the names' weights
}

// see makes a view.
func (v *view) see(s *sketch, rarity func(name uint32) float32) {
	v.sketch = s
	sum := float32(0)
	for i, t := range s.names {
		v.rare[i] = rarity(t.hash())
		x := namesWeight(t, v.rare[i])
		sum += float32(x * x)
	}
	v.norm = float32(math.Sqrt(float64(sum)))
}

// namesWeight is a name's weight in the cosine: its own times its rarity to the power of 1.5.
func namesWeight(t term, rare float32) float32 {
	return float32(t.weight()) * rare * float32(math.Sqrt(float64(rare)))
}

// meeting is which of the names of two sketches are met by the other.
type meeting struct{ a, b [maxNames]bool }

// compare holds two posts against each other; which of them is which does not matter.
func compare(a, b *view, m *meeting, f *[features]float32) {
	*m = meeting{}
	dot, common := meet(a, b, m)
	f[fNames], f[fCommon] = ratio(dot, float32(a.norm*b.norm)), common
	f[fTheme] = cosine(a.theme, b.theme)
	f[fBoth] = float32(math.Sqrt(float64(f[fNames] * f[fTheme])))
	ca, ma := cover(a, &m.a)
	cb, mb := cover(b, &m.b)
	f[fCoveredLess], f[fCoveredMore] = min(ca, cb), max(ca, cb)
	f[fMissLess], f[fMissMore] = min(ma, mb)/8, max(ma, mb)/8
	f[fShared] = shared(a, b, m) / 8
	sa, sb := said(a.theme, b.theme), said(b.theme, a.theme)
	f[fSaidLess], f[fSaidMore] = min(sa, sb), max(sa, sb)
	fa, aa := runs(a, &m.a)
	fb, ab := runs(b, &m.b)
	f[fFirstLess], f[fFirstMore] = min(fa, fb), max(fa, fb)
	f[fAnyLess], f[fAnyMore] = min(aa, ab), max(aa, ab)
	f[fDistrict] = districts(a.districts, b.districts)
	f[fAnchors], f[fClash] = anchors(a, b)
	f[fPlace] = near(&a.place, &b.place)
	f[fGap] = float32(math.Log1p(math.Abs(float64(a.day-b.day))) / 5)
}

// half stands for a share of nothing.
const half = 0.5

func ratio(a, b float32) float32 {
	if b == 0 {
		return 0
	}
	return a / b
}

// meet marks the names in common and returns the product of their weights, and how rare they
// are together.
func meet(a, b *view, m *meeting) (dot, common float32) {
	for i, j := 0, 0; i < len(a.names) && j < len(b.names); {
		x, y := a.names[i].hash(), b.names[j].hash()
		switch {
		case x < y:
			i++
		case y < x:
			j++
		default:
			dot += float32(namesWeight(a.names[i], a.rare[i]) * namesWeight(b.names[j], b.rare[j]))
			common += a.rare[i]
			m.a[i], m.b[j] = true, true
			i, j = i+1, j+1
		}
	}
	return dot, common
}

// cover is the share of the names of a title that are met, and how rare the rarest is that
// is not.
func cover(v *view, met *[maxNames]bool) (share, miss float32) {
	all, hit := float32(0), float32(0)
	for i, t := range v.names {
		if t&inTitle == 0 {
			continue
		}
		all += v.rare[i]
		if met[i] {
			hit += v.rare[i]
		} else {
			miss = max(miss, v.rare[i])
		}
	}
	if all == 0 {
		return half, miss
	}
	return hit / all, miss
}

// shared is how rare the rarest name is that both titles have.
func shared(a, b *view, m *meeting) (rarest float32) {
	for i, t := range a.names {
		if t&inTitle == 0 || !m.a[i] {
			continue
		}
		if j, found := find(b.names, t.hash()); found && b.names[j]&inTitle != 0 {
			rarest = max(rarest, a.rare[i])
		}
	}
	return rarest
}

// cosine of two lists of words.
func cosine(a, b []term) float32 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for _, t := range a {
		aa += t.weight() * t.weight()
	}
	i := 0
	for _, t := range b {
		bb += t.weight() * t.weight()
		for i < len(a) && a[i].hash() < t.hash() {
			i++
		}
		if i < len(a) && a[i].hash() == t.hash() {
			ab += a[i].weight() * t.weight()
		}
	}
	if ab == 0 {
		return 0
	}
	return float32(ab / math.Sqrt(aa*bb))
}

// said is the share of the theme words of a title that another post has.
func said(a, b []term) float32 {
	all, hit, j := 0.0, 0.0, 0
	for _, t := range a {
		if t&inTitle == 0 {
			continue
		}
		for j < len(b) && b[j].hash() < t.hash() {
			j++
		}
		all += t.weight()
		if j < len(b) && b[j].hash() == t.hash() {
			hit += t.weight()
		}
	}
	if all == 0 {
		return half
	}
	return float32(hit / all)
}

// runs are the runs of rare pairs in a title, which are its names: the share of pairs that
// are met of the heaviest, and of the one that is met best.
func runs(v *view, met *[maxNames]bool) (first, best float32) {
	first, best = half, half
	heaviest, found := float32(0), false
	weight, pairs, hit := float32(0), 0, 0
	end := func() {
		if pairs == 0 {
			return
		}
		share := float32(hit) / float32(pairs)
		if weight > heaviest {
			heaviest, first = weight, share
		}
		if !found || share > best {
			found, best = true, share
		}
		weight, pairs, hit = 0, 0, 0
	}
	for _, index := range v.line {
		if index == 0 || v.rare[index-1] < rareEnough {
			end()
			continue
		}
		weight, pairs = weight+v.rare[index-1], pairs+1
		if met[index-1] {
			hit++
		}
	}
	end()
	return first, best
}

// rareEnough is how rare a pair must be to be part of a name.
const rareEnough = 3.5

func districts(a, b []uint16) float32 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	for _, d := range a {
		if slices.Contains(b, d) {
			return 1
		}
	}
	return -1
}

// anchors counts the kinds of anchor that two titles share, and those in which they differ
// although neither post speaks of the other's.
func anchors(a, b *view) (same, clash float32) {
	for kind := range uint32(len(anchorWords)) {
		na, nb, common, known := 0, 0, false, false
		for _, x := range a.anchors {
			if x>>hashBits == kind {
				na++
				common = common || slices.Contains(b.anchors, x)
				known = known || has(b.names, x)
			}
		}
		for _, x := range b.anchors {
			if x>>hashBits == kind {
				nb++
				known = known || has(a.names, x)
			}
		}
		switch {
		case common:
			same++
		case na > 0 && nb > 0 && !known:
			clash++
		}
	}
	return min(same, 2), min(clash, 2)
}

func has(names []term, anchor uint32) bool {
	_, found := find(names, anchor&(1<<hashBits-1))
	return found
}

// near is the cosine of two places.
func near(a, b *[dims]int8) float32 {
	sum := int32(0)
	for k, x := range a {
		sum += int32(x) * int32(b[k])
	}
	return float32(sum) / (127 * 127)
}

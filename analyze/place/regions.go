package place

import (
	"slices"
	"strings"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion/policy"
)

// side tells how a region lies to the district.
type side uint8

const (
	away   side = iota // another place
	ours               // the district itself
	around             // a region that the district lies in
)

// region is one name of the country's division, as the lexicon knows it by its number.
type region struct {
	side side
	// root is the widest region that the name lies in and the district does not: posts
	// about two roots are about neither. -1 when units of several roots have the name.
	root     int
	full     bool   // the whole name, not a short one
	province bool   // a root of its own, not a district inside a region around ours
	district bool   // 区, of Region.Counties
	inside   bool   // the root lies in a region around the district
	path     string // what is shown: 河北省邯郸市
}

// Regions knows which names are other places. It is read-only and safe for concurrent use.
type Regions struct {
	list  []region
	roots int
}

// NewRegions compiles the division of the country as seen from a district, and adds its
// names to list in b.
func NewRegions(d policy.District, division []policy.Region, b *lexicon.Builder, list lexicon.List) *Regions {
	c := compiler{d: d, g: &Regions{}, ids: map[string]int{}}
	c.add(d.Name, region{side: ours, root: -1, full: true, path: d.Name})
	for _, a := range slices.Concat(d.Aliases, d.Landmarks) {
		c.add(a, region{side: ours, root: -1, path: d.Name})
	}
	c.walk(division, region{side: around, root: -1})
	for name, id := range c.ids {
		b.Add(list, int32(id), name)
	}
	return c.g
}

type compiler struct {
	d   policy.District
	g   *Regions
	ids map[string]int
}

// walk takes in a list of regions that lie in parent.
func (c *compiler) walk(list []policy.Region, parent region) {
	for _, r := range list {
		at := c.within(parent, r.Name)
		c.add(r.Name, at)
		for _, a := range r.Aliases {
			short := at
			short.full = isFull(a)
			c.add(a, short)
		}
		for _, n := range r.Counties {
			county := c.within(at, n)
			county.district = strings.HasSuffix(n, "区")
			c.add(n, county)
		}
		c.walk(r.Parts, at)
	}
}

// within places a region of that name in its parent. What lies in the district is ours.
func (c *compiler) within(parent region, name string) region {
	r := region{side: away, root: parent.root, inside: parent.inside, full: true, path: parent.path + name}
	switch {
	case parent.side == ours || parent.side == around && name == c.d.Name:
		r.side = ours
	case parent.side == around && slices.Contains(c.d.Within, name):
		r.side = around
	case r.root < 0:
		r.root, r.inside = c.g.roots, parent.path != ""
		r.province = !r.inside
		c.g.roots++
	}
	return r
}

// add takes a name in. A name that is ours stays ours; one that lies in several roots
// belongs to none of them.
func (c *compiler) add(name string, r region) {
	id, known := c.ids[name]
	if !known {
		c.ids[name] = len(c.g.list)
		c.g.list = append(c.g.list, r)
		return
	}
	switch old := &c.g.list[id]; {
	case old.side == ours || r.side == ours:
		old.side, old.root = ours, -1
	case old.side == around || r.side == around:
		old.side, old.root = around, -1
	case old.root != r.root:
		old.root, old.path = -1, name
	}
}

// isFull tells a whole name by its last character. Names in 州 may be short ones (苏州).
func isFull(name string) bool {
	for _, end := range []string{"省", "市", "区", "县", "盟", "旗"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

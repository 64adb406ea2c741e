// Package place tells on whose ground a post lies (属地), from the names of streets,
// communities, roads and estates in the policy.
package place

import (
	"slices"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Bounds of what is shown.
const (
	maxStreets  = 8
	maxEvidence = 16
)

// Gazetteer knows the names. It is read-only and safe for concurrent use.
type Gazetteer struct {
	streets [][]string // of a name, unit IDs; several where offices share it
	not     []bool     // of a name: it holds one of ours and lies elsewhere
}

// New compiles the places and adds their names and aliases to list in b.
func New(places []policy.Place, b *lexicon.Builder, list lexicon.List) *Gazetteer {
	g := &Gazetteer{}
	ids := map[string]int32{}
	for _, p := range places {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			id, known := ids[name]
			if !known {
				id = int32(len(g.streets))
				ids[name] = id
				g.streets, g.not = append(g.streets, nil), append(g.not, p.Not)
				b.Add(list, id, name)
			}
			if p.Street != "" && !slices.Contains(g.streets[id], p.Street) {
				g.streets[id] = append(g.streets[id], p.Street)
			}
		}
	}
	return g
}

// Find returns the street offices of the names in matches, sorted, with the names. A
// name that several offices share counts only when no other name decides between them.
func (g *Gazetteer) Find(body string, matches []lexicon.Match, list lexicon.List) (streets []string, places []opinion.Evidence) {
	var shared []string
	for _, m := range matches {
		if m.List != list || g.not[m.ID] || len(places) == maxEvidence {
			continue
		}
		places = append(places, m.Evidence(body))
		if s := g.streets[m.ID]; len(s) == 1 {
			streets = append(streets, s[0])
		} else {
			shared = append(shared, s...)
		}
	}
	if len(streets) == 0 {
		streets = shared
	}
	slices.Sort(streets)
	streets = slices.Compact(streets)
	return streets[:min(len(streets), maxStreets)], places
}

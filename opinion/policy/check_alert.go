package policy

import (
	"fmt"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// maxHistory bounds the window of history, in days.
const maxHistory = 3650

func (c *checker) alert() {
	a := c.p.Alert
	if a.Open.MinRisk < opinion.RiskMinor || a.Open.MinRisk > opinion.RiskUrgent {
		c.out.add(fileAlert, "open.min_risk", fmt.Sprint(a.Open.MinRisk), "use 1, 2 or 3")
	}
	c.basis(fileAlert, "open", a.Open.Basis)
	c.text(fileAlert, "open.source", a.Open.Source)
	if a.HistoryDays < 1 || a.HistoryDays > maxHistory {
		c.out.add(fileAlert, "history_days", fmt.Sprint(a.HistoryDays), fmt.Sprintf("use 1 to %d days", maxHistory))
	}
	if !slices.Contains(basisValues, a.HistoryBasis) {
		c.out.add(fileAlert, "history_basis", quoted(a.HistoryBasis), "use a basis, for example assumption")
	}
	c.unit(fileAlert, "default_unit", a.DefaultUnit, false)
	c.text(fileAlert, "default_unit_source", a.DefaultUnitSource)
	c.heat(a.Heat)
	c.burst(a.Burst)
	keys := map[string]bool{}
	for i, r := range a.Levels {
		key := fmt.Sprintf("levels[%d]", i)
		c.unique(fileAlert, key+".key", r.Key, keys)
		c.level(key, r)
	}
	if level, _ := a.LevelOf(a.Open.MinRisk, 1, 1, nil); level == opinion.LevelNone {
		c.out.add(fileAlert, "levels", fmt.Sprintf("give no level at risk %d", a.Open.MinRisk), "add a last row with min_risk alone, so that every case has a level")
	}
}

func (c *checker) level(key string, r LevelRule) {
	c.text(fileAlert, key+".key", r.Key)
	c.text(fileAlert, key+".why", r.Why)
	c.basis(fileAlert, key, r.Basis)
	if !slices.Contains(levels, r.Level) {
		c.out.add(fileAlert, key+".level", quoted(string(r.Level)), "use I, II, III or IV")
	}
	if r.MinRisk < 1 || r.MinRisk > opinion.RiskUrgent || r.MinPosts < 0 || r.MinSources < 0 {
		c.out.add(fileAlert, key, fmt.Sprintf("min_risk %d, min_posts %d, min_sources %d", r.MinRisk, r.MinPosts, r.MinSources), "min_risk is 1 to 3, the others are not negative")
	}
	for j, k := range r.AnyKind {
		if !slices.ContainsFunc(c.p.Risk.Kinds, func(known RiskKind) bool { return known.Code == k }) {
			c.out.add(fileAlert, fmt.Sprintf("%s.any_kind[%d]", key, j), quoted(k)+": no such kind", "name a code of risk.json kinds")
		}
	}
}

// Bounds of the half-life of heat, in hours.
const (
	minHalfLife = 0.25
	maxHalfLife = 24 * 365
)

func (c *checker) heat(h Heat) {
	if !(h.HalfLifeHours >= minHalfLife && h.HalfLifeHours <= maxHalfLife) {
		c.out.add(fileAlert, "heat.half_life_hours", fmt.Sprint(h.HalfLifeHours), fmt.Sprintf("use %v to %v hours", minHalfLife, maxHalfLife))
	}
	if !(h.Attention >= 0 && h.Attention <= 100) {
		c.out.add(fileAlert, "heat.attention", fmt.Sprint(h.Attention), "use 0 to 100 posts")
	}
	c.basis(fileAlert, "heat", h.Basis)
	c.text(fileAlert, "heat.source", h.Source)
}

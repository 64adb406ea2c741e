package policy

import (
	"fmt"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// LevelOf grades posts of which no burst was called by their risk, their number and that of
// their sources, and the kinds (K1 … M1) that the gravest one touches; see LevelOfEvent.
func (a Alert) LevelOf(risk opinion.Risk, posts, sources int, kinds []string) (opinion.Level, []opinion.Reason) {
	return a.levelOf(spread{risk, posts, sources, kinds, nil})
}

// LevelOfEvent grades an event by its risk, spread and speed, and the kinds that its gravest
// post touches. It returns the first rule of Levels that holds with the figures that met it,
// or LevelNone and no reason when none does.
func (a Alert) LevelOfEvent(e opinion.Event, kinds []string) (opinion.Level, []opinion.Reason) {
	return a.levelOf(spread{e.Risk, e.Posts, len(e.Sources), kinds, e.Burst})
}

// spread is what a level depends on.
type spread struct {
	risk           opinion.Risk
	posts, sources int
	kinds          []string
	burst          *opinion.Burst
}

func (a Alert) levelOf(s spread) (opinion.Level, []opinion.Reason) {
	for _, rule := range a.Levels {
		if !rule.holds(s) {
			continue
		}
		reasons := []opinion.Reason{{
			Name:   "level_rule",
			Detail: fmt.Sprintf("%s级：%s（风险 %d，%d 条，%d 个来源）", rule.Level, rule.Why, s.risk, s.posts, s.sources),
			Basis:  fmt.Sprintf("alert.json levels %s（%s）", rule.Key, rule.Basis),
		}}
		if rule.Burst {
			reasons = append(reasons, a.Burst.Reason(*s.burst))
		}
		return rule.Level, reasons
	}
	return opinion.LevelNone, nil
}

func (r LevelRule) holds(s spread) bool {
	risk, posts, sources, kinds := s.risk, s.posts, s.sources, s.kinds
	if risk < r.MinRisk || posts < r.MinPosts || sources < r.MinSources || r.Burst && s.burst == nil {
		return false
	}
	return len(r.AnyKind) == 0 || slices.ContainsFunc(r.AnyKind, func(k string) bool { return slices.Contains(kinds, k) })
}

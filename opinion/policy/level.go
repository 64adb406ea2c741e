package policy

import (
	"fmt"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// LevelOf grades an event by its risk, the number of its posts and of its sources, and
// the kinds (K1 … M1) that its gravest post touches. It returns the first rule of Levels
// that holds with the figures that met it, or LevelNone and no reason when none does.
func (a Alert) LevelOf(risk opinion.Risk, posts, sources int, kinds []string) (opinion.Level, []opinion.Reason) {
	for _, rule := range a.Levels {
		if !rule.holds(risk, posts, sources, kinds) {
			continue
		}
		return rule.Level, []opinion.Reason{{
			Name:   "level_rule",
			Detail: fmt.Sprintf("%s级：%s（风险 %d，%d 条，%d 个来源）", rule.Level, rule.Why, risk, posts, sources),
			Basis:  fmt.Sprintf("alert.json levels %s（%s）", rule.Key, rule.Basis),
		}}
	}
	return opinion.LevelNone, nil
}

func (r LevelRule) holds(risk opinion.Risk, posts, sources int, kinds []string) bool {
	if risk < r.MinRisk || posts < r.MinPosts || sources < r.MinSources {
		return false
	}
	return len(r.AnyKind) == 0 || slices.ContainsFunc(r.AnyKind, func(k string) bool { return slices.Contains(kinds, k) })
}

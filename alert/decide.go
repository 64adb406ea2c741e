package alert

import (
	"fmt"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Decision is whether an event needs a case, at which level and why.
type Decision struct {
	Open    bool
	Level   opinion.Level
	Reasons []opinion.Reason
}

// gravity orders the levels, the gravest first.
var gravity = map[opinion.Level]int{opinion.LevelI: 1, opinion.LevelII: 2, opinion.LevelIII: 3, opinion.LevelIV: 4, opinion.LevelNone: 5}

// graver reports whether a is a graver level than b.
func graver(a, b opinion.Level) bool { return gravity[a] < gravity[b] }

// Decide says whether a signal opens a case. It is pure. A post that was history when it
// came opens none; an event below the policy's risk opens none. The level is the policy's
// for the event as it stands, or the one that the signal brought where that is graver.
func Decide(s opinion.Signal, p *policy.Policy) Decision {
	if s.Post.History {
		return Decision{Reasons: []opinion.Reason{{
			Name:   "history",
			Detail: fmt.Sprintf("发布早于收到之日前%d天，只研判和检索，不立案", p.Alert.HistoryDays),
			Basis:  fmt.Sprintf("alert.json history_days（%s）", p.Alert.HistoryBasis),
		}}}
	}
	open := p.Alert.Open
	threshold := opinion.Reason{Basis: fmt.Sprintf("alert.json open.min_risk（%s）：%s", open.Basis, open.Source)}
	if s.Event.Risk < open.MinRisk {
		threshold.Name, threshold.Detail = "risk_below", fmt.Sprintf("风险 %d < %d", s.Event.Risk, open.MinRisk)
		return Decision{Reasons: []opinion.Reason{threshold}}
	}
	threshold.Name, threshold.Detail = "risk_at_least", fmt.Sprintf("风险 %d ≥ %d", s.Event.Risk, open.MinRisk)
	level, why := p.Alert.LevelOf(s.Event.Risk, s.Event.Posts, len(s.Event.Sources), s.Assessment.Kinds)
	if graver(s.Event.Level, level) {
		level = s.Event.Level
		why = []opinion.Reason{{Name: "level_of_event", Detail: fmt.Sprintf("事件已定为%s级", level), Basis: "alert.json levels"}}
	}
	return Decision{Open: true, Level: level, Reasons: append([]opinion.Reason{threshold}, why...)}
}

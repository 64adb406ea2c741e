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

// Decide says whether a signal opens a case. It is pure. A post that was history when it
// came opens none; an event below the policy's risk opens none, unless a burst was called of it
// and it has the risk that the policy asks of bursts. The level is the policy's
// for the event as it stands, or the one that the signal brought where that is graver.
func Decide(s opinion.Signal, p *policy.Policy) Decision {
	if s.Post.History {
		return Decision{Reasons: []opinion.Reason{{
			Name:   "history",
			Detail: fmt.Sprintf("发布早于收到之日前%d天，只研判和检索，不立案", p.Alert.HistoryDays),
			Basis:  fmt.Sprintf("alert.json history_days（%s）", p.Alert.HistoryBasis),
		}}}
	}
	threshold, open := reached(s.Event, p.Alert)
	if !open {
		return Decision{Reasons: []opinion.Reason{threshold}}
	}
	level, why := p.Alert.LevelOfEvent(s.Event, s.Assessment.Kinds)
	if s.Event.Level.Rank() > level.Rank() {
		level = s.Event.Level
		why = []opinion.Reason{{Name: "level_of_event", Detail: fmt.Sprintf("事件已定为%s级", level), Basis: "alert.json levels"}}
	}
	reasons := []opinion.Reason{threshold}
	if s.Event.Burst != nil && threshold.Name != "burst" {
		reasons = append(reasons, p.Alert.Burst.Reason(*s.Event.Burst))
	}
	for _, r := range why {
		if r.Name != "burst" { // it stands there already
			reasons = append(reasons, r)
		}
	}
	return Decision{Open: true, Level: level, Reasons: reasons}
}

// reached tells whether an event needs a case, and by which threshold: its risk, or a burst
// from a lower risk on.
func reached(e opinion.Event, a policy.Alert) (opinion.Reason, bool) {
	basis := fmt.Sprintf("alert.json open.min_risk（%s）：%s", a.Open.Basis, a.Open.Source)
	switch {
	case e.Risk >= a.Open.MinRisk:
		return opinion.Reason{Name: "risk_at_least", Detail: fmt.Sprintf("风险 %d ≥ %d", e.Risk, a.Open.MinRisk), Basis: basis}, true
	case e.Burst != nil && !a.Burst.Off() && e.Risk >= a.Burst.MinRisk:
		return a.Burst.Reason(*e.Burst), true
	default:
		return opinion.Reason{Name: "risk_below", Detail: fmt.Sprintf("风险 %d < %d", e.Risk, a.Open.MinRisk), Basis: basis}, false
	}
}

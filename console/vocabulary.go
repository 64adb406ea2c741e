package console

import (
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Vocabulary is every closed list that answers use, with the policy's names. Names of
// fixed words (states, actions, channels) are the pages' own, in the language of the page.
type Vocabulary struct {
	PolicyVersion string     `json:"policy_version"`
	Topics        []TopicRow `json:"topics"`
	Units         []UnitRow  `json:"units"`
	Kinds         []KindRow  `json:"kinds" doc:"Kinds of risk; K1 to K6 are those of work item 33."`
	Levels        []string   `json:"levels" doc:"Gravest first."`
	Risks         []int      `json:"risks"`
	Channels      []string   `json:"channels"`
	States        []string   `json:"states" doc:"Of a case, in the order of its life."`
	Actions       []string   `json:"actions"`
	Roles         []string   `json:"roles" doc:"Of users."`
	Intents       []string   `json:"intents"`
	Facets        []string   `json:"facets"`
}

// TopicRow names a topic.
type TopicRow struct {
	ID    string `json:"id"`
	Class string `json:"class" doc:"Class of the topic, for example 城市管理."`
	Name  string `json:"name" doc:"For example 违建与占道经营."`
	Lead  string `json:"lead" doc:"Unit ID that leads by the policy."`
}

// UnitRow names a unit.
type UnitRow struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	FullName string `json:"full_name"`
	Kind     string `json:"kind" enum:"office,department,street,external,set"`
}

// KindRow names a kind of risk.
type KindRow struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type vocabularyOutput struct{ Body Vocabulary }

func vocabulary(p *policy.Policy) Vocabulary {
	return Vocabulary{
		PolicyVersion: p.Version,
		Topics:        views(p.Topics, func(t policy.Topic) TopicRow { return TopicRow{t.ID, t.Class, t.Name, t.Lead} }),
		Units:         views(p.Units, func(u opinion.Unit) UnitRow { return UnitRow{u.ID, u.Name, u.FullName, u.Kind} }),
		Kinds:         views(p.Risk.Kinds, func(k policy.RiskKind) KindRow { return KindRow{k.Code, k.Name} }),
		Levels:        []string{string(opinion.LevelI), string(opinion.LevelII), string(opinion.LevelIII), string(opinion.LevelIV)},
		Risks:         []int{int(opinion.RiskCalm), int(opinion.RiskMinor), int(opinion.RiskHigh), int(opinion.RiskUrgent)},
		Channels:      []string{string(opinion.ChannelPublic), string(opinion.ChannelWebMessage), string(opinion.ChannelHotline)},
		States:        []string{string(opinion.StateToSign), string(opinion.StateHandling), string(opinion.StateReview), string(opinion.StateClosed)},
		Actions: []string{string(opinion.ActionOpen), string(opinion.ActionSign), string(opinion.ActionAnswer),
			string(opinion.ActionApprove), string(opinion.ActionReturn)},
		Roles:   []string{string(opinion.RoleStaff), string(opinion.RoleUnit), string(opinion.RoleLeader), string(opinion.RoleAdmin)},
		Intents: []string{"投诉", "举报", "求助", "咨询", "建议", "表扬", "其他"},
		Facets:  opinion.Facets,
	}
}

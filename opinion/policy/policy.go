// Package policy holds the rules that a district may change: units, topics, risk
// terms, levels, deadlines, calendars and alert thresholds. They are JSON files with a
// version (see seeds/policy), read and checked by Load. Every rule carries its basis:
// "mandated", "mandated_secondary", "variant" or "assumption".
package policy

import "github.com/huiying/huiying/opinion"

// Policy is one consistent set of rules. It is read-only after Load and safe for
// concurrent use.
type Policy struct {
	// Version is "<meta.version>+<first 12 hex digits of the SHA-256 of all files>".
	Version   string
	Units     []opinion.Unit
	Items     []Item
	Topics    []Topic
	Risk      Risk
	Deadlines Deadlines
	Calendar  Calendar
	Alert     Alert
	Places    []Place
	District  District
	Regions   []Region
}

// Item is one of the 57 work items of the 2018 document (工作要点).
type Item struct {
	Number      int           `json:"number"`
	Section     string        `json:"section"`
	Matters     []string      `json:"matters"`
	Responsible []Responsible `json:"responsible"`
	Basis       string        `json:"basis"`
	Source      string        `json:"source"`
	Note        string        `json:"note,omitempty"`
}

// Responsible is a unit named by an item, with its part: lead (牵头), separate
// (分别负责) or responsible (负责).
type Responsible struct {
	Unit string `json:"unit"` // unit ID
	Role string `json:"role"`
}

// Topic is one of the 31 topics with its keywords and its units.
type Topic struct {
	ID    string `json:"id"`    // "urban.illegal"
	Class string `json:"class"` // l1: 城市管理
	Name  string `json:"name"`  // l2: 违建与占道经营
	// Lead and CoUnits are unit IDs; Basis is the standing of Lead.
	Lead     string   `json:"lead"`
	CoUnits  []string `json:"co_units"`
	External []string `json:"external,omitempty"`
	Basis    string   `json:"basis"`
	Source   string   `json:"source"`
	Items    []int    `json:"items,omitempty"`
	Routes   []Route  `json:"routes,omitempty"`
	// Accompanies: the topic stands beside a topic of business and never takes its place;
	// the other one decides who leads.
	Accompanies bool `json:"accompanies,omitempty"`
	// Recuse: a unit that the post accuses does not take part (涉事单位回避).
	Recuse bool `json:"recuse,omitempty"`
	// StreetLeads: the street office leads instead of Lead when one is known (街道主办).
	StreetLeads bool     `json:"street_leads,omitempty"`
	Keywords    []string `json:"keywords"`
	// WeakAlone are those of Keywords that do not vote when they stand alone.
	WeakAlone []string `json:"weak_alone,omitempty"`
}

// Route sends a topic's posts that hold one of the words to another lead unit.
type Route struct {
	IfAny []string `json:"if_any"`
	Lead  string   `json:"lead"` // unit ID
	Basis string   `json:"basis"`
	Why   string   `json:"why"`
}

// Risk is the lexicon of the risk model.
type Risk struct {
	Kinds      []RiskKind `json:"kinds"`
	Terms      []RiskTerm `json:"terms"`
	Negations  []string   `json:"negations"`
	Discounts  []Factor   `json:"discounts"`  // drill, fiction, elsewhere: factor < 1
	Amplifiers []Factor   `json:"amplifiers"` // many, repeated, vulnerable: factor > 1
	// Traps are longer words that hold a risk term without its meaning (跳楼价).
	Traps []string `json:"traps"`
}

// RiskKind names a kind: K1 … K6 (work item 33), E1, E2, G1, A1, M1.
type RiskKind struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Note   string `json:"note,omitempty"`
	Basis  string `json:"basis"`
	Source string `json:"source"`
}

// RiskTerm is a word with its kind and its weight, 1 to 5.
type RiskTerm struct {
	Term   string   `json:"term"`
	Kind   string   `json:"kind"`
	Also   []string `json:"also,omitempty"`
	Weight float64  `json:"weight"`
	Basis  string   `json:"basis"`
	Note   string   `json:"note,omitempty"`
}

// Factor is a word that multiplies what stands near it.
type Factor struct {
	Term   string  `json:"term"`
	Factor float64 `json:"factor"`
}

// Place is a name on the ground (street, community, road, estate) and the street
// office whose ground it is.
type Place struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Street  string   `json:"street,omitempty"` // unit ID
	// Not marks a name that holds one of ours and lies elsewhere (天坛医院 in 丰台区). It has
	// no street.
	Not   bool   `json:"not,omitempty"`
	Basis string `json:"basis"`
}

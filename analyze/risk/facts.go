package risk

import (
	"math"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// fact is something that is counted in a post.
type fact struct {
	// name and kind are those of the factor that shows it.
	name, kind string
	// sign is what the labelling rules say of it: 1 never calms, -1 never alarms, 0 says
	// nothing of risk and serves the other judgements only.
	sign int
}

// id names a fact among all facts.
func (f fact) id() string {
	if f.name == "term" {
		return f.name + "." + f.kind
	}
	return f.name
}

// others are the facts that are not of a list of words alone, in the order of fill.
var others = []fact{
	{"supposed", "K6", 1},     // an incident that may come
	{"present", "K6", 1},      // an incident that is named in the title, is now, or is all that a short post tells
	{"people", "K2", 1},       // how many are counted, from ten
	{"group_harmed", "K2", 1}, // a group, and a harm to health, safety, property or a basic service
	{"weak_harmed", "K5", 1},  // children, the old or the sick, and a harm
	{"named_charge", "K4", 1}, // a charge, and an office or official
	{"ignored_anger", "K4", 1},
	{"exclamations", "", 1},
	{"attention", "", 1},
	{"questions", "", -1},
	{"only_asks", "", -1},
	{"no_matter", "", -1},
}

// factsOf lists the facts of a model in the order of fill.
func factsOf(kinds []string) []fact {
	var out []fact
	for _, k := range kinds {
		out = append(out, fact{"term", k, 1})
	}
	for _, s := range incidents {
		out = append(out, fact{s.name, s.kind, 1})
	}
	for _, s := range signs {
		out = append(out, fact{s.name, s.kind, s.sign()})
	}
	out = append(out, others...)
	for _, s := range intents {
		out = append(out, fact{"intent_" + s.name, "", 0})
	}
	return out
}

func (s sign) sign() int {
	if s.calms {
		return -1
	}
	return 1
}

// reason is from how much on what was found is a reason to write, and not mere talk.
const reason = 1.2

// fill writes the values of the facts of a post, and where they stand.
func (m *Model) fill(in *Input, e *extracted) {
	reasons := 0.0
	for _, list := range [][]trace{e.kinds, e.incidents, e.signs} {
		for _, t := range list {
			e.put(t.value, t.evidence)
		}
	}
	for i, f := range m.facts[:len(e.facts)] {
		if f.sign > 0 && f.name != "urgent" {
			reasons += e.facts[i]
		}
	}
	e.put(min(e.supposed.value, 2.5), e.supposed.evidence)
	now, where := e.present(in)
	e.now = now
	e.put(flag(now), where)
	e.putPeople()
	group := min(e.of("group")+e.size()+min(e.of("community"), 1)/2, 1.5)
	harm := e.of("health") + e.of("hazard") + e.of("basic_service") + e.of("big_loss") + e.of("rights")
	who := e.evidence("group")
	switch {
	case len(who) > 0:
	case e.crowd:
		who = []opinion.Evidence{e.people.where}
	default:
		who = e.evidence("community")
	}
	e.put(group*min(harm, 2), who)
	harm = e.of("health") + e.of("hazard") + e.of("injury") + e.of("hurt") + e.of("violence") + e.of("danger_now")
	e.put(min(e.of("vulnerable"), 1.5)*min(harm, 2), e.evidence("vulnerable"))
	e.put(min(e.of("charge"), 2)*min(e.of("official"), 1), e.evidence("official"))
	e.put(min(e.of("repeated"), 2)*min(e.of("anger")+e.of("inaction")/2, 2), e.evidence("repeated"))
	e.put(e.exclaim, nil)
	e.put(attention(in.Post), nil)
	e.put(e.asks, nil)
	e.put(flag(reasons < reason)*min(e.of("question")+e.of("suggestion")+e.of("praise"), 1.5), nil)
	e.put(flag(reasons < reason && !in.Matter), nil)
	for _, t := range e.intents {
		e.put(t.value, t.evidence)
	}
}

func (e *extracted) put(value float64, where []opinion.Evidence) {
	e.facts, e.where = append(e.facts, value), append(e.where, where)
}

func (e *extracted) putPeople() {
	if !e.crowd {
		e.put(0, nil)
		return
	}
	e.put(e.size(), []opinion.Evidence{e.people.where})
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// shortPost is up to how many code points a post is about the incident that it names.
const shortPost = 80

// present tells whether an incident that the post states is named in its title, is said to
// be now, or is in a short post, and where it stands.
func (e *extracted) present(in *Input) (bool, []opinion.Evidence) {
	short := utf8.RuneCountInString(in.Body) <= shortPost || e.of("urgent") > 0
	for i, t := range e.incidents {
		if t.value < 1 || !incidents[i].passing {
			continue
		}
		for _, w := range t.evidence {
			if short || w.Start < in.TitleEnd {
				return true, t.evidence
			}
		}
	}
	return false, nil
}

// signAt and incidentAt are where the signs and incidents stand, by name.
var signAt, incidentAt = func() (s, i map[string]int) {
	s, i = map[string]int{}, map[string]int{}
	for at := range signs {
		s[signs[at].name] = at
	}
	for at := range incidents {
		i[incidents[at].name] = at
	}
	return s, i
}()

// trace returns what was found of a sign or incident.
func (e *extracted) trace(name string) *trace {
	if at, ok := signAt[name]; ok {
		return &e.signs[at]
	}
	return &e.incidents[incidentAt[name]]
}

func (e *extracted) of(name string) float64 { return e.trace(name).value }

func (e *extracted) evidence(name string) []opinion.Evidence { return e.trace(name).evidence }

// attention grows with the logarithm of how often a post was liked, answered and passed
// on: a repost counts for two likes.
func attention(p opinion.Post) float64 {
	return min(max(math.Log2(float64(p.Likes+p.Comments+2*p.Reposts)+1)-2, 0), 10)
}

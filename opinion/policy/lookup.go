package policy

import "github.com/huiying/huiying/opinion"

// Unit returns the unit of that ID, and whether there is one.
func (p *Policy) Unit(id string) (opinion.Unit, bool) {
	for _, u := range p.Units {
		if u.ID == id {
			return u, true
		}
	}
	return opinion.Unit{}, false
}

// Answers reports whether a unit of that ID can be responsible: a set of units is expanded and
// never is.
func (p *Policy) Answers(id string) bool {
	u, ok := p.Unit(id)
	return ok && u.Kind != KindSet
}

// Topic returns the topic of that ID, and whether there is one.
func (p *Policy) Topic(id string) (Topic, bool) {
	for _, t := range p.Topics {
		if t.ID == id {
			return t, true
		}
	}
	return Topic{}, false
}

// Rule returns the deadline rule of that key, and whether there is one.
func (d Deadlines) Rule(key string) (DeadlineRule, bool) {
	for _, r := range d.Rules {
		if r.Key == key {
			return r, true
		}
	}
	return DeadlineRule{}, false
}

// Expand returns the members of a set, with sets within it expanded too, in order and
// each once; of any other unit it returns that unit's ID alone.
func (p *Policy) Expand(id string) []string {
	var out []string
	p.expand(id, map[string]bool{}, &out)
	return out
}

func (p *Policy) expand(id string, seen map[string]bool, out *[]string) {
	if seen[id] {
		return
	}
	seen[id] = true
	u, ok := p.Unit(id)
	if !ok {
		return
	}
	if u.Kind != KindSet {
		*out = append(*out, id)
		return
	}
	for _, m := range u.Members {
		p.expand(m, seen, out)
	}
}

// The kinds of units (Unit.Kind).
const (
	KindOffice     = "office"     // 办公室
	KindDepartment = "department" // 委办局
	KindStreet     = "street"     // 街道办事处
	KindExternal   = "external"   // not named as responsible by the document
	KindSet        = "set"        // 集合主体
)

// Package route finds the units that answer a post: the lead unit by its topic, the
// co-units by its topic and its place. It is pure.
package route

import (
	"fmt"
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// maxStreets is how many streets a post may name and still be about a place. A post that
// names more is a list, and no street is sent for.
const maxStreets = 3

// Units returns the unit that leads (主办), those that help (协办) and why, by unit ID.
//
//   - The topic decides the lead, or a route of the topic whose word the text holds, or
//     the street where the topic is the streets' own (街道主办). Where one of these two
//     leads, the topic's unit helps. A post without a topic goes to the policy's default unit.
//   - A topic that only accompanies another (舆情) leaves the lead to the other.
//   - The street of the place always helps (属地协办), except where the accused must
//     stand aside (涉事单位回避).
//   - Sets never lead. Where a set should help, its members that the post names do: the
//     streets by place, the others by name.
//   - When a unit outside the document leads, the default unit watches beside it.
func Units(a opinion.Assessment, body string, p *policy.Policy) (lead string, co []string, reasons []opinion.Reason) {
	r := router{policy: p, body: body, streets: streets(a, p)}
	topic, second, ok := topics(a, p)
	if !ok {
		r.because("default_unit", fmt.Sprintf("主题 %q 没有主办单位，由%s受理", a.Topic, r.name(p.Alert.DefaultUnit)), "alert.json default_unit："+p.Alert.DefaultUnitSource)
		r.lead = p.Alert.DefaultUnit
	} else {
		r.leadBy(topic)
		r.secondTopic(second)
	}
	r.place(topic)
	r.helpers(topic)
	r.watch()
	return r.lead, r.co, r.reasons
}

// topics returns the topic that leads and the one beside it, whose ID is empty when there
// is none.
func topics(a opinion.Assessment, p *policy.Policy) (lead, second policy.Topic, ok bool) {
	first, ok1 := p.Topic(a.Topic)
	other, ok2 := p.Topic(a.Topic2)
	switch {
	case !ok1:
		return other, policy.Topic{}, ok2
	case first.Accompanies && ok2:
		return other, first, true
	default:
		return first, other, true
	}
}

// streets are the street offices of the post's places, at most maxStreets.
func streets(a opinion.Assessment, p *policy.Policy) []string {
	var known []string
	for _, id := range a.Streets {
		if u, ok := p.Unit(id); ok && u.Kind == policy.KindStreet && !slices.Contains(known, id) {
			known = append(known, id)
		}
	}
	if len(known) > maxStreets {
		return nil
	}
	return known
}

// router gathers the answer for one post.
type router struct {
	policy  *policy.Policy
	body    string
	streets []string
	lead    string
	co      []string
	reasons []opinion.Reason
}

func (r *router) because(name, detail, basis string) {
	r.reasons = append(r.reasons, opinion.Reason{Name: name, Detail: detail, Basis: basis})
}

func (r *router) name(id string) string {
	if u, ok := r.policy.Unit(id); ok {
		return u.Name
	}
	return id
}

func (r *router) help(id string) bool {
	if id == r.lead || slices.Contains(r.co, id) {
		return false
	}
	r.co = append(r.co, id)
	return true
}

func (r *router) leadBy(t policy.Topic) {
	r.lead = t.Lead
	if route, word, ok := match(t, r.body); ok {
		r.lead = route.Lead
		r.help(t.Lead)
		r.because("route_word", fmt.Sprintf("正文有“%s”，由%s主办，%s协办", word, r.name(route.Lead), r.name(t.Lead)),
			fmt.Sprintf("topics.json %s routes（%s）：%s", t.ID, route.Basis, route.Why))
		return
	}
	if t.StreetLeads && len(r.streets) > 0 {
		r.lead = r.streets[0]
		r.because("street_leads", fmt.Sprintf("主题“%s”由属地街道主办：%s", t.Name, r.name(r.lead)), fmt.Sprintf("topics.json %s street_leads", t.ID))
		r.help(t.Lead)
		return
	}
	r.because("topic_lead", fmt.Sprintf("主题“%s”由%s主办", t.Name, r.name(t.Lead)), fmt.Sprintf("topics.json %s lead（%s）：%s", t.ID, t.Basis, t.Source))
}

// match finds the first route with a word that the text holds. Of the words of one
// route the longest is named.
func match(t policy.Topic, body string) (policy.Route, string, bool) {
	for _, route := range t.Routes {
		word := ""
		for _, w := range route.IfAny {
			if len(w) > len(word) && strings.Contains(body, w) {
				word = w
			}
		}
		if word != "" {
			return route, word, true
		}
	}
	return policy.Route{}, "", false
}

func (r *router) secondTopic(t policy.Topic) {
	if t.ID != "" && r.help(t.Lead) {
		r.because("second_topic", fmt.Sprintf("兼涉主题“%s”，%s协办", t.Name, r.name(t.Lead)), fmt.Sprintf("topics.json %s lead（%s）", t.ID, t.Basis))
	}
}

func (r *router) place(t policy.Topic) {
	if t.Recuse {
		r.because("recuse", "涉事单位回避，属地街道和被点名的单位不作协办", fmt.Sprintf("topics.json %s recuse", t.ID))
		return
	}
	for _, s := range r.streets {
		if r.help(s) {
			r.because("street_by_place", fmt.Sprintf("地点属%s，属地协办", r.name(s)), "places.json")
		}
	}
}

// helpers adds the topic's own co-units, with sets narrowed to whom the post concerns.
func (r *router) helpers(t policy.Topic) {
	var added []string
	for _, id := range t.CoUnits {
		for _, member := range r.narrow(id, t) {
			if r.help(member) {
				added = append(added, r.name(member))
			}
		}
	}
	if len(added) > 0 {
		r.because("topic_co_units", fmt.Sprintf("主题“%s”的协办单位：%s", t.Name, strings.Join(added, "、")), fmt.Sprintf("topics.json %s co_units", t.ID))
	}
}

// narrow expands a set and keeps the members that the post names; the streets among them
// are already in by place. Any other unit stands for itself.
func (r *router) narrow(id string, t policy.Topic) []string {
	u, ok := r.policy.Unit(id)
	if !ok {
		return nil
	}
	if u.Kind != policy.KindSet {
		return []string{id}
	}
	if t.Recuse {
		return nil
	}
	var named []string
	for _, member := range r.policy.Expand(id) {
		if m, ok := r.policy.Unit(member); ok && m.Kind != policy.KindStreet && r.named(m) {
			named = append(named, member)
		}
	}
	return named
}

func (r *router) named(u opinion.Unit) bool {
	return strings.Contains(r.body, u.Name) || strings.Contains(r.body, u.FullName) ||
		slices.ContainsFunc(u.Aliases, func(a string) bool { return strings.Contains(r.body, a) })
}

// watch sets the default unit beside a lead that the document does not name.
func (r *router) watch() {
	if u, ok := r.policy.Unit(r.lead); ok && u.Kind == policy.KindExternal && r.help(r.policy.Alert.DefaultUnit) {
		r.because("external_lead", fmt.Sprintf("%s不在责任单位之列，%s督办", u.Name, r.name(r.policy.Alert.DefaultUnit)), "alert.json default_unit："+r.policy.Alert.DefaultUnitSource)
	}
}

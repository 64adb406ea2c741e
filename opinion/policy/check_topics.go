package policy

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/huiying/huiying/opinion"
)

var topicForm = regexp.MustCompile(`^[a-z]{1,31}\.[a-z]{1,31}$`)

func (c *checker) topics() {
	ids := map[string]bool{}
	for i, t := range c.p.Topics {
		key := fmt.Sprintf("topics[%d]", i)
		if !topicForm.MatchString(t.ID) || t.ID == opinion.NoTopic {
			c.out.add(fileTopics, key+".id", quoted(t.ID), `use the form "urban.illegal"`)
		}
		c.unique(fileTopics, key+".id", t.ID, ids)
		c.topic(key, t)
	}
	if len(c.p.Topics) != topicCount {
		c.out.add(fileTopics, "topics", fmt.Sprintf("are %d", len(c.p.Topics)), fmt.Sprintf("the taxonomy has %d, and the models know those", topicCount))
	}
}

func (c *checker) topic(key string, t Topic) {
	c.text(fileTopics, key+".class", t.Class)
	c.text(fileTopics, key+".name", t.Name)
	c.text(fileTopics, key+".source", t.Source)
	c.basis(fileTopics, key, t.Basis)
	c.unit(fileTopics, key+".lead", t.Lead, false)
	for j, u := range t.CoUnits {
		c.unit(fileTopics, fmt.Sprintf("%s.co_units[%d]", key, j), u, true)
		if u == t.Lead {
			c.out.add(fileTopics, fmt.Sprintf("%s.co_units[%d]", key, j), quoted(u)+" leads already", "remove it")
		}
	}
	for j, u := range t.External {
		c.unit(fileTopics, fmt.Sprintf("%s.external[%d]", key, j), u, false)
	}
	c.words(fileTopics, key+".co_units", t.CoUnits)
	c.words(fileTopics, key+".external", t.External)
	c.itemNumbers(fileTopics, key+".items", t.Items)
	c.keywords(key, t)
	for j, r := range t.Routes {
		c.route(fmt.Sprintf("%s.routes[%d]", key, j), r)
	}
}

func (c *checker) keywords(key string, t Topic) {
	if len(t.Keywords) == 0 {
		c.out.add(fileTopics, key+".keywords", "is empty", "a topic needs words to be known by")
	}
	c.words(fileTopics, key+".keywords", t.Keywords)
	c.words(fileTopics, key+".weak_alone", t.WeakAlone)
	for j, w := range t.WeakAlone {
		if !slices.Contains(t.Keywords, w) {
			c.out.add(fileTopics, fmt.Sprintf("%s.weak_alone[%d]", key, j), quoted(w)+" is no keyword", "add it to keywords, or remove it here")
		}
	}
}

func (c *checker) route(key string, r Route) {
	if len(r.IfAny) == 0 {
		c.out.add(fileTopics, key+".if_any", "is empty", "name the words that send a post there")
	}
	c.words(fileTopics, key+".if_any", r.IfAny)
	c.unit(fileTopics, key+".lead", r.Lead, false)
	c.basis(fileTopics, key, r.Basis)
	c.text(fileTopics, key+".why", r.Why)
}

func (c *checker) places() {
	names := map[string]bool{}
	for i, p := range c.p.Places {
		key := fmt.Sprintf("places[%d]", i)
		c.text(filePlaces, key+".name", p.Name)
		c.unique(filePlaces, key+".name", p.Name, names)
		for j, a := range p.Aliases {
			at := fmt.Sprintf("%s.aliases[%d]", key, j)
			c.text(filePlaces, at, a)
			c.unique(filePlaces, at, a, names)
		}
		c.basis(filePlaces, key, p.Basis)
		if p.Not {
			if p.Street != "" {
				c.out.add(filePlaces, key+".street", "on a name that is not ours", "remove it, or remove not")
			}
			continue
		}
		c.unit(filePlaces, key+".street", p.Street, true)
		if kind, ok := c.kinds[p.Street]; ok && kind != KindStreet {
			c.out.add(filePlaces, key+".street", quoted(p.Street)+" is a "+kind, "name a unit of kind street")
		}
	}
}

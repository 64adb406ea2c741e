package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Sizes that the documents fix.
const (
	itemCount  = 57 // work items of the 2018 document
	topicCount = 31
)

// maxText bounds a name, a term or a keyword, in code points.
const maxText = 200

var basisValues = []string{"mandated", "mandated_secondary", "variant", "assumption"}

// checker checks one policy; its helpers all report to the same list.
type checker struct {
	p     *Policy
	out   *problems
	kinds map[string]string // unit ID → kind
}

func check(p *Policy, out *problems) {
	c := checker{p: p, out: out, kinds: map[string]string{}}
	c.units()
	c.items()
	c.topics()
	c.places()
	c.district()
	c.regions()
	c.risk()
	c.deadlines()
	c.calendar()
	c.alert()
}

func (c *checker) basis(file, key, value string) {
	if !slices.Contains(basisValues, value) {
		c.out.add(file, key+".basis", quoted(value), "use one of "+strings.Join(basisValues, ", "))
	}
}

func (c *checker) text(file, key, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		c.out.add(file, key, "is empty", "fill it in")
	case strings.TrimSpace(value) != value:
		c.out.add(file, key, quoted(value)+" has white space at its ends", "remove it")
	case len([]rune(value)) > maxText:
		c.out.add(file, key, quoted(value)+" is too long", fmt.Sprintf("keep to %d characters", maxText))
	}
}

// unique reports values that come twice in one list.
func (c *checker) unique(file, key, value string, seen map[string]bool) {
	if seen[value] {
		c.out.add(file, key, quoted(value)+": twice", "each may stand once; remove one")
	}
	seen[value] = true
}

// words checks a list of words: none empty, none twice.
func (c *checker) words(file, key string, list []string) {
	seen := map[string]bool{}
	for i, w := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		c.text(file, at, w)
		c.unique(file, at, w, seen)
	}
}

// unit checks that a unit exists; a set is allowed only where asked for.
func (c *checker) unit(file, key, id string, setAllowed bool) {
	kind, ok := c.kinds[id]
	switch {
	case !ok:
		c.out.add(file, key, quoted(id)+": no such unit", "name an id of units.json, or add the unit there")
	case kind == KindSet && !setAllowed:
		c.out.add(file, key, quoted(id)+" is a set", "a set is never assigned; name one unit")
	}
}

func (c *checker) itemNumbers(file, key string, numbers []int) {
	for i, n := range numbers {
		if n < 1 || n > itemCount {
			c.out.add(file, fmt.Sprintf("%s[%d]", key, i), fmt.Sprint(n), fmt.Sprintf("items are numbered 1 to %d", itemCount))
		}
	}
}

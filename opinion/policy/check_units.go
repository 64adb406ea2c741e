package policy

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/huiying/huiying/opinion"
)

var (
	idForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	unitKinds = []string{KindOffice, KindDepartment, KindStreet, KindExternal, KindSet}
	itemRoles = []string{"lead", "separate", "responsible"}
)

func (c *checker) units() {
	if len(c.p.Units) == 0 {
		c.out.add(fileUnits, "units", "is empty", "list the units that answer")
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for i, u := range c.p.Units {
		key := fmt.Sprintf("units[%d]", i)
		if ids[u.ID] {
			c.out.add(fileUnits, key+".id", quoted(u.ID)+": twice", "ids must be unique")
		}
		ids[u.ID] = true
		c.kinds[u.ID] = u.Kind
		c.unitFields(key, u, names)
	}
	for i, u := range c.p.Units {
		c.members(fmt.Sprintf("units[%d]", i), u)
	}
	c.cycles()
}

func (c *checker) unitFields(key string, u opinion.Unit, names map[string]bool) {
	if !idForm.MatchString(u.ID) {
		c.out.add(fileUnits, key+".id", quoted(u.ID), "use 1 to 63 of a-z, 0-9 and -")
	}
	if !slices.Contains(unitKinds, u.Kind) {
		c.out.add(fileUnits, key+".kind", quoted(u.Kind), "use office, department, street, external or set")
	}
	c.text(fileUnits, key+".name", u.Name)
	c.text(fileUnits, key+".full_name", u.FullName)
	c.text(fileUnits, key+".source", u.Source)
	c.basis(fileUnits, key, u.Basis)
	c.unique(fileUnits, key+".name", u.Name, names)
	for j, a := range u.Aliases {
		at := fmt.Sprintf("%s.aliases[%d]", key, j)
		c.text(fileUnits, at, a)
		c.unique(fileUnits, at, a, names)
	}
	c.itemNumbers(fileUnits, key+".items", u.Items)
}

func (c *checker) members(key string, u opinion.Unit) {
	if u.Kind == KindSet && len(u.Members) == 0 {
		c.out.add(fileUnits, key+".members", "is empty", "a set names the units that it stands for")
	}
	if u.Kind != KindSet && len(u.Members) > 0 {
		c.out.add(fileUnits, key+".members", "on a unit that is no set", "remove them, or make kind \"set\"")
	}
	seen := map[string]bool{}
	for j, m := range u.Members {
		at := fmt.Sprintf("%s.members[%d]", key, j)
		c.unit(fileUnits, at, m, true)
		c.unique(fileUnits, at, m, seen)
	}
}

// cycles reports sets that hold themselves, directly or through others. It follows each
// set once: a colour of 1 means that the walk is inside it, 2 that it is done.
func (c *checker) cycles() {
	members := map[string][]string{}
	for _, u := range c.p.Units {
		members[u.ID] = u.Members
	}
	colour := map[string]int{}
	var walk func(id string) bool
	walk = func(id string) bool {
		if colour[id] != 0 {
			return colour[id] == 1
		}
		colour[id] = 1
		found := slices.ContainsFunc(members[id], walk)
		colour[id] = 2
		return found
	}
	for i, u := range c.p.Units {
		if colour[u.ID] == 0 && walk(u.ID) {
			c.out.add(fileUnits, fmt.Sprintf("units[%d].members", i), "hold the set itself", "sets must not go in circles")
		}
	}
}

func (c *checker) items() {
	seen := map[int]bool{}
	for i, it := range c.p.Items {
		key := fmt.Sprintf("items[%d]", i)
		if seen[it.Number] {
			c.out.add(fileWorklist, key+".number", fmt.Sprintf("%d: twice", it.Number), "each item stands once")
		}
		seen[it.Number] = true
		c.itemNumbers(fileWorklist, key+".number", []int{it.Number})
		c.item(key, it)
	}
	for n := 1; n <= itemCount; n++ {
		if !seen[n] {
			c.out.add(fileWorklist, "items", fmt.Sprintf("lack number %d", n), fmt.Sprintf("the document has %d items", itemCount))
		}
	}
}

func (c *checker) item(key string, it Item) {
	c.text(fileWorklist, key+".section", it.Section)
	c.text(fileWorklist, key+".source", it.Source)
	c.basis(fileWorklist, key, it.Basis)
	if len(it.Matters) == 0 || slices.Contains(it.Matters, "") {
		c.out.add(fileWorklist, key+".matters", "is empty", "say what is to be done")
	}
	if len(it.Responsible) == 0 {
		c.out.add(fileWorklist, key+".responsible", "is empty", "name the responsible units")
	}
	seen := map[string]bool{}
	for j, r := range it.Responsible {
		at := fmt.Sprintf("%s.responsible[%d]", key, j)
		c.unit(fileWorklist, at+".unit", r.Unit, true)
		c.unique(fileWorklist, at+".unit", r.Unit, seen)
		if !slices.Contains(itemRoles, r.Role) {
			c.out.add(fileWorklist, at+".role", quoted(r.Role), "use lead, separate or responsible")
		}
	}
}

package policy

import (
	"fmt"
	"strings"
)

func (c *checker) risk() {
	codes := map[string]bool{}
	for i, k := range c.p.Risk.Kinds {
		key := fmt.Sprintf("kinds[%d]", i)
		c.text(fileRisk, key+".code", k.Code)
		c.text(fileRisk, key+".name", k.Name)
		c.text(fileRisk, key+".source", k.Source)
		c.basis(fileRisk, key, k.Basis)
		c.unique(fileRisk, key+".code", k.Code, codes)
	}
	for _, need := range []string{"K1", "K2", "K3", "K4", "K5", "K6"} {
		if !codes[need] {
			c.out.add(fileRisk, "kinds", "lack "+need, "work item 33 names six kinds, K1 to K6")
		}
	}
	c.terms(codes)
	c.words(fileRisk, "negations", c.p.Risk.Negations)
	c.factors("discounts", c.p.Risk.Discounts, 0, 1, "a discount is more than 0 and less than 1")
	c.factors("amplifiers", c.p.Risk.Amplifiers, 1, 5, "an amplifier is more than 1 and less than 5")
	c.traps()
}

func (c *checker) terms(codes map[string]bool) {
	if len(c.p.Risk.Terms) == 0 {
		c.out.add(fileRisk, "terms", "is empty", "without terms nothing is grave")
	}
	seen := map[string]bool{}
	for i, t := range c.p.Risk.Terms {
		key := fmt.Sprintf("terms[%d]", i)
		c.text(fileRisk, key+".term", t.Term)
		c.unique(fileRisk, key+".term", t.Term, seen)
		c.basis(fileRisk, key, t.Basis)
		for _, code := range append([]string{t.Kind}, t.Also...) {
			if !codes[code] {
				c.out.add(fileRisk, key+".kind", quoted(code)+" of "+quoted(t.Term)+": no such kind", "name a code of kinds")
			}
		}
		if !(t.Weight >= 1 && t.Weight <= 5) {
			c.out.add(fileRisk, key+".weight", fmt.Sprintf("%g of %q", t.Weight, t.Term), "weights go from 1 to 5")
		}
	}
}

func (c *checker) factors(key string, list []Factor, above, below float64, fix string) {
	seen := map[string]bool{}
	for i, f := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		c.text(fileRisk, at+".term", f.Term)
		c.unique(fileRisk, at+".term", f.Term, seen)
		if !(f.Factor > above && f.Factor < below) {
			c.out.add(fileRisk, at+".factor", fmt.Sprintf("%g of %q", f.Factor, f.Term), fix)
		}
	}
}

func (c *checker) traps() {
	c.words(fileRisk, "traps", c.p.Risk.Traps)
	for i, trap := range c.p.Risk.Traps {
		if !c.holdsTerm(trap) {
			c.out.add(fileRisk, fmt.Sprintf("traps[%d]", i), quoted(trap)+" holds no term", "a trap is a longer word around a risk term; remove it, or add the term")
		}
	}
}

func (c *checker) holdsTerm(trap string) bool {
	for _, t := range c.p.Risk.Terms {
		if t.Term != "" && t.Term != trap && strings.Contains(trap, t.Term) {
			return true
		}
	}
	return false
}

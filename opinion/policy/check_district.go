package policy

import (
	"fmt"
	"slices"
)

func (c *checker) district() {
	d := c.p.District
	c.text(fileDistrict, "name", d.Name)
	c.words(fileDistrict, "aliases", d.Aliases)
	c.words(fileDistrict, "landmarks", d.Landmarks)
	c.words(fileDistrict, "within", d.Within)
	if slices.Contains(d.Within, d.Name) {
		c.out.add(fileDistrict, "within", "holds the district itself", "name the regions around it only")
	}
	if d.Elsewhere != ElsewhereHold && d.Elsewhere != ElsewhereAlert {
		c.out.add(fileDistrict, "elsewhere", quoted(d.Elsewhere), "use hold or alert")
	}
	if !slices.Contains(basisValues, d.Basis) {
		c.out.add(fileDistrict, "basis", quoted(d.Basis), "use a basis, for example assumption")
	}
	c.text(fileDistrict, "source", d.Source)
}

// maxRegionDepth is deeper than province, city, county.
const maxRegionDepth = 4

// regions checks the list of other places. Names may come twice: districts of one name
// lie in several cities. The regions around ours must be there, so that they are not taken
// for other places.
func (c *checker) regions() {
	seen := map[string]bool{}
	c.regionList("regions", c.p.Regions, 1, seen)
	for i, name := range c.p.District.Within {
		if !seen[name] {
			c.out.add(fileDistrict, fmt.Sprintf("within[%d]", i), quoted(name)+": no such region", "name a region of regions.json, or add it there")
		}
	}
}

func (c *checker) regionList(key string, list []Region, depth int, seen map[string]bool) {
	if depth > maxRegionDepth {
		c.out.add(fileRegions, key, "lie too deep", fmt.Sprintf("keep to %d levels", maxRegionDepth))
		return
	}
	for i, r := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		c.text(fileRegions, at+".name", r.Name)
		c.words(fileRegions, at+".aliases", r.Aliases)
		c.words(fileRegions, at+".counties", r.Counties)
		seen[r.Name] = true
		for _, n := range r.Counties {
			seen[n] = true
		}
		c.regionList(at+".parts", r.Parts, depth+1, seen)
	}
}

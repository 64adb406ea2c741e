package policy

// District says which ground is ours (本区), so that posts that are plainly about another
// place can be told.
type District struct {
	Name    string   `json:"name"` // 东城区
	Aliases []string `json:"aliases,omitempty"`
	// Landmarks are names on its ground that no single street office has: 东单.
	Landmarks []string `json:"landmarks,omitempty"`
	// Within are the regions around it, the widest first: 北京市.
	Within []string `json:"within"`
	// Elsewhere is what becomes of posts about another place: ElsewhereHold or
	// ElsewhereAlert.
	Elsewhere string `json:"elsewhere"`
	Basis     string `json:"basis"`
	Source    string `json:"source"`
}

// What becomes of posts that are plainly about another place. They are assessed, kept and
// found in either case.
const (
	ElsewhereHold  = "hold"  // they raise no alert
	ElsewhereAlert = "alert" // they are treated as ours
)

// Region is a province, a city or another unit of the country's administrative division
// (行政区划, GB/T 2260) with the units within it.
type Region struct {
	Name    string   `json:"name"` // the full name: 河北省
	Aliases []string `json:"aliases,omitempty"`
	// Counties are units within it of which only the full name is known.
	Counties []string `json:"counties,omitempty"`
	Parts    []Region `json:"parts,omitempty"`
}

package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/huiying/huiying/opinion/policy"
)

// fact reads a file of the domain's research, which is not part of the project.
func fact(t *testing.T, name string, v any) {
	t.Helper()
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: the policy was not compared with the domain's facts")
	}
	data, err := os.ReadFile(filepath.Join(shared, "domain", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// byName maps the names of units and what stands for them to IDs.
func byName(p *policy.Policy) func(string) string {
	ids := map[string]string{}
	for _, u := range p.Units {
		ids[u.Name], ids[u.FullName] = u.ID, u.ID
		for _, a := range u.Aliases {
			ids[a] = u.ID
		}
	}
	return func(name string) string {
		if id, ok := ids[name]; ok {
			return id
		}
		short, _, _ := strings.Cut(name, "（") // 区医保中心（区人力社保局）
		return ids[short]
	}
}

func TestItemsAreThoseOfTheDocument(t *testing.T) {
	var doc struct {
		Items []struct {
			Number      int
			Matters     []string
			Responsible []struct{ Unit, Role string }
		}
	}
	fact(t, "worklist.json", &doc)
	p := load(t)
	id := byName(p)
	roles := map[string]string{"牵头": "lead", "分别负责": "separate", "负责": "responsible"}
	for i, want := range doc.Items {
		got := p.Items[i]
		if got.Number != want.Number || !slices.Equal(got.Matters, want.Matters) || len(got.Responsible) != len(want.Responsible) {
			t.Errorf("item %d differs", want.Number)
			continue
		}
		for j, r := range want.Responsible {
			if got.Responsible[j] != (policy.Responsible{Unit: id(r.Unit), Role: roles[r.Role]}) {
				t.Errorf("item %d: %v, want %s %s", want.Number, got.Responsible[j], r.Unit, r.Role)
			}
		}
	}
}

func TestTopicsAreThoseOfTheTaxonomy(t *testing.T) {
	var doc struct {
		Topics []struct {
			ID, L1, L2    string
			LeadUnit      string   `json:"lead_unit"`
			CoUnits       []string `json:"co_units"`
			ExternalUnits []string `json:"external_units"`
			DocItems      []int    `json:"doc_items"`
			Keywords      []string
			Routes        []struct {
				IfAny []string `json:"if_any"`
				Lead  string
			} `json:"routing_hints"`
		}
	}
	fact(t, "taxonomy.json", &doc)
	p := load(t)
	id := byName(p)
	for i, want := range doc.Topics {
		got := p.Topics[i]
		if got.ID != want.ID || got.Class != want.L1 || got.Name != want.L2 || got.Lead != id(want.LeadUnit) ||
			!slices.Equal(got.Keywords, want.Keywords) || !slices.Equal(got.Items, want.DocItems) {
			t.Errorf("%s differs: %+v", want.ID, got)
		}
		for j, u := range want.CoUnits {
			if got.CoUnits[j] != id(u) {
				t.Errorf("%s: co-unit %s is %s", want.ID, u, got.CoUnits[j])
			}
		}
		for _, u := range want.ExternalUnits {
			if id(u) == "" || !slices.Contains(got.External, id(u)) {
				t.Errorf("%s: external unit %s is lost", want.ID, u)
			}
		}
		for j, r := range want.Routes {
			if got.Routes[j].Lead != id(r.Lead) || !slices.Equal(got.Routes[j].IfAny, r.IfAny) {
				t.Errorf("%s: route %v is %+v", want.ID, r, got.Routes[j])
			}
		}
	}
}

func TestRiskTermsAreThoseOfTheLexicon(t *testing.T) {
	var doc struct {
		Meta struct {
			Negation             []string
			Exclusion, Amplifier []policy.Factor
		}
		Terms []struct {
			Term   string
			Kind   string `json:"kind_code"`
			Weight float64
		}
	}
	fact(t, "risk_terms.json", &doc)
	r := load(t).Risk
	terms := map[string]policy.RiskTerm{}
	for _, term := range r.Terms {
		terms[term.Term] = term
	}
	for _, want := range doc.Terms {
		got, ok := terms[want.Term]
		if !ok || got.Weight < want.Weight || got.Kind != want.Kind && !slices.Contains(got.Also, want.Kind) {
			t.Errorf("%+v became %+v", want, got)
		}
	}
	if !slices.Equal(r.Negations, doc.Meta.Negation) || !slices.Equal(r.Discounts, doc.Meta.Exclusion) || !slices.Equal(r.Amplifiers, doc.Meta.Amplifier) {
		t.Error("negations, discounts or amplifiers differ")
	}
}

// limit is a leaf of the deadline policy's tree.
type limit struct {
	path          string
	limit         int
	unit, clock   string
	basis, source string
}

// limits walks the tree and returns every object that sets a limit.
func limits(path string, node any) []limit {
	var out []limit
	switch n := node.(type) {
	case map[string]any:
		if v, ok := n["limit"].(float64); ok {
			l := limit{path: path, limit: int(v)}
			l.unit, _ = n["unit"].(string)
			l.clock, _ = n["clock"].(string)
			l.basis, _ = n["basis"].(string)
			l.source, _ = n["source"].(string)
			return []limit{l}
		}
		name := path
		for _, key := range []string{"level", "code"} {
			if s, ok := n[key].(string); ok {
				name = path + "." + s
			}
		}
		for key, v := range n {
			out = append(out, limits(name+"."+key, v)...)
		}
	case []any:
		for _, v := range n {
			step := ""
			if m, ok := v.(map[string]any); ok {
				if s, ok := m["code"].(string); ok {
					step = "." + s
				}
			}
			out = append(out, limits(path+step, v)...)
		}
	}
	return out
}

func TestDeadlineRulesAreThoseOfThePolicy(t *testing.T) {
	var doc map[string]any
	fact(t, "deadline_policy.json", &doc)
	rules := load(t).Deadlines
	found := limits("", doc)
	if len(found) < 40 {
		t.Fatalf("only %d limits were found", len(found))
	}
	shorten := strings.NewReplacer(".levels.", "level.", ".steps.", ".", ".channels.", "", ".classes.", ".")
	for _, want := range found {
		key := shorten.Replace(want.path)
		got, ok := rules.Rule(key)
		if !ok {
			t.Errorf("%s has no rule %s", want.path, key)
			continue
		}
		if got.Limit != want.limit || got.Unit != want.unit || string(got.Clock) != want.clock || got.Basis != want.basis {
			t.Errorf("%s: %+v, want %+v", key, got, want)
		}
		if len([]rune(want.source)) > 2 && got.Source != want.source { // "同上" and "—" are spelt out
			t.Errorf("%s: source %q, want %q", key, got.Source, want.source)
		}
	}
}

package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/huiying/huiying/seeds"
)

// TestFactorsHaveNames: what the shipped weights of risk can give as a reason has a name on the
// pages. Messages of the catalogue must be the same in both languages, so one is enough.
func TestFactorsHaveNames(t *testing.T) {
	text, err := os.ReadFile("../../console/web/src/catalogue/zh-CN.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]string
	if err := json.Unmarshal(text, &catalogue); err != nil {
		t.Fatal(err)
	}
	type weights struct{ Facts map[string]float64 }
	var risk struct{ Points weights }
	if text, err = fs.ReadFile(seeds.Models, "risk.json"); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &risk); err != nil {
		t.Fatal(err)
	}
	if len(risk.Points.Facts) < 10 {
		t.Fatalf("only %d facts were found", len(risk.Points.Facts))
	}
	var nameless []string
	for name := range risk.Points.Facts {
		name, _, _ = strings.Cut(name, ".") // term.K1 is shown as a term of its kind
		if catalogue["factor."+name] == "" {
			nameless = append(nameless, name)
		}
	}
	slices.Sort(nameless)
	if len(nameless) > 0 {
		t.Errorf("factors without a name in the catalogue: %v", slices.Compact(nameless))
	}
}

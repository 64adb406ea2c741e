package main

import (
	"encoding/json"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/huiying/huiying/"

// forbidden lists which rooms must not import which, and why. A room stands for its
// children too; allowed names exceptions below a forbidden prefix.
var forbidden = []struct {
	from, to, why string
	allowed       []string
}{
	{from: "opinion", to: "", why: "the domain's words stand on the standard library alone", allowed: []string{"opinion"}},
	{from: "seeds", to: "", why: "policy files are data; nothing of ours stands below them", allowed: []string{"seeds"}},
	{from: "ingest", to: "", why: "stages meet through the log only, and know ports, not backends", allowed: []string{"opinion", "seeds", "ingest"}},
	{from: "analyze", to: "", why: "stages meet through the log only, and know ports, not backends", allowed: []string{"opinion", "seeds", "analyze"}},
	{from: "alert", to: "", why: "stages meet through the log only, and know ports, not backends", allowed: []string{"opinion", "seeds", "alert"}},
	{from: "console", to: "", why: "pages read ports, never a stage's insides", allowed: []string{"opinion", "seeds", "console"}},
	{from: "backend", to: "", why: "a backend serves ports, and knows no stage", allowed: []string{"opinion", "seeds", "backend"}},
}

// pure are the packages that decide: no clock, no I/O, no network.
var pure = []string{
	"analyze/burst", "analyze/eval", "analyze/event", "analyze/place", "analyze/reply", "analyze/risk", "analyze/topic",
	"alert/deadline", "alert/route", "alert/workday",
	"ingest/mask", "ingest/normalise",
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) map[string]goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]goPackage{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p goPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module)] = p
	}
	return all
}

func within(pkg, room string) bool {
	return room == "" || pkg == room || strings.HasPrefix(pkg, room+"/")
}

func TestForbiddenImports(t *testing.T) {
	all := packages(t)
	for name, p := range all {
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours {
				if within(name, "opinion") && strings.Contains(strings.Split(imported, "/")[0], ".") {
					t.Errorf("%s imports %s: the domain's words stand on the standard library alone", name, imported)
				}
				continue
			}
			if to != "opinion" && within(path.Dir(name), to) { // policy speaks the domain's words
				t.Errorf("%s imports its parent %s: imports only go down", name, to)
			}
			for _, rule := range forbidden {
				if within(name, rule.from) && within(to, rule.to) && !allowed(to, rule.allowed) {
					t.Errorf("%s imports %s: %s", name, to, rule.why)
				}
			}
		}
	}
}

func allowed(to string, rooms []string) bool {
	for _, r := range rooms {
		if within(to, r) {
			return true
		}
	}
	return false
}

func TestPureChildrenHaveNoClockAndNoIO(t *testing.T) {
	all := packages(t)
	for _, name := range pure {
		p, ok := all[name]
		if !ok {
			t.Errorf("%s is listed as pure and does not exist", name)
			continue
		}
		for _, imported := range p.Imports {
			switch imported {
			case "os", "net", "net/http", "database/sql", "log/slog", "math/rand", "math/rand/v2", "crypto/rand":
				t.Errorf("%s imports %s: decisions are pure functions of their input", name, imported)
			}
		}
	}
}

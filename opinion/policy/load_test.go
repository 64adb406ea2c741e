package policy_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// copied returns the shipped files as a file system that a test may change.
func copied(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range policy.Files {
		data, err := fs.ReadFile(seeds.Policy, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

func load(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShippedPolicyIsWhole(t *testing.T) {
	p := load(t)
	counts := map[string]int{}
	for _, u := range p.Units {
		counts[u.Kind]++
	}
	if named := counts[policy.KindOffice] + counts[policy.KindDepartment]; named != 34 || counts[policy.KindStreet] != 17 || counts[policy.KindSet] != 4 {
		t.Errorf("units by kind: %v, want 34 named, 17 streets, 4 sets", counts)
	}
	if len(p.Items) != 57 || len(p.Topics) != 31 {
		t.Errorf("%d items, %d topics", len(p.Items), len(p.Topics))
	}
	if first, last := p.Calendar.Years[0].Year, p.Calendar.Years[len(p.Calendar.Years)-1].Year; first != 2017 || last != 2026 {
		t.Errorf("calendar from %d to %d", first, last)
	}
	form := regexp.MustCompile(`^[0-9A-Za-z.-]+\+[0-9a-f]{12}$`)
	if !form.MatchString(p.Version) || !form.MatchString(p.Calendar.Version) {
		t.Errorf("versions %q, %q", p.Version, p.Calendar.Version)
	}
}

func TestEveryStreetHasPlaces(t *testing.T) {
	p := load(t)
	places := map[string]int{}
	for _, pl := range p.Places {
		places[pl.Street]++
	}
	for _, u := range p.Units {
		if u.Kind == policy.KindStreet && places[u.ID] < 5 {
			t.Errorf("%s has %d places", u.Name, places[u.ID])
		}
	}
}

// TestUnitsAgreeWithItems compares two accounts of the document: the items that a unit
// says name it, and the items themselves.
func TestUnitsAgreeWithItems(t *testing.T) {
	p := load(t)
	named := map[string][]int{}
	for _, it := range p.Items {
		for _, r := range it.Responsible {
			named[r.Unit] = append(named[r.Unit], it.Number)
		}
	}
	for _, u := range p.Units {
		if u.Kind != policy.KindStreet && u.Kind != policy.KindExternal && !slices.Equal(u.Items, named[u.ID]) {
			t.Errorf("%s: says %v, the items say %v", u.Name, u.Items, named[u.ID])
		}
	}
	covered := map[int]bool{}
	for _, topic := range p.Topics {
		for _, n := range topic.Items {
			covered[n] = true
		}
	}
	for _, it := range p.Items {
		if !covered[it.Number] {
			t.Errorf("item %d belongs to no topic", it.Number)
		}
	}
}

func TestExpand(t *testing.T) {
	p := load(t)
	if got := p.Expand("set-jiedao"); len(got) != 17 || got[0] != "s-donghuamen" {
		t.Errorf("streets expand to %v", got)
	}
	if got := p.Expand("set-bumen"); len(got) != 34 {
		t.Errorf("departments expand to %d", len(got))
	}
	if got := p.Expand("u-jiaowei"); !slices.Equal(got, []string{"u-jiaowei"}) {
		t.Errorf("a unit expands to %v", got)
	}
	if got := p.Expand("u-none"); len(got) != 0 {
		t.Errorf("an unknown unit expands to %v", got)
	}
}

func TestASetOfUnitsNeverAnswers(t *testing.T) {
	p := load(t)
	for id, want := range map[string]bool{"u-jiaowei": true, "s-dongsi": true, "set-bumen": false, "u-none": false, "": false} {
		if p.Answers(id) != want {
			t.Errorf("%q answers: %t, want %t", id, !want, want)
		}
	}
}

func TestVersionFollowsEveryFile(t *testing.T) {
	base := load(t)
	for _, name := range policy.Files {
		files := copied(t)
		files[name].Data = append(slices.Clone(files[name].Data), '\n')
		p, err := policy.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if p.Version == base.Version {
			t.Errorf("%s changed and the version did not", name)
		}
		if changed := p.Calendar.Version != base.Calendar.Version; changed != (name == "calendar.json") {
			t.Errorf("%s changed, calendar version changed: %v", name, changed)
		}
	}
}

// edit changes one file of the shipped policy: path leads to the value ("units.3.id"),
// which is replaced, or removed when value is nil.
func edit(t testing.TB, files fstest.MapFS, name, path string, value any) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(files[name].Data, &doc); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(path, ".")
	node := doc
	for _, step := range steps[:len(steps)-1] {
		node = child(t, node, step)
	}
	last := steps[len(steps)-1]
	switch n := node.(type) {
	case map[string]any:
		if n[last] = value; value == nil {
			delete(n, last)
		}
	case []any:
		var i int
		if _, err := fmt.Sscan(last, &i); err != nil {
			t.Fatal(err)
		}
		n[i] = value
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	files[name] = &fstest.MapFile{Data: data}
}

func child(t testing.TB, node any, step string) any {
	t.Helper()
	switch n := node.(type) {
	case map[string]any:
		return n[step]
	case []any:
		var i int
		if _, err := fmt.Sscan(step, &i); err != nil {
			t.Fatal(err)
		}
		return n[i]
	}
	t.Fatalf("no %s in %v", step, node)
	return nil
}

// Each row breaks one thing of one file; the error must name the file, the key and what
// was meant.
var broken = []struct {
	file, path string
	value      any
	says       string
}{
	{"units.json", "units.3.id", "u-zhengfuban", `units[3].id "u-zhengfuban": twice; ids must be unique`},
	{"units.json", "units.3.id", "U 1", "units[3].id"},
	{"units.json", "units.3.kind", "club", `units[3].kind "club"`},
	{"units.json", "units.3.name", "", "units[3].name is empty"},
	{"units.json", "units.3.name", "区政府办公室", "units[3].name"},
	{"units.json", "units.3.basis", "rumour", `units[3].basis "rumour"`},
	{"units.json", "units.3.source", nil, "units[3].source is empty"},
	{"units.json", "units.3.items", []int{58}, "units[3].items[0] 58"},
	{"units.json", "units.3.members", []string{"u-jiaowei"}, "units[3].members"},
	{"units.json", "units.0.members", []string{}, "units[0].members is empty"},
	{"units.json", "units.0.members", []string{"u-none"}, `units[0].members[0] "u-none": no such unit`},
	{"units.json", "units.0.members", []string{"set-bumen"}, "circles"},
	{"units.json", "units", []any{}, "units is empty"},
	{"units.json", "meta.version", "", "meta.version"},
	{"units.json", "meta", nil, "meta.version"},
	{"units.json", "extra", 1, `unknown field "extra"`},
	{"units.json", "units.3.colour", "red", `unknown field "colour"`},
	{"units.json", "units.3.id", 7, "string"},
	{"worklist.json", "items.4.number", 4, "items[4].number 4: twice"},
	{"worklist.json", "items.4.number", 4, "lack number 5"},
	{"worklist.json", "items.4.number", 99, "items[4].number[0] 99"},
	{"worklist.json", "items.0.responsible.0.unit", "u-x", `items[0].responsible[0].unit "u-x": no such unit`},
	{"worklist.json", "items.0.responsible.0.role", "boss", `"boss"`},
	{"worklist.json", "items.0.responsible", []any{}, "items[0].responsible is empty"},
	{"worklist.json", "items.0.matters", []string{}, "items[0].matters"},
	{"topics.json", "topics.2.lead", "u-x", `topics[2].lead "u-x": no such unit`},
	{"topics.json", "topics.2.lead", "set-jiedao", "is a set"},
	{"topics.json", "topics.2.co_units", []string{"u-x"}, "topics[2].co_units[0]"},
	{"topics.json", "topics.2.co_units", []string{"u-chengguanwei"}, "leads already"},
	{"topics.json", "topics.2.external", []string{"x-x"}, "topics[2].external[0]"},
	{"topics.json", "topics.2.id", "urban.illegal", "twice"},
	{"topics.json", "topics.2.id", "none", "topics[2].id"},
	{"topics.json", "topics.2.keywords", []string{"停水", "停水"}, `topics[2].keywords[1] "停水": twice`},
	{"topics.json", "topics.2.keywords", []string{}, "topics[2].keywords is empty"},
	{"topics.json", "topics.2.weak_alone", []string{"火星"}, "no keyword"},
	{"topics.json", "topics.0.routes.0.lead", "u-x", "topics[0].routes[0].lead"},
	{"topics.json", "topics.0.routes.0.if_any", []string{}, "topics[0].routes[0].if_any"},
	{"places.json", "places.5.street", "u-jiaowei", "is a department"},
	{"places.json", "places.5.street", "s-x", "no such unit"},
	{"places.json", "places.5.name", "景山街道", "twice"},
	{"places.json", "places.5.not", true, "on a name that is not ours"},
	{"district.json", "name", "", "is empty"},
	{"district.json", "elsewhere", "drop", "use hold or alert"},
	{"district.json", "basis", "guess", "use a basis"},
	{"district.json", "within.0", "北平市", "no such region"},
	{"district.json", "within.0", "东城区", "holds the district itself"},
	{"regions.json", "regions.2.name", "", "is empty"},
	{"regions.json", "regions.2.parts.0.counties.1", "井陉矿区", "twice"},
	{"risk.json", "terms.0.weight", 6, "terms[0].weight 6"},
	{"risk.json", "terms.0.weight", 0, "weights go from 1 to 5"},
	{"risk.json", "terms.0.kind", "K9", "no such kind"},
	{"risk.json", "terms.0.term", "一刀切", "twice"},
	{"risk.json", "kinds.5.code", "K7", "lack K6"},
	{"risk.json", "discounts.0.factor", 1, "discounts[0].factor"},
	{"risk.json", "amplifiers.0.factor", 0.5, "amplifiers[0].factor"},
	{"risk.json", "traps.0", "一帆风顺", "holds no term"},
	{"risk.json", "negations.0", "", "negations[0] is empty"},
	{"deadlines.json", "rules.0.limit", 0, "rules[0].limit 0"},
	{"deadlines.json", "rules.0.limit", -48, "rules[0].limit -48"},
	{"deadlines.json", "rules.0.clock", "sundial", `rules[0].clock "sundial"`},
	{"deadlines.json", "rules.0.unit", "d", "natural_hours"},
	{"deadlines.json", "rules.0.unit", "y", "use min, h or d"},
	{"deadlines.json", "rules.0.roll_over", true, "only calendar days roll over"},
	{"deadlines.json", "rules.1.key", "level.I.phone_report", "twice"},
	{"deadlines.json", "rules.0.basis", "hearsay", "rules[0].basis"},
	{"deadlines.json", "applies.0.rule", "no.such", "no such rule"},
	{"deadlines.json", "applies.0.kind", "nap", "use sign, respond or close"},
	{"deadlines.json", "applies.0.start", "someday", "received or opened"},
	{"deadlines.json", "applies.0.levels", []string{"V"}, "applies[0].levels[0]"},
	{"deadlines.json", "applies.0.levels", []string{"II"}, "give no sign deadline for level I,"},
	{"deadlines.json", "applies.4.channels", []string{"pigeon"}, "applies[4].channels[0]"},
	{"deadlines.json", "day_end", "25:00", "day_end"},
	{"calendar.json", "years.3.year", 2031, "2031 follows 2019"},
	{"calendar.json", "years.3.notices", []string{}, "years[3].notices is empty"},
	{"calendar.json", "years.3.notices", []string{"公报"}, "http"},
	{"calendar.json", "years.3.holidays", []any{}, "years[3].holidays is empty"},
	{"calendar.json", "years.3.holidays.0.from", "2020/01/01", "YYYY-MM-DD"},
	{"calendar.json", "years.3.holidays.0.to", "2020-02-30", "YYYY-MM-DD"},
	{"calendar.json", "years.3.holidays.0.to", "2020-12-31", "lasts 366 days"},
	{"calendar.json", "years.3.holidays.1.from", "2019-06-01", "stands under 2020"},
	{"calendar.json", "years.3.holidays.0", map[string]string{"name": "元旦", "from": "2020-01-25", "to": "2020-01-25"}, `"2020-01-25": twice`},
	{"calendar.json", "years.3.make_up.0.date", "2020-01-20", "is a Monday"},
	{"calendar.json", "years.3.make_up.0.date", "2020-01-25", "is a holiday too"},
	{"calendar.json", "years.3.make_up.0.for", "圣诞节", "no such holiday"},
	{"calendar.json", "years", []any{}, "years is empty"},
	{"alert.json", "open.min_risk", 0, "open.min_risk 0"},
	{"alert.json", "open.min_risk", 4, "open.min_risk 4"},
	{"alert.json", "history_days", 0, "history_days 0"},
	{"alert.json", "default_unit", "u-x", "default_unit"},
	{"alert.json", "default_unit", "set-bumen", "is a set"},
	{"alert.json", "heat.half_life_hours", 0, "heat.half_life_hours 0"},
	{"alert.json", "heat.attention", -1, "heat.attention -1"},
	{"alert.json", "heat.basis", "x", "heat.basis"},
	{"alert.json", "burst.gain", 0, "gain is 0"},
	{"alert.json", "burst.scale_seconds", []int{60, 60}, "ascending"},
	{"alert.json", "burst.min_risk", 0, "min_risk is 0"},
	{"alert.json", "burst.basis", "x", "burst.basis"},
	{"alert.json", "levels.5.min_risk", 2, "give no level to a burst at risk 1"},
	{"alert.json", "levels.0.level", "V", "levels[0].level"},
	{"alert.json", "levels.0.any_kind", []string{"K9"}, "levels[0].any_kind[0]"},
	{"alert.json", "levels.6.min_posts", 2, "give no level at risk 2"},
	{"alert.json", "levels.1.key", "I.spread", "twice"},
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for _, tt := range broken {
		t.Run(fmt.Sprintf("%s %s %v", tt.file, tt.path, tt.value), func(t *testing.T) {
			files := copied(t)
			edit(t, files, tt.file, tt.path, tt.value)
			p, err := policy.Load(files)
			if err == nil || p != nil {
				t.Fatal("loaded")
			}
			if opinion.CodeOf(err) != opinion.CodeInvalid {
				t.Errorf("code %q", opinion.CodeOf(err))
			}
			for line := range strings.Lines(err.Error()) {
				if strings.HasPrefix(line, tt.file+": ") && strings.Contains(line, tt.says) && strings.Contains(line, "; ") {
					return
				}
			}
			t.Errorf("no line of the error says %q of %s:\n%v", tt.says, tt.file, err)
		})
	}
}

func TestAllProblemsAreListed(t *testing.T) {
	files := copied(t)
	edit(t, files, "units.json", "units.3.basis", "rumour")
	edit(t, files, "alert.json", "history_days", -1)
	edit(t, files, "risk.json", "terms.7.weight", 9)
	_, err := policy.Load(files)
	for _, want := range []string{"units.json: units[3].basis", "alert.json: history_days", "risk.json: terms[7].weight"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestAFloodOfProblemsIsBounded(t *testing.T) {
	files := copied(t)
	edit(t, files, "units.json", "units", []any{})
	_, err := policy.Load(files)
	if err == nil {
		t.Fatal("loaded")
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines > 101 || !strings.Contains(err.Error(), "more") {
		t.Errorf("%d lines", lines)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for name, data := range map[string]string{"empty": "", "text": "hello", "array": "[]", "cut": `{"meta":`, "null": "null", "two": `{} {}`} {
		files := copied(t)
		files["topics.json"] = &fstest.MapFile{Data: []byte(data)}
		if _, err := policy.Load(files); err == nil || !strings.Contains(err.Error(), "topics.json: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	files := copied(t)
	delete(files, "calendar.json")
	delete(files, "risk.json")
	_, err := policy.Load(files)
	if err == nil || !strings.Contains(err.Error(), "calendar.json: missing") || !strings.Contains(err.Error(), "risk.json: missing") {
		t.Errorf("got %v", err)
	}
	files = copied(t)
	files["units.json"].Data = append(files["units.json"].Data, make([]byte, 9<<20)...)
	if _, err := policy.Load(files); err == nil || !strings.Contains(err.Error(), "units.json: more than") {
		t.Errorf("a file of 9 MiB: %v", err)
	}
}

func TestSyntaxErrorTellsTheLine(t *testing.T) {
	files := copied(t)
	files["alert.json"] = &fstest.MapFile{Data: []byte("{\n\"meta\": {},\n\"open\": {,}\n}")}
	if _, err := policy.Load(files); err == nil || !strings.Contains(err.Error(), "alert.json: no JSON, line 3") {
		t.Errorf("got %v", err)
	}
}

// FuzzLoad puts foreign bytes in the place of one file. Load may refuse them or take
// them; it must not panic, and what it takes must be whole.
func FuzzLoad(f *testing.F) {
	base := copied(f)
	for i, name := range policy.Files {
		f.Add(uint8(i), base[name].Data[:min(2000, len(base[name].Data))])
		f.Add(uint8(i), []byte(`{"meta":{"version":"1"},"units":[{}],"items":[{}],"topics":[{}],"places":[{}],"years":[{}]}`))
		f.Add(uint8(i), []byte(`{"units":[{"id":"a","kind":"set","members":["a"]}]}`))
		f.Add(uint8(i), []byte("null"))
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		files := fstest.MapFS{}
		for name, file := range base {
			files[name] = file
		}
		files[policy.Files[int(which)%len(policy.Files)]] = &fstest.MapFile{Data: data}
		p, err := policy.Load(files)
		if (p == nil) == (err == nil) {
			t.Fatalf("policy %v and error %v", p != nil, err)
		}
		if err != nil && opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Fatalf("code %q of %v", opinion.CodeOf(err), err)
		}
		if p != nil && (len(p.Items) != 57 || len(p.Topics) != 31 || p.Version == "") {
			t.Fatalf("half a policy: %d items, %d topics", len(p.Items), len(p.Topics))
		}
	})
}

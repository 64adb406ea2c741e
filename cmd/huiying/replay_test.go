package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huiying/huiying/analyze/eval"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// draft is a copy of the built-in policy with texts replaced: file, from, to, file, from, to …
func draft(t *testing.T, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, seeds.Policy); err != nil {
		t.Fatal(err)
	}
	for ; len(changes) > 0; changes = changes[3:] {
		path := filepath.Join(dir, changes[0])
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), changes[1]) {
			t.Fatalf("%s does not hold %q", changes[0], changes[1])
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(b), changes[1], changes[2], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// minRisk is a policy that opens cases from risk n, with further changes.
func minRisk(t *testing.T, n string, changes ...string) string {
	return draft(t, append([]string{
		"alert.json", `"min_risk": 2`, `"min_risk": ` + n,
		"alert.json", `"level": "IV", "min_risk": 2`, `"level": "IV", "min_risk": ` + n,
	}, changes...)...)
}

const replayGas = "幸福里小区三号楼燃气泄漏爆炸，已经有人死亡，多人受伤送医院，现场还在漏气，请马上派人！"

func replayRows(t *testing.T) string {
	return rowsFile(t, "rows.jsonl",
		`{"id":"gas","title":"燃气泄漏","text":"`+replayGas+`","published_at":"2026-03-01"}`,
		`{"id":"lamp","title":"路灯坏了","text":"`+evalLamp+`","published_at":"2026-03-02"}`,
		`{"id":"chat","text":"今天的晚霞很美。","published_at":"2026-03-03"}`)
}

// replayed runs the command in its own process, with the other policy in one of its own again.
func replayed(t *testing.T, args ...string) eval.Comparison {
	t.Helper()
	var c eval.Comparison
	if err := json.Unmarshal([]byte(embedded(t).run(append([]string{"replay", "--json"}, args...)...)), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func titles(list []eval.Change) (out []string) {
	for _, c := range list {
		out = append(out, c.Title)
	}
	return out
}

func TestReplayShowsWhatAnotherThresholdWouldAlert(t *testing.T) {
	rows, strict, lax := replayRows(t), minRisk(t, "3"), minRisk(t, "1")
	c := replayed(t, "--file", rows, "--set", "policy_dir="+strict, "--policy-dir", lax)
	if c.Posts != 3 || c.CasesBefore != 1 || c.CasesAfter != 2 || c.AlertedAfter != 2 {
		t.Fatalf("%+v", c)
	}
	if d := cmp.Diff([]string{"路灯坏了"}, titles(c.Gained)); d != "" || len(c.Lost)+len(c.Moved) != 0 {
		t.Errorf("%s %+v", d, c)
	}
	lamp := c.Gained[0]
	if lamp.Before.Reasons[0].Name != "risk_below" || lamp.After.Reasons[0].Name != "risk_at_least" || lamp.After.Unit == "" || lamp.After.Level == "" {
		t.Errorf("%+v", lamp)
	}
	back := replayed(t, "--file", rows, "--set", "policy_dir="+lax, "--policy-dir", strict)
	if d := cmp.Diff([]string{"路灯坏了"}, titles(back.Lost)); d != "" || len(back.Gained) != 0 {
		t.Errorf("the other way round: %s %+v", d, back)
	}
	out := embedded(t).run("replay", "--file", rows, "--policy-dir", strict, "--set", "policy_dir="+lax)
	if !strings.HasPrefix(out, "3 posts; cases 2 before, 1 after; alerted posts 2 before, 1 after\n") || !strings.Contains(out, "风险 1 < 3") {
		t.Error(out)
	}
}

// The other policy brings a word that this process' segmenter does not know.
func TestReplayJudgesByTheWordsOfTheOtherPolicy(t *testing.T) {
	term := `{"term":"一片漆黑","kind":"K6","weight":5,"basis":"assumption"}`
	c := replayed(t, "--file", replayRows(t), "--set", "policy_dir="+minRisk(t, "3"),
		"--policy-dir", minRisk(t, "1", "risk.json", `"terms": [`, `"terms": [`+term+`,`))
	if len(c.Gained) != 1 || !names(c.Gained[0].After.Factors, "一片漆黑") || names(c.Gained[0].Before.Factors, "一片漆黑") {
		t.Errorf("%+v", c)
	}
}

func names(factors []opinion.Factor, word string) bool {
	for _, f := range factors {
		for _, e := range f.Evidence {
			if e.Word == word {
				return true
			}
		}
	}
	return false
}

func TestReplayByTheSameRulesFindsNothing(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--policy-dir", draft(t, "alert.json", `"version": "`, `"version": "draft.`)}, // another version, the same rules
		{"--release", path},
	} {
		c := replayed(t, append(args, "--file", replayRows(t))...)
		if c.CasesBefore != c.CasesAfter || c.CasesBefore == 0 || len(c.Gained)+len(c.Lost)+len(c.Moved) != 0 {
			t.Errorf("%v: %+v", args, c)
		}
	}
}

func TestReplayOfTheIndex(t *testing.T) {
	i := embedded(t)
	now := time.Now()
	day := func(ago int) string { return now.AddDate(0, 0, -ago).In(opinion.ChinaTime).Format(time.DateOnly) }
	file := rowsFile(t, "import.jsonl",
		`{"id":"1","title":"燃气泄漏","text":"`+replayGas+`","published_at":"`+day(1)+`"}`,
		`{"id":"2","title":"旧房坍塌","text":"老城根路的旧房昨天坍塌，三名工人被埋，伤者已送医院抢救，情况危急，请立即救援！","published_at":"`+day(40)+`"}`)
	i.run("import", "--source", "test", "--channel", "web_message", file)
	compare := func(args ...string) (c eval.Comparison) {
		if err := json.Unmarshal([]byte(i.run(append([]string{"replay", "--json"}, args...)...)), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	longer := draft(t, "alert.json", `"history_days": 30`, `"history_days": 90`)
	if c := compare("--policy-dir", longer); c.Posts != 2 || c.CasesBefore != 1 || len(c.Gained) != 1 || c.Gained[0].Title != "旧房坍塌" {
		t.Errorf("a longer window: %+v", c)
	}
	if c := compare("--policy-dir", longer, "--fresh"); c.CasesBefore != 2 || len(c.Gained) != 0 {
		t.Errorf("all taken as fresh: %+v", c)
	}
	if c := compare("--policy-dir", longer, "--limit", "1"); c.Posts != 1 {
		t.Errorf("the newest only: %+v", c)
	}
	if c := compare("--policy-dir", longer, "--query", "老城根"); c.Posts != 1 || len(c.Gained) != 1 {
		t.Errorf("a query: %+v", c)
	}
	var cases struct{ Total int }
	if err := json.Unmarshal([]byte(i.run("cases", "--json")), &cases); err != nil || cases.Total != 1 {
		t.Errorf("replay opened cases: %+v %v", cases, err)
	}
}

func TestReplaySaysWhatIsWrong(t *testing.T) {
	rows := replayRows(t)
	for want, args := range map[string][]string{
		"give --policy-dir, --release, or both": {"--file", rows},
		"load policy":                           {"--file", rows, "--policy-dir", t.TempDir()},
		"--limit must be 1 or more":             {"--file", rows, "--release", "x", "--limit", "0"},
		"line 1: text and title":                {"--file", rowsFile(t, "empty.jsonl", `{"id":"1"}`), "--policy-dir", minRisk(t, "1")},
		"replay by /nowhere/huiying":            {"--file", rows, "--release", "/nowhere/huiying"},
	} {
		var stderr bytes.Buffer
		cmd := embedded(t).command(t.Context(), append([]string{"replay"}, args...)...)
		cmd.Stderr = &stderr
		if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), want) {
			t.Errorf("%v: %v %s, want %s", args, err, stderr.String(), want)
		}
	}
}

func TestAgedFollowsTheWindow(t *testing.T) {
	received := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, c := range []struct {
		name           string
		age            time.Duration
		history, fresh bool
		window         time.Duration
		want           bool
	}{
		{"young", day, false, false, 30 * day, false},
		{"history stays", 40 * day, true, false, 30 * day, true},
		{"a longer window takes it in", 40 * day, true, false, 90 * day, false},
		{"a shorter one leaves it out", 20 * day, false, false, 10 * day, true},
		{"let in to open cases", 40 * day, false, false, 30 * day, false},
		{"let in, and stays so under a shorter window", 40 * day, false, false, 10 * day, false},
		{"all fresh", 40 * day, true, true, 30 * day, false},
	} {
		posts := []opinion.Post{{PublishedAt: received.Add(-c.age), ReceivedAt: received, History: c.history}}
		if got := aged(posts, 30*day, c.window, c.fresh); got[0].History != c.want || posts[0].History != c.history {
			t.Errorf("%s: %v", c.name, got[0].History)
		}
	}
}

func TestVerdictsFollowTheSignals(t *testing.T) {
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	signal := func(event string, risk opinion.Risk, level opinion.Level, history bool) opinion.Signal {
		return opinion.Signal{
			Event: opinion.Event{ID: event, Risk: risk, Level: level, Posts: 1, Sources: []string{"s"}},
			Post:  opinion.Post{History: history}, Assessment: opinion.Assessment{Topic: "urban.utility", Risk: risk},
		}
	}
	r := rehearsal{
		events:      []string{"rises", "minor", "history", "quiet", "quiet"},
		assessments: make([]opinion.Assessment, 5),
		signals: []opinion.Signal{
			signal("minor", 1, "", false), signal("rises", 1, "", false), signal("rises", 2, "", false), signal("history", 3, "", true),
			signal("rises", 3, opinion.LevelII, false), signal("rises", 2, "", false), signal("rises", 3, opinion.LevelI, true),
		},
	}
	posts := make([]opinion.Post, 5)
	posts[4].History = true
	var got []string
	for _, v := range r.verdicts(posts, pol) {
		s := v.Reasons[0].Name + " " + string(v.Level)
		if v.Alerted {
			s = "case " + s + " " + v.Unit
		}
		got = append(got, s)
	}
	i := slices.IndexFunc(pol.Topics, func(t policy.Topic) bool { return t.ID == "urban.utility" })
	want := []string{"case risk_at_least II " + pol.Topics[i].Lead, "risk_below ", "history ", "no_signal ", "no_signal "}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inProcess runs a command of this program in this process.
func inProcess(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	t.Chdir(t.TempDir()) // no huiying.yaml of somebody else, and nothing is left here
	root := newRoot()
	var b bytes.Buffer
	root.SetOut(&b)
	root.SetErr(&b)
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	if left, _ := filepath.Glob("*"); len(left) > 0 {
		t.Errorf("%v left %v in the working directory", args, left)
	}
	return b.String(), err
}

func rowsFile(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	evalLeak  = "阳光花园小区三号楼旁边的自来水管破裂，已经漏水三天，路面都结冰了，老人出门很危险，请尽快派人来修理。"
	evalLamp  = "幸福路从东到西的路灯坏了一个多月，晚上一片漆黑，希望有关部门早日修好，方便大家出行。"
	evalNames = `,"kinds":["K2"],"sentiment":-1,"intent":"投诉"`
)

func evalPosts(t *testing.T) string {
	return rowsFile(t, "posts.jsonl",
		`{"id":"3","title":"漏水","text":"`+evalLeak+`","published_at":"2026-03-03","topic":"urban.utility","risk":1,"reply":"您好，已转有关部门办理。","repost_delays_s":[]`+evalNames+`}`,
		`{"id":"1","title":"漏水","text":"`+evalLeak+`","published_at":"2026-03-01 08:00","topic":"urban.utility","risk":2,"reply":"您好，已转有关部门办理。","repost_delays_s":[1]`+evalNames+`}`,
		`{"id":"2","title":"路灯","text":"`+evalLamp+`","published_at":"2026-03-02","reply":"您好，已转有关部门办理。","repost_delays_s":[1,2]}`)
}

// metricsOf are the names of the table of `huiying eval --help`.
var metricsOf = map[string]string{
	"topic31": "accuracy top3", "risk": "accuracy kappa_quadratic precision_ge2 recall_ge2 recall_3",
	"kinds": "macro_f1", "sentiment": "macro_f1", "intent": "macro_f1", "mask": "recall false_per_1000",
	"burst":  "called lead_s_median false_per_day",
	"events": "b3_precision b3_recall b3_f1 lookalikes_joined events largest",
}

func TestEvalMeasuresTodaysModels(t *testing.T) {
	data := evalPosts(t)
	for task, names := range metricsOf {
		t.Run(task, func(t *testing.T) {
			predictions, report := filepath.Join(t.TempDir(), "p.jsonl"), filepath.Join(t.TempDir(), "r.md")
			out, err := inProcess(t, "eval", "--task", task, "--data", data, "--json", "--predictions", predictions, "--report", report)
			if err != nil {
				t.Fatal(err)
			}
			var metrics map[string]any
			if err := json.Unmarshal([]byte(out), &metrics); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
			for _, name := range strings.Fields(names) {
				if _, ok := metrics[name]; !ok {
					t.Errorf("%s lacks %s: %s", task, name, out)
				}
			}
			if len(metrics) != len(strings.Fields(names))+3 || metrics["rows"] != 3.0 {
				t.Errorf("%s", out)
			}
			b, err := os.ReadFile(predictions)
			if n := bytes.Count(b, []byte("\n")); err != nil || n != 3 {
				t.Errorf("%d predictions of 3 rows, %v", n, err)
			}
			if b, err := os.ReadFile(report); err != nil || !bytes.HasPrefix(b, []byte("# huiying eval: "+task)) || bytes.Contains(b, []byte("自来水管")) {
				t.Errorf("report: %v\n%s", err, b)
			}
		})
	}
}

func TestEvalOfEventsUsesTheFlowsClusterer(t *testing.T) {
	predictions := filepath.Join(t.TempDir(), "p.jsonl")
	out, err := inProcess(t, "eval", "--task", "events", "--data", evalPosts(t), "--predictions", predictions, "--json",
		"--gold", rowsFile(t, "gold.jsonl", `{"ids":["1","3"],"complete":true}`), "--lookalikes", rowsFile(t, "pairs.jsonl", `{"a":"1","b":"2"}`))
	want := `{"task":"events","rows":3,"labelled":2,"b3_precision":1,"b3_recall":1,"b3_f1":1,"lookalikes_joined":0,"events":2,"largest":2}` + "\n"
	if err != nil || out != want {
		t.Errorf("%s %v", out, err)
	}
	b, _ := os.ReadFile(predictions)
	var rows []struct{ ID, Event string }
	for line := range strings.Lines(string(b)) {
		var r struct{ ID, Event string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	if len(rows) != 3 || rows[0].ID != "3" || rows[0].Event != rows[1].Event || rows[0].Event == rows[2].Event {
		t.Errorf("%+v", rows)
	}
}

func TestEvalOfMasking(t *testing.T) {
	out, err := inProcess(t, "eval", "--task", "mask", "--json", "--data", rowsFile(t, "rows.jsonl",
		`{"text":"我的电话是１３８１２３４５６７８，请回电。","secrets":["13812345678"]}`, `{"text":"文号〔2026〕12号  两个空格，请回复。"}`))
	if want := `{"task":"mask","rows":2,"labelled":1,"recall":1,"false_per_1000":0}` + "\n"; err != nil || out != want {
		t.Errorf("%s %v", out, err)
	}
	if m := maskedText("没有  什么可遮"); m.Text != "没有  什么可遮" || m.Replaced != nil {
		t.Errorf("a text without personal data was changed: %+v", m)
	}
}

func TestEvalSaysWhatIsWrong(t *testing.T) {
	data, bad := evalPosts(t), rowsFile(t, "bad.jsonl", `{"text":"x"}`, `{"text":"x","risk":7}`)
	for want, args := range map[string][]string{
		"bad.jsonl: line 2: risk 7: must be 0 to 3": {"--task", "risk", "--data", bad},
		`no task "topics"`:                          {"--task", "topics", "--data", data},
		"--gold is for":                             {"--task", "risk", "--data", data, "--gold", data},
		"--lookalikes is for":                       {"--task", "risk", "--data", data, "--lookalikes", data},
		"no such file":                              {"--task", "risk", "--data", data + ".gone"},
		`"task" not set`:                            {"--data", data},
		"post 9 is not in the data":                 {"--task", "events", "--data", data, "--gold", rowsFile(t, "g.jsonl", `{"ids":["9"]}`)},
		"gold.jsonl: line 1: ids is missing":        {"--task", "events", "--data", data, "--gold", rowsFile(t, "gold.jsonl", `{}`)},
	} {
		if out, err := inProcess(t, append([]string{"eval"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v %s, want %s", args, err, out, want)
		}
	}
}

// A measurement of real messages; every row is answered.
func TestEvalOnRealMessages(t *testing.T) {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: the labelled messages that this test reads are not part of the project")
	}
	file := func(name string) string { return filepath.Join(shared, "data", name) }
	for task := range metricsOf {
		args, rows := []string{"--data", file("labels_dev.jsonl")}, 600
		switch task {
		case "events":
			args, rows = []string{"--data", file("messages_2019.jsonl"), "--gold", file("events_dev.jsonl"), "--lookalikes", file("not_events_dev.jsonl")}, 4326
		case "reply":
			args, rows = []string{"--data", file("reply_labels_dev.jsonl")}, 140
		case "burst":
			args, rows = []string{"--data", file("spread_2010_2014.jsonl")}, 500
		}
		out, err := inProcess(t, append([]string{"eval", "--json", "--task", task}, args...)...)
		if err != nil || !strings.Contains(out, fmt.Sprintf(`"rows":%d,`, rows)) {
			t.Errorf("%s %v", out, err)
		}
		t.Log(strings.TrimSpace(out))
	}
}

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/risk"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// inventedRows are rows of every kind that train knows, of few words.
func inventedRows(t *testing.T, n int) []string {
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, topic := range pol.Topics {
		words = append(words, topic.Keywords...)
	}
	r := rand.New(rand.NewPCG(1, 1))
	text := func() string {
		var b strings.Builder
		for range 14 {
			b.WriteString(words[r.IntN(len(words))])
		}
		return b.String()
	}
	topics := []string{"urban.utility", "edu.school", "health.care", "none"}
	var rows []string
	for i := range n {
		switch i % 5 {
		case 0:
			rows = append(rows, fmt.Sprintf(`{"title":"%s","text":"%s","topic":"%s","risk":%d,"kinds":["K2"],"sentiment":%d,"intent":"%s"}`,
				words[i%9], text(), topics[i/5%4], i/5%4, i/5%3-1, risk.Intents[i/5%7]))
		case 1:
			rows = append(rows, fmt.Sprintf(`{"text":"%s","label":"%s"}`, text(), topic.Classes[i/5%7]))
		case 2:
			rows = append(rows, fmt.Sprintf(`{"words":["%s","%s"],"label":"%s"}`, text(), text(), topic.Classes[i/5%7]))
		case 3:
			rows = append(rows, fmt.Sprintf(`{"text":"%s！","label":"%s"}`, text(), analyze.Emotions[i/5%6]))
		default:
			rows = append(rows, fmt.Sprintf(`{"text":"%s"}`, text()))
		}
	}
	return rows
}

func TestTrainIsReproducibleToTheByte(t *testing.T) {
	rows := inventedRows(t, 400)
	data, without := rowsFile(t, "rows.jsonl", rows...), rowsFile(t, "measured.jsonl", rows[0], rows[7])
	out := t.TempDir()
	var models, risks [][]byte
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(out, name+".model")
		said, err := inProcess(t, "train", "--out", path, "--data", data, "--without", without, "--seed", "3")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said, "398 rows, 2 left out") {
			t.Errorf("the two measured rows were learned from: %s", said)
		}
		model, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		weights, err := os.ReadFile(filepath.Join(out, "risk.json"))
		if err != nil {
			t.Fatal(err)
		}
		models, risks = append(models, model), append(risks, weights)
	}
	if !bytes.Equal(models[0], models[1]) || !bytes.Equal(risks[0], risks[1]) {
		t.Error("two trainings on the same rows with the same seed differ")
	}
	_, card, err := linear.Decode(models[0])
	if err != nil || card.Seed != 3 || len(card.Data) != 1 || card.Data[0].Rows != 400 || card.Metrics["topic7"]["rows"] == 0 {
		t.Errorf("%+v %v", card, err)
	}
	text, err := os.ReadFile(filepath.Join(out, "a.md"))
	if err != nil || !bytes.Contains(text, []byte(card.Data[0].SHA256)) || bytes.Contains(text, []byte("路灯")) {
		t.Errorf("the card: %v\n%s", err, text)
	}
}

func TestTrainRefuses(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.model")
	for _, c := range []struct {
		name, want string
		rows       []string
	}{
		{"a broken line", "line 2", []string{`{"text":"a"}`, `{"text":`}},
		{"a topic of no policy", "urban.nothing", append(inventedRows(t, 400), `{"text":"路灯不亮","topic":"urban.nothing"}`)},
		{"a weight above 1", "line 1", []string{`{"text":"a","topic":"none","weight":2}`}},
		{"a risk of no rule", "risk is 4", append(inventedRows(t, 400), `{"text":"路灯不亮","risk":4,"intent":"投诉"}`)},
		{"an intent of no rule", "intent is", append(inventedRows(t, 400), `{"text":"路灯不亮","risk":1,"intent":"闲聊"}`)},
		{"a reading with a text", "of is", []string{`{"of":"0123456789abcdef","text":"a","topic":"none"}`}},
		{"a reading of no row", "of is", []string{`{"of":"0123","topic":"none"}`}},
		{"too few rows", "at least", inventedRows(t, 40)},
	} {
		_, err := inProcess(t, "train", "--out", out, "--data", rowsFile(t, "rows.jsonl", c.rows...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: a model was written", c.name)
		}
	}
}

// TestReadingsAreOfRows: what is said of a row by its key is the same as if it stood in the row.
func TestReadingsAreOfRows(t *testing.T) {
	bare := rowsFile(t, "bare.jsonl", `{"title":"路灯","text":"坏了"}`, `{"text":"谢谢"}`)
	said := rowsFile(t, "said.jsonl", fmt.Sprintf(`{"of":"%s","topic":"urban.utility","risk":1,"kinds":["K2"],"sentiment":-1,"intent":"投诉"}`,
		trainRow{Title: "路灯", Text: "坏了"}.key()), `{"of":"0123456789abcdef","topic":"none"}`)
	whole := rowsFile(t, "whole.jsonl", `{"title":"路灯","text":"坏了","topic":"urban.utility","risk":1,"kinds":["K2"],"sentiment":-1,"intent":"投诉"}`, `{"text":"谢谢"}`)
	got, err := readTraining([]string{said, bare}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := readTraining([]string{whole}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.rows, want.rows) || got.lost != 1 || len(got.files) != 2 || got.files[0].Rows != 2 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/risk"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
)

// trainRow is a row of a training file.
type trainRow struct {
	// Of makes it a reading: what somebody says of a row of another file, which it names by
	// its key.
	Of    string   `json:"of"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Words []string `json:"words"`
	Label string   `json:"label"`
	Topic string   `json:"topic"`
	// Weight is how much the topic counts, 0 to 1; 0 is 1.
	Weight float64 `json:"weight"`

	Risk      *opinion.Risk `json:"risk"`
	Kinds     []string      `json:"kinds"`
	Sentiment int           `json:"sentiment"`
	Intent    string        `json:"intent"`
}

func (r trainRow) labelled() analyze.Labelled {
	l := analyze.Labelled{
		Post:  opinion.Post{Title: strings.ReplaceAll(r.Title, "\n", " "), Text: r.Text},
		Words: r.Words, Topic: r.Topic, Weight: r.Weight,
	}
	if slices.Contains(topic.Classes, r.Label) {
		l.Class = r.Label
	}
	if slices.Contains(analyze.Emotions, r.Label) {
		l.Emotion = r.Label
	}
	if r.Risk != nil {
		l.Judged = &risk.Labels{Risk: *r.Risk, Kinds: r.Kinds, Sentiment: r.Sentiment, Intent: r.Intent}
	}
	return l
}

// key names a row whose text cannot stand beside what is said of it: the first 16 hexadecimal
// digits of the SHA-256 of title, line break and text.
func (r trainRow) key() string {
	sum := sha256.Sum256([]byte(r.Title + "\n" + r.Text))
	return hex.EncodeToString(sum[:keyBytes])
}

const keyBytes = 8

// read takes over what a reading says.
func (r *trainRow) read(as trainRow) {
	r.Topic, r.Weight, r.Risk, r.Kinds, r.Sentiment, r.Intent = as.Topic, as.Weight, as.Risk, as.Kinds, as.Sentiment, as.Intent
}

// check refuses what no row can be.
func (r trainRow) check() error {
	switch {
	case !(r.Weight >= 0 && r.Weight <= 1):
		return fmt.Errorf("weight is %v: 0 to 1 are possible", r.Weight)
	case r.Of != "" && (len(r.Of) != 2*keyBytes || r.Title+r.Text+r.Label != "" || len(r.Words) > 0):
		return fmt.Errorf("of is %q: a reading names a row by %d hexadecimal digits and has no text, words or label", r.Of, 2*keyBytes)
	case r.Risk == nil:
		return nil
	case *r.Risk < opinion.RiskCalm || *r.Risk > opinion.RiskUrgent:
		return fmt.Errorf("risk is %d: 0 to 3 are possible", *r.Risk)
	case r.Sentiment < -1 || r.Sentiment > 1:
		return fmt.Errorf("sentiment is %d: -1 to 1 are possible", r.Sentiment)
	case !slices.Contains(risk.Intents, r.Intent):
		return fmt.Errorf("intent is %q: one of %v is possible", r.Intent, risk.Intents)
	}
	return nil
}

// trainData are the rows that train reads.
type trainData struct {
	rows  []analyze.Labelled // to learn from, and behind them those to keep away from
	files []linear.DataFile
	lost  int // readings of rows that are in no file
}

// readTraining reads them. Of two readings of a row the last one counts.
func readTraining(data, without []string) (d trainData, err error) {
	var rows []trainRow
	readings, used := map[string]trainRow{}, map[string]bool{}
	for _, path := range data {
		read, file, err := readTrainingFile(path)
		if err != nil {
			return d, err
		}
		for _, r := range read {
			if r.Of != "" {
				readings[r.Of] = r
			} else {
				rows = append(rows, r)
			}
		}
		d.files = append(d.files, file)
	}
	for i := range rows {
		if key := rows[i].key(); len(readings) > 0 && readings[key].Of != "" {
			rows[i].read(readings[key])
			used[key] = true
		}
		d.rows = append(d.rows, rows[i].labelled())
	}
	for _, path := range without {
		read, _, err := readTrainingFile(path)
		if err != nil {
			return d, err
		}
		for _, r := range read {
			l := r.labelled()
			l.Measured = true
			d.rows = append(d.rows, l)
		}
	}
	d.lost = len(readings) - len(used)
	return d, nil
}

func readTrainingFile(path string) (rows []trainRow, file linear.DataFile, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, file, fmt.Errorf("open rows: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	lines := bufio.NewScanner(io.TeeReader(f, sum))
	lines.Buffer(nil, 4<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var r trainRow
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, file, opinion.Errorf(opinion.CodeInvalid, "%s: line %d is no JSON object of a training row: %v", path, n, err)
		}
		if err := r.check(); err != nil {
			return nil, file, opinion.Errorf(opinion.CodeInvalid, "%s: line %d: %v", path, n, err)
		}
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		return nil, file, fmt.Errorf("%s: read line %d: %w", path, len(rows)+1, err)
	}
	return rows, linear.DataFile{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum.Sum(nil)), Rows: len(rows)}, nil
}

// metricsTable shows the metrics of all heads in Markdown.
func metricsTable(metrics map[string]map[string]float64) string {
	var b strings.Builder
	b.WriteString("| head | metric | value |\n|---|---|---|\n")
	for _, head := range slices.Sorted(maps.Keys(metrics)) {
		for _, name := range slices.Sorted(maps.Keys(metrics[head])) {
			fmt.Fprintf(&b, "| %s | %s | %.4g |\n", head, name, metrics[head][name])
		}
	}
	return b.String()
}

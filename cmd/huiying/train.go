package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// training is what huiying train was asked for.
type training struct {
	task          string
	data, without []string
	out           string
	seed          uint64
}

func newTrain(o *options) *cobra.Command {
	var t training
	cmd := &cobra.Command{
		Use:   "train --task TASK --data FILE… --out FILE",
		Short: "Train a topic or emotion model from labelled rows",
		Long: `train makes a model file and a card in Markdown beside it. Equal files, in equal order, and
an equal seed give equal model files to the byte. Rows are JSON Lines, with these fields:

  topic7   title and text, or words (a list); label: one of the seven first-level classes
  topic31  title and text, or words; topic where a person gave one. Rows without it help
           too: those with a seven-class label, those with one of the six emotions (chat
           that is hardly ever a public affair), and any other. The seven-class model of
           this release is used.
  emotion  text; label: one of the six emotions

Rows whose text also stands in a file of --without are left out, so that what is measured
on those files is honest. Texts never enter the model: it holds hashes of words and of
character n-grams, with weights.`,
		Example: `  huiying train --task topic7 --data rows.jsonl --without measured.jsonl --out topic7.model`,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, more []string) error {
			t.data = append(t.data, more...)
			cfg, err := o.load()
			if err != nil {
				return err
			}
			pol, err := loadPolicy(cfg)
			if err != nil {
				return err
			}
			return t.run(pol, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&t.task, "task", "", "topic7, topic31 or emotion")
	f.StringArrayVar(&t.data, "data", nil, "JSON Lines file of rows; may be repeated, and more may follow")
	f.StringArrayVar(&t.without, "without", nil, "JSON Lines file of rows that must not be learned from; may be repeated")
	f.StringVar(&t.out, "out", "", "the model file")
	f.Uint64Var(&t.seed, "seed", 1, "seed of everything random")
	for _, name := range []string{"task", "data", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

// trainRow is a row of a training file.
type trainRow struct {
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Words []string `json:"words"`
	Label string   `json:"label"`
	Topic string   `json:"topic"`
}

// letters is the text without anything but letters and digits, by which rows are compared.
func (r trainRow) letters() string {
	text := r.Text + strings.Join(r.Words, "")
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, text)
}

func (t training) run(pol *policy.Policy, out io.Writer) (err error) {
	rows, files, dropped, err := t.read()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "huiying-train-")
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	seg, err := segment.Open(filepath.Join(scratch, "dict"), analyze.DomainWords(pol))
	if err != nil {
		return fmt.Errorf("open segmenter: %w", err)
	}
	trained, err := t.fit(analyze.NewAnalyzer(seg, pol), pol, rows)
	if err != nil {
		return err
	}
	trained.Card.Data = files
	data, err := trained.Model.Encode(trained.Card)
	if err != nil {
		return err
	}
	if err := os.WriteFile(t.out, data, 0o644); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	card := t.card(trained, data, dropped)
	if err := os.WriteFile(strings.TrimSuffix(t.out, ".model")+".md", []byte(card), 0o644); err != nil {
		return fmt.Errorf("write model card: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s: %d bytes, %d features, %s\n", t.out, len(data), trained.Model.Features(), metricsLine(trained.Metrics))
	return err
}

// fit trains the model of the task.
func (t training) fit(a *analyze.Analyzer, pol *policy.Policy, rows []trainRow) (topic.Training, error) {
	examples := make([]topic.Example, len(rows))
	for i, r := range rows {
		if r.Words != nil {
			examples[i] = a.TopicExampleOfWords(r.Words)
		} else {
			examples[i] = a.TopicExample(opinion.Post{Title: r.Title, Text: r.Text})
		}
		examples[i].Topic = r.Topic
		if slices.Contains(topic.Classes, r.Label) {
			examples[i].Class = r.Label
		} else if r.Label != "" && r.Topic == "" {
			examples[i].Chat = true
		}
	}
	switch t.task {
	case "topic7":
		return topic.TrainCoarse(examples, t.seed)
	case "topic31":
		return t.fitFine(examples, pol)
	case "emotion":
		var texts []linear.Text
		var labels []string
		for i, r := range rows {
			if r.Label != "" {
				texts, labels = append(texts, examples[i].Text), append(labels, r.Label)
			}
		}
		return topic.TrainLabels("emotion", texts, labels,
			linear.Spec{MinN: 1, MaxN: 3, Words: true, Title: 1, Signs: true},
			linear.Config{Cost: 0.3, Features: 50_000, Epochs: 15, Seed: t.seed})
	}
	return topic.Training{}, opinion.Errorf(opinion.CodeInvalid, "--task %s: train knows topic7, topic31 and emotion", t.task)
}

func (t training) fitFine(examples []topic.Example, pol *policy.Policy) (topic.Training, error) {
	data, err := fs.ReadFile(seeds.Models, "topic7.model")
	if err != nil {
		return topic.Training{}, fmt.Errorf("read topic7.model: %w", err)
	}
	coarse, _, err := linear.Decode(data)
	if err != nil {
		return topic.Training{}, fmt.Errorf("topic7.model: %w", err)
	}
	ids := make([]string, len(pol.Topics))
	for i, topic := range pol.Topics {
		ids[i] = topic.ID
	}
	return topic.TrainFine(examples, ids, coarse, t.seed)
}

// read reads all rows but those of --without, and how many those were.
func (t training) read() (rows []trainRow, files []linear.DataFile, dropped int, err error) {
	skip := map[string]bool{}
	for _, path := range t.without {
		more, _, err := readTraining(path)
		if err != nil {
			return nil, nil, 0, err
		}
		for _, r := range more {
			skip[r.letters()] = true
		}
	}
	for _, path := range t.data {
		more, file, err := readTraining(path)
		if err != nil {
			return nil, nil, 0, err
		}
		files = append(files, file)
		for _, r := range more {
			if skip[r.letters()] {
				dropped++
				continue
			}
			rows = append(rows, r)
		}
	}
	return rows, files, dropped, nil
}

func readTraining(path string) (rows []trainRow, file linear.DataFile, err error) {
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
		r.Title = strings.ReplaceAll(r.Title, "\n", " ")
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		return nil, file, fmt.Errorf("%s: read line %d: %w", path, len(rows)+1, err)
	}
	return rows, linear.DataFile{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum.Sum(nil)), Rows: len(rows)}, nil
}

func metricsLine(metrics map[string]float64) string {
	var parts []string
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range metrics {
			if !yield(name) {
				return
			}
		}
	}) {
		parts = append(parts, fmt.Sprintf("%s %.4g", name, metrics[name]))
	}
	return strings.Join(parts, ", ")
}

// card describes the model for people.
func (t training) card(trained topic.Training, data []byte, dropped int) string {
	var b strings.Builder
	sum := sha256.Sum256(data)
	fmt.Fprintf(&b, "# Model %s\n\n", t.task)
	fmt.Fprintf(&b, "A linear support vector machine over words and character n-grams, made by `huiying train --task %s --seed %d`.\n", t.task, t.seed)
	fmt.Fprintf(&b, "SHA-256 of the file `%x`, %d bytes, %d features, %d classes: %s.\n\n", sum, len(data), trained.Model.Features(), len(trained.Card.Classes), strings.Join(trained.Card.Classes, ", "))
	b.WriteString("## Data\n\n| file | rows | SHA-256 |\n|---|---|---|\n")
	for _, f := range trained.Card.Data {
		fmt.Fprintf(&b, "| %s | %d | `%s` |\n", f.Name, f.Rows, f.SHA256)
	}
	fmt.Fprintf(&b, "\n%d rows were left out because their texts stand in files of `--without`: ", dropped)
	for i, path := range t.without {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(filepath.Base(path))
	}
	b.WriteString(".\nThe rows are public messages of citizens; none of their text is in the file, only hashes of short pieces with weights.\n")
	fmt.Fprintf(&b, "\n## Cross-validation on the training rows\n\nFive folds: %s. Temperature of the probabilities: %.3f.\n", metricsLine(trained.Metrics), trained.Model.Temperature)
	b.WriteString("\n## Limits\n\n" + limitsOf(t.task))
	return b.String()
}

func limitsOf(task string) string {
	switch task {
	case "topic31":
		return "Most labels come from one machine-assisted reading; some topics have a handful of rows, and their keywords carry them.\nLabelled rows are messages to governments; posts of other kinds are known from rows that nobody labelled.\n"
	case "emotion":
		return "Learned from microblogs: how people write to an office was not seen.\n"
	}
	return "Learned from messages to governments of 2010 to 2020. A post that is no public affair gets a class all the same; whether it is one, topic31 tells.\n"
}

package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/opinion/policy"
)

// trainOptions is what huiying train was asked for.
type trainOptions struct {
	data, without []string
	out           string
	seed          uint64
}

func newTrain(o *options) *cobra.Command {
	var t trainOptions
	cmd := &cobra.Command{
		Use:   "train --out FILE --data FILE…",
		Short: "Train the text model from labelled rows",
		Long: `train makes the text model and a card in Markdown beside it. Equal files, in equal order,
and an equal seed give equal models to the byte, on one kind of processor. Rows are JSON Lines:
title and text, or words (a list, of a row of which only they are left), and what is known
of the row:

  topic      one of the policy's topics, or none; weight (0 to 1) is how much that counts
  label      one of the seven first-level classes, or one of six emotions
  risk, kinds, sentiment, intent
             what the labelling rules say (0 to 3; K1 to K6; -1 to 1; 投诉, 举报, …): all four

Rows without any help too: they tell which words are rare and which go together. A row with
"of" instead of a text is a reading: it says topic, risk, kinds, sentiment and intent of the row of another
file whose SHA-256 of title, line break and text begins with these 16 hexadecimal digits.

Rows that are like one in a file of --without (more than half of their pairs of letters) are
left out, so that what is measured on those files is honest. Texts never enter the model: it holds hashes of
words and of pairs of characters, with weights.

The weights of risk, a JSON file that people can read, are written beside the model as
risk.json. Those of a release are seeds/models/text.model and risk.json; the build embeds them.`,
		Example: `  huiying train --out seeds/models/text.model --data labels.jsonl --data classes.jsonl --without measured.jsonl`,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, more []string) error {
			t.data = append(t.data, more...)
			pol, err := o.policy()
			if err != nil {
				return err
			}
			return t.run(pol, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&t.data, "data", nil, "JSON Lines file of rows; may be repeated, and more may follow")
	f.StringArrayVar(&t.without, "without", nil, "JSON Lines file of rows that must not be learned from; may be repeated")
	f.StringVar(&t.out, "out", "", "the model file; its card has the ending .md")
	f.Uint64Var(&t.seed, "seed", 1, "seed of everything random")
	for _, name := range []string{"data", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func (t trainOptions) run(pol *policy.Policy, out io.Writer) (err error) {
	rows, err := readTraining(t.data, t.without)
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
	trained, err := analyze.Train(seg, pol, rows.rows, t.seed)
	if err != nil {
		return err
	}
	card := linear.Card{Data: rows.files, Seed: t.seed, Metrics: trained.Metrics}
	data, err := trained.Model.Encode(card)
	if err != nil {
		return err
	}
	if err := os.WriteFile(t.out, data, 0o644); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	trained.Risk.Text = linear.Version(data)
	weights, err := json.MarshalIndent(trained.Risk, "", "  ")
	if err != nil {
		return fmt.Errorf("encode risk weights: %w", err)
	}
	if err := os.WriteFile(t.weights(), append(weights, '\n'), 0o644); err != nil {
		return fmt.Errorf("write risk weights: %w", err)
	}
	text := modelCard(trained, card, data, t.without)
	if err := os.WriteFile(strings.TrimSuffix(t.out, filepath.Ext(t.out))+".md", []byte(text), 0o644); err != nil {
		return fmt.Errorf("write model card: %w", err)
	}
	if rows.lost > 0 {
		if _, err := fmt.Fprintf(out, "%d readings are of rows that are in none of the files\n", rows.lost); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%s: %d bytes, %d features, %d rows, %d left out\n%s", t.out, len(data), trained.Model.Features(), trained.Learned, trained.LeftOut, metricsTable(trained.Metrics))
	return err
}

// weights is the file of the weights of risk.
func (t trainOptions) weights() string { return filepath.Join(filepath.Dir(t.out), "risk.json") }

// modelCard describes the model for people.
func modelCard(trained analyze.Trained, card linear.Card, data []byte, without []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The text model\n\nLinear models over words and pairs of characters, made by `huiying train --seed %d` (see analyze/linear).\n", card.Seed)
	fmt.Fprintf(&b, "SHA-256 of the file `%x`; %d bytes; %d features.\n\n## Data\n\n| file | rows | SHA-256 |\n|---|---|---|\n", sha256.Sum256(data), len(data), trained.Model.Features())
	for _, f := range card.Data {
		fmt.Fprintf(&b, "| %s | %d | `%s` |\n", f.Name, f.Rows, f.SHA256)
	}
	var names []string
	for _, path := range without {
		names = append(names, filepath.Base(path))
	}
	fmt.Fprintf(&b, "\n%d rows were learned from. %d were left out because more than half of their text stands in a row of: %s.\n", trained.Learned, trained.LeftOut, strings.Join(names, ", "))
	b.WriteString(cardLicence)
	fmt.Fprintf(&b, "\n## Cross-validation on the training rows\n\nFive folds; rows that are alike stand in one fold.\n\n%s", metricsTable(trained.Metrics))
	b.WriteString(cardLimits)
	return b.String()
}

const cardLicence = `
The rows are public messages of citizens and public microblogs, from repositories of which most state no licence. None of their
text is in the file or in this project: it holds hashes of words and of pairs of characters, with weights.
`

const cardLimits = `
## Limits

- Topics: all labels come from machine-assisted readings, most of them one; some topics have a handful of rows, and their keywords
  carry them. "No public affair" is known from microblogs only.
- Seven classes: learned from messages of 2010 to 2020. A post that is no public affair gets a class all the same.
- Risk: mostly one reading of a row; of level 3 there are some fifty rows, and what an incident counts for it was set by the rules
  (analyze/risk). Few rows are praise, and hardly one asks for nothing.
- Emotions: learned from microblogs; how people write to an office was not seen.
- Probabilities were calibrated on rows of the same kinds; on others they are too sure.
`

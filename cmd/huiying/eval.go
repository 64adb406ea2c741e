package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/burst"
	"github.com/huiying/huiying/analyze/eval"
	"github.com/huiying/huiying/analyze/reply"
	"github.com/huiying/huiying/analyze/segment"
	masking "github.com/huiying/huiying/ingest/mask"
	"github.com/huiying/huiying/ingest/normalise"
	"github.com/huiying/huiying/ingest/timestamp"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// evalFiles are the paths that eval reads and writes.
type evalFiles struct {
	data, gold, lookalikes, predictions, report string
}

func newEval(o *options) *cobra.Command {
	var task string
	var files evalFiles
	var asJSON, quote bool
	cmd := &cobra.Command{
		Use:   "eval --task TASK --data FILE",
		Short: "Measure the models on labelled rows",
		Long: `eval predicts every row of a JSON Lines file with the models of this release and the
policy in use, and measures those that carry labels. It needs no data directory and leaves
none; here --data names the file of rows. Tasks, with the fields of a row that they read:

  topic7     title, text; label             accuracy, macro_f1 over seven classes
  topic31    title, text; topic             accuracy, top3
  risk       title, text, likes; risk       accuracy, kappa_quadratic, precision_ge2, recall_ge2, recall_3
  kinds      title, text; kinds             macro_f1 over K1 to K6
  sentiment  title, text; sentiment         macro_f1
  intent     title, text; intent            macro_f1
  emotion    text; label                    accuracy, macro_f1
  events     id, title, text, published_at  b3_precision, b3_recall, b3_f1 (B-cubed, of --gold),
                                            lookalikes_joined, events, largest
  reply      title, text, reply; relevance, completeness, explained, action, empty, evasive
                                            kappa_… (quadratic) of the first four, f1_empty, f1_evasive
  burst      published_at, repost_delays_s  called, lead_s_median, false_per_day
  mask       title, text; secrets           recall, false_per_1000

For events, posts are fed in order of publication; --gold holds a line {"ids": […],
"complete": true} for each case (false: counts for recall only) and --lookalikes a line {"a", "b"} for each pair of posts
that are different cases. The figure events counts events of one post too. For reply, --gold may hold {"id", "complete", "explained"} of
another team.

A burst counts as called when it is called before its 501st repost; the lead is the time from
the call to half of the recorded reposts, and false calls are spread over the days from the
first to the last publication. A secret survives masking when it stands in the masked title
or text; whatever is replaced in a row without secrets is a false mask.

Text of the rows never enters the report, unless --quote is given.`,
		Example: `  huiying eval --task risk --data labels.jsonl --json
  huiying eval --task events --data posts.jsonl --gold events.jsonl --lookalikes pairs.jsonl --report events.md`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := o.load()
			if err != nil {
				return err
			}
			return runEval(cmd.Context(), cfg, task, files, asJSON, quote, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&task, "task", "", strings.Join(eval.Tasks(), ", "))
	f.StringVar(&files.data, "data", "", "JSON Lines file of rows")
	f.StringVar(&files.gold, "gold", "", "JSON Lines file of gold events (task events), or of another team's labels (task reply)")
	f.StringVar(&files.lookalikes, "lookalikes", "", "JSON Lines file of pairs that are different cases (task events)")
	f.StringVar(&files.predictions, "predictions", "", "file for the predictions, one JSON line for each row, in order")
	f.StringVar(&files.report, "report", "", "file for a report in Markdown")
	f.BoolVar(&asJSON, "json", false, "end with one JSON object of the metrics")
	f.BoolVar(&quote, "quote", false, "quote the beginnings of rows in the report; they may be confidential")
	for _, name := range []string{"task", "data"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func runEval(ctx context.Context, cfg config, task string, files evalFiles, asJSON, quote bool, out io.Writer) (err error) {
	in, hash, err := readEval(task, files)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "huiying-eval-")
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	pol, err := loadPolicy(cfg)
	if err != nil {
		return err
	}
	models, err := evalModels(pol, scratch)
	if err != nil {
		return err
	}
	result, err := eval.Run(ctx, task, models, in)
	if opinion.CodeOf(err) == opinion.CodeInvalid {
		return fmt.Errorf("%s: %w", files.data, err)
	}
	if err != nil {
		return err
	}
	if files.predictions != "" {
		if err := writePredictions(files.predictions, result.Predictions); err != nil {
			return err
		}
	}
	if files.report != "" {
		h := eval.Heading{Data: filepath.Base(files.data), Hash: hash, Model: fmt.Sprintf("%s, policy %s, huiying %s", analyze.ModelVersion(), pol.Version, version)}
		if err := os.WriteFile(files.report, []byte(result.Report(h, quote)), 0o644); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if asJSON {
		return json.NewEncoder(out).Encode(result)
	}
	_, err = io.WriteString(out, result.Summary())
	return err
}

// evalModels wires the models of this release to the tasks. A task whose function is not
// set here is refused by eval.Run.
func evalModels(pol *policy.Policy, scratch string) (eval.Models, error) {
	seg, err := segment.Open(filepath.Join(scratch, "dict"), analyze.DomainWords(pol))
	if err != nil {
		return eval.Models{}, fmt.Errorf("open segmenter: %w", err)
	}
	analyzer := analyze.NewAnalyzer(seg, pol)
	bursts, err := burst.New(pol.Alert.Burst)
	if err != nil {
		return eval.Models{}, fmt.Errorf("burst policy: %w", err)
	}
	replies := reply.New(reply.Assumed())
	return eval.Models{
		Assess: func(r eval.Row) opinion.Assessment { a, _ := analyzer.Assess(r.Post()); return a },
		Topic7: func(r eval.Row) eval.Guess {
			c, _ := analyzer.Coarse(r.Post())
			return eval.Guess{Label: c.Name, Probability: c.Probability}
		},
		Emotion: func(r eval.Row) eval.Guess {
			name, p, _ := analyzer.Emotion(r.Post())
			return eval.Guess{Label: name, Probability: p}
		},
		Reply: func(r eval.Row) eval.ReplyQuality {
			q := replies.Assess(r.Title, r.Text, r.Reply)
			return eval.ReplyQuality{
				Relevance: q.Relevance, Completeness: q.Completeness, Explained: q.Explained, Action: q.Action, Empty: q.Empty, Evasive: q.Evasive,
			}
		},
		Burst: func(r eval.Row) *float64 {
			if at, called := bursts.CallIn(r.RepostDelays); called {
				return &at
			}
			return nil
		},
		Mask: maskedText,
		Events: func(ctx context.Context, rows []eval.Row) ([]string, error) {
			posts := make([]opinion.Post, len(rows))
			for i, r := range rows {
				posts[i] = r.Post()
			}
			run, err := rehearse(ctx, scratch, analyzer, seg, pol.Alert, posts)
			return run.events, err
		},
	}, nil
}

// maskedText normalises and masks as ingest does. A text in which nothing is replaced is
// returned as it came, so that what masking did can be told by comparing.
func maskedText(s string) eval.Masked {
	clean, _ := normalise.Text(s)
	masked, counts := masking.Text(clean)
	if counts.Total() == 0 {
		return eval.Masked{Text: s}
	}
	return eval.Masked{Text: masked, Replaced: counts.AddTo(nil)}
}

// readEval reads all input files of a task, and the SHA-256 of the data.
func readEval(task string, files evalFiles) (in eval.Input, hash string, err error) {
	if files.gold != "" && task != "events" && task != "reply" {
		return in, "", opinion.Errorf(opinion.CodeInvalid, "--gold is for the tasks events and reply; the labels of task %s stand in the rows of --data", task)
	}
	if files.lookalikes != "" && task != "events" {
		return in, "", opinion.Errorf(opinion.CodeInvalid, "--lookalikes is for the task events")
	}
	err = readRowsFile(files.data, func(r io.Reader) error {
		sum := sha256.New()
		in.Rows, err = eval.ReadRows(io.TeeReader(r, sum), timestamp.Parse)
		hash = hex.EncodeToString(sum.Sum(nil))
		return err
	})
	if err != nil {
		return in, "", err
	}
	if files.gold != "" {
		err = readRowsFile(files.gold, func(r io.Reader) (err error) {
			if task == "reply" {
				in.Human, err = eval.ReadHumanReplies(r)
				return err
			}
			in.Gold, err = eval.ReadEvents(r)
			return err
		})
	}
	if err == nil && files.lookalikes != "" {
		err = readRowsFile(files.lookalikes, func(r io.Reader) (err error) {
			in.Lookalikes, err = eval.ReadLookalikes(r)
			return err
		})
	}
	return in, hash, err
}

func readRowsFile(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open rows: %w", err)
	}
	defer f.Close()
	if err := read(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// writePredictions writes one JSON line for each prediction.
func writePredictions(path string, predictions []any) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write predictions: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, p := range predictions {
		if err := lines.Encode(p); err != nil {
			return fmt.Errorf("write predictions: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write predictions: %w", err)
	}
	return nil
}

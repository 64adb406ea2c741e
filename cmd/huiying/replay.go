package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/eval"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/ingest/timestamp"
	"github.com/huiying/huiying/opinion"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	policyDir string // of the candidate
	release   string // executable of the candidate
	file      string // rows instead of the index
	query     string
	limit     int
	fresh     bool
	rows      int
	asJSON    bool
}

func newReplay(o *options) *cobra.Command {
	var r replayOptions
	var decide string
	cmd := &cobra.Command{
		Use:   "replay --policy-dir DIR",
		Short: "Show what another policy or release would have alerted, before it is put to use",
		Long: `replay runs the posts of the index, or the rows of a file, through the analyser, the
clusterer and the rules for cases twice: under the policy in use, and under the policy files
in --policy-dir or by another huiying given with --release, or both. It lists what would have
been alerted and was not, what was and would not be, and what would get another level or unit.
Both runs see the posts in order of receipt. Nothing is written, no case opened, nobody told.

A post counts as alerted when its event opens a case. Posts that were history at receipt open
none, as they did then: with --fresh all posts count as received when they were published.`,
		Example: `  huiying replay --data data --policy-dir draft
  huiying replay --data data --release ./huiying-next --query "topic:edu.school" --json
  huiying replay --file rows.jsonl --policy-dir draft --fresh`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := o.load()
			if err != nil {
				return err
			}
			if decide != "" {
				return runDecide(cmd.Context(), cfg, decide, cmd.OutOrStdout())
			}
			if r.policyDir == "" && r.release == "" {
				return opinion.Errorf(opinion.CodeInvalid, "replay compares with something: give --policy-dir, --release, or both")
			}
			if r.limit < 1 || r.rows < 0 {
				return opinion.Errorf(opinion.CodeInvalid, "--limit must be 1 or more, --rows 0 or more")
			}
			return runReplay(cmd.Context(), cfg, r, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.policyDir, "policy-dir", "", "directory of the policy to try")
	f.StringVar(&r.release, "release", "", "executable of the huiying to try (default: this one)")
	f.StringVar(&r.file, "file", "", "JSON Lines file of rows (title, text, published_at, likes), instead of the index")
	f.StringVar(&r.query, "query", "", "replay only the posts of the index that match, see huiying search")
	f.IntVar(&r.limit, "limit", 100_000, "replay only so many posts: the newest of the index, the first of a file")
	f.BoolVar(&r.fresh, "fresh", false, "take posts that were history at receipt as if they had come in time")
	f.IntVar(&r.rows, "rows", 50, "print so many rows of each list; --json has all")
	f.BoolVar(&r.asJSON, "json", false, "print one JSON object: posts, cases and alerted before and after, gained, lost, moved")
	f.StringVar(&decide, "decide", "", "print a verdict for each post of a file that replay has written")
	_ = f.MarkHidden("decide")
	return cmd
}

// runReplay judges the posts twice. The other policy is run by a process of its own: the
// segmenter holds the words of one policy for as long as a process lives.
func runReplay(ctx context.Context, cfg config, r replayOptions, out io.Writer) (err error) {
	scratch, err := os.MkdirTemp("", "huiying-replay-") // 0700: it holds posts
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	candidate := cfg
	if r.policyDir != "" {
		if candidate.PolicyDir, err = filepath.Abs(r.policyDir); err != nil {
			return err
		}
	}
	windows, err := historyWindows(cfg, candidate)
	if err != nil {
		return err
	}
	posts, err := replayPosts(ctx, cfg, r)
	if err != nil {
		return err
	}
	if len(posts) == 0 {
		return opinion.Errorf(opinion.CodeNotFound, "no post to replay: `huiying search --data %s` shows what the index holds", cfg.Data)
	}
	before, err := decidePosts(ctx, cfg, scratch, aged(posts, windows[0], windows[0], r.fresh))
	if err != nil {
		return err
	}
	after, err := decideElsewhere(ctx, candidate, r.release, scratch, aged(posts, windows[0], windows[1], r.fresh))
	if err != nil {
		return err
	}
	if len(before) != len(posts) || len(after) != len(posts) {
		return fmt.Errorf("%d posts got %d verdicts before and %d after", len(posts), len(before), len(after))
	}
	c := eval.Compare(posts, before, after)
	if r.asJSON {
		return json.NewEncoder(out).Encode(c)
	}
	printComparison(out, c, r.rows)
	return nil
}

// historyWindows are those of the two policies; loading them also finds out early that one
// is wrong.
func historyWindows(configs ...config) ([]time.Duration, error) {
	var out []time.Duration
	for _, cfg := range configs {
		pol, err := loadPolicy(cfg)
		if err != nil {
			return nil, err
		}
		out = append(out, time.Duration(pol.Alert.HistoryDays)*24*time.Hour)
	}
	return out, nil
}

// aged marks the posts that are history under a window, as ingest does. A post that is no
// history though older than the window in use was let in to open cases, and stays so.
func aged(posts []opinion.Post, inUse, window time.Duration, fresh bool) []opinion.Post {
	posts = slices.Clone(posts)
	for i := range posts {
		p := &posts[i]
		age := p.ReceivedAt.Sub(p.PublishedAt)
		letIn := !p.History && age > inUse
		p.History = !fresh && !letIn && age > window
	}
	return posts
}

// replayPosts reads the posts, in order of receipt.
func replayPosts(ctx context.Context, cfg config, r replayOptions) (posts []opinion.Post, err error) {
	if r.file != "" {
		err = readRowsFile(r.file, func(in io.Reader) error {
			rows, err := eval.ReadRows(in, timestamp.Parse)
			if err == nil {
				err = eval.CheckTexts(rows)
			}
			for _, row := range rows[:min(len(rows), r.limit)] {
				posts = append(posts, row.Post())
			}
			return err
		})
	} else {
		err = withIndex(ctx, cfg, func(p *parts) error {
			posts, err = indexedPosts(ctx, p.index, r.query, r.limit)
			return err
		})
	}
	slices.SortStableFunc(posts, func(a, b opinion.Post) int {
		if c := a.ReceivedAt.Compare(b.ReceivedAt); c != 0 {
			return c
		}
		if c := a.PublishedAt.Compare(b.PublishedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return posts, err
}

func indexedPosts(ctx context.Context, index opinion.Index, query string, limit int) (posts []opinion.Post, err error) {
	s := opinion.Search{Sort: opinion.SortTime}
	if query != "" {
		if s.Query, err = opinion.ParseQuery(query); err != nil {
			return nil, err
		}
	}
	for len(posts) < limit {
		s.Limit = min(opinion.MaxHits, limit-len(posts))
		page, err := index.Search(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, h := range page.Hits {
			posts = append(posts, h.Post)
		}
		if page.Next == "" {
			break
		}
		s.After = page.Next
	}
	return posts, nil
}

// decidePosts gives the verdicts of the configured policy and of this release.
func decidePosts(ctx context.Context, cfg config, scratch string, posts []opinion.Post) ([]eval.Verdict, error) {
	pol, err := loadPolicy(cfg)
	if err != nil {
		return nil, err
	}
	seg, err := segment.Open(filepath.Join(scratch, "dict"), analyze.DomainWords(pol))
	if err != nil {
		return nil, fmt.Errorf("open segmenter: %w", err)
	}
	run, err := rehearse(ctx, scratch, analyze.NewAnalyzer(seg, pol), seg, pol.Alert, posts)
	if err != nil {
		return nil, err
	}
	return run.verdicts(posts, pol), nil
}

// decideElsewhere has another process give the verdicts.
func decideElsewhere(ctx context.Context, cfg config, release, scratch string, posts []opinion.Post) ([]eval.Verdict, error) {
	var err error
	if release == "" {
		if release, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
	}
	file := filepath.Join(scratch, "posts.jsonl")
	lines := make([]any, len(posts))
	for i := range posts {
		lines[i] = posts[i]
	}
	if err := writePredictions(file, lines); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, release, "replay", "--decide", file, "--data", filepath.Join(scratch, "other"), "--set", "policy_dir="+cfg.PolicyDir)
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("replay by %s: %w: %s", release, err, strings.TrimSpace(wrong.String()))
	}
	return decodeLines[eval.Verdict](strings.NewReader(string(out)))
}

// runDecide is the other process.
func runDecide(ctx context.Context, cfg config, file string, out io.Writer) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("open posts: %w", err)
	}
	defer f.Close()
	posts, err := decodeLines[opinion.Post](f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	scratch, err := os.MkdirTemp(filepath.Dir(file), "decide-")
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer os.RemoveAll(scratch)
	verdicts, err := decidePosts(ctx, cfg, scratch, posts)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(out)
	for _, v := range verdicts {
		if err := lines.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

func decodeLines[T any](r io.Reader) (list []T, err error) {
	for dec := json.NewDecoder(r); ; {
		var v T
		switch err := dec.Decode(&v); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", len(list)+1, err)
		}
		list = append(list, v)
	}
}

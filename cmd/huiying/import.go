package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/ingest/file"
	"github.com/huiying/huiying/opinion"
)

func newImport(o *options) *cobra.Command {
	var opts file.Options
	var channel string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Take in exports: CSV, XLSX or JSON Lines",
		Long: `import reads exports of other systems, one row a post, and returns when every accepted
row is assessed and searchable. It works beside a running serve on the same directory,
or runs the pipeline itself when none runs.

UTF-8 and GB18030 are told apart. Columns are found by the header names of common exports
(人民网留言, 12345 工单, 市长信箱) or named with --map. Rejected rows go to a file beside the
input, with line and reason. A row that is known already is a duplicate and changes nothing,
so an import can be repeated; one that was interrupted goes on where it stopped.

Rows published longer before receipt than the policy's window (30 days) are history: they are
assessed and searchable and open no case, unless --open-cases is given; deadlines then count
from receipt, as for any post.`,
		Example: `  huiying import --data data 留言.xlsx
  huiying import --data data --map text=诉求内容 --map published_at=来电时间 12345.csv --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := o.load()
			if err != nil {
				return err
			}
			if opts.Channel = opinion.Channel(channel); channel != "" && !opts.Channel.Valid() {
				return fmt.Errorf("--channel %s: use public, web_message or hotline_12345", channel)
			}
			opts.Progress = os.Stderr
			if dir, err := os.Stat(opts.RejectedPath); len(args) > 1 && opts.RejectedPath != "" && (err != nil || !dir.IsDir()) {
				return fmt.Errorf("--rejected %s: name a directory that exists when several files are imported; each gets a list of its own there", opts.RejectedPath)
			}
			return runImport(cmd.Context(), cfg, args, opts, asJSON, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Source, "source", "", "name of the source (default: from the file's name)")
	f.StringVar(&channel, "channel", "", "public, web_message or hotline_12345: which deadlines apply (default: from the columns)")
	f.StringToStringVar(&opts.Map, "map", nil, "column of a field, for example --map text=内容; may be repeated")
	f.BoolVar(&opts.OpenCases, "open-cases", false, "let rows older than the window open cases")
	f.StringVar(&opts.RejectedPath, "rejected", "", "file or directory for rejected rows (default: beside the input)")
	f.BoolVar(&asJSON, "json", false, "end with one JSON object: read, accepted, duplicates, rejected, indexed, cases, seconds")
	return cmd
}

// imported is the outcome of an import. Seconds run from the first byte read to the
// last accepted row searchable.
type imported struct {
	Read       int     `json:"read"`
	Accepted   int     `json:"accepted"`
	Duplicates int     `json:"duplicates"`
	Rejected   int     `json:"rejected"`
	Indexed    int     `json:"indexed"`
	Cases      int     `json:"cases"`
	Seconds    float64 `json:"seconds"`
}

func runImport(ctx context.Context, cfg config, files []string, opts file.Options, asJSON bool, out io.Writer) (err error) {
	p, err := newParts(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.closers.close(closeTimeout)) }()
	if err := openAll(ctx, p); err != nil {
		return err
	}
	searchable := make(chan struct{})
	running, stop, err := p.runPipeline(ctx, searchable)
	if err != nil {
		return err
	}
	result, failed, err := p.importFiles(running, files, opts, out, asJSON, func() { close(searchable) })
	err = errors.Join(err, stop())
	if ctx.Err() != nil {
		return errors.New("interrupted; what was accepted is kept, and the same command goes on from there")
	}
	if err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(writeImported(result, asJSON, out), failed)
}

func writeImported(result imported, asJSON bool, out io.Writer) error {
	if asJSON {
		return json.NewEncoder(out).Encode(result)
	}
	_, err := fmt.Fprintf(out, "read %d, accepted %d, duplicates %d, rejected %d, indexed %d, cases %d, %.2f s\n",
		result.Read, result.Accepted, result.Duplicates, result.Rejected, result.Indexed, result.Cases, result.Seconds)
	return err
}

// groupingWaits is for how long grouping and cases wait until all posts are searchable.
// It bounds how much of a case's time limit a long import can eat.
const groupingWaits = time.Minute

// runPipeline runs analyze and alert in this process unless a serve beside it does. What
// is waited for first goes first: the scorer starts at once; grouping posts and opening
// cases start when searchable is closed, or a minute later, and until then leave it the
// processors. The context that it returns ends when a stage fails; stop ends the stages.
func (p *parts) runPipeline(ctx context.Context, searchable <-chan struct{}) (running context.Context, stop func() error, err error) {
	if p.dir.beside != nil {
		return ctx, func() error { return nil }, nil
	}
	alerter, err := p.alert()
	if err != nil {
		return nil, nil, err
	}
	stages := append(p.analyze(), alerter)
	for i, s := range stages {
		if s.name != stageScore {
			stages[i].run = after(searchable, groupingWaits, s.run)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	g, running := errgroup.WithContext(ctx)
	start(g, running, stages)
	return running, func() error { cancel(); return g.Wait() }, nil
}

// after is run once the event has happened or the time is over.
func after(event <-chan struct{}, limit time.Duration, run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		select {
		case <-event:
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
		return run(ctx)
	}
}

// importFiles reads the files and waits until the flow has worked on all of them. It calls
// searchable when the last accepted row is. A file that cannot be read does not keep the
// others from being taken in; failed tells of each.
func (p *parts) importFiles(ctx context.Context, files []string, opts file.Options, out io.Writer, quiet bool, searchable func()) (total imported, failed, err error) {
	before, err := p.caseCount(ctx)
	if err != nil {
		return total, nil, err
	}
	took := &accepted{intake: p.intake()}
	start := time.Now()
	for _, path := range files {
		s, err := file.Import(ctx, took, p.store, path, opts)
		if ctx.Err() != nil {
			return total, failed, err
		}
		failed = errors.Join(failed, err)
		if s.RejectedPath != "" && !quiet {
			fmt.Fprintf(out, "%s: %d rows rejected, listed in %s\n", path, s.Rejected, s.RejectedPath)
		}
		total.Read += s.Read
		total.Accepted += s.Accepted
		total.Duplicates += s.Duplicates
		total.Rejected += s.Rejected
	}
	if err := p.awaitStage(ctx, opinion.TopicPosts, opinion.GroupScore); err != nil {
		return total, failed, err
	}
	if err := p.index.Refresh(ctx); err != nil {
		return total, failed, fmt.Errorf("refresh index: %w", err)
	}
	total.Seconds = time.Since(start).Seconds()
	searchable()
	if err := p.awaitStage(ctx, opinion.TopicAssessed, opinion.GroupCluster); err != nil {
		return total, failed, err
	}
	if err := p.awaitStage(ctx, opinion.TopicSignals, opinion.GroupAlert); err != nil {
		return total, failed, err
	}
	if total.Indexed, err = p.countIndexed(ctx, took.ids); err != nil {
		return total, failed, err
	}
	after, err := p.caseCount(ctx)
	total.Cases = after - before
	return total, failed, err
}

const (
	awaitEvery = 5 * time.Millisecond
	// awaitPatience is how long a stage may stand still before a person is told.
	awaitPatience = 15 * time.Second
)

// awaitStage returns when group has committed everything that topic holds now.
func (p *parts) awaitStage(ctx context.Context, topic, group string) error {
	ends, err := p.log.Ends(ctx, topic)
	if err != nil {
		return fmt.Errorf("ask for the end of %s: %w", topic, err)
	}
	last, since := int64(-1), time.Now()
	for {
		n, err := p.until(ctx, topic, group, ends)
		if err != nil {
			p.logger.Warn("the log does not answer; waiting", "topic", topic, "error", err)
		}
		if err == nil && n == 0 {
			return nil
		}
		if n != last {
			last, since = n, time.Now()
		} else if time.Since(since) > awaitPatience {
			p.logger.Warn("a stage stands still; is an instance with its role running?", "group", group, "messages_left", n)
			since = time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(awaitEvery):
		}
	}
}

const existingBatch = 1000

// countIndexed is how many of the IDs the index holds.
func (p *parts) countIndexed(ctx context.Context, ids []string) (int, error) {
	n := 0
	for len(ids) > 0 {
		batch := ids[:min(len(ids), existingBatch)]
		ids = ids[len(batch):]
		found, err := p.index.Existing(ctx, batch)
		if err != nil {
			return n, fmt.Errorf("count indexed posts: %w", err)
		}
		n += len(found)
	}
	return n, nil
}

func (p *parts) caseCount(ctx context.Context) (int, error) {
	page, err := p.store.Cases(ctx, opinion.System, opinion.CaseQuery{Limit: 1})
	if err != nil {
		return 0, fmt.Errorf("count cases: %w", err)
	}
	return page.Total, nil
}

// accepted is an intake that remembers the IDs of the posts that it took.
type accepted struct {
	intake
	mu  sync.Mutex
	ids []string
}

func (a *accepted) Accept(ctx context.Context, rows []opinion.Raw, o opinion.IntakeOptions) ([]opinion.Outcome, error) {
	outcomes, err := a.intake.Accept(ctx, rows, o)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, out := range outcomes {
		if out.Status == opinion.OutcomeAccepted {
			a.ids = append(a.ids, out.ID)
		}
	}
	return outcomes, err
}

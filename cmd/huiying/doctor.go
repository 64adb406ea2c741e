package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

func newDoctor(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Examine settings, policy, dictionaries, servers, clock and disk, and say why there is no data",
		Long: `doctor looks at everything that the product stands on and prints a line for each: ok, note or
FAIL with what to do. It works beside a running serve. It ends with 1 when something failed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return examine(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
}

// examination prints findings and counts the failures.
type examination struct {
	out    io.Writer
	failed int
}

func (e *examination) ok(what, format string, args ...any)   { e.line("ok", what, format, args...) }
func (e *examination) note(what, format string, args ...any) { e.line("note", what, format, args...) }
func (e *examination) fail(what string, err error) {
	e.failed++
	e.line("FAIL", what, "%v", err)
}

func (e *examination) line(state, what, format string, args ...any) {
	fmt.Fprintf(e.out, "%-4s  %-12s %s\n", state, what, fmt.Sprintf(format, args...))
}

func examine(ctx context.Context, o *options, out io.Writer) error {
	e := &examination{out: out}
	cfg, err := o.load()
	if err != nil {
		e.fail("settings", err)
		return errors.New("mend the settings first; `huiying config --example` is their manual")
	}
	e.ok("settings", "%s", pick(o.configFile() == "", "defaults, environment and flags (no file)", o.configFile()))
	p, err := newParts(cfg)
	if err != nil {
		e.fail("data, policy", err)
		return errors.New("1 failure")
	}
	defer func() { _ = p.closers.close(closeTimeout) }()
	e.data(p)
	e.policy(p)
	e.servers(ctx, p)
	if e.failed > 0 {
		return fmt.Errorf("%d failures", e.failed)
	}
	return nil
}

// lowDisk is how much room a day of a million posts needs, roughly, in bytes.
const lowDisk = 5 << 30

func (e *examination) data(p *parts) {
	path, _ := filepath.Abs(p.cfg.Data)
	if b := p.dir.beside; b != nil {
		e.ok("data", "%s, in use by the serve at %s (process %d)", path, b.Address, b.PID)
	} else {
		e.ok("data", "%s, no serve runs on it", path)
	}
	probe := filepath.Join(path, ".doctor")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		e.fail("data", fmt.Errorf("not writable: %w", err))
	}
	_ = os.Remove(probe)
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		e.fail("disk", err)
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	if free < lowDisk {
		e.note("disk", "%.1f GiB free; a day of a million posts needs about %d GiB", float64(free)/(1<<30), lowDisk>>30)
		return
	}
	e.ok("disk", "%.1f GiB free", float64(free)/(1<<30))
}

func (e *examination) policy(p *parts) {
	pol := p.policy
	e.ok("policy", "%s: %d work items, %d units, %d topics, %d risk terms, %d places", pol.Version, len(pol.Items), len(pol.Units), len(pol.Topics), len(pol.Risk.Terms), len(pol.Places))
	year := time.Now().In(opinion.ChinaTime).Year()
	covers := func(y int) bool {
		return slices.ContainsFunc(pol.Calendar.Years, func(c policy.CalendarYear) bool { return c.Year == y })
	}
	switch years := pol.Calendar.Years; {
	case !covers(year):
		e.fail("calendar", fmt.Errorf("no working days for %d: add the State Council's notice to calendar.json, or deadlines in working days cannot be counted", year))
	case !covers(year + 1):
		e.note("calendar", "%d years, up to %d; add %d when its notice is published (about November), or deadlines that reach into it fail", len(years), year, year+1)
	default:
		e.ok("calendar", "%d years, up to %d", len(years), year+1)
	}
	if err := p.openSegmenter(); err != nil {
		e.fail("dictionary", err)
		return
	}
	e.ok("dictionary", "%d words of the policy beside the general ones; 区房管局物业收费 is cut as %q", len(analyze.DomainWords(pol)), p.segmenter.Tokens("区房管局物业收费"))
}

// doctorPatience is how long each server that does not answer is waited for; serve waits on.
const doctorPatience = 10 * time.Second

// servers looks at store, index and log, and then at what flows.
func (e *examination) servers(ctx context.Context, p *parts) {
	if err := patiently(ctx, p.openStore); err != nil {
		e.fail("store", err)
	} else {
		e.ok("store", "%s answers, schema up to date", pick(p.cfg.Postgres.URL != "", "PostgreSQL", "SQLite"))
	}
	if p.segmenter != nil {
		if err := patiently(ctx, p.openIndex); err != nil {
			e.fail("index", err)
		} else {
			e.ok("index", "%s answers, mapping up to date", pick(len(p.cfg.Elastic.URLs) > 0, "Elasticsearch", "SQLite FTS5"))
		}
	}
	before := time.Now()
	if err := patiently(ctx, p.openLog); err != nil {
		e.fail("log", err)
		return
	}
	e.ok("log", "%s answers in %v, topics exist", pick(len(p.cfg.Kafka.Brokers) > 0, "Kafka", "embedded broker"), time.Since(before).Round(time.Millisecond))
	if p.store == nil || p.index == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*doctorPatience)
	defer cancel()
	e.clock(ctx, p)
	e.flow(ctx, p)
}

func patiently(ctx context.Context, open func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	return open(ctx)
}

// clockSlack is how far the log's newest message may lie ahead of our clock.
const clockSlack = time.Minute

// clock compares ours with that of the instance that wrote last.
func (e *examination) clock(ctx context.Context, p *parts) {
	now := time.Now()
	if newest := p.newest(ctx, opinion.TopicPosts); newest != nil && newest.After(now.Add(clockSlack)) {
		e.fail("clock", fmt.Errorf("this machine is at %s and the newest post was written at %s; deadlines need clocks that agree (NTP)", now.Format(time.RFC3339), newest.Format(time.RFC3339)))
		return
	}
	e.ok("clock", "%s in China", now.In(opinion.ChinaTime).Format("2006-01-02 15:04:05"))
}

// why says, for a person, why there is nothing to see and what to do.
var why = map[console.Nothing]string{
	console.NothingUnavailable:  "a part does not answer; see above",
	console.NothingNoSource:     "nothing was ever taken in: make a key (`huiying key add`) for a collector, or `huiying import` a file",
	console.NothingReceived:     "there are push keys, but no post has come; does the collector run, and does it use POST /api/v1/posts?",
	console.NothingInFlight:     "posts were received and wait to be assessed; does an instance with the role analyze run?",
	console.NothingDeadLettered: "every post received could not be processed; their reasons stand in the dead-letter topic",
}

func (e *examination) flow(ctx context.Context, p *parts) {
	s, err := p.status(ctx)
	if err != nil {
		e.fail("flow", err)
		return
	}
	for _, one := range s.Stages {
		e.ok("stage", "%s: %d messages of %s to do, %d dead letters", one.Name, one.Lag, one.Topic, one.DeadLetters)
	}
	if s.Nothing != "" {
		e.note("posts", "0: %s", why[s.Nothing])
		return
	}
	cases, err := p.caseCount(ctx)
	if err != nil {
		e.fail("cases", err)
		return
	}
	e.ok("posts", "%d searchable, %d cases", s.Posts, cases)
	if cases == 0 {
		e.note("cases", "0: no post was grave enough and recent enough; posts older than %d days at receipt are history, posts that are plainly about another place (area:elsewhere) are not ours, and both open none", p.policy.Alert.HistoryDays)
	}
}

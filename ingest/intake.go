package ingest

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/ingest/mask"
	"github.com/huiying/huiying/ingest/normalise"
	"github.com/huiying/huiying/opinion"
)

// Options and Outcome are the domain's; the intake's callers meet them here.
type (
	Options = opinion.IntakeOptions
	Outcome = opinion.Outcome
)

// Intake turns rows into posts on the log. It is safe for concurrent use.
type Intake struct {
	log     opinion.Log
	index   opinion.Index
	store   opinion.Store
	cfg     Config
	metrics metrics
	recent  *recent
	seed    maphash.Seed

	secretMu sync.Mutex
	secret   []byte
	keys     map[string][]byte // pseudonym key by source
}

// New makes an intake that publishes to log, asks index which posts are known and
// takes the pseudonym secret from store. Its metrics are registered on reg, which may
// be nil.
func New(log opinion.Log, index opinion.Index, store opinion.Store, cfg Config, reg prometheus.Registerer) *Intake {
	cfg = cfg.withDefaults()
	return &Intake{
		log: log, index: index, store: store, cfg: cfg,
		metrics: newMetrics(reg),
		recent:  newRecent(cfg.RecentPosts),
		seed:    maphash.MakeSeed(),
		keys:    map[string][]byte{},
	}
}

// candidate is a row that passed the checks, on its way to the log.
type candidate struct {
	row     int // its place in the call
	post    opinion.Post
	content uint64 // hash of what a reader sees of it
	value   []byte // encoded
}

// Accept takes rows in: it returns one outcome for each row, in their order, once
// every accepted post is acknowledged by the log. On an error nothing is known of the
// rows, and the whole call is to be repeated; repeating it is harmless.
//
// A row is a duplicate when its ID stands earlier in the same call, in the index, or
// among the posts that this process took lately (Config.RecentPosts). With
// IntakeOptions.Edits it is one only if its content (title, text, place, address) is
// one of the last four that this process took under that ID or, for a post that it does
// not remember, the one that the index holds; other content is published again under
// the same ID.
func (in *Intake) Accept(ctx context.Context, rows []opinion.Raw, o Options) ([]Outcome, error) {
	outcomes := make([]Outcome, len(rows))
	candidates, err := in.prepare(ctx, rows, o, outcomes)
	if err != nil {
		return nil, err
	}
	for len(candidates) > 0 {
		if candidates, err = in.settle(ctx, candidates, o, outcomes); err != nil {
			return nil, err
		}
	}
	in.metrics.count(o.Kind, outcomes)
	return outcomes, nil
}

// prepare makes posts of the rows that can be taken and rejects the others.
func (in *Intake) prepare(ctx context.Context, rows []opinion.Raw, o Options, outcomes []Outcome) ([]candidate, error) {
	received := in.cfg.Now().UTC()
	candidates := make([]candidate, 0, len(rows))
	for i := range rows {
		key, err := in.pseudonymKey(ctx, rows[i].Source)
		if err != nil {
			return nil, err
		}
		post, bad := in.post(&rows[i], key, received, o)
		if bad == nil {
			var value []byte
			if value, err = opinion.Encode(post); err == nil {
				candidates = append(candidates, candidate{row: i, post: post, content: in.contentHash(&post), value: value})
				continue
			}
			bad = &Outcome{Field: "text", Reason: fmt.Sprintf("too large once encoded: more than %d bytes", opinion.MaxMessage)}
		}
		bad.Status = opinion.OutcomeRejected
		outcomes[i] = *bad
	}
	return candidates, nil
}

// settle publishes the candidates that nobody else is publishing, waits for the
// others, and returns those whose publisher failed, to be tried again.
func (in *Intake) settle(ctx context.Context, candidates []candidate, o Options, outcomes []Outcome) ([]candidate, error) {
	var mine, others []candidate
	var waits []<-chan struct{}
	in.recent.reserve(candidates, o.Edits, func(c candidate, v verdict, done <-chan struct{}) {
		switch v {
		case verdictNew, verdictEdit:
			mine = append(mine, c)
		case verdictKnown:
			outcomes[c.row] = Outcome{ID: c.post.ID, Status: opinion.OutcomeDuplicate}
		case verdictBusy:
			others = append(others, c)
			waits = append(waits, done)
		}
	})
	if err := in.publish(ctx, mine, o, outcomes); err != nil {
		in.recent.release(mine, false)
		return nil, err
	}
	in.recent.release(mine, true)
	for _, done := range waits {
		select {
		case <-done:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the same post of another call: %w", ctx.Err())
		}
	}
	return others, nil
}

// publish puts those candidates on the log that the index does not hold.
func (in *Intake) publish(ctx context.Context, candidates []candidate, o Options, outcomes []Outcome) error {
	existing, err := in.existing(ctx, candidates, o)
	if err != nil {
		return err
	}
	messages := make([]opinion.Message, 0, len(candidates))
	for _, c := range candidates {
		status := opinion.OutcomeDuplicate
		if !existing[c.post.ID] {
			status = opinion.OutcomeAccepted
			messages = append(messages, opinion.Message{Key: []byte(c.post.ID), Value: c.value})
		}
		outcomes[c.row] = Outcome{ID: c.post.ID, Status: status}
	}
	if len(messages) == 0 {
		return nil
	}
	if err := in.log.Publish(ctx, opinion.TopicPosts, messages...); err != nil {
		return fmt.Errorf("publish %d posts: %w", len(messages), err)
	}
	return nil
}

// getsAtOnce is how many known posts are compared with the index at a time.
const getsAtOnce = 8

// existing tells which candidates the index holds with nothing new in them: with edits
// wanted, a post whose content there differs is not among them.
func (in *Intake) existing(ctx context.Context, candidates []candidate, o Options) (map[string]bool, error) {
	var unknown []candidate
	var ids []string
	for _, c := range candidates {
		if !in.recent.edited(c) {
			unknown = append(unknown, c)
			ids = append(ids, c.post.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	versions, err := in.index.Existing(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("ask the index for known posts: %w", err)
	}
	same := make([]bool, len(unknown))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(getsAtOnce)
	for i, c := range unknown {
		if _, held := versions[c.post.ID]; !held {
			continue
		}
		if same[i] = true; o.Edits {
			g.Go(func() (err error) {
				same[i], err = in.unchanged(ctx, c)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	held := make(map[string]bool, len(versions))
	for i, c := range unknown {
		held[c.post.ID] = same[i]
	}
	return held, nil
}

// unchanged reports whether the index holds the post with the candidate's content.
func (in *Intake) unchanged(ctx context.Context, c candidate) (bool, error) {
	hit, err := in.index.Get(ctx, c.post.ID)
	if opinion.CodeOf(err) == opinion.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("compare with the known post: %w", err)
	}
	return in.contentHash(&hit.Post) == c.content, nil
}

// Redact makes a text fit to be written where a row could not be taken in: it is
// normalised and masked as a post's text is.
func (in *Intake) Redact(s string) string {
	clean, _ := normalise.Text(s)
	masked, _ := mask.Text(clean)
	return masked
}

func (in *Intake) contentHash(p *opinion.Post) uint64 {
	var h maphash.Hash
	h.SetSeed(in.seed)
	for _, s := range []string{p.Title, p.Text, p.Place, p.URL} {
		h.WriteString(s)
		h.WriteByte(0)
	}
	return h.Sum64()
}

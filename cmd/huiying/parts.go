package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/backend/elastic"
	"github.com/huiying/huiying/backend/kafka"
	"github.com/huiying/huiying/backend/postgres"
	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// parts are what the roles are built on. Each is opened by the method of its name,
// embedded or as a client of a server as the configuration says.
type parts struct {
	cfg      config
	dir      *dir
	logger   *slog.Logger
	registry *prometheus.Registry
	closers  closers

	policy    *policy.Policy
	segmenter *segment.Segmenter
	log       opinion.Log
	brokers   []string
	index     opinion.Index
	store     opinion.Store
}

// newParts holds the data directory, or finds the serve beside it, and reads the policy.
func newParts(cfg config) (*parts, error) {
	d, err := openDir(cfg.Data)
	if err != nil {
		return nil, err
	}
	return partsIn(d, cfg)
}

// sharedParts is newParts without holding the data directory: the store and the index can
// be opened, the log and the stages cannot.
func sharedParts(cfg config) (*parts, error) {
	d, err := shareDir(cfg.Data)
	if err != nil {
		return nil, err
	}
	return partsIn(d, cfg)
}

func partsIn(d *dir, cfg config) (*parts, error) {
	p := &parts{cfg: cfg, dir: d, logger: cfg.logger(), registry: prometheus.NewRegistry()}
	p.closers.logger = p.logger
	p.closers.add("data directory", d.close)
	p.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	pol, err := loadPolicy(cfg)
	if err != nil {
		return nil, p.fail(err)
	}
	p.policy = pol
	return p, nil
}

// fail lets go of what is open and returns err.
func (p *parts) fail(err error) error {
	_ = p.closers.close(closeTimeout)
	return err
}

// policy reads the rules of the configuration.
func (o *options) policy() (*policy.Policy, error) {
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	return loadPolicy(cfg)
}

func loadPolicy(cfg config) (*policy.Policy, error) {
	files := seeds.Policy
	if cfg.PolicyDir != "" {
		files = os.DirFS(cfg.PolicyDir)
	}
	pol, err := policy.Load(files)
	if err != nil {
		return nil, fmt.Errorf("load policy: %w", err)
	}
	return pol, nil
}

// openStore opens the truth.
func (p *parts) openStore(ctx context.Context) error {
	o := relational.Options{Log: p.logger, Metrics: p.registry}
	var store *relational.Store
	var err error
	if url := p.cfg.Postgres.URL; url != "" {
		store, err = postgres.Open(ctx, postgres.Config{URL: url, MaxConns: p.cfg.Postgres.MaxConns}, o)
	} else {
		store, err = sqlite.OpenStore(ctx, p.dir.file("store.db"), o)
	}
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	p.store = store
	p.closers.add("store", store.Close)
	return nil
}

// openSegmenter loads the dictionaries, once for the process.
func (p *parts) openSegmenter() error {
	seg, err := segment.Open(p.dir.file("dict"), analyze.DomainWords(p.policy))
	if err != nil {
		return fmt.Errorf("open segmenter: %w", err)
	}
	p.segmenter = seg
	return nil
}

// openIndex opens the searchable projection; it needs the segmenter.
func (p *parts) openIndex(ctx context.Context) error {
	e := p.cfg.Elastic
	var index opinion.Index
	var err error
	switch {
	case len(e.URLs) > 0:
		index, err = elastic.Open(ctx, elastic.Config{
			URLs: e.URLs, Username: e.Username, Password: e.Password, APIKey: e.APIKey, CAFile: e.CAFile,
			Prefix: e.Prefix, Shards: e.Shards, Replicas: e.Replicas,
		}, p.segmenter, p.logger)
	default:
		index, err = sqlite.OpenIndex(p.dir.file("index.db"), p.segmenter)
	}
	if err != nil {
		return fmt.Errorf("open index: %w", err) // p.index stays nil: index may hold a nil pointer
	}
	p.index = index
	p.closers.add("index", p.index.Close)
	return nil
}

// openLog opens the log: of the configured brokers, of the serve beside us, or of an
// embedded broker that it starts.
func (p *parts) openLog(ctx context.Context) error {
	k := p.cfg.Kafka
	cfg := kafka.Config{
		Brokers: k.Brokers, Prefix: k.Prefix, Partitions: k.Partitions, ReplicationFactor: k.ReplicationFactor,
		Retention: p.cfg.Retention.Log,
		TLS:       kafka.TLS(k.TLS),
		SASL:      kafka.SASL{Mechanism: k.SASL.Mechanism, User: k.SASL.User, Password: k.SASL.Password},
	}
	if len(k.Brokers) == 0 {
		if err := p.embed(ctx, &cfg); err != nil {
			return err
		}
	}
	log, err := kafka.Open(ctx, cfg, p.logger, p.registry)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	p.log, p.brokers = log, cfg.Brokers
	p.closers.add("log", log.Close)
	return nil
}

const embeddedPartitions = 4

// embed points cfg at the embedded broker, ours or that of the serve beside us.
func (p *parts) embed(ctx context.Context, cfg *kafka.Config) error {
	cfg.Prefix, cfg.Partitions, cfg.ReplicationFactor = "", embeddedPartitions, 1
	cfg.TLS, cfg.SASL = kafka.TLS{}, kafka.SASL{}
	if b := p.dir.beside; b != nil {
		cfg.Brokers = b.Brokers
		return nil
	}
	broker, err := kafka.StartEmbedded(ctx, kafka.EmbeddedConfig{Dir: p.dir.file("log"), Logger: p.logger})
	if err != nil {
		return fmt.Errorf("start embedded broker in %s: %w", filepath.Join(p.cfg.Data, "log"), err)
	}
	p.closers.add("embedded broker", broker.Close)
	cfg.Brokers = broker.Brokers()
	return nil
}

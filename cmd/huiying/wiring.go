package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/huiying/huiying/alert"
	"github.com/huiying/huiying/alert/email"
	"github.com/huiying/huiying/alert/webhook"
	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/console/web"
	"github.com/huiying/huiying/ingest"
	personal "github.com/huiying/huiying/ingest/mask"
	"github.com/huiying/huiying/ingest/push"
	"github.com/huiying/huiying/opinion"
)

//	push ──> intake ──> [posts] ──> scorer ──> [assessed] ──> clusterer ──> [signals] ──> alerter ──> store
//	file ──────┘            ingest          analyze                analyze            alert    │ inbox, e-mail, webhook
//	                                  └──> index <──┘                          console <──────┘ pages and API

// intake is what takes posts in: push, file import and demonstration share it.
type intake interface {
	Accept(ctx context.Context, rows []opinion.Raw, o opinion.IntakeOptions) ([]opinion.Outcome, error)
	Redact(s string) string
}

// build makes the instance of its roles on the opened parts.
func build(ctx context.Context, p *parts) (*runner, error) {
	r := &runner{parts: p, probe: newProbe(p)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", r.probe.health)
	mux.HandleFunc("GET /readyz", r.probe.ready)
	if p.cfg.Metrics.Listen == "" {
		mux.Handle("GET /metrics", localOnly(p.metrics()))
	}
	r.intake = p.intake()
	if p.cfg.has(roleIngest) {
		mux.Handle("POST /api/v1/posts", push.Handler(r.intake, p.store, push.Config{RatePerKey: p.cfg.Push.RatePerKey}, p.registry))
	}
	if p.cfg.has(roleAnalyze) {
		r.stages = append(r.stages, p.analyze()...)
	}
	if p.cfg.has(roleAlert) {
		alerter, err := p.alert()
		if err != nil {
			return nil, err
		}
		r.stages = append(r.stages, alerter)
	}
	if p.cfg.has(roleConsole) {
		pages, err := p.console()
		if err != nil {
			return nil, err
		}
		mux.Handle("/", pages)
	}
	r.web = mux
	return r, nil
}

// intake builds what ingest is.
func (p *parts) intake() *ingest.Intake {
	window := time.Duration(p.policy.Alert.HistoryDays) * 24 * time.Hour
	return ingest.New(p.log, p.index, p.store, ingest.Config{HistoryWindow: window}, p.registry)
}

// eventWindow is for how long after its last post an event may take in more, after a
// restart.
const eventWindow = 90 * 24 * time.Hour

// stageScore names the stage after which posts are searchable.
const stageScore = "score"

// analyze builds the stages of the role analyze.
func (p *parts) analyze() []stage {
	analyzer := analyze.NewAnalyzer(p.segmenter, p.policy)
	scorer := analyze.NewScorer(p.log, p.index, analyzer, analyze.ScoreConfig{}, time.Now, p.registry)
	clusterer := analyze.NewClusterer(p.log, p.index, analyze.ClusterConfig{Window: eventWindow, Alert: p.policy.Alert}, time.Now, p.registry)
	return []stage{
		{stageScore, scorer.Run},
		{"cluster", clusterer.Run},
		{"retention", p.retain},
	}
}

// alert builds the stage of the role alert with its channels.
func (p *parts) alert() (stage, error) {
	n := p.cfg.Notify
	var channels alert.Channels
	if n.Email.Host != "" {
		mailer, err := email.New(email.Config{
			Host: n.Email.Host, Port: n.Email.Port, Security: n.Email.Security,
			User: n.Email.User, Password: n.Email.Password, From: n.Email.From,
		})
		if err != nil {
			return stage{}, fmt.Errorf("notify.email: %w", err)
		}
		channels.Email = mailer
	}
	channels.Webhook = webhook.New(webhook.Config{AllowPrivate: n.AllowPrivateWebhooks})
	cfg := alert.Config{PublicURL: p.publicURL(), Logger: p.logger}
	for _, c := range n.Contacts {
		cfg.Contacts = append(cfg.Contacts, alert.Contact{Unit: c.Unit, Emails: c.Emails, Webhook: c.Webhook, WebhookSecret: c.WebhookSecret})
	}
	alerter, err := alert.New(p.log, p.store, p.policy, channels, cfg, time.Now, p.registry)
	if err != nil {
		return stage{}, err
	}
	return stage{"alert", alerter.Run}, nil
}

// console builds the pages and their API.
func (p *parts) console() (http.Handler, error) {
	proxies, err := p.cfg.Console.proxies()
	if err != nil {
		return nil, err
	}
	cfg := console.Config{PublicURL: p.cfg.PublicURL, SecureCookies: p.cfg.Console.SecureCookies, TrustedProxies: proxies, Edit: p.publishEdit, Answer: answerReader()}
	texts := console.Texts{
		Cut:  p.segmenter.Tokens,
		Mask: func(text string) string { masked, _ := personal.Text(text); return masked },
	}
	return console.New(cfg, p.store, p.index, texts, p.policy, p.status, web.FS(), time.Now, p.logger, p.registry)
}

// publishEdit puts a correction of events among the assessed posts, where the clusterer meets
// it in its place.
func (p *parts) publishEdit(ctx context.Context, e opinion.Edit) error {
	value, err := opinion.Encode(e)
	if err != nil {
		return fmt.Errorf("encode edit: %w", err)
	}
	return p.log.Publish(ctx, opinion.TopicAssessed, opinion.Message{Key: []byte(opinion.MatterKey), Value: value})
}

func (p *parts) publicURL() string {
	if u := p.cfg.PublicURL; u != "" {
		return u
	}
	return "http://" + p.cfg.Listen
}

func (p *parts) metrics() http.Handler {
	return promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{Registry: p.registry, ErrorLog: nil})
}

// localOnly hides a handler from other machines.
func localOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

const retainEvery = time.Hour

// retain drops old posts from the index, as the setting retention.posts says.
func (p *parts) retain(ctx context.Context) error {
	if p.cfg.Retention.Posts == 0 {
		return nil
	}
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		n, err := p.index.DeleteBefore(ctx, time.Now().Add(-p.cfg.Retention.Posts))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			p.logger.Error("dropping old posts failed; it is tried again", "error", err, "again_in", retainEvery)
		case n > 0:
			p.logger.Info("dropped old posts", "posts", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

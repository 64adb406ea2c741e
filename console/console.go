package console

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Config is what an operator may set of the console.
type Config struct {
	// PublicURL is the address under which people reach the pages, for example
	// "https://huiying.example.gov.cn". Links in answers begin with it, and browsers may
	// call the API from it, whatever Host a proxy sends. Empty: links are paths.
	PublicURL string
	// SecureCookies marks the session cookie Secure and asks browsers to keep to TLS. Set
	// it when a proxy ends TLS in front; over TLS of our own the cookie is Secure anyway.
	SecureCookies bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed when sign-ins are
	// counted by address. Empty: the address of the connection counts.
	TrustedProxies []netip.Prefix
	// Edit publishes corrections of events that staff make by hand. Nil: there is no log, and
	// making one is refused as unavailable.
	Edit EditFunc
	// Answer reads the answers of units, as advice to those who send and who accept them. Nil:
	// none is read.
	Answer AnswerFunc
}

// sessionLife is how long a session lasts after sign-in, whatever its user does.
const sessionLife = 12 * time.Hour

// maxWaiting is how many sign-ins may wait for a core; more are told to come back.
const maxWaiting = 64

// server is what the operations share. It is read-only after New.
type server struct {
	cfg      Config
	store    opinion.Store
	index    opinion.Index
	texts    Texts
	policy   *policy.Policy
	status   StatusFunc
	now      func() time.Time
	log      *slog.Logger
	metrics  *metrics
	attempts *attempts
	// hashing bounds how many passwords are compared at a time, because each takes a whole
	// core, and waiting how many wait for their turn.
	hashing, waiting chan struct{}
}

// New returns the handler of the API, of /openapi.json and of the pages in web, the built
// browser application with index.html at its root. Mount it at "/"; the push endpoint
// (POST /api/v1/posts), /healthz, /readyz and /metrics are other handlers'. It fails when
// cfg is wrong, when web has no index.html or when the metrics are registered already.
// The handler is safe for concurrent use and owns no goroutine.
func New(cfg Config, store opinion.Store, index opinion.Index, texts Texts, pol *policy.Policy, status StatusFunc,
	web fs.FS, now func() time.Time, logger *slog.Logger, reg prometheus.Registerer) (http.Handler, error) {
	origin, err := publicOrigin(cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(reg)
	if err != nil {
		return nil, err
	}
	p, err := newPages(web)
	if err != nil {
		return nil, err
	}
	s := &server{
		cfg: cfg, store: store, index: index, texts: texts, policy: pol, status: status, now: now, log: logger,
		metrics: m, attempts: newAttempts(), hashing: make(chan struct{}, runtime.GOMAXPROCS(0)), waiting: make(chan struct{}, maxWaiting),
	}
	mux := http.NewServeMux()
	doc, err := printDocument(s.register(mux))
	if err != nil {
		return nil, err
	}
	mux.Handle("GET /openapi.json", document(doc))
	mux.Handle(anyAPIPath, s.unknownPath(mux))
	mux.Handle("/", p)
	return s.guard(mux, origin)
}

// publicOrigin checks the public URL and returns its origin, or "" for none.
func publicOrigin(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		e := opinion.Errorf(opinion.CodeInvalid, "public_url is %q: give an address such as https://huiying.example.gov.cn, without query, fragment or user", raw)
		e.Field = "public_url"
		return "", e
	}
	return u.Scheme + "://" + u.Host, nil
}

// StatusFunc tells how the pipeline is. It answers within its context's time; what it could
// not find out it leaves out and says in Parts.
type StatusFunc func(ctx context.Context) (Status, error)

// Status is how the pipeline is, for the people who run it.
type Status struct {
	Version       string        `json:"version" doc:"Release of the product."`
	PolicyVersion string        `json:"policy_version" doc:"Version of the policy files in force."`
	Stages        []StageStatus `json:"stages" maxItems:"16" doc:"The stages of the flow, in its order."`
	Parts         []PartStatus  `json:"parts" maxItems:"16" doc:"The servers and embedded parts that the flow stands on."`
	// LastReceivedAt is nil when no post was ever received; likewise LastIndexedAt.
	LastReceivedAt *time.Time `json:"last_received_at,omitempty" doc:"When the newest post was received."`
	LastIndexedAt  *time.Time `json:"last_indexed_at,omitempty" doc:"When a post was last made searchable."`
	Posts          int        `json:"posts" doc:"Searchable posts."`
	Nothing        Nothing    `json:"nothing,omitempty" enum:"unavailable,no_source,no_post,in_flight,dead_lettered" doc:"Why there is nothing to see; absent when there is something."`
}

// StageStatus is one stage of the flow.
type StageStatus struct {
	Name        string `json:"name" enum:"score,cluster,alert" doc:"The stage."`
	Topic       string `json:"topic" doc:"Topic of the log that it reads."`
	Lag         int64  `json:"lag" minimum:"0" doc:"Messages that it has still to process."`
	DeadLetters int64  `json:"dead_letters" minimum:"0" doc:"Messages of its topic that could never be processed and are kept aside."`
}

// PartStatus is one server or embedded part.
type PartStatus struct {
	Name   string `json:"name" enum:"log,index,store,notify" doc:"What it is to the flow."`
	Kind   string `json:"kind" doc:"What it is: kafka, embedded broker, elasticsearch, sqlite, postgresql, …"`
	OK     bool   `json:"ok" doc:"Whether it answered."`
	Detail string `json:"detail,omitempty" doc:"What was wrong, and how to mend it."`
}

// Nothing is why there is nothing to see.
type Nothing string

// The reasons, in the order in which they are looked for.
const (
	NothingUnavailable  Nothing = "unavailable"   // a part of the flow does not answer
	NothingNoSource     Nothing = "no_source"     // no push key was made and nothing was imported
	NothingReceived     Nothing = "no_post"       // there are sources, but none has delivered
	NothingInFlight     Nothing = "in_flight"     // posts were received and are still being assessed
	NothingDeadLettered Nothing = "dead_lettered" // all that was received could not be processed
	NothingMatches      Nothing = "no_match"      // there are posts, but none that the search describes
)

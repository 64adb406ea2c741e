// Package elastic keeps the search index of the product in Elasticsearch 8.
//
// Posts stand in one index for each month of publication, <prefix>-posts-v1-2019.01, in
// China Standard Time. They are read through the alias <prefix>-posts and each is
// written through an alias of its own, <prefix>-posts-2019.01, so that a later version of the
// mapping can take over behind the same names. Events stand in <prefix>-events-v1, behind
// <prefix>-events. Only features of the plain server are used: no scripts, no
// delete-by-query, no update-by-query, no lifecycle management, no analysis plugin.
package elastic

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"sync"
	"time"

	elasticsearch "github.com/elastic/go-elasticsearch/v8"

	"github.com/huiying/huiying/opinion"
)

// Config says where Elasticsearch is and how posts are laid out on it.
type Config struct {
	// URLs are the nodes, for example "https://es1.example:9200". At least one.
	URLs []string
	// Username and Password sign in with HTTP Basic. Empty: nobody signs in.
	Username string
	Password string
	// APIKey is the base64 form of an API key and takes precedence over Username.
	APIKey string
	// CAFile is a PEM file of the authorities that the nodes' certificates are checked
	// against. Empty: those of the system.
	CAFile string
	// Prefix begins the name of every index, alias and template, so that several
	// installations can share a cluster: [a-z0-9][a-z0-9_-]{0,62}. Empty: "huiying".
	Prefix string
	// Shards is how many primary shards a month has. 0: one, good for some ten million posts.
	Shards int
	// Replicas is how many copies each shard has beside the primary. On a cluster of one
	// node use 0.
	Replicas int
	// RefreshInterval is how long a written post may stay invisible to searches.
	// 0: 500 ms.
	RefreshInterval time.Duration
	// RetryFor is for how long a request is repeated while the cluster is overloaded
	// (429), starting or unreachable (502, 503, 504, no connection). 0: 30 s.
	RetryFor time.Duration
}

// Index is the search index in Elasticsearch (see opinion.Index).
//
// Get, Existing and the search for a post's earlier copies see what has been refreshed. Order and
// date ranges count publication in milliseconds.
type Index struct {
	es     *elasticsearch.BaseClient
	http   *http.Transport
	cfg    Config
	tok    opinion.Tokenizer
	log    *slog.Logger
	months sync.Map // month names whose index is known to exist
	pause  func(context.Context, time.Duration) error
}

var _ opinion.Index = (*Index)(nil)

var prefixPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Open connects to Elasticsearch, installs the index templates and makes the index of
// events. It waits for up to cfg.RetryFor for a cluster that is starting. The tokenizer cuts the
// words of questions and must be the one that cut the posts.
func Open(ctx context.Context, cfg Config, tok opinion.Tokenizer, log *slog.Logger) (*Index, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	transport.ResponseHeaderTimeout = time.Minute
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	var ca []byte
	if cfg.CAFile != "" {
		if ca, err = os.ReadFile(cfg.CAFile); err != nil {
			return nil, &opinion.Error{Code: opinion.CodeInvalid, Field: "ca_file", Message: "elastic: read the certificate authorities", Err: err}
		}
	}
	es, err := elasticsearch.NewBaseClient(elasticsearch.Config{
		Addresses: cfg.URLs, Username: cfg.Username, Password: cfg.Password, APIKey: cfg.APIKey,
		CACert: ca, Transport: transport, DisableRetry: true, DisableMetaHeader: true,
	})
	if err != nil {
		return nil, &opinion.Error{Code: opinion.CodeInvalid, Message: "elastic: make the client", Err: err}
	}
	x := &Index{es: es, http: transport, cfg: cfg, tok: tok, log: log, pause: pause}
	if err := x.install(ctx); err != nil {
		transport.CloseIdleConnections()
		return nil, fmt.Errorf("open elastic index: %w", err)
	}
	return x, nil
}

func (c Config) withDefaults() (Config, error) {
	bad := func(field, format string, args ...any) (Config, error) {
		e := opinion.Errorf(opinion.CodeInvalid, "elastic: "+format, args...)
		e.Field = field
		return c, e
	}
	if len(c.URLs) == 0 {
		return bad("urls", "no address is given; name at least one node, for example http://127.0.0.1:9200")
	}
	for i, u := range c.URLs {
		p, err := url.Parse(u)
		if err != nil || p.Scheme != "http" && p.Scheme != "https" || p.Host == "" || p.User != nil {
			return bad("urls", "address %d is not of the form http://host:port or https://host:port (user and password have settings of their own)", i+1)
		}
	}
	if c.Prefix == "" {
		c.Prefix = "huiying"
	}
	if c.Shards == 0 {
		c.Shards = 1
	}
	if c.RefreshInterval == 0 {
		c.RefreshInterval = 500 * time.Millisecond
	}
	if c.RetryFor == 0 {
		c.RetryFor = 30 * time.Second
	}
	switch {
	case !prefixPattern.MatchString(c.Prefix):
		return bad("prefix", "prefix %q; it has lower-case letters, digits, - and _, begins with a letter or digit and has at most 63", c.Prefix)
	case c.Shards < 1 || c.Shards > 64:
		return bad("shards", "shards is %d; it is 1 to 64", c.Shards)
	case c.Replicas < 0 || c.Replicas > 8:
		return bad("replicas", "replicas is %d; it is 0 to 8", c.Replicas)
	case c.RefreshInterval < 100*time.Millisecond || c.RefreshInterval > time.Minute:
		return bad("refresh_interval", "refresh_interval is %v; it is 100ms to 1m", c.RefreshInterval)
	case c.RetryFor < 0:
		return bad("retry_for", "retry_for is %v; it is not negative", c.RetryFor)
	}
	return c, nil
}

// Close ends the connections.
func (x *Index) Close() error {
	x.http.CloseIdleConnections()
	return nil
}

// Ping asks for the cluster's health and fails while primary shards are missing. The
// root address is not asked: some servers refuse it.
func (x *Index) Ping(ctx context.Context) error {
	var health struct {
		Status string `json:"status"`
	}
	if err := x.once(ctx, http.MethodGet, "/_cluster/health", nil, &health); err != nil {
		return unavailable("ping elastic", err)
	}
	if health.Status == "red" {
		return opinion.Errorf(opinion.CodeUnavailable, "ping elastic: the cluster is red, primary shards are missing")
	}
	return nil
}

// Refresh makes every acknowledged write visible to searches.
func (x *Index) Refresh(ctx context.Context) error {
	path := "/" + x.posts() + "," + x.events() + "/_refresh?ignore_unavailable=true"
	if err := x.do(ctx, http.MethodPost, path, nil, nil); err != nil {
		return fmt.Errorf("refresh index: %w", err)
	}
	return nil
}

func unavailable(what string, err error) error {
	return &opinion.Error{Code: opinion.CodeUnavailable, Message: what, Err: err}
}

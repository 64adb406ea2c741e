package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"github.com/huiying/huiying/opinion"
)

// Config is how the log is reached and kept. Only Brokers must be set.
type Config struct {
	// Brokers are HOST:PORT addresses of some of the cluster's brokers; the others are
	// learnt from them. Name at least two of a cluster of three.
	Brokers []string
	// ClientID names this product in the brokers' logs and quotas. Empty: "huiying".
	ClientID string
	// Prefix is put before the names of all topics and groups, so that several
	// installations (or test runs) can share a cluster. It matches [a-zA-Z0-9._-]*.
	Prefix string
	// Partitions of each new topic of the flow, which is also the most instances of a
	// stage that can share its work. 0: 8. The embedded broker is well served by 4.
	// Topics that exist with fewer are used as they are, with a warning: adding
	// partitions moves keys, and only an operator can tell when that does no harm.
	Partitions int
	// ReplicationFactor is the number of copies of each new topic. 0: the cluster's
	// default. 3 on a cluster that must survive a broker.
	ReplicationFactor int
	// MinInSync is how many copies must have a message before it is acknowledged.
	// 0: the cluster's default. 2 with three copies.
	MinInSync int
	// Retention is how long the topics of the flow keep their messages. 0: what the
	// topic or the cluster says. Topics that exist with another value are changed.
	Retention time.Duration
	// DeadRetention is the same for the dead-letter topics. 0: 90 days.
	DeadRetention time.Duration
	// Compression of what is published: "lz4", "zstd", "snappy", "gzip" or "none".
	// Empty: "lz4".
	Compression string
	// Batch is the most messages that one call of Handle gets. 0: 500.
	Batch int
	// BatchBytes ends a batch early when keys and values reach it, in bytes. A consumer
	// holds about two batches of each partition in memory. 0: 2 MiB.
	BatchBytes int
	TLS        TLS
	SASL       SASL
}

// TLS is how connections are encrypted.
type TLS struct {
	Enabled bool
	// CAFile is a PEM file of the authorities to trust. Empty: the system's.
	CAFile string
	// CertFile and KeyFile are PEM files of our own certificate and its key, for
	// clusters that ask for one (mutual TLS). Both or neither.
	CertFile string
	KeyFile  string
	// ServerName is expected in the brokers' certificates. Empty: the host dialled.
	ServerName string
}

// SASL is how we say who we are.
type SASL struct {
	// Mechanism is "PLAIN", "SCRAM-SHA-256" or "SCRAM-SHA-512"; empty for none. PLAIN
	// sends the password as it is: use it with TLS only.
	Mechanism string
	User      string
	Password  string
}

var (
	prefixPattern = regexp.MustCompile(`^[a-zA-Z0-9._-]{0,100}$`)
	compressions  = map[string]kafkago.Compression{
		"lz4": kafkago.Lz4, "zstd": kafkago.Zstd, "snappy": kafkago.Snappy, "gzip": kafkago.Gzip, "none": 0,
	}
)

func (c Config) withDefaults() Config {
	if c.ClientID == "" {
		c.ClientID = "huiying"
	}
	if c.Partitions == 0 {
		c.Partitions = 8
	}
	if c.DeadRetention == 0 {
		c.DeadRetention = 90 * 24 * time.Hour
	}
	if c.Compression == "" {
		c.Compression = "lz4"
	}
	if c.Batch == 0 {
		c.Batch = 500
	}
	if c.BatchBytes == 0 {
		c.BatchBytes = 2 << 20
	}
	return c
}

// check refuses what can never work, naming the setting and the way to mend it.
func (c Config) check() error {
	invalid := func(field, format string, args ...any) error {
		return &opinion.Error{Code: opinion.CodeInvalid, Field: field, Message: field + ": " + fmt.Sprintf(format, args...)}
	}
	if len(c.Brokers) == 0 {
		return invalid("kafka.brokers", "no address; give HOST:PORT of at least one broker")
	}
	for _, b := range c.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			return invalid("kafka.brokers", "%q is not HOST:PORT, for example kafka1.example:9092", b)
		}
	}
	if !prefixPattern.MatchString(c.Prefix) {
		return invalid("kafka.prefix", "%q; use up to 100 letters, digits, dots, underscores and hyphens", c.Prefix)
	}
	if c.Partitions < 1 || c.Partitions > 1000 {
		return invalid("kafka.partitions", "%d; use 1 to 1000", c.Partitions)
	}
	if c.ReplicationFactor < 0 || c.ReplicationFactor > 16 {
		return invalid("kafka.replication_factor", "%d; use 1 to 16, or 0 for the cluster's default", c.ReplicationFactor)
	}
	if c.MinInSync < 0 || c.ReplicationFactor > 0 && c.MinInSync > c.ReplicationFactor {
		return invalid("kafka.min_in_sync", "%d; use 0 to the replication factor (%d)", c.MinInSync, c.ReplicationFactor)
	}
	if c.Retention < 0 || c.DeadRetention < 0 {
		return invalid("retention.log", "a negative time; use for example 720h, or 0 for the cluster's default")
	}
	if _, ok := compressions[c.Compression]; !ok {
		return invalid("kafka.compression", "%q; use lz4, zstd, snappy, gzip or none", c.Compression)
	}
	if c.Batch < 1 || c.BatchBytes < 1 {
		return invalid("kafka.batch", "a batch of less than one message or byte")
	}
	switch c.SASL.Mechanism {
	case "":
	case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
		if c.SASL.User == "" || c.SASL.Password == "" {
			return invalid("kafka.sasl", "%s needs a user and a password (kafka.sasl.password_file)", c.SASL.Mechanism)
		}
	default:
		return invalid("kafka.sasl.mechanism", "%q; use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", c.SASL.Mechanism)
	}
	return nil
}

// tlsConfig returns nil when TLS is off.
func (t TLS) tlsConfig() (*tls.Config, error) {
	if !t.Enabled {
		return nil, nil
	}
	cfg := &tls.Config{ServerName: t.ServerName, MinVersion: tls.VersionTLS12}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, tlsError("kafka.tls.ca_file", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, tlsError("kafka.tls.ca_file", fmt.Errorf("%s holds no PEM certificate", t.CAFile))
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, tlsError("kafka.tls.cert_file", fmt.Errorf("cert_file and key_file belong together; one is missing"))
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, tlsError("kafka.tls.cert_file", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

func tlsError(field string, err error) error {
	return &opinion.Error{Code: opinion.CodeInvalid, Field: field, Message: "load " + field, Err: err}
}

// mechanism returns nil when SASL is off.
func (s SASL) mechanism() (sasl.Mechanism, error) {
	switch s.Mechanism {
	case "PLAIN":
		return plain.Mechanism{Username: s.User, Password: s.Password}, nil
	case "SCRAM-SHA-256":
		return scram.Mechanism(scram.SHA256, s.User, s.Password)
	case "SCRAM-SHA-512":
		return scram.Mechanism(scram.SHA512, s.User, s.Password)
	default:
		return nil, nil
	}
}

// The times of the client. A dead broker is noticed within dialTimeout or
// requestTimeout; a dead consumer's partitions move after sessionTimeout.
const (
	dialTimeout       = 2 * time.Second
	requestTimeout    = 10 * time.Second
	metadataTTL       = 2 * time.Second
	sessionTimeout    = 6 * time.Second
	heartbeatInterval = 500 * time.Millisecond
	rebalanceTimeout  = 10 * time.Second
	joinBackoff       = 300 * time.Millisecond
	fetchWait         = 2 * time.Second // how long an idle fetch stays at the broker
	closeTimeout      = 5 * time.Second
)

// connections makes the two kinds of connection that kafka-go knows: the transport
// of requests and the dialer of fetches and groups.
func (c Config) connections() (*kafkago.Transport, *kafkago.Dialer, error) {
	tlsCfg, err := c.TLS.tlsConfig()
	if err != nil {
		return nil, nil, err
	}
	auth, err := c.SASL.mechanism()
	if err != nil {
		return nil, nil, fmt.Errorf("prepare kafka.sasl: %w", err)
	}
	t := &kafkago.Transport{ClientID: c.ClientID, DialTimeout: dialTimeout, MetadataTTL: metadataTTL, TLS: tlsCfg, SASL: auth}
	d := &kafkago.Dialer{ClientID: c.ClientID, Timeout: dialTimeout, DualStack: true, TLS: tlsCfg, SASLMechanism: auth}
	return t, d, nil
}

// name is the broker's name of a topic or group, bare is our own.
func (c Config) name(own string) string  { return c.Prefix + own }
func (c Config) bare(name string) string { return strings.TrimPrefix(name, c.Prefix) }

package kafka

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

func asError(err error) *opinion.Error {
	e, _ := errors.AsType[*opinion.Error](err)
	return e
}

func TestConfigErrorsNameTheSetting(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	if err := os.WriteFile(garbage, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		set   func(*Config)
		field string
	}{
		{"no broker", func(c *Config) { c.Brokers = nil }, "kafka.brokers"},
		{"no port", func(c *Config) { c.Brokers = []string{"kafka1"} }, "kafka.brokers"},
		{"prefix with a space", func(c *Config) { c.Prefix = "a b" }, "kafka.prefix"},
		{"negative partitions", func(c *Config) { c.Partitions = -1 }, "kafka.partitions"},
		{"too many partitions", func(c *Config) { c.Partitions = 100000 }, "kafka.partitions"},
		{"negative replication", func(c *Config) { c.ReplicationFactor = -1 }, "kafka.replication_factor"},
		{"more in sync than copies", func(c *Config) { c.ReplicationFactor, c.MinInSync = 2, 3 }, "kafka.min_in_sync"},
		{"negative retention", func(c *Config) { c.Retention = -time.Second }, "retention.log"},
		{"unknown compression", func(c *Config) { c.Compression = "rar" }, "kafka.compression"},
		{"negative batch", func(c *Config) { c.Batch = -1 }, "kafka.batch"},
		{"unknown mechanism", func(c *Config) { c.SASL.Mechanism = "GSSAPI" }, "kafka.sasl.mechanism"},
		{"no password", func(c *Config) { c.SASL = SASL{Mechanism: "PLAIN", User: "u"} }, "kafka.sasl"},
		{"missing authority", func(c *Config) { c.TLS = TLS{Enabled: true, CAFile: "missing.pem"} }, "kafka.tls.ca_file"},
		{"broken authority", func(c *Config) { c.TLS = TLS{Enabled: true, CAFile: garbage} }, "kafka.tls.ca_file"},
		{"certificate without key", func(c *Config) { c.TLS = TLS{Enabled: true, CertFile: garbage} }, "kafka.tls.cert_file"},
		{"broken certificate", func(c *Config) { c.TLS = TLS{Enabled: true, CertFile: garbage, KeyFile: garbage} }, "kafka.tls.cert_file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Brokers: []string{"127.0.0.1:1"}}
			c.set(&cfg)
			_, err := Open(t.Context(), cfg, testLogger(t), nil)
			e := asError(err)
			if e == nil || e.Code != opinion.CodeInvalid || e.Field != c.field {
				t.Errorf("Open = %v, want CodeInvalid for %s", err, c.field)
			}
			if err != nil && !strings.Contains(err.Error(), c.field) {
				t.Errorf("%q does not name %s", err, c.field)
			}
		})
	}
}

func TestRetentionAndPartitionsOfExistingTopics(t *testing.T) {
	for name, broker := range map[string]func(t *testing.T) []string{
		"embedded": func(t *testing.T) []string { return startEmbedded(t, EmbeddedConfig{Dir: t.TempDir()}).Brokers() },
		"kafka":    func(t *testing.T) []string { return []string{realBroker(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Brokers: broker(t), Prefix: uniquePrefix(), Partitions: 2, Retention: time.Hour}
			t.Cleanup(func() { dropTopics(t, cfg) })
			openLog(t, cfg)
			cfg.Partitions, cfg.Retention = 4, 2*time.Hour
			l := openLog(t, cfg)
			ctx := testContext(t)
			var got map[string]string
			for got[cfg.name(opinion.TopicPosts)] != "7200000" { // a change is not visible at once
				var err error
				if got, err = l.retentions(ctx, cfg.withDefaults().wantedTopics()); err != nil {
					t.Fatalf("retention.ms = %q after it was changed to two hours: %v", got[cfg.name(opinion.TopicPosts)], err)
				}
			}
			if want := "7776000000"; got[cfg.name(opinion.DeadTopic(opinion.TopicPosts))] != want {
				t.Errorf("retention.ms of dead letters = %q, want %s (90 days)", got[cfg.name(opinion.DeadTopic(opinion.TopicPosts))], want)
			}
			if n, err := l.partitions(t.Context(), opinion.TopicPosts); err != nil || n != 2 {
				t.Errorf("partitions = %d, %v; want the 2 that were there", n, err)
			}
		})
	}
}

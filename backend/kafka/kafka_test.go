package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/opinion"
)

func TestEmbeddedLog(t *testing.T) {
	e := startEmbedded(t, EmbeddedConfig{Dir: t.TempDir()})
	backendtest.Log(t, func(t *testing.T) opinion.Log {
		return openLog(t, Config{Brokers: e.Brokers(), Prefix: uniquePrefix(), Partitions: 4})
	})
}

func TestKafkaLog(t *testing.T) {
	broker := realBroker(t)
	backendtest.Log(t, func(t *testing.T) opinion.Log {
		cfg := Config{Brokers: []string{broker}, Prefix: uniquePrefix(), Partitions: 4}
		l := openLog(t, cfg)
		t.Cleanup(func() { dropTopics(t, cfg) })
		return l
	})
}

// realBroker returns the address of a real Kafka, or skips.
func realBroker(t testing.TB) string {
	t.Helper()
	broker := os.Getenv("HUIYING_TEST_KAFKA")
	switch {
	case broker != "":
	case os.Getenv("HUIYING_TEST_SERVERS") == "required":
		t.Fatal("HUIYING_TEST_KAFKA (HOST:PORT) is not set, and HUIYING_TEST_SERVERS=required")
	default:
		t.Skip("HUIYING_TEST_KAFKA (HOST:PORT) is not set: not tested on a real Kafka")
	}
	return broker
}

// uniquePrefix keeps tests apart that share a broker.
func uniquePrefix() string { return fmt.Sprintf("t%x.", rand.Uint64()) }

func startEmbedded(t testing.TB, cfg EmbeddedConfig) *Embedded {
	t.Helper()
	e, err := StartEmbedded(context.Background(), cfg)
	if err != nil {
		t.Fatalf("StartEmbedded: %v", err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func openLog(t testing.TB, cfg Config) *Log {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	l, err := Open(ctx, cfg, testLogger(t), prometheus.NewRegistry())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

// dropTopics removes what a test made on a shared broker.
func dropTopics(t testing.TB, cfg Config) {
	var names []string
	for _, w := range cfg.withDefaults().wantedTopics() {
		names = append(names, cfg.name(w.topic))
	}
	transport := &kafkago.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafkago.Client{Addr: kafkago.TCP(cfg.Brokers...), Timeout: requestTimeout, Transport: transport}
	if _, err := client.DeleteTopics(context.Background(), &kafkago.DeleteTopicsRequest{Topics: names}); err != nil {
		t.Logf("delete topics: %v", err)
	}
}

// testLogger shows the log's own messages when HUIYING_TEST_LOG is set.
func testLogger(t testing.TB) *slog.Logger {
	if os.Getenv("HUIYING_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

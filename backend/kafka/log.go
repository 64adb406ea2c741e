// Package kafka is the pipeline's log on Kafka, through segmentio/kafka-go, and a
// broker for machines that have none: Embedded speaks the same protocol inside the
// process and keeps its log in a directory. Nothing but the address differs.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

// Log is opinion.Log on a Kafka cluster or the embedded broker.
type Log struct {
	cfg       Config
	logger    *slog.Logger
	metrics   *metrics
	transport *kafkago.Transport
	dialer    *kafkago.Dialer
	client    *kafkago.Client
	producer  *producer

	ctx    context.Context // ends at Close
	cancel context.CancelFunc
	mu     sync.Mutex // guards closed against running.Add beside running.Wait
	closed bool
	// running counts the calls of Consume.
	running sync.WaitGroup
}

var _ opinion.Log = (*Log)(nil)

// Open connects to the cluster and makes sure that the topics exist. While no broker
// answers it tries again until ctx ends, so that the product and its cluster may be
// started in any order; the error then says what the last attempt met. A wrong
// setting is an *opinion.Error with CodeInvalid at once.
func Open(ctx context.Context, cfg Config, logger *slog.Logger, reg prometheus.Registerer) (*Log, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	transport, dialer, err := cfg.connections()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(reg)
	if err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg, logger: logger, metrics: m, transport: transport, dialer: dialer}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.client = &kafkago.Client{Addr: kafkago.TCP(cfg.Brokers...), Timeout: requestTimeout, Transport: transport}
	l.producer = newProducer(l.ctx, l.produce)
	if err := l.ensureTopics(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Close ends every Consume, refuses what is not yet published and closes the
// connections. It waits for running handlers, but no longer than some seconds.
func (l *Log) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel()
	defer l.transport.CloseIdleConnections()
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		l.producer.wait()
		close(done)
	}()
	timer := time.NewTimer(2 * closeTimeout)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("close log: handlers or writes still running after %s", 2*closeTimeout)
	}
}

// enter counts a Consume in, unless the log is closed.
func (l *Log) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.running.Add(1)
	return true
}

// maxReason bounds the reason of a dead letter, in bytes.
const maxReason = 2000

// DeadLetter implements opinion.Log.
func (l *Log) DeadLetter(ctx context.Context, message opinion.Message, reason string) error {
	if message.Topic == "" {
		return opinion.Errorf(opinion.CodeInvalid, "a dead letter must have been read from a topic; Message.Topic is empty")
	}
	headers := maps.Clone(message.Headers)
	if headers == nil {
		headers = map[string]string{}
	}
	headers[opinion.HeaderReason] = truncate(reason, maxReason)
	headers[opinion.HeaderTopic] = message.Topic
	headers[opinion.HeaderPartition] = strconv.Itoa(message.Partition)
	headers[opinion.HeaderOffset] = strconv.FormatInt(message.Offset, 10)
	dead := opinion.Message{Key: message.Key, Value: message.Value, Headers: headers}
	if err := l.Publish(ctx, opinion.DeadTopic(message.Topic), dead); err != nil {
		return fmt.Errorf("dead-letter offset %d of %s/%d: %w", message.Offset, message.Topic, message.Partition, err)
	}
	l.metrics.deadLetters.WithLabelValues(message.Topic).Inc()
	return nil
}

// Ends implements opinion.Log.
func (l *Log) Ends(ctx context.Context, topic string) (map[int]int64, error) {
	_, ends, err := l.bounds(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("list ends of %s: %w", topic, err)
	}
	return ends, nil
}

// Committed implements opinion.Log.
func (l *Log) Committed(ctx context.Context, topic, group string) (map[int]int64, error) {
	firsts, _, err := l.bounds(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("list commits of %s: %w", group, err)
	}
	name := l.cfg.name(topic)
	req := &kafkago.OffsetFetchRequest{
		GroupID: l.cfg.name(group),
		Topics:  map[string][]int{name: slices.Sorted(maps.Keys(firsts))},
	}
	err = again(ctx, 10, func() error {
		res, err := l.client.OffsetFetch(ctx, req)
		if err != nil {
			return err
		}
		if errors.Is(res.Error, kafkago.GroupIdNotFound) {
			return nil // nobody has committed yet
		}
		if res.Error != nil {
			return res.Error
		}
		for _, p := range res.Topics[name] {
			if p.Error != nil {
				return p.Error
			}
			// What retention has dropped will not be processed any more.
			firsts[p.Partition] = max(firsts[p.Partition], p.CommittedOffset)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list commits of %s: %w", group, err)
	}
	return firsts, nil
}

// Ping implements opinion.Log. Its error is an *opinion.Error with CodeUnavailable.
func (l *Log) Ping(ctx context.Context) error {
	unavailable := func(what string, err error) error {
		return &opinion.Error{Code: opinion.CodeUnavailable, Message: fmt.Sprintf("Kafka at %v: %s", l.cfg.Brokers, what), Err: err}
	}
	if _, err := l.client.ApiVersions(ctx, &kafkago.ApiVersionsRequest{}); err != nil {
		return unavailable("no broker answers; check kafka.brokers, TLS and SASL", err)
	}
	for _, topic := range opinion.Topics {
		if _, err := l.partitions(ctx, topic); err != nil {
			return unavailable("topic "+l.cfg.name(topic)+" cannot be used", err)
		}
	}
	return nil
}

// partitions returns how many partitions a topic has. The transport remembers the
// cluster's layout, so that this costs no request.
func (l *Log) partitions(ctx context.Context, topic string) (int, error) {
	name := l.cfg.name(topic)
	n := 0
	err := again(ctx, 3, func() error {
		res, err := l.client.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{name}})
		if err != nil {
			return err
		}
		for _, t := range res.Topics {
			if t.Name != name {
				continue
			}
			if t.Error != nil {
				return t.Error
			}
			n = len(t.Partitions)
		}
		if n == 0 {
			return kafkago.UnknownTopicOrPartition
		}
		return nil
	})
	if errors.Is(err, kafkago.UnknownTopicOrPartition) {
		return 0, &opinion.Error{Code: opinion.CodeNotFound, Message: "no topic " + name, Err: err}
	}
	return n, err
}

// bounds returns the first kept and the next offset of each partition.
func (l *Log) bounds(ctx context.Context, topic string) (firsts, ends map[int]int64, err error) {
	n, err := l.partitions(ctx, topic)
	if err != nil {
		return nil, nil, err
	}
	var asks []kafkago.OffsetRequest
	for p := range n {
		asks = append(asks, kafkago.FirstOffsetOf(p), kafkago.LastOffsetOf(p))
	}
	firsts, ends = map[int]int64{}, map[int]int64{}
	name := l.cfg.name(topic)
	err = again(ctx, 10, func() error {
		res, err := l.client.ListOffsets(ctx, &kafkago.ListOffsetsRequest{Topics: map[string][]kafkago.OffsetRequest{name: asks}})
		if err != nil {
			return err
		}
		for _, p := range res.Topics[name] {
			if p.Error != nil {
				return p.Error
			}
			firsts[p.Partition], ends[p.Partition] = p.FirstOffset, p.LastOffset
		}
		if len(ends) != n {
			return kafkago.LeaderNotAvailable
		}
		return nil
	})
	return firsts, ends, err
}

// again makes up to attempts requests while the cluster says that it is only a matter
// of time: a new leader, a coordinator that loads.
func again(ctx context.Context, attempts int, request func() error) error {
	var pause backoff
	for n := 1; ; n++ {
		err := request()
		var k kafkago.Error
		if err == nil || n == attempts || !errors.As(err, &k) || !k.Temporary() {
			return err
		}
		if !pause.wait(ctx) {
			return err
		}
	}
}

package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

const (
	// requestBytes bounds the messages of one produce request, before compression. It
	// stays under the broker's usual message.max.bytes, so that only a single large
	// message needs the topic's own limit.
	requestBytes = 900 << 10
	// requestMessages bounds their number.
	requestMessages = 2000
	// chunkBytes is how much of one Publish is handed to the lanes at a time.
	chunkBytes = 4 << 20
	// pendingBytes bounds all messages that wait for their acknowledgement. Publish
	// blocks above it: that is how back-pressure reaches whoever produces.
	pendingBytes = 32 << 20
	// overhead is what a message costs beside its key, value and headers.
	overhead = 64
)

// Publish implements opinion.Log. While the cluster cannot take the messages it tries
// again until ctx ends; the error is then an *opinion.Error with CodeUnavailable that
// wraps ctx's error. A message larger than opinion.MaxMessage (and a little for key
// and headers) is CodeInvalid, an unknown topic CodeNotFound.
func (l *Log) Publish(ctx context.Context, topic string, messages ...opinion.Message) error {
	if len(messages) == 0 {
		return nil
	}
	for i, m := range messages {
		if n := sizeOf(m); n > topicLimit-overhead || len(m.Value) > opinion.MaxMessage {
			return opinion.Errorf(opinion.CodeInvalid, "publish to %s: message %d of the call has %d bytes, more than %d", topic, i, n, opinion.MaxMessage)
		}
	}
	n, err := l.awaitPartitions(ctx, topic)
	if err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	for chunk := range chunks(messages, chunkBytes) {
		if err := l.producer.write(ctx, topic, n, chunk); err != nil {
			return fmt.Errorf("publish to %s: %w", topic, err)
		}
	}
	return nil
}

// awaitPartitions returns how many partitions a topic has, and waits for a broker that
// knows it until ctx ends.
func (l *Log) awaitPartitions(ctx context.Context, topic string) (int, error) {
	var pause backoff
	for {
		n, err := l.partitions(ctx, topic)
		switch {
		case l.ctx.Err() != nil:
			return 0, errClosed
		case err == nil || opinion.CodeOf(err) == opinion.CodeNotFound:
			return n, err
		case !pause.wait(ctx):
			return 0, overdue(ctx.Err(), err)
		}
	}
}

func sizeOf(m opinion.Message) int {
	n := len(m.Key) + len(m.Value) + overhead
	for k, v := range m.Headers {
		n += len(k) + len(v)
	}
	return n
}

// chunks cuts messages into runs of at most limit bytes, or one message.
func chunks(messages []opinion.Message, limit int) func(yield func([]opinion.Message) bool) {
	return func(yield func([]opinion.Message) bool) {
		start, bytes := 0, 0
		for i, m := range messages {
			n := sizeOf(m)
			if i > start && bytes+n > limit {
				if !yield(messages[start:i]) {
					return
				}
				start, bytes = i, 0
			}
			bytes += n
		}
		if start < len(messages) {
			yield(messages[start:])
		}
	}
}

// produce sends one request to the leader of a partition.
func (l *Log) produce(ctx context.Context, topic string, partition int, messages []opinion.Message) error {
	now := time.Now()
	records := make([]kafkago.Record, len(messages))
	for i, m := range messages {
		records[i] = kafkago.Record{Time: now, Key: kafkago.NewBytes(m.Key), Value: kafkago.NewBytes(m.Value)}
		for _, k := range slices.Sorted(maps.Keys(m.Headers)) {
			records[i].Headers = append(records[i].Headers, kafkago.Header{Key: k, Value: []byte(m.Headers[k])})
		}
	}
	res, err := l.client.Produce(ctx, &kafkago.ProduceRequest{
		Topic:        l.cfg.name(topic),
		Partition:    partition,
		RequiredAcks: kafkago.RequireAll,
		Records:      kafkago.NewRecordReader(records...),
		Compression:  compressions[l.cfg.Compression],
	})
	if err == nil {
		err = res.Error
	}
	if err != nil {
		l.metrics.publishErrors.WithLabelValues(topic).Inc()
		l.logger.Debug("produce failed", "topic", topic, "partition", partition, "messages", len(messages), "error", err)
		return err
	}
	l.metrics.published.WithLabelValues(topic).Add(float64(len(messages)))
	return nil
}

package kafka

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

// maxRead bounds Read, because its messages are held in memory.
const maxRead = 1000

// Read implements opinion.Log: the newest messages of the topic, at most limit (1 to
// 1000) of all its partitions together, oldest first. It reads what the log held when
// it was called.
func (l *Log) Read(ctx context.Context, topic string, limit int) ([]opinion.Message, error) {
	if limit < 1 || limit > maxRead {
		return nil, opinion.Errorf(opinion.CodeInvalid, "read %s: limit %d is not 1 to %d", topic, limit, maxRead)
	}
	firsts, ends, err := l.bounds(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", topic, err)
	}
	var all []opinion.Message
	for p, end := range ends {
		some, err := l.readPartition(ctx, topic, p, max(firsts[p], end-int64(limit)), end)
		if err != nil {
			return nil, fmt.Errorf("read %s/%d: %w", topic, p, err)
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b opinion.Message) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
	})
	return all[max(0, len(all)-limit):], nil
}

// readPartition reads the messages from start up to end.
func (l *Log) readPartition(ctx context.Context, topic string, partition int, start, end int64) ([]opinion.Message, error) {
	if start >= end {
		return nil, nil
	}
	f := &fetcher{log: l, topic: topic, partition: partition, offset: start}
	conn, err := f.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var got []opinion.Message
	for f.offset < end {
		if _, err := conn.Seek(f.offset, kafkago.SeekAbsolute|kafkago.SeekDontCheck); err != nil {
			return nil, err
		}
		err := f.fetch(conn, 100*time.Millisecond, func(batch []opinion.Message) bool {
			got = append(got, batch...)
			return true
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(got, func(m opinion.Message) bool { return m.Offset >= end }), nil
}

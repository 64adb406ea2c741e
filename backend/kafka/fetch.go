package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

// fetchBytes bounds one fetch response, as it lies in the log (compressed).
const fetchBytes = 1 << 20

// fetcher reads one partition from an offset on, over a connection of its own.
type fetcher struct {
	log       *Log
	topic     string
	partition int
	offset    int64 // next to read; kafkago.FirstOffset for the first kept
	beyond    int   // how often in a row offset lay beyond the end of the log
}

// run sends batches to out until ctx ends. Brokers that are down are waited for.
func (f *fetcher) run(ctx context.Context, out chan<- []opinion.Message) {
	emit := func(batch []opinion.Message) bool {
		select {
		case out <- batch:
			return true
		case <-ctx.Done():
			return false
		}
	}
	var pause backoff
	var stuck trouble
	for ctx.Err() == nil {
		before := f.offset
		err := f.session(ctx, emit)
		if ctx.Err() != nil {
			return
		}
		if f.offset != before {
			pause.reset()
			stuck.over(time.Now())
		}
		if stuck.tell(time.Now()) {
			f.log.logger.Warn("fetch interrupted, trying on", "topic", f.topic, "partition", f.partition, "offset", f.offset, "error", err)
		}
		if !pause.wait(ctx) {
			return
		}
	}
}

// session reads over one connection until something breaks.
func (f *fetcher) session(ctx context.Context, emit func([]opinion.Message) bool) error {
	conn, err := f.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// A blocked read knows no context.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	for ctx.Err() == nil {
		if err := f.fetch(conn, fetchWait, emit); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// connect dials the partition's leader and settles where to read.
func (f *fetcher) connect(ctx context.Context) (*kafkago.Conn, error) {
	var conn *kafkago.Conn
	var err error
	for _, broker := range f.log.cfg.Brokers {
		if conn, err = f.log.dialer.DialLeader(ctx, "tcp", broker, f.log.cfg.name(f.topic), f.partition); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("dial leader: %w", err)
	}
	if err := f.settle(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// beyondLimit is after how many looks an offset beyond the end is believed: a broker
// that has just become leader may not know its end for a moment.
const beyondLimit = 15

// settle corrects an offset that the log does not hold and seeks to it.
func (f *fetcher) settle(conn *kafkago.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return err
	}
	first, end, err := conn.ReadOffsets()
	if err != nil {
		return fmt.Errorf("read offsets: %w", err)
	}
	switch {
	case f.offset < 0:
		f.offset = first
	case f.offset < first:
		f.log.logger.Warn("messages fell to retention before they were handled",
			"topic", f.topic, "partition", f.partition, "messages", first-f.offset, "offset", f.offset, "first", first)
		f.offset = first
	case f.offset > end:
		if f.beyond++; f.beyond < beyondLimit {
			return fmt.Errorf("offset %d is beyond the end %d", f.offset, end)
		}
		f.log.logger.Error("committed offset is beyond the end of the log, which has lost messages; reading again from its start",
			"topic", f.topic, "partition", f.partition, "offset", f.offset, "end", end)
		f.offset = first
	}
	f.beyond = 0
	_, err = conn.Seek(f.offset, kafkago.SeekAbsolute|kafkago.SeekDontCheck)
	return err
}

// fetch makes one request and emits its messages in batches. The broker answers as
// soon as it has one message, or after wait.
func (f *fetcher) fetch(conn *kafkago.Conn, wait time.Duration, emit func([]opinion.Message) bool) (err error) {
	extend := func() { _ = conn.SetReadDeadline(time.Now().Add(wait + requestTimeout)) }
	extend()
	response := conn.ReadBatchWith(kafkago.ReadBatchConfig{MinBytes: 1, MaxBytes: fetchBytes, MaxWait: wait})
	defer func() {
		f.offset = max(f.offset, response.Offset())
		if closeErr := response.Close(); err == nil && !harmless(closeErr) {
			err = closeErr
		}
	}()
	var batch []opinion.Message
	bytes := 0
	send := func() bool {
		if len(batch) == 0 {
			return true
		}
		ok := emit(batch)
		extend() // emit may have waited long
		batch, bytes = nil, 0
		return ok
	}
	for {
		m, err := response.ReadMessage()
		if err != nil {
			if !send() {
				return context.Canceled
			}
			if harmless(err) {
				return nil
			}
			return err
		}
		if m.Offset < f.offset { // a compressed batch may begin before
			continue
		}
		f.offset = m.Offset + 1
		batch = append(batch, f.message(m))
		if bytes += len(m.Key) + len(m.Value); len(batch) >= f.log.cfg.Batch || bytes >= f.log.cfg.BatchBytes {
			if !send() {
				return context.Canceled
			}
		}
	}
}

// harmless tells the ends of a response that need no new connection.
func harmless(err error) bool {
	return err == nil || errors.Is(err, io.EOF) || errors.Is(err, kafkago.RequestTimedOut)
}

func (f *fetcher) message(m kafkago.Message) opinion.Message {
	var headers map[string]string
	for _, h := range m.Headers {
		if headers == nil {
			headers = make(map[string]string, len(m.Headers))
		}
		headers[h.Key] = string(h.Value)
	}
	return opinion.Message{
		Key: m.Key, Value: m.Value, Headers: headers,
		Topic: f.topic, Partition: f.partition, Offset: m.Offset, Time: m.Time.UTC(),
	}
}

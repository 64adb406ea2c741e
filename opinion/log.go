package opinion

import (
	"context"
	"time"
)

// The topics of the log. Each has a dead-letter topic beside it, DeadTopic.
const (
	TopicPosts    = "huiying.posts"    // codec KindPost, key: post ID
	TopicAssessed = "huiying.assessed" // codec KindAssessed and KindEdit, key: MatterKey
	TopicSignals  = "huiying.signals"  // codec KindSignal, key: event ID
)

// MatterKey is the key of every message on TopicAssessed. One district has one ledger of
// events: each post must be able to meet each event (docs/adr/0006).
const MatterKey = "matter"

// Topics lists the topics of the flow in its order.
var Topics = []string{TopicPosts, TopicAssessed, TopicSignals}

// The consumer groups of the flow, one for each stage.
const (
	GroupScore   = "huiying.score"
	GroupCluster = "huiying.cluster"
	GroupAlert   = "huiying.alert"
)

// DeadTopic is where the messages of a topic go that can never be processed.
func DeadTopic(topic string) string { return topic + ".dead" }

// Headers that every dead letter carries.
const (
	HeaderReason    = "huiying-reason"    // what was wrong, for a person
	HeaderTopic     = "huiying-topic"     // where it was read
	HeaderPartition = "huiying-partition" // decimal
	HeaderOffset    = "huiying-offset"    // decimal
)

// Message is one record of the log.
type Message struct {
	Key     []byte
	Value   []byte
	Headers map[string]string
	// Topic, Partition, Offset and Time are set on messages that were read.
	Topic     string
	Partition int
	Offset    int64
	Time      time.Time
}

// Handler processes the messages of one topic for one consumer group.
//
// The log calls Assign before the first batch of every assignment, with all the
// partitions that this instance now owns, and then Handle for batches of messages
// of a single partition, in offset order, at most Batch at a time. Handle of
// different partitions may run at the same time; Assign never runs beside Handle.
// Returning nil commits the batch; an error that is not the context's makes the log
// call Handle again with the same batch after a pause, for as long as it takes.
// Delivery is at least once: effects must be idempotent. A message that can never
// be processed is the handler's to dead-letter (Log.DeadLetter) and pass over.
type Handler interface {
	Assign(ctx context.Context, partitions []int) error
	Handle(ctx context.Context, batch []Message) error
}

// Log is the port of the pipeline's log (Kafka protocol).
//
// Durability: Publish returns nil only when every in-sync replica has the messages.
// Order: messages with one key keep their order. Concurrency: all methods are safe
// for concurrent use.
type Log interface {
	// Publish appends the messages to topic, partitioned by Key, in order. On an
	// error some may have been appended all the same; publishing again is harmless.
	Publish(ctx context.Context, topic string, messages ...Message) error
	// DeadLetter appends a message that was read to the dead-letter topic of its
	// topic, key and value untouched, with the reason and its origin as headers.
	DeadLetter(ctx context.Context, message Message, reason string) error
	// Consume runs h on topic for group until ctx ends, then returns nil after the
	// last Handle has returned. Brokers that are down are waited for.
	Consume(ctx context.Context, topic, group string, h Handler) error
	// Ends returns the next offset of each partition of topic.
	Ends(ctx context.Context, topic string) (map[int]int64, error)
	// Committed returns the next offset to be processed by group of each partition
	// of topic; partitions without a commit are at their first kept offset.
	Committed(ctx context.Context, topic, group string) (map[int]int64, error)
	// Read returns up to limit messages of topic, the newest of each partition
	// first kept, oldest first: for lists of dead letters.
	Read(ctx context.Context, topic string, limit int) ([]Message, error)
	// Ping tells whether a broker answers and all Topics exist.
	Ping(ctx context.Context) error
	Close() error
}

package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/huiying/huiying/opinion"
)

// EmbeddedConfig is how the embedded broker is kept. Only Dir must be set.
type EmbeddedConfig struct {
	// Dir holds the log. It is created; one broker at a time may use it.
	Dir string
	// Port on loopback. 0: any free one.
	Port int
	// RetentionInterval is how often messages older than their topic's retention are
	// dropped. 0: a minute.
	RetentionInterval time.Duration
	// SegmentBytes is the size of one file of the log. Retention frees whole files: a
	// partition keeps up to one file more than its retention. 0: 8 MiB.
	SegmentBytes int
	// Logger tells what goes wrong in the broker. Nil: nobody.
	Logger *slog.Logger
}

// Embedded is a Kafka broker inside this process (kfake of franz-go) for machines
// that have none. It listens on loopback only and without a password, flushes every
// message to disk before it acknowledges it, and finds its log and the groups' offsets
// again after a restart, also after a crash. It is one broker: it does not replicate.
type Embedded struct {
	cluster *kfake.Cluster
	lock    *flock.Flock
	stop    context.CancelFunc
	stopped chan struct{}
}

// StartEmbedded opens the log in cfg.Dir and serves it. ctx bounds the start only.
func StartEmbedded(ctx context.Context, cfg EmbeddedConfig) (*Embedded, error) {
	if cfg.RetentionInterval == 0 {
		cfg.RetentionInterval = time.Minute
	}
	if cfg.SegmentBytes == 0 {
		cfg.SegmentBytes = 8 << 20
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	cluster, err := kfake.NewCluster(
		kfake.Ports(cfg.Port),
		kfake.ClusterID("huiying"),
		kfake.DataDir(cfg.Dir),
		kfake.SyncWrites(),
		kfake.WithLogger(brokerLogger{cfg.Logger}),
		kfake.BrokerConfigs(map[string]string{
			"log.segment.bytes":          strconv.Itoa(cfg.SegmentBytes),
			"default.replication.factor": "1",
			// A group that rested for long must go on where it was.
			"offsets.retention.minutes": strconv.Itoa(10 * 365 * 24 * 60),
		}),
	)
	if err != nil {
		err = &opinion.Error{Code: opinion.CodeUnavailable, Message: fmt.Sprintf("start embedded broker in %s on port %d", cfg.Dir, cfg.Port), Err: err}
		return nil, errors.Join(err, lock.Unlock())
	}
	life, stop := context.WithCancel(context.Background())
	e := &Embedded{cluster: cluster, lock: lock, stop: stop, stopped: make(chan struct{})}
	go e.keep(life, cfg.RetentionInterval)
	if err := e.mendOffsets(ctx, cfg.Logger); err != nil {
		return nil, errors.Join(fmt.Errorf("start embedded broker: %w", err), e.Close())
	}
	return e, nil
}

func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make directory of embedded broker: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock directory of embedded broker: %w", err)
	}
	if !ok {
		return nil, opinion.Errorf(opinion.CodeConflict, "the log in %s is in use by another process; stop it, or give this one another data directory", dir)
	}
	return lock, nil
}

// Brokers returns the address to give to Config.Brokers.
func (e *Embedded) Brokers() []string { return e.cluster.ListenAddrs() }

// Close stops the broker after writing down its state. Clients are cut off.
func (e *Embedded) Close() error {
	e.stop()
	<-e.stopped
	e.cluster.Close()
	return e.lock.Unlock()
}

// keep applies the retention of the topics until ctx ends. kfake does so by itself
// only after a topic was made or changed, not after a restart.
func (e *Embedded) keep(ctx context.Context, interval time.Duration) {
	defer close(e.stopped)
	for sleep(ctx, interval) {
		e.cluster.ApplyRetention()
	}
}

// mendOffsets takes group offsets back to the end of their partition. When retention
// has emptied a partition and the process then crashes, the broker begins to count
// from zero again; a group that stood at a higher offset would miss the new messages
// up to there.
func (e *Embedded) mendOffsets(ctx context.Context, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	transport := &kafkago.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafkago.Client{Addr: kafkago.TCP(e.Brokers()...), Transport: transport}
	groups, err := client.ListGroups(ctx, &kafkago.ListGroupsRequest{})
	if err != nil {
		return fmt.Errorf("list groups: %w", err)
	}
	for _, g := range groups.Groups {
		back := e.beyond(g.GroupID)
		if len(back) == 0 {
			continue
		}
		logger.Warn("group offsets beyond the end of the log are taken back to it", "group", g.GroupID, "offsets", back)
		if err := commitAll(ctx, client, g.GroupID, back); err != nil {
			return fmt.Errorf("mend offsets of %s: %w", g.GroupID, err)
		}
	}
	return nil
}

// beyond returns the ends of the partitions for which a group has a larger offset.
func (e *Embedded) beyond(group string) map[string][]kafkago.OffsetCommit {
	back := map[string][]kafkago.OffsetCommit{}
	info := e.cluster.GroupInfo(group)
	if info == nil {
		return nil
	}
	for topic, commits := range info.Commits {
		for partition, commit := range commits {
			p := e.cluster.PartitionInfo(topic, partition)
			if p != nil && commit.Offset > p.HighWatermark {
				back[topic] = append(back[topic], kafkago.OffsetCommit{Partition: int(partition), Offset: p.HighWatermark})
			}
		}
	}
	return back
}

func commitAll(ctx context.Context, client *kafkago.Client, group string, offsets map[string][]kafkago.OffsetCommit) error {
	res, err := client.OffsetCommit(ctx, &kafkago.OffsetCommitRequest{GroupID: group, GenerationID: -1, Topics: offsets})
	if err != nil {
		return err
	}
	for _, partitions := range res.Topics {
		for _, p := range partitions {
			if p.Error != nil {
				return p.Error
			}
		}
	}
	return nil
}

// brokerLogger passes the broker's warnings on.
type brokerLogger struct{ logger *slog.Logger }

func (b brokerLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		b.logger.Error("embedded broker: " + fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		b.logger.Warn("embedded broker: " + fmt.Sprintf(format, args...))
	}
}

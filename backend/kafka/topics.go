package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

// topicLimit is the topics' max.message.bytes: an encoded message of the largest size
// with its key and headers.
const topicLimit = 2 * opinion.MaxMessage

// wanted is how a topic ought to be.
type wanted struct {
	topic      string
	partitions int
	retention  time.Duration // 0: not ours to say
}

// wantedTopics are the topics of the flow and, with one partition so that they list
// in order, their dead-letter topics.
func (c Config) wantedTopics() []wanted {
	var all []wanted
	for _, topic := range opinion.Topics {
		all = append(all,
			wanted{topic, c.Partitions, c.Retention},
			wanted{opinion.DeadTopic(topic), 1, c.DeadRetention})
	}
	return all
}

// ensureTopics creates what is missing and compares what exists, until it succeeds or
// ctx ends.
func (l *Log) ensureTopics(ctx context.Context) error {
	var pause backoff
	for warned := false; ; warned = true {
		err := l.tryTopics(ctx)
		if err == nil || opinion.CodeOf(err) == opinion.CodeInvalid {
			return err
		}
		if setting, ok := refused(err); ok {
			return &opinion.Error{
				Code: opinion.CodeInvalid, Field: setting,
				Message: fmt.Sprintf("open log: Kafka at %v does not accept %s", l.cfg.Brokers, setting), Err: err,
			}
		}
		if !warned {
			l.logger.Warn("kafka is not ready, waiting", "brokers", l.cfg.Brokers, "error", err)
		}
		if !pause.wait(ctx) {
			return &opinion.Error{
				Code:    opinion.CodeUnavailable,
				Message: fmt.Sprintf("open log: Kafka at %v is not ready; check kafka.brokers, TLS, SASL and the right to create topics", l.cfg.Brokers),
				Err:     err,
			}
		}
	}
}

// refused tells errors that waiting does not mend, and the setting that is wrong.
func refused(err error) (setting string, ok bool) {
	switch {
	case errors.Is(err, kafkago.SASLAuthenticationFailed):
		return "kafka.sasl.user and its password", true
	case errors.Is(err, kafkago.UnsupportedSASLMechanism):
		return "kafka.sasl.mechanism", true
	}
	if _, is := errors.AsType[*tls.CertificateVerificationError](err); is {
		return "kafka.tls.ca_file or kafka.tls.server_name", true
	}
	return "", false
}

func (l *Log) tryTopics(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*requestTimeout)
	defer cancel()
	all := l.cfg.wantedTopics()
	var names []string
	for _, w := range all {
		names = append(names, l.cfg.name(w.topic))
	}
	res, err := l.client.Metadata(ctx, &kafkago.MetadataRequest{Topics: names})
	if err != nil {
		return fmt.Errorf("ask for topics: %w", err)
	}
	have := map[string]int{}
	for _, t := range res.Topics {
		if t.Error == nil {
			have[t.Name] = len(t.Partitions)
		}
	}
	missing := slices.Clone(all)
	missing = slices.DeleteFunc(missing, func(w wanted) bool { return have[l.cfg.name(w.topic)] > 0 })
	if err := l.createTopics(ctx, missing); err != nil {
		return err
	}
	for _, w := range all {
		if n := have[l.cfg.name(w.topic)]; n > 0 && n < w.partitions {
			l.logger.Warn("topic has fewer partitions than configured; it is used as it is, because adding partitions moves keys: add them with kafka-topics --alter when the flow has caught up",
				"topic", l.cfg.name(w.topic), "partitions", n, "configured", w.partitions)
		}
	}
	return l.alterRetention(ctx, slices.DeleteFunc(all, func(w wanted) bool {
		return w.retention == 0 || slices.Contains(missing, w)
	}))
}

func (l *Log) createTopics(ctx context.Context, missing []wanted) error {
	if len(missing) == 0 {
		return nil
	}
	req := &kafkago.CreateTopicsRequest{}
	for _, w := range missing {
		t := kafkago.TopicConfig{Topic: l.cfg.name(w.topic), NumPartitions: w.partitions, ReplicationFactor: l.cfg.ReplicationFactor}
		if t.ReplicationFactor == 0 {
			t.ReplicationFactor = -1
		}
		set := func(name string, value int64) {
			t.ConfigEntries = append(t.ConfigEntries, kafkago.ConfigEntry{ConfigName: name, ConfigValue: strconv.FormatInt(value, 10)})
		}
		set("max.message.bytes", topicLimit)
		if w.retention > 0 {
			set("retention.ms", w.retention.Milliseconds())
		}
		if l.cfg.MinInSync > 0 {
			set("min.insync.replicas", int64(l.cfg.MinInSync))
		}
		req.Topics = append(req.Topics, t)
	}
	res, err := l.client.CreateTopics(ctx, req)
	if err != nil {
		return fmt.Errorf("create topics: %w", err)
	}
	for name, err := range res.Errors {
		switch {
		case err == nil:
			l.logger.Info("topic created", "topic", name)
		case errors.Is(err, kafkago.TopicAlreadyExists): // another instance was faster
		case errors.Is(err, kafkago.InvalidReplicationFactor):
			return &opinion.Error{
				Code: opinion.CodeInvalid, Field: "kafka.replication_factor",
				Message: fmt.Sprintf("create topic %s: kafka.replication_factor %d is more than the cluster has brokers", name, l.cfg.ReplicationFactor), Err: err,
			}
		default:
			return fmt.Errorf("create topic %s: %w", name, err)
		}
	}
	return l.awaitTopics(ctx, missing)
}

// awaitTopics waits until the new topics are known, so that the first Publish finds
// them.
func (l *Log) awaitTopics(ctx context.Context, created []wanted) error {
	for _, w := range created {
		err := again(ctx, 10, func() error {
			_, err := l.partitions(ctx, w.topic)
			return err
		})
		if err != nil {
			return fmt.Errorf("await topic %s: %w", w.topic, err)
		}
	}
	return nil
}

// alterRetention sets retention.ms of topics that have another value. A cluster that
// does not let us is left as it is, with a warning.
func (l *Log) alterRetention(ctx context.Context, existing []wanted) error {
	if len(existing) == 0 {
		return nil
	}
	now, err := l.retentions(ctx, existing)
	if err != nil {
		return fmt.Errorf("ask for the retention of topics: %w", err)
	}
	for _, w := range existing {
		name, value := l.cfg.name(w.topic), strconv.FormatInt(w.retention.Milliseconds(), 10)
		if now[name] == value {
			continue
		}
		if err := l.setRetention(ctx, name, value); err != nil {
			l.logger.Warn("retention of topic cannot be changed", "topic", name, "retention_ms", now[name], "configured_ms", value, "error", err)
			continue
		}
		l.logger.Info("retention of topic changed", "topic", name, "before_ms", now[name], "retention_ms", value)
	}
	return nil
}

func (l *Log) setRetention(ctx context.Context, name, value string) error {
	res, err := l.client.IncrementalAlterConfigs(ctx, &kafkago.IncrementalAlterConfigsRequest{
		Resources: []kafkago.IncrementalAlterConfigsRequestResource{{
			ResourceType: kafkago.ResourceTypeTopic, ResourceName: name,
			Configs: []kafkago.IncrementalAlterConfigsRequestConfig{{
				Name: "retention.ms", Value: value, ConfigOperation: kafkago.ConfigOperationSet,
			}},
		}},
	})
	if err != nil {
		return err
	}
	for _, r := range res.Resources {
		if r.Error != nil {
			return r.Error
		}
	}
	return nil
}

// retentions returns retention.ms of topics by their name on the broker.
func (l *Log) retentions(ctx context.Context, topics []wanted) (map[string]string, error) {
	ask := &kafkago.DescribeConfigsRequest{}
	for _, w := range topics {
		ask.Resources = append(ask.Resources, kafkago.DescribeConfigRequestResource{
			ResourceType: kafkago.ResourceTypeTopic, ResourceName: l.cfg.name(w.topic), ConfigNames: []string{"retention.ms"},
		})
	}
	res, err := l.client.DescribeConfigs(ctx, ask)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, r := range res.Resources {
		for _, e := range r.ConfigEntries {
			found[r.ResourceName] = e.ConfigValue
		}
	}
	return found, nil
}

package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// The roles of an instance, in the order of the flow.
const (
	roleIngest  = "ingest"
	roleAnalyze = "analyze"
	roleAlert   = "alert"
	roleConsole = "console"
)

var allRoles = []string{roleIngest, roleAnalyze, roleAlert, roleConsole}

// has reports whether the instance plays the role.
func (c config) has(role string) bool {
	return len(c.Roles) == 0 || slices.Contains(c.Roles, role)
}

// check finds every bad value and says what would be right.
func check(c config) error {
	var bad []error
	add := func(key, format string, args ...any) {
		bad = append(bad, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if c.Data == "" {
		add("data", "is empty; name a directory")
	}
	checkAddress(add, "listen", c.Listen)
	if c.Metrics.Listen != "" {
		checkAddress(add, "metrics.listen", c.Metrics.Listen)
	}
	for _, b := range c.Kafka.Brokers {
		checkAddress(add, "kafka.brokers", b)
	}
	if c.PublicURL != "" {
		checkURL(add, "public_url", c.PublicURL, "http", "https")
	}
	for _, u := range c.Elastic.URLs {
		checkURL(add, "elastic.urls", u, "http", "https")
	}
	if c.Postgres.URL != "" {
		checkURL(add, "postgres.url", c.Postgres.URL, "postgres", "postgresql")
	}
	known := true
	for _, r := range c.Roles {
		oneOf(add, "roles", r, allRoles...)
		known = known && slices.Contains(allRoles, r)
	}
	oneOf(add, "log.level", c.Log.Level, "debug", "info", "warn", "error")
	oneOf(add, "log.format", c.Log.Format, "text", "json")
	oneOf(add, "kafka.sasl.mechanism", c.Kafka.SASL.Mechanism, "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
	oneOf(add, "notify.email.security", c.Notify.Email.Security, "starttls", "tls", "none")
	between(add, "kafka.partitions", c.Kafka.Partitions, 1, 1000)
	between(add, "kafka.replication_factor", c.Kafka.ReplicationFactor, 0, 10)
	between(add, "elastic.shards", c.Elastic.Shards, 1, 100)
	between(add, "elastic.replicas", c.Elastic.Replicas, 0, 10)
	between(add, "postgres.max_conns", c.Postgres.MaxConns, 2, 1000)
	between(add, "push.rate_per_key", c.Push.RatePerKey, 1, 1_000_000)
	between(add, "notify.email.port", c.Notify.Email.Port, 1, 65535)
	if c.Notify.Email.Host != "" && c.Notify.Email.From == "" {
		add("notify.email.from", "is empty; e-mail needs a sender address")
	}
	if _, err := c.Console.proxies(); err != nil {
		add("console.trusted_proxies", "%v; write networks such as 10.0.0.0/8", err)
	}
	if c.Retention.Log <= 0 {
		add("retention.log", "%v is not positive", c.Retention.Log)
	}
	if c.Retention.Posts < 0 {
		add("retention.posts", "%v is negative; 0 keeps posts for ever", c.Retention.Posts)
	}
	if known {
		checkParts(add, c)
	}
	return errors.Join(bad...)
}

// proxies reads the networks of the trusted proxies.
func (c consoleConfig) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, s := range c.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// checkParts refuses an instance of some roles on embedded parts: the others could not
// reach them.
func checkParts(add func(key, format string, args ...any), c config) {
	if len(c.Roles) == 0 || len(c.Roles) == len(allRoles) {
		return
	}
	for _, part := range []struct {
		key string
		set bool
	}{{"kafka.brokers", len(c.Kafka.Brokers) > 0}, {"elastic.urls", len(c.Elastic.URLs) > 0}, {"postgres.url", c.Postgres.URL != ""}} {
		if !part.set {
			add(part.key, "is empty, and an instance with only the roles %s needs a server that the other roles can reach too", strings.Join(c.Roles, ", "))
		}
	}
}

func checkAddress(add func(key, format string, args ...any), key, s string) {
	if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
		add(key, "%q is not HOST:PORT", s)
	}
}

func checkURL(add func(key, format string, args ...any), key, s string, schemes ...string) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		add(key, "is not an address that starts with %s://", strings.Join(schemes, ":// or "))
	}
}

func oneOf(add func(key, format string, args ...any), key, s string, allowed ...string) {
	if !slices.Contains(allowed, s) {
		add(key, "%q is none of %s", s, strings.Join(slices.DeleteFunc(slices.Clone(allowed), func(a string) bool { return a == "" }), ", "))
	}
}

func between(add func(key, format string, args ...any), key string, n, low, high int) {
	if n < low || n > high {
		add(key, "%d is not between %d and %d", n, low, high)
	}
}

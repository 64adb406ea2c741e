package main

import "time"

// config is everything that an operator may set. Each leaf has one name: its path
// here ("kafka.brokers") is its key in the YAML file, and in upper case with
// underscores its environment variable (HUIYING_KAFKA_BROKERS). The doc tags are the
// manual: `huiying config --example` prints them.
//
// A leaf tagged secret is masked wherever the configuration is shown, and has a
// sibling with the suffix _file (and so a variable with the suffix _FILE) that names
// a file to read it from.
type config struct {
	Data      string   `yaml:"data" doc:"Directory of the embedded parts, the dictionaries and the lock. One serve per directory."`
	Listen    string   `yaml:"listen" doc:"HOST:PORT of the pages, the API and the push endpoint. Port 0 picks a free one."`
	PublicURL string   `yaml:"public_url" doc:"Address under which people reach the pages; notifications link to it. Empty: http:// and listen."`
	Roles     []string `yaml:"roles" doc:"What this instance does: ingest, analyze, alert, console. Empty: all four."`
	PolicyDir string   `yaml:"policy_dir" doc:"Directory with policy files that replace the built-in ones. Empty: the built-in policy of 东城区."`

	Log       logConfig       `yaml:"log"`
	Kafka     kafkaConfig     `yaml:"kafka"`
	Elastic   elasticConfig   `yaml:"elastic"`
	Postgres  postgresConfig  `yaml:"postgres"`
	Push      pushConfig      `yaml:"push"`
	Notify    notifyConfig    `yaml:"notify"`
	Console   consoleConfig   `yaml:"console"`
	Retention retentionConfig `yaml:"retention"`
	Metrics   metricsConfig   `yaml:"metrics"`
}

type logConfig struct {
	Level  string `yaml:"level" doc:"debug, info, warn or error."`
	Format string `yaml:"format" doc:"text or json, on standard error."`
}

type kafkaConfig struct {
	Brokers           []string   `yaml:"brokers" doc:"HOST:PORT of Kafka brokers. Empty: an embedded broker in data."`
	Prefix            string     `yaml:"prefix" doc:"Put before the names of topics and groups, to share a cluster."`
	Partitions        int        `yaml:"partitions" doc:"Partitions of each new topic; the most instances of analyze that can share the work. Embedded: 4."`
	ReplicationFactor int        `yaml:"replication_factor" doc:"Copies of each new topic. 0: the cluster's default (embedded: 1)."`
	TLS               tlsConfig  `yaml:"tls"`
	SASL              saslConfig `yaml:"sasl"`
}

type tlsConfig struct {
	Enabled    bool   `yaml:"enabled" doc:"Speak TLS."`
	CAFile     string `yaml:"ca_file" doc:"PEM file of the authorities to trust. Empty: the system's."`
	CertFile   string `yaml:"cert_file" doc:"PEM file of our certificate, for mutual TLS."`
	KeyFile    string `yaml:"key_file" doc:"PEM file of its key."`
	ServerName string `yaml:"server_name" doc:"Name to expect in the server's certificate. Empty: the host dialled."`
}

type saslConfig struct {
	Mechanism    string `yaml:"mechanism" doc:"PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or empty for none."`
	User         string `yaml:"user" doc:"User name."`
	Password     string `yaml:"password" secret:"true" doc:"Password."`
	PasswordFile string `yaml:"password_file" doc:"File that holds it."`
}

type elasticConfig struct {
	URLs         []string `yaml:"urls" doc:"Elasticsearch 8 addresses. Empty: SQLite FTS5 in data."`
	Username     string   `yaml:"username" doc:"Basic authentication."`
	Password     string   `yaml:"password" secret:"true" doc:"Its password."`
	PasswordFile string   `yaml:"password_file" doc:"File that holds it."`
	APIKey       string   `yaml:"api_key" secret:"true" doc:"API key (base 64 form) instead of a user."`
	APIKeyFile   string   `yaml:"api_key_file" doc:"File that holds it."`
	CAFile       string   `yaml:"ca_file" doc:"PEM file of the authorities to trust. Empty: the system's."`
	Prefix       string   `yaml:"prefix" doc:"Put before the names of indexes, aliases and templates."`
	Shards       int      `yaml:"shards" doc:"Primary shards of each month's index."`
	Replicas     int      `yaml:"replicas" doc:"Copies of each shard. 1 or more on a cluster of several nodes."`
}

type postgresConfig struct {
	URL      string `yaml:"url" secret:"true" doc:"postgres://user:password@host:port/database. Empty: SQLite in data."`
	URLFile  string `yaml:"url_file" doc:"File that holds it."`
	MaxConns int    `yaml:"max_conns" doc:"Connections of one instance."`
}

type pushConfig struct {
	RatePerKey int `yaml:"rate_per_key" doc:"Posts a second that one key may push on average; above it: 429 with Retry-After."`
}

type notifyConfig struct {
	Email    emailConfig `yaml:"email"`
	Contacts []contact   `yaml:"contacts" doc:"Where units are told of a case beside their inbox."`
	// AllowPrivateWebhooks is for receivers inside the government network.
	AllowPrivateWebhooks bool `yaml:"allow_private_webhooks" doc:"Let webhooks call loopback and private addresses."`
}

type emailConfig struct {
	Host         string `yaml:"host" doc:"SMTP server. Empty: no e-mail is sent."`
	Port         int    `yaml:"port" doc:"Its port."`
	Security     string `yaml:"security" doc:"starttls, tls or none."`
	User         string `yaml:"user" doc:"User name; empty for none."`
	Password     string `yaml:"password" secret:"true" doc:"Its password."`
	PasswordFile string `yaml:"password_file" doc:"File that holds it."`
	From         string `yaml:"from" doc:"Sender address."`
}

// contact is one unit's addresses.
type contact struct {
	Unit              string   `yaml:"unit"`
	Emails            []string `yaml:"emails"`
	Webhook           string   `yaml:"webhook"`
	WebhookSecret     string   `yaml:"webhook_secret"`
	WebhookSecretFile string   `yaml:"webhook_secret_file"`
}

type consoleConfig struct {
	SecureCookies  bool     `yaml:"secure_cookies" doc:"Mark the session cookie Secure. Set it behind TLS."`
	TrustedProxies []string `yaml:"trusted_proxies" doc:"Networks (10.0.0.0/8) whose X-Forwarded-For is believed when failed sign-ins are counted by address."`
}

type retentionConfig struct {
	Log   time.Duration `yaml:"log" doc:"How long topics keep their messages."`
	Posts time.Duration `yaml:"posts" doc:"How long the index keeps posts. 0: for ever. Cases are never dropped."`
}

type metricsConfig struct {
	Listen string `yaml:"listen" doc:"HOST:PORT for /metrics. Empty: on the main address, for clients on this machine only."`
}

// defaults is the configuration of one machine with embedded parts.
func defaults() config {
	return config{
		Data:   "data",
		Listen: "127.0.0.1:8080",
		Log:    logConfig{Level: "info", Format: "text"},
		Kafka:  kafkaConfig{Partitions: 8},
		Elastic: elasticConfig{
			Prefix: "huiying",
			Shards: 1,
		},
		Postgres:  postgresConfig{MaxConns: 20},
		Push:      pushConfig{RatePerKey: 2000},
		Notify:    notifyConfig{Email: emailConfig{Port: 587, Security: "starttls"}},
		Retention: retentionConfig{Log: 7 * 24 * time.Hour},
	}
}

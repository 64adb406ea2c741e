package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func noEnv(string) (string, bool) { return "", false }

func envOf(m map[string]string) func(string) (string, bool) {
	return func(k string) (string, bool) { v, ok := m[k]; return v, ok }
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "huiying.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLaterSourcesWin(t *testing.T) {
	file := write(t, "listen: 127.0.0.1:1111\nkafka:\n  partitions: 3\n  brokers: [a:1]\nretention:\n  log: 48h\n")
	c, err := load(sources{
		file:  file,
		env:   envOf(map[string]string{"HUIYING_LISTEN": "127.0.0.1:2222", "HUIYING_KAFKA_BROKERS": "b:1, c:2"}),
		flags: map[string]string{"listen": "127.0.0.1:3333"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3333" || c.Kafka.Partitions != 3 || c.Retention.Log != 48*time.Hour {
		t.Errorf("got listen %s, partitions %d, retention %v", c.Listen, c.Kafka.Partitions, c.Retention.Log)
	}
	if d := cmp.Diff([]string{"b:1", "c:2"}, c.Kafka.Brokers); d != "" {
		t.Error(d)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, tc := range []struct {
		name string
		file string
		env  map[string]string
		flag map[string]string
		want []string
	}{
		{name: "unknown key", file: "kafka:\n  borkers: [a:1]\n", want: []string{"borkers", "huiying.yaml"}},
		{name: "wrong type", file: "kafka:\n  partitions: many\n", want: []string{"partitions", "huiying.yaml"}},
		{name: "number from the environment", env: map[string]string{"HUIYING_KAFKA_PARTITIONS": "x"}, want: []string{"HUIYING_KAFKA_PARTITIONS", `"x"`, "whole number"}},
		{name: "duration", flag: map[string]string{"retention.log": "7 days"}, want: []string{"retention.log", "168h"}},
		{name: "unknown flag", flag: map[string]string{"kafka.broker": "a:1"}, want: []string{"kafka.broker", "huiying config"}},
		{name: "every bad value at once", flag: map[string]string{"listen": "8080", "roles": "ingset", "log.level": "loud"}, want: []string{"HOST:PORT", "ingset", "analyze", "loud"}},
		{name: "roles on embedded parts", flag: map[string]string{"roles": "alert"}, want: []string{"kafka.brokers", "elastic.urls", "postgres.url"}},
		{name: "list of objects", env: map[string]string{"HUIYING_NOTIFY_CONTACTS": "x"}, want: []string{"HUIYING_NOTIFY_CONTACTS", "configuration file"}},
		{name: "proxies", flag: map[string]string{"console.trusted_proxies": "10.0.0.1"}, want: []string{"console.trusted_proxies", "10.0.0.0/8"}},
		{name: "mail without sender", flag: map[string]string{"notify.email.host": "mail"}, want: []string{"notify.email.from"}},
		{name: "database address", env: map[string]string{"HUIYING_POSTGRES_URL": "mysql://u:secret@h/d"}, want: []string{"postgres.url", "postgres://"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := sources{env: envOf(tc.env), flags: tc.flag}
			if tc.file != "" {
				s.file = write(t, tc.file)
			}
			_, err := load(s)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q shows a secret", err)
			}
		})
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("postgres://u:geheim@h/d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(sources{env: envOf(map[string]string{"HUIYING_POSTGRES_URL_FILE": secret})})
	if err != nil {
		t.Fatal(err)
	}
	if c.Postgres.URL != "postgres://u:geheim@h/d" {
		t.Errorf("got %q", c.Postgres.URL)
	}
	_, err = load(sources{env: envOf(map[string]string{"HUIYING_POSTGRES_URL_FILE": secret, "HUIYING_POSTGRES_URL": "postgres://h/d"})})
	if err == nil || !strings.Contains(err.Error(), "postgres.url_file") {
		t.Errorf("two sources of one secret: %v", err)
	}
}

func TestEffectiveSettingsHideSecretsAndReadBack(t *testing.T) {
	c := defaults()
	for _, l := range leaves(&c) {
		if l.secret {
			l.value.SetString("geheim")
		}
	}
	c.Notify.Contacts = []contact{{Unit: "u-jiaowei", WebhookSecret: "geheim"}}
	var out bytes.Buffer
	if err := writeConfig(&out, c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "geheim") {
		t.Errorf("a secret is shown:\n%s", out.String())
	}
	if c.Notify.Contacts[0].WebhookSecret != "geheim" {
		t.Error("printing changed the configuration")
	}
	if err := readFile(new(config), write(t, out.String())); err != nil {
		t.Errorf("what is printed cannot be read: %v", err)
	}
}

func TestEverySettingHasAManualAndEverySecretAFile(t *testing.T) {
	c := defaults()
	keys := map[string]bool{}
	for _, l := range leaves(&c) {
		keys[l.key] = true
		if l.doc == "" {
			t.Errorf("%s has no doc tag", l.key)
		}
	}
	for _, l := range leaves(&c) {
		if l.secret && !keys[l.key+"_file"] {
			t.Errorf("%s is secret and cannot come from a file", l.key)
		}
	}
}

// TestExampleIsCurrent holds deploy/huiying.example.yaml to the code; mend it with
// `huiying config --example >deploy/huiying.example.yaml`.
func TestExampleIsCurrent(t *testing.T) {
	want, err := os.ReadFile("../../deploy/huiying.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := writeExample(&got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("deploy/huiying.example.yaml differs from the code (-file +code):\n%s", d)
	}
	if _, err := load(sources{file: "../../deploy/huiying.example.yaml", env: noEnv}); err != nil {
		t.Errorf("the example is refused: %v", err)
	}
}

func TestMistypedVariablesAreTold(t *testing.T) {
	got := strangers([]string{"HUIYING_KAFKA_BROKERS=a:1", "HUIYING_KAFKA_BROKER=a:1", "HUIYING_POSTGRES_URL_FILE=f", "HUIYING_TEST_KAFKA=x", "HOME=/", "HUIYING_CONFIG=f"})
	if d := cmp.Diff([]string{"HUIYING_KAFKA_BROKER"}, got); d != "" {
		t.Error(d)
	}
}

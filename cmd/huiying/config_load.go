package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// leaf is one setting of a config: its key, its field and its tags.
type leaf struct {
	key    string
	value  reflect.Value
	doc    string
	secret bool
}

// env is the environment variable of the leaf.
func (l leaf) env() string {
	return "HUIYING_" + strings.ToUpper(strings.ReplaceAll(l.key, ".", "_"))
}

// leaves lists the settings of c in the order of the struct.
func leaves(c *config) []leaf {
	var out []leaf
	var walk func(v reflect.Value, prefix string)
	walk = func(v reflect.Value, prefix string) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			key := prefix + f.Tag.Get("yaml")
			if f.Type.Kind() == reflect.Struct {
				walk(v.Field(i), key+".")
				continue
			}
			out = append(out, leaf{key, v.Field(i), f.Tag.Get("doc"), f.Tag.Get("secret") == "true"})
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
	return out
}

// sources is where a configuration comes from; each later one wins.
type sources struct {
	file  string                      // YAML; empty: none
	env   func(string) (string, bool) // os.LookupEnv
	flags map[string]string           // key → text, from flags and --set
}

// load reads, merges and checks the configuration. Its errors name the setting, where
// it was set and what would be right.
func load(s sources) (config, error) {
	c := defaults()
	if s.file != "" {
		if err := readFile(&c, s.file); err != nil {
			return config{}, err
		}
	}
	all := leaves(&c)
	for _, l := range all {
		if text, ok := s.env(l.env()); ok {
			if err := set(l, text); err != nil {
				return config{}, fmt.Errorf("environment variable %s: %w", l.env(), err)
			}
		}
	}
	byKey := map[string]leaf{}
	for _, l := range all {
		byKey[l.key] = l
	}
	for key, text := range s.flags {
		l, ok := byKey[key]
		if !ok {
			return config{}, fmt.Errorf("--set %s: no such setting; `huiying config` lists them", key)
		}
		if err := set(l, text); err != nil {
			return config{}, fmt.Errorf("--set %s: %w", key, err)
		}
	}
	if err := readSecrets(&c, byKey); err != nil {
		return config{}, err
	}
	return c, check(c)
}

func readFile(c *config, path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(b, c, yaml.Strict()); err != nil {
		return fmt.Errorf("configuration file %s:\n%s", path, yaml.FormatError(err, false, true))
	}
	return nil
}

// set gives a leaf the value that text stands for; lists are separated by commas.
func set(l leaf, text string) error {
	text = strings.TrimSpace(text)
	switch v := l.value.Addr().Interface().(type) {
	case *string:
		*v = text
	case *bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		*v = b
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		*v = n
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 90s, 30m or 168h", text)
		}
		*v = d
	case *[]string:
		*v = nil
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				*v = append(*v, part)
			}
		}
	default:
		return fmt.Errorf("a list of objects can be set in the configuration file only")
	}
	return nil
}

// readSecrets fills each secret whose _file sibling is set, and those of the contacts.
func readSecrets(c *config, byKey map[string]leaf) error {
	for key, l := range byKey {
		if !l.secret {
			continue
		}
		if err := readSecret(key, l.value.Addr().Interface().(*string), byKey[key+"_file"].value.String()); err != nil {
			return err
		}
	}
	for i := range c.Notify.Contacts {
		p := &c.Notify.Contacts[i]
		if err := readSecret(fmt.Sprintf("notify.contacts[%d].webhook_secret", i), &p.WebhookSecret, p.WebhookSecretFile); err != nil {
			return err
		}
	}
	return nil
}

func readSecret(key string, value *string, file string) error {
	if file == "" {
		return nil
	}
	if *value != "" {
		return fmt.Errorf("%s and %s_file are both set; keep one", key, key)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s_file: %w", key, err)
	}
	*value = strings.TrimRight(string(b), "\r\n")
	if *value == "" {
		return fmt.Errorf("%s_file: %s is empty", key, file)
	}
	return nil
}

// ours are variables of tests and scripts that begin like a setting.
var ours = []string{"HUIYING_CONFIG", "HUIYING_CACHE", "HUIYING_SHARED", "HUIYING_TEST_", "HUIYING_E2E_"}

// strangers lists the variables of an environment ("NAME=value") that begin like a setting
// and are none: a mistyped name would otherwise pass without a word.
func strangers(environ []string) []string {
	var c config
	known := map[string]bool{}
	for _, l := range leaves(&c) {
		known[l.env()] = true
	}
	var out []string
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "HUIYING_") && !known[name] && !slices.ContainsFunc(ours, func(o string) bool { return strings.HasPrefix(name, o) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

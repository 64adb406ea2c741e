package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// options are the flags that every command has.
type options struct {
	file  string
	set   []string
	flags map[string]string // of single commands, by setting
}

func newRoot() *cobra.Command {
	o := &options{flags: map[string]string{}}
	root := &cobra.Command{
		Use:   "huiying",
		Short: "回应：听见群众说什么，按时给出回应",
		Long: `huiying (回应) takes in what citizens say about public affairs, judges topic and risk
with evidence, opens a case for what must be answered, tells the responsible units with
a deadline, and keeps proof of who answered what, when.

  huiying serve --data DIR --demo       everything in one process, with demonstration data
  huiying import --data DIR FILE…       take in an export (CSV, XLSX, JSON Lines)
  huiying search --data DIR 暖气 与 不热   ask the index
  huiying cases --data DIR --json       the cases with their deadlines and steps
  huiying doctor --data DIR             what is wrong, and why there is no data

Settings come from a YAML file, then HUIYING_… variables, then flags; the later wins.
` + "`huiying config --example`" + ` prints the manual of all settings.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	f := root.PersistentFlags()
	f.StringVar(&o.file, "config", "", "YAML file of settings (default: HUIYING_CONFIG, or huiying.yaml in the data directory if there is one)")
	f.Func("data", "directory of the embedded parts, dictionaries and lock (setting data)", func(s string) error { o.flags["data"] = s; return nil })
	f.StringArrayVar(&o.set, "set", nil, "one setting, for example --set kafka.partitions=16; may be repeated")
	root.AddCommand(
		newServe(o), newImport(o), newSearch(o), newCases(o), newKey(o), newUser(o),
		newConfig(o), newDoctor(o), newEval(o), newTrain(o), newReplay(o), newOpenAPI(), newVersion(),
	)
	return root
}

// load merges the configuration for one command.
func (o *options) load() (config, error) {
	flags := map[string]string{}
	for _, s := range o.set {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return config{}, fmt.Errorf("--set %s: write it as key=value", s)
		}
		flags[key] = value
	}
	for key, value := range o.flags {
		flags[key] = value
	}
	for _, name := range strangers(os.Environ()) {
		fmt.Fprintf(os.Stderr, "huiying: environment variable %s is no setting and is passed over; `huiying config --example` lists them\n", name)
	}
	return load(sources{file: o.configFile(), env: os.LookupEnv, flags: flags})
}

func (o *options) configFile() string {
	if o.file != "" {
		return o.file
	}
	if f := os.Getenv("HUIYING_CONFIG"); f != "" {
		return f
	}
	dir := o.flags["data"]
	if dir == "" {
		dir = defaults().Data
	}
	if f := filepath.Join(dir, "huiying.yaml"); exists(f) {
		return f
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// logger writes to standard error as the configuration says.
func (c config) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level)) // check has seen to it
	h := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, h))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, h))
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/huiying/huiying/opinion"
)

// running is what a serve tells the commands that work beside it, in DIR/serve.json
// while it holds DIR/serve.lock.
type running struct {
	PID     int      `json:"pid"`
	Address string   `json:"address"` // http://HOST:PORT
	Brokers []string `json:"brokers"`
}

// dir is the data directory, held by this process or by a serve beside it.
type dir struct {
	path string
	lock *flock.Flock // nil when this process does not hold the directory
	// beside is the serve that holds the directory, as openDir found it.
	beside *running
}

// shareDir makes the data directory and does not hold it: for commands that open the store
// or the index only, which any number of processes may do at once.
func shareDir(path string) (*dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	return &dir{path: path}, nil
}

// existingDir refuses a data directory that is not there: to a question, a new and empty
// one would answer that there is nothing, when only --data is mistyped.
func existingDir(path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return opinion.Errorf(opinion.CodeNotFound, "there is no data directory %s: name the one of `huiying serve` or `huiying import` with --data", path)
	}
	return nil
}

// openDir makes the data directory and tries to hold it.
func openDir(path string) (*dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	lock := flock.New(filepath.Join(path, "serve.lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock data directory %s: %w", path, err)
	}
	if held {
		d := &dir{path: path, lock: lock}
		return d, d.forget() // what a killed serve left
	}
	r, err := readRunning(path)
	if err != nil {
		return nil, err
	}
	return &dir{path: path, beside: &r}, nil
}

func readRunning(path string) (running, error) {
	var r running
	b, err := os.ReadFile(filepath.Join(path, "serve.json"))
	if errors.Is(err, os.ErrNotExist) {
		return r, opinion.Errorf(opinion.CodeBusy, "another huiying holds %s and is still starting (or is an import that runs by itself); try again in a moment", path)
	}
	if err != nil {
		return r, fmt.Errorf("read serve.json: %w", err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", filepath.Join(path, "serve.json"), err)
	}
	return r, nil
}

// announce writes serve.json, in one step, for the commands beside us.
func (d *dir) announce(r running) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file := filepath.Join(d.path, "serve.json")
	if err := os.WriteFile(file+".new", b, 0o600); err != nil {
		return fmt.Errorf("write serve.json: %w", err)
	}
	return os.Rename(file+".new", file)
}

// forget removes serve.json.
func (d *dir) forget() error {
	err := os.Remove(filepath.Join(d.path, "serve.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// close lets go of the directory.
func (d *dir) close() error {
	if d.lock == nil {
		return nil
	}
	return errors.Join(d.forget(), d.lock.Unlock())
}

func (d *dir) file(name string) string { return filepath.Join(d.path, name) }

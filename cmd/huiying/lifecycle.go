package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// closers are what must be let go of at the end, last in first out, each with a name
// for the log and all within one bound of time.
type closers struct {
	logger *slog.Logger
	list   []closer
}

type closer struct {
	name  string
	close func() error
}

func (c *closers) add(name string, f func() error) { c.list = append(c.list, closer{name, f}) }

// close runs the closers; one that hangs past the timeout is named and left behind.
func (c *closers) close(timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var failed []error
	for i := len(c.list) - 1; i >= 0; i-- {
		one := c.list[i]
		done := make(chan error, 1)
		go func() { done <- one.close() }()
		select {
		case err := <-done:
			if err != nil {
				failed = append(failed, fmt.Errorf("close %s: %w", one.name, err))
			}
		case <-ctx.Done():
			failed = append(failed, fmt.Errorf("close %s: not done within %v", one.name, timeout))
		}
		c.logger.Debug("closed", "part", one.name)
	}
	c.list = nil
	return errors.Join(failed...)
}

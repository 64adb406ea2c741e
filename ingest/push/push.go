// Package push takes posts over HTTP.
package push

import (
	"context"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Intake is what the handler hands its rows to (ingest.Intake).
type Intake interface {
	Accept(ctx context.Context, rows []opinion.Raw, o opinion.IntakeOptions) ([]opinion.Outcome, error)
}

// Keys tells which source a key belongs to (part of opinion.Store).
type Keys interface {
	// Key returns the unrevoked key with that secret hash, or CodeUnauthorized.
	Key(ctx context.Context, secretHash string) (opinion.Key, error)
}

// Config bounds what the handler takes. Zero values mean the defaults named here.
type Config struct {
	// MaxBody is the largest body, in bytes after decompression. Default: 16 MiB.
	MaxBody int64
	// MaxLine is the largest post, in bytes. Default: 1 MiB.
	MaxLine int
	// MaxPosts is the most posts of one request. Default: 10 000.
	MaxPosts int
	// MaxInFlight bounds the bytes of the bodies that are worked on at one time; more
	// are told to come back (429). Default: 64 MiB.
	MaxInFlight int64
	// RatePerKey is how many posts a second one key may push on average, with bursts
	// of MaxPosts. Default: 2000.
	RatePerKey int
	// Timeout bounds how long a request may take to arrive, and then to be
	// acknowledged by the log. Default: 30 s.
	Timeout time.Duration
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.MaxBody <= 0 {
		c.MaxBody = 16 << 20
	}
	if c.MaxLine <= 0 {
		c.MaxLine = 1 << 20
	}
	if c.MaxPosts <= 0 {
		c.MaxPosts = 10_000
	}
	if c.MaxInFlight <= 0 {
		c.MaxInFlight = 64 << 20
	}
	if c.RatePerKey <= 0 {
		c.RatePerKey = 2000
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

package ingest

import "time"

// Config bounds what the intake takes. Zero values mean the defaults named here.
type Config struct {
	// HistoryWindow is the age at receipt above which a post is history: it is
	// assessed and searchable, and opens no case. Default: 30 days.
	HistoryWindow time.Duration
	// RecentPosts is how many posts the intake remembers, to tell repeats that the
	// index does not hold yet and edits of known posts. About 150 bytes each.
	// Default: 200 000.
	RecentPosts int
	// Now is the clock of receipt. Default: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.HistoryWindow <= 0 {
		c.HistoryWindow = 30 * 24 * time.Hour
	}
	if c.RecentPosts <= 0 {
		c.RecentPosts = 200_000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

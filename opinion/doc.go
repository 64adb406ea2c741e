// Package opinion holds the words of the domain and the three ports that the
// stages stand on: Log, Index and Store. It needs the standard library only, and
// imports nothing else of ours, so that every other room may import it.
//
// The flow, in these words: a collector hands over a Raw row; ingest makes it a
// Post and appends it to TopicPosts; analyze reads it, makes an Assessment, writes
// both to the Index and to TopicAssessed; the cluster stage joins assessed posts
// into an Event and appends a Signal to TopicSignals; alert opens a Case for the
// Signal, with its units and deadlines, in the Store.
//
// Times are UTC instants. Text positions are counted in Unicode code points and
// half open, so that they mean the same in Go, in SQL and in a browser.
package opinion

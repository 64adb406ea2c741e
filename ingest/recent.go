package ingest

import "sync"

// verdict is what the recent posts say of a candidate.
type verdict int

const (
	verdictNew   verdict = iota // not seen: reserved for the caller
	verdictEdit                 // seen with other content: reserved for the caller
	verdictKnown                // seen with this content, or edits are not wanted
	verdictBusy                 // another call is publishing it
)

// maxContents bounds how many contents of one post are remembered.
const maxContents = 4

// recent remembers the posts taken lately, the oldest forgotten first, and which of
// them are being published now. It is safe for concurrent use.
type recent struct {
	mu    sync.Mutex
	posts map[string]*seen
	ring  []string // IDs in the order of arrival
	next  int
	seq   map[string]chan struct{} // IDs being published, closed when settled
}

// seen is what is remembered of one post.
type seen struct {
	contents [maxContents]uint64
	n        int
}

func newRecent(size int) *recent {
	return &recent{posts: map[string]*seen{}, ring: make([]string, size), seq: map[string]chan struct{}{}}
}

// reserve calls tell for each candidate with what is known of it; new and edited ones
// are the caller's until it calls release. An ID that stands twice in one call is new
// once; with edits, the later one waits for the earlier.
func (r *recent) reserve(candidates []candidate, edits bool, tell func(candidate, verdict, <-chan struct{})) {
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := map[string]bool{}
	for _, c := range candidates {
		id := c.post.ID
		if done, busy := r.seq[id]; busy {
			if mine[id] && !edits {
				tell(c, verdictKnown, nil)
				continue
			}
			tell(c, verdictBusy, done)
			continue
		}
		v := verdictNew
		if s := r.posts[id]; s != nil {
			if v = verdictEdit; !edits || s.has(c.content) {
				tell(c, verdictKnown, nil)
				continue
			}
		}
		r.seq[id] = make(chan struct{})
		mine[id] = true
		tell(c, v, nil)
	}
}

// release ends the reservations; ok tells that the log has the posts.
func (r *recent) release(mine []candidate, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range mine {
		if done := r.seq[c.post.ID]; done != nil {
			close(done)
			delete(r.seq, c.post.ID)
		}
		if ok {
			r.remember(c)
		}
	}
}

func (r *recent) remember(c candidate) {
	s := r.posts[c.post.ID]
	if s == nil {
		if old := r.ring[r.next]; old != "" {
			delete(r.posts, old)
		}
		r.ring[r.next] = c.post.ID
		r.next = (r.next + 1) % len(r.ring)
		s = &seen{}
		r.posts[c.post.ID] = s
	}
	s.add(c.content)
}

// edited reports whether the post is remembered, so that a candidate of it that was
// reserved is an edit.
func (r *recent) edited(c candidate) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.posts[c.post.ID] != nil
}

func (s *seen) has(content uint64) bool {
	for _, c := range s.contents[:min(s.n, maxContents)] {
		if c == content {
			return true
		}
	}
	return false
}

func (s *seen) add(content uint64) {
	s.contents[s.n%maxContents] = content
	s.n++
}

package event

// Matcher finds the event of a post among the open events. It holds at most its capacity and
// forgets the oldest for each new one beyond that; what a post costs does not grow with the
// number of events. It is not safe for concurrent use.
type Matcher struct {
	table *Table
	book  *Book
}

// Entry is what is known of an open event.
type Entry struct {
	ID        string
	Signature Signature // of its first post
	Profile   Profile   // of its posts
}

// Query is a post that looks for its event.
type Query struct {
	Signature Signature
	Profile   Profile
}

// Found is an answer.
type Found struct {
	// Event is where the post belongs; empty when no event fits.
	Event string
	// Same is an event that proves to be one matter with Event; mostly empty.
	Same string
}

// NewMatcher makes a matcher for so many events, 1 to MaxEntries.
func NewMatcher(capacity int) *Matcher {
	return &Matcher{table: NewTable(capacity), book: NewBook(capacity)}
}

// Len is the number of events.
func (m *Matcher) Len() int { return m.table.Len() }

// Has tells whether an event is there.
func (m *Matcher) Has(id string) bool { return m.table.Has(id) }

// Put enters an event, or brings one up to date.
func (m *Matcher) Put(e Entry) {
	m.table.Add(e.ID, e.Signature)
	m.book.Put(e.ID, e.Profile)
}

// Remove takes an event out, if it is there.
func (m *Matcher) Remove(id string) {
	m.table.Remove(id)
	m.book.Remove(id)
}

// Find answers a post: with the event that has the same text, or nearly the same and the
// same names, or the one whose posts have the same names and theme; and in the latter case with
// another whose posts do.
func (m *Matcher) Find(q Query) Found {
	near, equal := m.table.Nearest(q.Signature)
	if near != "" && (equal == Whole || !m.book.Refuses(near, q.Profile)) {
		return Found{Event: near}
	}
	return m.book.Find(q.Profile)
}

package event

import (
	"math"
	"math/bits"
	"slices"
)

// Book finds the event whose posts fit a post best. It holds at most its capacity of events
// and forgets the oldest for each new one beyond that. Each sketch of an event is entered
// under its keys, its weightiest names; a post looks under its own keys, at no more than
// bookChain sketches each, and compares itself with maxCompared of those that it meets. So
// what a post costs does not grow with the number of events. A sketch costs about 1,200
// bytes. A Book is not safe for concurrent use.
type Book struct {
	events []open
	next   int // the event to be forgotten next once the book is full
	cap    int
	free   []uint32 // unused events
	byID   map[string]uint32

	members []member
	unused  []uint32 // unused members
	// heads are the hash buckets, the last that was linked first.
	heads []chainHead
	// holders counts, by the low bits of its hash, the members that have a name. Its length
	// is a power of two.
	holders []uint32

	// What a search needs, kept to be used again.
	weight  []float32 // by member, 0 where it was not met
	met     []uint32
	meeting meeting
	post    view      // that looks for its event
	other   view      // that it is compared with
	logs    []float64 // ln(n+1) of numbers of holders
	logAll  float64   // of the members, with startingPosts
	logOf   int       // how many members those were
}

// open is an event: how many posts it has and where its sketches are.
type open struct {
	id      string
	posts   int
	members []uint32
}

// chainHead begins a chain through member.chain of references (member<<4 | key) + 1. It is cut
// to bookChain when it has twice as many, so that linking walks one step in the mean and not
// all of a chain.
type chainHead struct {
	ref uint32
	n   uint32
}

type member struct {
	*sketch
	event uint32
	keys  [maxKeys]uint32 // hash of a name plus one, 0 for none
	chain [maxKeys]uint32
}

const (
	maxKeys     = 16
	bookChain   = 32
	maxCompared = 32
	maxHolders  = 1 << 20
)

// NewBook makes a book for so many events, 1 to MaxEntries.
func NewBook(capacity int) *Book {
	capacity = min(max(capacity, 1), MaxEntries)
	return &Book{
		cap: capacity, heads: make([]chainHead, 1<<12), byID: map[string]uint32{},
		holders: make([]uint32, min(1<<bits.Len(uint(maxNames*capacity)), maxHolders)),
	}
}

// Len is the number of events.
func (b *Book) Len() int { return len(b.byID) }

// Put enters an event with what is known of its posts, or brings one up to date.
func (b *Book) Put(id string, p Profile) {
	if p.Posts == 0 {
		return
	}
	at, there := b.byID[id]
	if !there {
		at = b.room()
		b.events[at] = open{id: id}
		b.byID[id] = at
	}
	e := &b.events[at]
	e.posts = p.Posts
	kept := e.members[:0]
	for _, n := range e.members {
		if holds(p.sketches, b.members[n].sketch) {
			kept = append(kept, n)
		} else {
			b.drop(n)
		}
	}
	e.members = kept
	for i := range p.sketches {
		if s := &p.sketches[i]; !slices.ContainsFunc(e.members, func(n uint32) bool { return equal(b.members[n].sketch, s) }) {
			e.members = append(e.members, b.enter(at, s))
		}
	}
}

func holds(list []sketch, s *sketch) bool {
	return slices.ContainsFunc(list, func(x sketch) bool { return equal(&x, s) })
}

// equal tells sketches apart that differ in anything but the line.
func equal(a, b *sketch) bool {
	return a.day == b.day && a.place == b.place && slices.Equal(a.names, b.names) && slices.Equal(a.theme, b.theme)
}

// room is a place for an event, if need be that of the oldest.
func (b *Book) room() uint32 {
	if n := len(b.free); n > 0 {
		at := b.free[n-1]
		b.free = b.free[:n-1]
		return at
	}
	if len(b.events) < b.cap {
		b.events = append(b.events, open{})
		return uint32(len(b.events) - 1)
	}
	at := b.next
	b.next = (b.next + 1) % b.cap
	b.Remove(b.events[at].id)
	b.free = b.free[:len(b.free)-1]
	return uint32(at)
}

// Remove takes an event out, if it is there.
func (b *Book) Remove(id string) {
	at, there := b.byID[id]
	if !there {
		return
	}
	for _, n := range b.events[at].members {
		b.drop(n)
	}
	b.events[at] = open{}
	b.free = append(b.free, at)
	delete(b.byID, id)
}

// enter puts a sketch of an event in.
func (b *Book) enter(event uint32, s *sketch) uint32 {
	at := uint32(len(b.members))
	if n := len(b.unused); n > 0 {
		at = b.unused[n-1]
		b.unused = b.unused[:n-1]
	} else {
		b.members = append(b.members, member{})
		b.weight = append(b.weight, 0)
		if len(b.members) > len(b.heads)/8 {
			b.grow()
		}
	}
	b.members[at] = member{sketch: s, event: event, keys: keysOf(s, s.rarityAsKnown)}
	for slot, key := range b.members[at].keys {
		if key != 0 {
			b.link(at, slot)
		}
	}
	b.count(s, 1)
	return at
}

// drop takes a sketch out.
func (b *Book) drop(at uint32) {
	e := &b.members[at]
	for slot, key := range e.keys {
		if key != 0 {
			b.unlink(at, slot)
		}
	}
	b.count(e.sketch, -1)
	*e = member{}
	b.unused = append(b.unused, at)
}

func (b *Book) count(s *sketch, by int32) {
	for _, t := range s.names {
		b.holders[t.hash()&uint32(len(b.holders)-1)] += uint32(by)
	}
}

// startingPosts are posts without any name that are counted beside those in the book, so that
// the first ones are not all rare.
const startingPosts = 500

// rarity is the inverse frequency of a name among the posts in the book. Like everything that
// decides, it depends on what is in the book alone, and not on how it came there: after a
// restart a post finds the same event.
func (b *Book) rarity(name uint32) float32 {
	n := int(b.holders[name&uint32(len(b.holders)-1)])
	if all := len(b.members) - len(b.unused); all != b.logOf || b.logAll == 0 {
		b.logOf, b.logAll = all, math.Log(float64(all+startingPosts))
	}
	for len(b.logs) <= n {
		b.logs = append(b.logs, math.Log(float64(len(b.logs)+1)))
	}
	return float32(max(b.logAll-b.logs[n], 0.1))
}

// keysOf are the weightiest names of a sketch, each by its weight times its rarity.
func keysOf(s *sketch, rare func(i int) float32) (keys [maxKeys]uint32) {
	var weights [maxKeys]float32
	n := 0
	for i, t := range s.names {
		w := rare(i) * float32(t.weight())
		if n == maxKeys && w <= weights[n-1] {
			continue
		}
		k := min(n, maxKeys-1)
		for ; k > 0 && weights[k-1] < w; k-- {
			keys[k], weights[k] = keys[k-1], weights[k-1]
		}
		keys[k], weights[k] = t.hash()+1, w
		n = min(n+1, maxKeys)
	}
	return keys
}

// rarityAsKnown is how rare a name is by the vocabulary, whatever the book holds.
func (s *sketch) rarityAsKnown(i int) float32 {
	if idf := common.pairs.idf(s.names[i].hash()); idf > 0 {
		return float32(idf)
	}
	return unknown
}

func (b *Book) bucket(key uint32) int { return int(mix(uint64(key)<<20) & uint64(len(b.heads)-1)) }

func (b *Book) link(at uint32, slot int) {
	e := &b.members[at]
	head := &b.heads[b.bucket(e.keys[slot])]
	e.chain[slot], head.ref = head.ref, at<<4|uint32(slot)+1
	if head.n++; head.n < 2*bookChain {
		return
	}
	ref := &head.ref
	for range bookChain {
		ref = b.after(*ref)
	}
	*ref, head.n = 0, bookChain
}

// after is where a chain goes on behind a reference.
func (b *Book) after(ref uint32) *uint32 { return &b.members[(ref-1)>>4].chain[(ref-1)&15] }

func (b *Book) unlink(at uint32, slot int) {
	e := &b.members[at]
	own := at<<4 | uint32(slot) + 1
	head := &b.heads[b.bucket(e.keys[slot])]
	ref := &head.ref
	for *ref != 0 && *ref != own {
		ref = b.after(*ref)
	}
	if *ref == own {
		*ref = e.chain[slot]
		head.n--
	}
}

// grow doubles the buckets and links all entries again, oldest first.
func (b *Book) grow() {
	b.heads = make([]chainHead, 2*len(b.heads))
	for at := range b.members {
		for slot, key := range b.members[at].keys {
			if key != 0 {
				b.link(uint32(at), slot)
			}
		}
	}
}

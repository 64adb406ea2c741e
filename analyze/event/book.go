package event

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// Book finds the event whose profile fits a post best. It holds at most its capacity and
// forgets the oldest entry for each new one beyond that. An event is entered under its keys,
// its weightiest names; a post looks under its own keys, at no more than maxChain events
// each, and compares itself with maxCompared of those that it meets. So the cost of a post
// does not grow with the number of entries. An entry costs about 700 bytes and its name. A
// Book is not safe for concurrent use.
type Book struct {
	entries []record
	next    int // where the next entry goes once the book is full
	cap     int
	// heads are the hash buckets, each a chain through record.chain of references
	// (entry<<4 | key) + 1, the last that was linked first.
	heads []uint32
	byID  map[string]uint32
	// holders counts, by the low bits of its hash, the entries that have a name. Its length
	// is a power of two.
	holders []uint32
	met     map[uint32]float64
	ranked  []candidate
}

type record struct {
	id      string
	day     float64 // of the latest post, since 1970
	profile Profile
	keys    [maxKeys]uint32 // hash of a name plus one, 0 for none
	chain   [maxKeys]uint32
}

const (
	maxKeys     = 12
	maxCompared = 8
	maxHolders  = 1 << 20
)

type candidate struct {
	at     uint32
	weight float64
}

// NewBook makes a book for so many entries, 1 to MaxEntries.
func NewBook(capacity int) *Book {
	capacity = min(max(capacity, 1), MaxEntries)
	return &Book{
		cap: capacity, heads: make([]uint32, 1<<12), byID: map[string]uint32{},
		holders: make([]uint32, min(1<<bits.Len(uint(4*capacity)), maxHolders)), met: map[uint32]float64{},
	}
}

// Len is the number of entries.
func (b *Book) Len() int { return len(b.byID) }

// Put enters an event with its profile and the time of its latest post, or brings it up to
// date.
func (b *Book) Put(id string, p Profile, last time.Time) {
	if p.Posts == 0 {
		return
	}
	if at, there := b.byID[id]; there {
		b.replace(at, p, last)
		return
	}
	at := uint32(len(b.entries))
	if len(b.entries) < b.cap {
		b.entries = append(b.entries, record{})
		if len(b.entries) > len(b.heads)/8 {
			b.grow()
		}
	} else {
		at = uint32(b.next)
		b.next = (b.next + 1) % b.cap
		b.Remove(b.entries[at].id)
	}
	b.entries[at] = record{id: id, day: day(last), profile: p}
	b.byID[id] = at
	b.count(p, 1)
	b.enter(at, b.keysOf(p))
}

func (b *Book) replace(at uint32, p Profile, last time.Time) {
	e := &b.entries[at]
	b.count(e.profile, -1)
	b.count(p, 1)
	e.profile, e.day = p, max(e.day, day(last))
	b.enter(at, b.keysOf(p))
}

// Remove takes an event out, if it is there. Its room is free when it would have been
// forgotten.
func (b *Book) Remove(id string) {
	at, there := b.byID[id]
	if !there {
		return
	}
	delete(b.byID, id)
	b.enter(at, nil)
	b.count(b.entries[at].profile, -1)
	b.entries[at] = record{}
}

func day(t time.Time) float64 { return float64(t.Unix()) / 86400 }

// Find returns the ID of the event that fits best, of those that fit; "" when
// there is none. The smallest ID
// wins a tie.
func (b *Book) Find(p Profile, at time.Time) string {
	if p.Posts == 0 {
		return ""
	}
	best, found := 0.0, -1
	for _, c := range b.candidates(p) {
		e := &b.entries[c.at]
		z := compare(&p, &e.profile, b.rarity, day(at)-e.day).sum()
		if z > best || z == best && found >= 0 && e.id < b.entries[found].id {
			best, found = z, int(c.at)
		}
	}
	if found < 0 {
		return ""
	}
	return b.entries[found].id
}

// Refuses tells whether an event that says nearly the same is another matter all the same:
// of another district, or with none of the names in the post's title.
func (b *Book) Refuses(id string, p Profile) bool {
	at, there := b.byID[id]
	if !there || p.Posts == 0 {
		return false
	}
	f := compare(&p, &b.entries[at].profile, b.rarity, 0)
	return f.conflict || f.names < 0.3
}

// rarity is the inverse event frequency of a name.
func (b *Book) rarity(name uint32) float64 {
	n := b.holders[name&uint32(len(b.holders)-1)]
	return max(math.Log(float64(len(b.byID)+500)/float64(n+1)), 0.1)
}

// candidates are the events that share keys with a post, those that share the weightiest
// first.
func (b *Book) candidates(p Profile) []candidate {
	clear(b.met)
	for _, key := range b.keysOf(p) {
		if key == 0 {
			continue
		}
		w := b.rarity(key - 1)
		for ref := b.heads[b.bucket(key)]; ref != 0; {
			at, slot := (ref-1)>>4, (ref-1)&15
			e := &b.entries[at]
			if e.keys[slot] == key {
				b.met[at] += w
			}
			ref = e.chain[slot]
		}
	}
	b.ranked = b.ranked[:0]
	for at, w := range b.met {
		b.ranked = append(b.ranked, candidate{at, w})
	}
	slices.SortFunc(b.ranked, func(x, y candidate) int {
		switch {
		case x.weight != y.weight && x.weight > y.weight, x.weight == y.weight && b.entries[x.at].id < b.entries[y.at].id:
			return -1
		default:
			return 1
		}
	})
	return b.ranked[:min(len(b.ranked), maxCompared)]
}

// keysOf are the weightiest names of a profile.
func (b *Book) keysOf(p Profile) *[maxKeys]uint32 {
	var keys [maxKeys]uint32
	var weights [maxKeys]float64
	n := 0
	for _, t := range p.names {
		w := b.rarity(t.hash()) * t.weight()
		if n == maxKeys && w <= weights[n-1] {
			continue
		}
		i := min(n, maxKeys-1)
		for ; i > 0 && weights[i-1] < w; i-- {
			keys[i], weights[i] = keys[i-1], weights[i-1]
		}
		keys[i], weights[i] = t.hash()+1, w
		n = min(n+1, maxKeys)
	}
	return &keys
}

func (b *Book) count(p Profile, by int32) {
	for _, t := range p.names {
		b.holders[t.hash()&uint32(len(b.holders)-1)] += uint32(by)
	}
}

// enter links an entry under the keys and no others; nil takes it out.
func (b *Book) enter(at uint32, keys *[maxKeys]uint32) {
	if keys == nil {
		keys = new([maxKeys]uint32)
	}
	e := &b.entries[at]
	for slot, key := range e.keys {
		if key != 0 && !slices.Contains(keys[:], key) {
			b.unlink(at, slot)
			e.keys[slot] = 0
		}
	}
	for _, key := range keys {
		if key == 0 || slices.Contains(e.keys[:], key) {
			continue
		}
		slot := slices.Index(e.keys[:], 0)
		e.keys[slot] = key
		b.link(at, slot)
	}
}

func (b *Book) bucket(key uint32) int {
	return int(mix(uint64(key)<<20) & uint64(len(b.heads)-1))
}

func (b *Book) link(at uint32, slot int) {
	e := &b.entries[at]
	head := &b.heads[b.bucket(e.keys[slot])]
	e.chain[slot], *head = *head, at<<4|uint32(slot)+1
	ref := head
	for n := 0; *ref != 0; n++ {
		if n == maxChain {
			*ref = 0
			return
		}
		ref = &b.entries[(*ref-1)>>4].chain[(*ref-1)&15]
	}
}

func (b *Book) unlink(at uint32, slot int) {
	e := &b.entries[at]
	own := at<<4 | uint32(slot) + 1
	ref := &b.heads[b.bucket(e.keys[slot])]
	for *ref != 0 && *ref != own {
		ref = &b.entries[(*ref-1)>>4].chain[(*ref-1)&15]
	}
	if *ref == own {
		*ref = e.chain[slot]
	}
}

// grow doubles the buckets and links all entries again, oldest first.
func (b *Book) grow() {
	b.heads = make([]uint32, 2*len(b.heads))
	for at := range b.entries {
		for slot, key := range b.entries[at].keys {
			if key != 0 {
				b.link(uint32(at), slot)
			}
		}
	}
}

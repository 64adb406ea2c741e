package event

import (
	"cmp"
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
	// heads are the hash buckets, each a chain through member.chain of references
	// (member<<4 | key) + 1, the last that was linked first.
	heads []uint32
	// holders counts, by the low bits of its hash, the members that have a name. Its length
	// is a power of two.
	holders []uint32

	// What a search needs, kept to be used again.
	weight  []float32 // by member, 0 where it was not met
	met     []uint32
	meeting meeting
	post    view      // that looks for its event
	other   view      // that it is compared with
	rare    []float32 // rarity by the number of holders, for so many members as now
	rareOf  int
}

// open is an event: how many posts it has and where its sketches are.
type open struct {
	id      string
	posts   int
	members []uint32
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

// How the comparisons with its posts make the sum of an event: the mean of the best three,
// or the best less a discount.
const (
	bestOf   = 3
	absent   = -5 // for a post that was not met or is not kept
	discount = 1.5
	// joins is the sum beyond which a post joins an event.
	joins = 1
)

// NewBook makes a book for so many events, 1 to MaxEntries.
func NewBook(capacity int) *Book {
	capacity = min(max(capacity, 1), MaxEntries)
	return &Book{
		cap: capacity, heads: make([]uint32, 1<<12), byID: map[string]uint32{},
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
	if all := len(b.members) - len(b.unused); all != b.rareOf || b.rare == nil {
		b.rareOf, b.rare = all, b.rare[:0]
	}
	for len(b.rare) <= n {
		b.rare = append(b.rare, float32(max(math.Log(float64(b.rareOf+startingPosts)/float64(len(b.rare)+1)), 0.1)))
	}
	return b.rare[n]
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

// scored is an event with the sum that a post has with it.
type scored struct {
	event uint32
	sum   float32
}

// Find answers with the event that fits a post best, of those that fit, and with the next
// when the posts of the two prove to be of one matter. The smallest ID wins a tie.
func (b *Book) Find(p Profile) (f Found) {
	if p.Posts == 0 {
		return f
	}
	var fit []scored
	for _, s := range b.score(&p.sketches[0]) {
		if s.sum > joins {
			fit = append(fit, s)
		}
	}
	if len(fit) == 0 {
		return f
	}
	slices.SortFunc(fit, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.sum, x.sum), cmp.Compare(b.events[x.event].id, b.events[y.event].id))
	})
	f.Event = b.events[fit[0].event].id
	if len(fit) > 1 && b.same(fit[0].event, fit[1].event) {
		f.Same = b.events[fit[1].event].id
	}
	return f
}

// unites is the mean verdict on the posts of two events from which they are one matter. It is
// stricter than joins: what is united wrongly is taken apart by hand only.
const unites = 2

// same tells whether two events are one matter: by their posts, each held against each.
func (b *Book) same(x, y uint32) bool {
	sum, n := float32(0), 0
	var f [features]float32
	for _, i := range b.events[x].members {
		b.post.see(b.members[i].sketch, b.rarity)
		for _, j := range b.events[y].members {
			b.compare(j, &f)
			sum, n = sum+matters.verdict(&f), n+1
		}
	}
	return n > 0 && sum/float32(n) >= unites
}

// score compares a post with the sketches that it meets and sums up by event.
func (b *Book) score(s *sketch) []scored {
	b.post.see(s, b.rarity)
	var f [features]float32
	var sums []scored
	for _, at := range b.candidates(&b.post) {
		b.compare(at, &f)
		sums = append(sums, scored{b.members[at].event, matters.verdict(&f)})
	}
	return b.sumUp(sums)
}

// compare holds the post that looks for its event against a member.
func (b *Book) compare(at uint32, f *[features]float32) {
	b.other.see(b.members[at].sketch, b.rarity)
	compare(&b.post, &b.other, &b.meeting, f)
}

// sumUp makes one sum of those with the sketches of each event.
func (b *Book) sumUp(list []scored) []scored {
	slices.SortStableFunc(list, func(x, y scored) int {
		return cmp.Or(cmp.Compare(x.event, y.event), cmp.Compare(y.sum, x.sum))
	})
	out := list[:0]
	for i := 0; i < len(list); {
		event, best := list[i].event, list[i].sum
		need := min(bestOf, b.events[event].posts)
		total := float32(0)
		for k := range need {
			if i+k < len(list) && list[i+k].event == event {
				total += list[i+k].sum
			} else {
				total += absent
			}
		}
		for i < len(list) && list[i].event == event {
			i++
		}
		out = append(out, scored{event, max(total/float32(need), best-discount)})
	}
	return out
}

// candidates are the sketches that share keys with a post, at most maxCompared, those that
// share the weightiest.
func (b *Book) candidates(post *view) []uint32 {
	b.met = b.met[:0]
	for _, key := range keysOf(post.sketch, func(i int) float32 { return post.rare[i] }) {
		if key == 0 {
			continue
		}
		i, _ := find(post.names, key-1)
		w := post.rare[i] * float32(post.names[i].weight())
		for ref := b.heads[b.bucket(key)]; ref != 0; {
			at, slot := (ref-1)>>4, (ref-1)&15
			e := &b.members[at]
			if e.keys[slot] == key {
				if b.weight[at] == 0 {
					b.met = append(b.met, at)
				}
				b.weight[at] += w
			}
			ref = e.chain[slot]
		}
	}
	if len(b.met) > maxCompared {
		slices.SortFunc(b.met, func(x, y uint32) int {
			return cmp.Or(cmp.Compare(b.weight[y], b.weight[x]), b.byName(x, y))
		})
	}
	for _, at := range b.met {
		b.weight[at] = 0
	}
	return b.met[:min(len(b.met), maxCompared)]
}

// byName orders sketches by event and day.
func (b *Book) byName(x, y uint32) int {
	p, q := &b.members[x], &b.members[y]
	return cmp.Or(cmp.Compare(b.events[p.event].id, b.events[q.event].id), cmp.Compare(p.day, q.day))
}

// Refuses tells whether an event that says nearly the same is another matter all the same.
func (b *Book) Refuses(id string, p Profile) bool {
	at, there := b.byID[id]
	if !there || p.Posts == 0 {
		return false
	}
	b.post.see(&p.sketches[0], b.rarity)
	var f [features]float32
	for _, n := range b.events[at].members {
		b.compare(n, &f)
		if matters.verdict(&f) > 0 {
			return false
		}
	}
	return true
}

func (b *Book) bucket(key uint32) int { return int(mix(uint64(key)<<20) & uint64(len(b.heads)-1)) }

func (b *Book) link(at uint32, slot int) {
	e := &b.members[at]
	head := &b.heads[b.bucket(e.keys[slot])]
	e.chain[slot], *head = *head, at<<4|uint32(slot)+1
	ref := head
	for n := 0; *ref != 0; n++ {
		if n == bookChain {
			*ref = 0
			return
		}
		ref = &b.members[(*ref-1)>>4].chain[(*ref-1)&15]
	}
}

func (b *Book) unlink(at uint32, slot int) {
	e := &b.members[at]
	own := at<<4 | uint32(slot) + 1
	ref := &b.heads[b.bucket(e.keys[slot])]
	for *ref != 0 && *ref != own {
		ref = &b.members[(*ref-1)>>4].chain[(*ref-1)&15]
	}
	if *ref == own {
		*ref = e.chain[slot]
	}
}

// grow doubles the buckets and links all entries again, oldest first.
func (b *Book) grow() {
	b.heads = make([]uint32, 2*len(b.heads))
	for at := range b.members {
		for slot, key := range b.members[at].keys {
			if key != 0 {
				b.link(uint32(at), slot)
			}
		}
	}
}

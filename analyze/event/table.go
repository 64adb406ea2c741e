package event

// Table finds the nearest of the signatures that it holds. It holds at most its capacity and
// forgets the oldest entry for each new one beyond that. Finding looks at no more than
// maxChain entries of each band, so its cost does not grow with the number of entries.
// An entry costs about 160 bytes and its name. It is not safe for concurrent use.
type Table struct {
	entries []entry
	next    int // where the next entry goes once the table is full
	cap     int
	// heads are the hash buckets, of all bands together; a bucket is a chain through
	// entry.chain, newest first and at most maxChain long, of references
	// (entry<<4 | band) + 1.
	heads []uint32
	byID  map[string]uint32
}

type entry struct {
	id    string // empty once it is removed
	sig   Signature
	chain [links]uint32
}

// links is the chains of an entry: one for each band, and one for the whole signature, so
// that equal texts meet even where every band is crowded.
const links = Bands + 1

// maxChain bounds a bucket: the oldest reference of a longer one is forgotten.
const maxChain = 24

// MaxEntries bounds the capacity of a Table.
const MaxEntries = 1 << 27

// NewTable makes a table for so many entries, 1 to MaxEntries.
func NewTable(capacity int) *Table {
	return &Table{cap: min(max(capacity, 1), MaxEntries), heads: make([]uint32, 1<<10), byID: map[string]uint32{}}
}

// Len is the number of entries.
func (t *Table) Len() int { return len(t.byID) }

// Has tells whether an entry is there.
func (t *Table) Has(id string) bool { _, ok := t.byID[id]; return ok }

// Add puts an entry in, or gives the one of that ID its new signature, and returns the ID of
// the entry that it made the table forget, or "".
func (t *Table) Add(id string, sig Signature) (forgotten string) {
	if at, there := t.byID[id]; there {
		if t.entries[at].sig != sig {
			t.unlink(at)
			t.entries[at].sig = sig
			t.link(at)
		}
		return ""
	}
	at := uint32(len(t.entries))
	if len(t.entries) < t.cap {
		t.entries = append(t.entries, entry{})
		if len(t.entries) > len(t.heads)/4 {
			t.grow()
		}
	} else {
		at = uint32(t.next)
		t.next = (t.next + 1) % t.cap
		forgotten = t.entries[at].id
		t.Remove(forgotten)
	}
	t.entries[at] = entry{id: id, sig: sig}
	t.byID[id] = at
	t.link(at)
	return forgotten
}

// Remove takes an entry out, if it is there. Its room is free when it would have been
// forgotten.
func (t *Table) Remove(id string) {
	at, there := t.byID[id]
	if !there {
		return
	}
	t.unlink(at)
	delete(t.byID, id)
	t.entries[at] = entry{}
}

// Nearest returns the ID of the nearest entry, at least Near, the smallest on a tie,
// and how many minima are equal; "" when there is none.
func (t *Table) Nearest(sig Signature) (id string, equal int) {
	if sig == (Signature{}) {
		return "", 0
	}
	best, found := Near-1, uint32(0)
	for link := range links {
		ref := t.heads[t.bucket(link, sig)]
		for ref != 0 {
			at := (ref - 1) >> 4
			e := &t.entries[at]
			ref = e.chain[(ref-1)&15]
			if link < Bands && e.sig[link] != sig[link] {
				continue // another bucket's key
			}
			if equal := sig.Equal(e.sig); equal > best || equal == best && best >= Near && e.id < t.entries[found].id {
				best, found = equal, at
			}
		}
	}
	if best < Near {
		return "", 0
	}
	return t.entries[found].id, best
}

// bucket is the head of a chain: of the band of that number, or of the whole.
func (t *Table) bucket(link int, sig Signature) int {
	h := uint64(link)
	if link < Bands {
		h = mix(h) ^ sig[link]
	} else {
		for _, word := range sig {
			h = mix(h) ^ word
		}
	}
	return int(mix(h) & uint64(len(t.heads)-1))
}

func (t *Table) link(at uint32) {
	e := &t.entries[at]
	if e.sig == (Signature{}) {
		return
	}
	for link := range links {
		head := &t.heads[t.bucket(link, e.sig)]
		e.chain[link], *head = *head, at<<4|uint32(link)+1
		t.trim(head)
	}
}

// trim cuts a chain behind its first maxChain references.
func (t *Table) trim(ref *uint32) {
	for n := 0; *ref != 0; n++ {
		if n == maxChain {
			*ref = 0
			return
		}
		ref = &t.entries[(*ref-1)>>4].chain[(*ref-1)&15]
	}
}

// unlink takes an entry, the oldest of its chains, out of them.
func (t *Table) unlink(at uint32) {
	e := &t.entries[at]
	if e.sig == (Signature{}) {
		return
	}
	for link := range links {
		own := at<<4 | uint32(link) + 1
		ref := &t.heads[t.bucket(link, e.sig)]
		for *ref != 0 && *ref != own {
			ref = &t.entries[(*ref-1)>>4].chain[(*ref-1)&15]
		}
		if *ref == own {
			*ref = e.chain[link]
		}
	}
}

// grow doubles the buckets and links all entries again, oldest first.
func (t *Table) grow() {
	t.heads = make([]uint32, 2*len(t.heads))
	for at := range t.entries {
		t.link(uint32(at))
	}
}

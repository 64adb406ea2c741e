package event

import "slices"

// tally counts keys in the order in which they come: a small open hash table.
type tally struct {
	key   [tallySize]uint32
	count [tallySize]uint16 // 0 for an empty place; inTitleCount is set for what stands in the title
	order []uint16
}

const (
	tallySize    = 1 << 10
	maxTally     = tallySize * 3 / 4 // further keys are passed over: a text has repeated itself by then
	inTitleCount = 1 << 15
)

// add counts an occurrence; one in the title counts titleWeight times.
func (t *tally) add(key uint32, title bool) {
	at := uint16(key*0x9E37) % tallySize
	for t.count[at] != 0 && t.key[at] != key {
		at = (at + 1) % tallySize
	}
	if t.count[at] == 0 {
		if len(t.order) == maxTally {
			return
		}
		if t.order == nil {
			t.order = make([]uint16, 0, 256)
		}
		t.key[at], t.order = key, append(t.order, at)
	}
	n := uint16(1)
	if title {
		n = titleWeight
		t.count[at] |= inTitleCount
	}
	if t.count[at]&^inTitleCount < inTitleCount-titleWeight {
		t.count[at] += n
	}
}

// pick keeps the heaviest by a rank of up to 255, of those of the last rank the first that
// came, and returns them by the hash that goes with a key. Half of the rank is the weight.
func (t *tally) pick(limit int, rank func(key uint32, n int) (rank int, hash uint32)) []term {
	var ranks [maxTally]uint8
	var hashes [maxTally]uint32
	var count [256]int // by rank
	for i, at := range t.order {
		r, hash := rank(t.key[at], int(t.count[at]&^inTitleCount))
		ranks[i], hashes[i] = uint8(r), hash
		count[r]++
	}
	least, above := 255, 0
	for ; least > 0 && above+count[least] < limit; least-- {
		above += count[least]
	}
	room := limit - above // for terms of the least rank
	terms := make([]term, 0, min(limit, len(t.order)))
	for i, at := range t.order {
		r := int(ranks[i])
		if r < least || r == least && room == 0 {
			continue
		}
		if r == least {
			room--
		}
		x := term(hashes[i])<<8 | term(r/2)
		if t.count[at]&inTitleCount != 0 {
			x |= inTitle
		}
		terms = append(terms, x)
	}
	slices.Sort(terms)
	return terms
}

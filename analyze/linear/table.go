package linear

// table finds the number of a key. Most n-grams of a text are unknown, and a bit map that
// stays in the processor's cache says so of nearly all of them. An entry is the number, plus
// one, in the low 20 bits, and bits of the key above; an unknown key passes for a known one
// in about one of 2⁴⁴ cases, always the same.
type table struct {
	known   []uint64
	entries []uint64
	shift   uint
}

const (
	knownBits  = 19 // of the key are the place in the bit map: 64 KiB
	numberBits = 20
	numberMask = 1<<numberBits - 1
)

func newTable(keys []uint64) table {
	size, shift := 16, uint(60)
	for size < 2*len(keys) {
		size, shift = 2*size, shift-1
	}
	t := table{known: make([]uint64, 1<<knownBits/64), entries: make([]uint64, size), shift: shift}
	for n, key := range keys {
		bit := key >> (64 - knownBits)
		t.known[bit/64] |= 1 << (bit % 64)
		i := key >> shift
		for t.entries[i] != 0 {
			i = (i + 1) & uint64(size-1)
		}
		t.entries[i] = key<<numberBits | uint64(n+1)
	}
	return t
}

// mayHave is 0 for most keys that find would not find, else 1.
func (t *table) mayHave(key uint64) int {
	bit := key >> (64 - knownBits)
	return int(t.known[bit/64] >> (bit % 64) & 1)
}

// find returns the number of a key, -1 for an unknown one.
func (t *table) find(key uint64) int32 {
	mask, print := uint64(len(t.entries)-1), key<<numberBits
	for i := key >> t.shift; ; i = (i + 1) & mask {
		if e := t.entries[i]; e == 0 || (e^print)>>numberBits == 0 {
			return int32(e&numberMask) - 1
		}
	}
}

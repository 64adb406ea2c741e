package event

import (
	_ "embed"
	"encoding/binary"
	"math"
)

// vocabularyFile holds what is common knowledge of the language of such posts: hashes of
// words and of pairs of characters with their inverse document frequency, and where common
// words lie in a space of themes. It is learned by TestVocabulary; only hashes and
// frequencies of public texts are kept.
//
//go:embed vocabulary.bin
var vocabularyFile []byte

// common is the one vocabulary, read once and never changed.
var common = readVocabulary(vocabularyFile)

const (
	// hashBits is the length of the hashes of words and of pairs.
	hashBits = 24
	// idfScale is the unit of an inverse document frequency in the file.
	idfScale = 24
	// dims is the number of dimensions of the space of themes.
	dims = 32
)

type vocabulary struct {
	words, pairs dictionary
	often        dictionary // the pairs that name nothing, few enough for the processor's cache
	// places are where words lie, dims numbers each, by dictionary.row, in units of scales.
	places []int8
	scales []float32
}

// dictionary finds the entry of a hash: an open hash table of hash<<8 | idf.
type dictionary struct {
	slots []uint32
	// some has a bit set for every hash that is there, and for few others: most of what is
	// asked for is not there, and the bits stay in the processor's cache.
	some filter
	// row is one more than the number of the entry's place, by slot; 0 for none.
	row []uint16
}

// filter has a bit for every 32 hashes.
type filter []uint64

const filterBits = 1 << 19

func (f filter) set(hash uint32) {
	hash %= filterBits
	f[hash/64] |= 1 << (hash % 64)
}

func (f filter) has(hash uint32) bool {
	hash %= filterBits
	return f[hash/64]>>(hash%64)&1 != 0
}

func newDictionary(entries int) dictionary {
	size := 16
	for size < 2*entries {
		size *= 2
	}
	return dictionary{slots: make([]uint32, size), row: make([]uint16, size), some: make(filter, filterBits/64)}
}

// upTo makes a dictionary of the entries whose inverse document frequency is at most so much.
func (d *dictionary) upTo(idf uint32) dictionary {
	var entries []uint32
	for _, entry := range d.slots {
		if entry != 0 && entry&0xFF <= idf {
			entries = append(entries, entry)
		}
	}
	few := newDictionary(len(entries))
	for _, entry := range entries {
		few.slots[few.slot(entry>>8)] = entry
	}
	return few
}

// slot is where a hash is or would be.
func (d *dictionary) slot(hash uint32) int {
	at := int(hash) & (len(d.slots) - 1)
	for d.slots[at] != 0 && d.slots[at]>>8 != hash {
		at = (at + 1) & (len(d.slots) - 1)
	}
	return at
}

// idf is the inverse document frequency of what is common, 0 for all else.
func (d *dictionary) idf(hash uint32) float64 { return float64(d.slots[d.slot(hash)]&0xFF) / idfScale }

// readVocabulary reads the file: the words, the pairs, and for each word that has one its
// place. Numbers are 32 bits long, the lowest byte first; each list begins with its length.
func readVocabulary(b []byte) *vocabulary {
	v := &vocabulary{}
	next := func() uint32 {
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return n
	}
	for _, d := range []*dictionary{&v.words, &v.pairs} {
		n := int(next())
		*d = newDictionary(n)
		for range n {
			entry := next()
			d.slots[d.slot(entry>>8)] = entry
			d.some.set(entry >> 8)
		}
	}
	v.often = v.pairs.upTo(commonest)
	n := int(next())
	v.places, v.scales = make([]int8, 0, n*dims), make([]float32, n)
	for row := range n {
		v.words.row[v.words.slot(next())] = uint16(row + 1)
		v.scales[row] = math.Float32frombits(next())
		for _, x := range b[:dims] {
			v.places = append(v.places, int8(x))
		}
		b = b[dims:]
	}
	return v
}

// place is where the word of a slot lies, and its unit.
func (v *vocabulary) place(slot int) ([]int8, float32) {
	row := int(v.words.row[slot]) - 1
	return v.places[row*dims : (row+1)*dims], v.scales[row]
}

// hashPair is the hash of two neighbouring characters in either order: publishers that mask
// names often turn their characters round.
func hashPair(a, b rune) uint32 {
	if a > b {
		a, b = b, a
	}
	return uint32(mix(uint64(a)<<21|uint64(b)) >> (64 - hashBits))
}

// wordSeed starts the hash of a word, which is FNV-1a over its bytes in lower case.
const wordSeed = 0xcbf29ce484222325

func addWord(h uint64, s string) uint64 {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return h
}

func hashWord(h uint64) uint32 { return uint32(mix(h) >> (64 - hashBits)) }

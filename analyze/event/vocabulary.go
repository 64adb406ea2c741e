package event

import (
	_ "embed"
	"encoding/binary"
)

// vocabularyFile holds what is common knowledge of the language of such posts: hashes of
// words with their inverse document frequency, and hashes of pairs of characters. Only words
// and pairs of several collections of different cities are in it, so that what is missing is
// a name. It is learned by TestVocabulary; only hashes and frequencies of public texts are
// kept.
//
//go:embed vocabulary.bin
var vocabularyFile []byte

// common is the one vocabulary, read once and never changed.
var common = readVocabulary(vocabularyFile)

// hashBits is the length of the hashes of words and of pairs.
const hashBits = 24

// idfScale is the unit of an inverse document frequency in the file.
const idfScale = 24

type vocabulary struct {
	slots []uint32 // open hash table of hash<<8 | idf
	pairs []uint64 // a bit for each hash
}

func readVocabulary(b []byte) *vocabulary {
	v := &vocabulary{slots: make([]uint32, 1<<16), pairs: make([]uint64, 1<<(hashBits-6))}
	n := int(binary.LittleEndian.Uint32(b))
	for b = b[4:]; n > 0; n, b = n-1, b[4:] {
		word := binary.LittleEndian.Uint32(b)
		at := v.slot(word >> 8)
		v.slots[at] = word
	}
	for n = int(binary.LittleEndian.Uint32(b)); n > 0; n-- {
		b = b[4:]
		h := binary.LittleEndian.Uint32(b)
		v.pairs[h>>6] |= 1 << (h & 63)
	}
	return v
}

// slot is where a word is or would be.
func (v *vocabulary) slot(hash uint32) uint32 {
	at := hash & 0xFFFF
	for v.slots[at] != 0 && v.slots[at]>>8 != hash {
		at = (at + 1) & 0xFFFF
	}
	return at
}

// idf is the inverse document frequency of a word, 0 when it is not common.
func (v *vocabulary) idf(hash uint32) float64 {
	return float64(v.slots[v.slot(hash)]&0xFF) / idfScale
}

// knows tells whether a pair is common.
func (v *vocabulary) knows(pair uint32) bool { return v.pairs[pair>>6]>>(pair&63)&1 != 0 }

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

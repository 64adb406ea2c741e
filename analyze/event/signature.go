// Package event finds posts that say the same (近重复) and the event that they belong to.
//
// A Signature is a MinHash sketch by one permutation (Li, Owen, Zhang 2012, with the
// densification of Shrivastava 2017) over the runs of three letters or digits of a text: 32
// minima of 16 bits, four in each of the eight words. Every run is thrown four times, so
// that short texts fill the bins too. The share of equal minima estimates the Jaccard
// similarity J of the two texts' runs, with a standard error of √(J(1−J)/32), at most 0.09.
// Characters instead of words, so that a change of the dictionary leaves signatures as
// they are.
//
// Each of the eight words is a band: two texts are compared when one band is equal,
// which happens with probability 1−(1−J⁴)⁸: 1.00 for J=0.9, 0.98 for 0.8, 0.83 for 0.67,
// 0.40 for 0.5, 0.06 for 0.3. They are joined when at least Near of the 32 minima are
// equal. Equal texts have equal signatures, and are always joined.
package event

import (
	"unicode"
)

// Bands is the number of words of a signature.
const Bands = 8

// rows is how many minima a band holds, bins how many there are.
const (
	rows = 4
	bins = Bands * rows
)

// Near is how many of the 32 minima must be equal for two texts to be one (J ≈ 0.69).
const Near = 22

// run is the length of the runs that are compared, in letters and digits.
const run = 3

// Signature is the near-duplicate signature of a text. The zero Signature is that of a
// text without a letter; it is near nothing.
type Signature [Bands]uint64

// Sign computes the signature of a text. Letters count in lower case; white space,
// punctuation and symbols do not count. A text of fewer than three letters is one run.
func Sign(text string) Signature {
	var m minima
	var a, b, c uint64 // the last three letters
	n := 0
	for _, r := range text {
		if r < 0x4E00 || r > 0x9FFF {
			if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
				continue
			}
			r = unicode.ToLower(r)
		}
		a, b, c = b, c, uint64(r)
		if n++; n >= run {
			m.put(a<<42 ^ b<<21 ^ c)
		}
	}
	if n == 0 {
		return Signature{}
	}
	if n < run {
		m.put(a<<42 ^ b<<21 ^ c)
	}
	return m.pack()
}

// minima are the least value in each bin, plus one; 0 in an empty one.
type minima [bins]uint32

// put throws a run four times: a throw is five bits for the bin and 27 for the value.
func (m *minima) put(run uint64) {
	h := mix(run)
	g := (h ^ h>>29) * 0xD6E8FEB86659FD93
	for _, throw := range [4]uint32{uint32(h), uint32(h >> 32), uint32(g >> 32), uint32(g)} {
		bin, v := throw>>27, throw&(1<<27-1)+1
		if m[bin] == 0 || v < m[bin] {
			m[bin] = v
		}
	}
}

// pack fills empty bins from others and keeps 16 bits of each minimum.
func (m *minima) pack() Signature {
	var s Signature
	for bin := range bins {
		from := uint64(bin)
		for try := uint64(1); m[from] == 0; try++ {
			from = mix(uint64(bin)<<32|try) % bins
		}
		s[bin/rows] = s[bin/rows]<<16 | mix(uint64(m[from]))>>48
	}
	return s
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Equal counts the equal minima of two signatures, 0 to 32.
func (s Signature) Equal(t Signature) int {
	n := 0
	for i := range s {
		for d, k := s[i]^t[i], 0; k < rows; k, d = k+1, d>>16 {
			if d&0xFFFF == 0 {
				n++
			}
		}
	}
	return n
}

// Whole is how many minima two texts have in common that are the same.
const Whole = bins

// Slice is the signature as the domain keeps it; nil for the zero Signature.
func (s Signature) Slice() []uint64 {
	if s == (Signature{}) {
		return nil
	}
	return append([]uint64(nil), s[:]...)
}

// FromSlice reads what Slice made. Anything else gives the zero Signature.
func FromSlice(words []uint64) Signature {
	var s Signature
	if len(words) == Bands {
		copy(s[:], words)
	}
	return s
}

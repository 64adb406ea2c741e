package linear

import (
	"unicode"
)

// Text is what features are read from.
type Text struct {
	// Body is valid UTF-8: the title, a line break when there is a title, and the text.
	Body string
	// TitleEnd is the length of the title in code points, 0 without one.
	TitleEnd int
	// Cuts are the ends of the words of Body in code points, ascending; words have no gaps
	// between them, so the last is the length of Body. Without cuts there are no words, and
	// a model then knows only the characters.
	Cuts []int32
	// Bytes are the same ends in bytes; only Explain needs them.
	Bytes []int32
	// Scattered says that Body is words that did not stand side by side, of a text of which
	// only they are left. No n-gram then reaches over the end of a word.
	Scattered bool
}

// Spec says which features a text has. It is part of a model: training and use read texts
// alike. Letters count in lower case, digits all as 0, and no n-gram or word reaches over
// punctuation or white space.
type Spec struct {
	// MinN and MaxN bound the length of character n-grams, 1 to 3; MaxN 0 is none.
	MinN int `json:"min_n"`
	MaxN int `json:"max_n"`
	// Words takes words.
	Words bool `json:"words"`
	// Title is how often a feature in the title counts, 1 to 8.
	Title int `json:"title"`
	// Signs takes punctuation and emoji, each and in pairs.
	Signs bool `json:"signs"`
}

// occurrence is a feature at a place in a text: size code points from start.
type occurrence struct {
	key   uint64
	start int32
	size  uint16
	count uint16
}

// Kinds of features; each has keys of its own. The kind stands in the highest bits of a
// key before it is spread, the characters of 16 bits below.
const (
	kindGram uint64 = iota << 60 // one, two and three characters
	kindWord
	kindSign
)

// Codes of punctuation and emoji, and of letters beyond the Basic Multilingual Plane, stand in
// its private use area, where several share one.
const (
	signs    = 0xE000 // to 0xEFFF
	rareFrom = 0xF000 // to 0xF7FF
)

func isSign(c uint16) bool { return c>>12 == signs>>12 }

// codeOf maps a character of the Basic Multilingual Plane to its code: letters and digits
// in lower case and narrow form, digits as '0'; punctuation among the signs; white space
// and control characters 0.
var codeOf = func() (t [1 << 16]uint16) {
	for r := rune(1); r < 1<<16; r++ {
		c := r
		if c >= 0xFF01 && c <= 0xFF5E {
			c -= 0xFEE0
		}
		switch {
		case unicode.IsDigit(c):
			t[r] = '0'
		case unicode.IsLetter(c) || unicode.IsNumber(c):
			if c = unicode.ToLower(c); c < 1<<16 {
				t[r] = uint16(c)
			}
		case unicode.IsSpace(c) || unicode.IsControl(c):
		default:
			t[r] = signs | uint16(c)&0xFFF
		}
	}
	return t
}()

// codes appends the codes of a body to dst, one a code point.
func codes(dst []uint16, body string) []uint16 {
	for _, r := range body {
		switch {
		case r < 1<<16:
			dst = append(dst, codeOf[r])
		case unicode.IsLetter(r):
			dst = append(dst, rareFrom|uint16(r)&0x7FF)
		default:
			dst = append(dst, signs|uint16(r)&0xFFF)
		}
	}
	return dst
}

// spread makes a key of a kind and packed characters. It loses nothing: n-grams of up to
// three characters never share a key. Its high bits depend on all of the input.
func spread(x uint64) uint64 {
	x *= 0x9E3779B97F4A7C15
	x ^= x >> 32
	return x * 0xD6E8FEB86659FD93
}

// occurrences appends the features of a text to dst. cs are its codes.
func (s Spec) occurrences(dst []occurrence, t Text, cs []uint16) []occurrence {
	title := min(t.TitleEnd, len(cs))
	if s.MaxN > 0 {
		if t.Scattered {
			start := 0
			for _, end := range t.Cuts {
				end := min(int(end), len(cs))
				dst = s.grams(dst, cs[:end], start, title)
				start = end
			}
		} else {
			dst = s.grams(dst, cs, 0, title)
		}
	}
	if s.Words {
		dst = s.words(dst, cs, t.Cuts, title)
	}
	return dst
}

// grams appends the n-grams that start at from or later.
func (s Spec) grams(dst []occurrence, cs []uint16, from, title int) []occurrence {
	count := uint16(s.Title)
	for i := from; i < len(cs); i++ {
		if i >= title {
			count = 1
		}
		c := cs[i]
		if c == 0 {
			continue
		}
		if isSign(c) {
			if s.Signs {
				dst = s.sign(dst, cs, i, count)
			}
			continue
		}
		packed := uint64(c)
		for n := 1; ; n++ {
			if n >= s.MinN {
				dst = append(dst, occurrence{spread(kindGram | packed), int32(i), uint16(n), count})
			}
			if n == s.MaxN || i+n >= len(cs) {
				break
			}
			if c = cs[i+n]; c == 0 || isSign(c) {
				break
			}
			packed = packed<<16 | uint64(c)
		}
	}
	return dst
}

func (s Spec) sign(dst []occurrence, cs []uint16, i int, count uint16) []occurrence {
	packed := uint64(cs[i])
	dst = append(dst, occurrence{spread(kindSign | packed), int32(i), 1, count})
	if i+1 < len(cs) && isSign(cs[i+1]) {
		packed = packed<<16 | uint64(cs[i+1])
		dst = append(dst, occurrence{spread(kindSign | packed), int32(i), 2, count})
	}
	return dst
}

func (s Spec) words(dst []occurrence, cs []uint16, cuts []int32, title int) []occurrence {
	start := 0
	for _, cut := range cuts {
		end := int(cut)
		if end <= start || end > len(cs) {
			break
		}
		if packed := packWord(cs[start:end]); packed != 0 {
			count := uint16(1)
			if start < title {
				count = uint16(s.Title)
			}
			dst = append(dst, occurrence{spread(kindWord | packed), int32(start), uint16(min(end-start, 1<<16-1)), count})
		}
		start = end
	}
	return dst
}

// packWord makes 60 bits of a word, 0 of one that is no letters. Words of up to three
// characters never share them.
func packWord(cs []uint16) uint64 {
	var h uint64
	for i, c := range cs {
		if c == 0 || isSign(c) {
			return 0
		}
		if i >= 3 {
			h = h*0x2545F4914F6CDD1D ^ h>>29
		}
		h = h<<16 ^ uint64(c)
	}
	return h & (1<<60 - 1)
}

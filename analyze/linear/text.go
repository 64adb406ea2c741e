package linear

import (
	"math/bits"
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
	// a model that was trained with words then knows only the characters.
	Cuts []int32
}

// Spec says which features a text has. It is part of a model: training and use read texts
// alike. Letters count in lower case, digits all as 0, and no feature reaches over
// punctuation or white space.
type Spec struct {
	// MinN and MaxN bound the length of character n-grams, 1 to 4; MaxN 0 is none.
	MinN int `json:"min_n"`
	MaxN int `json:"max_n"`
	// Words takes words, Pairs two neighbouring words.
	Words bool `json:"words"`
	Pairs bool `json:"pairs"`
	// Title is how often a feature in the title counts, 1 or more.
	Title float64 `json:"title"`
	// MarkTitle gives words and pairs of characters in the title a feature more, so that
	// they can mean another thing there than in the text.
	MarkTitle bool `json:"mark_title"`
	// Signs keeps punctuation and emoji as characters.
	Signs bool `json:"signs"`
}

// occurrence is a feature at a place in a text: code points [start, end).
type occurrence struct {
	key        uint64
	start, end int32
	count      float32
}

// Kinds of features; each has keys of its own.
const (
	kindGram uint64 = iota + 1 // to kindGram+3
	_
	_
	_
	kindWord
	kindPair
	kindTitleGram
	kindTitleWord
)

// letters maps a character of the Basic Multilingual Plane to its code as a letter or
// digit: lower case, narrow form, digits as '0'. Others are 0.
var letters = func() (t [1 << 16]uint16) {
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
		}
	}
	return t
}()

// code is the code of a character, 0 for one that ends every feature.
func code(r rune, signs bool) uint16 {
	if r < 1<<16 {
		if c := letters[r]; c != 0 || !signs {
			return c
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return 0
		}
		return uint16(r)
	}
	if signs || unicode.IsLetter(r) {
		return 0xE000 | uint16(r)&0xFFF // of the private use area
	}
	return 0
}

// codes appends the codes of a body to dst, one a code point.
func codes(dst []uint16, body string, signs bool) []uint16 {
	for _, r := range body {
		dst = append(dst, code(r, signs))
	}
	return dst
}

// mix spreads a key over 64 bits (the finaliser of MurmurHash3, which loses nothing: two
// n-grams of one length never share a key).
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xFF51AFD7ED558CCD
	x ^= x >> 33
	x *= 0xC4CEB9FE1A85EC53
	return x ^ x>>33
}

func keyOf(kind, packed uint64) uint64 {
	return mix(packed ^ bits.RotateLeft64(kind*0x9E3779B97F4A7C15, 17))
}

// occurrences appends the features of a text to dst. cs are its codes.
func (s Spec) occurrences(dst []occurrence, t Text, cs []uint16) []occurrence {
	title := int32(min(t.TitleEnd, len(cs)))
	if s.MaxN > 0 {
		dst = s.grams(dst, cs, title)
	}
	if s.Words || s.Pairs {
		dst = s.words(dst, cs, t.Cuts, title)
	}
	return dst
}

func (s Spec) grams(dst []occurrence, cs []uint16, title int32) []occurrence {
	for i := range cs {
		var packed uint64
		count := float32(1)
		if int32(i) < title {
			count = float32(s.Title)
		}
		for n := 1; n <= s.MaxN && i+n <= len(cs); n++ {
			c := cs[i+n-1]
			if c == 0 {
				break
			}
			packed = packed<<16 | uint64(c)
			if n < s.MinN {
				continue
			}
			dst = append(dst, occurrence{keyOf(kindGram+uint64(n-1), packed), int32(i), int32(i + n), count})
			if n == 2 && s.MarkTitle && int32(i) < title {
				dst = append(dst, occurrence{keyOf(kindTitleGram, packed), int32(i), int32(i + n), 1})
			}
		}
	}
	return dst
}

func (s Spec) words(dst []occurrence, cs []uint16, cuts []int32, title int32) []occurrence {
	start, last, lastStart := int32(0), uint64(0), int32(0)
	for _, end := range cuts {
		if end <= start || int(end) > len(cs) {
			break
		}
		var h uint64
		for _, c := range cs[start:end] {
			if c == 0 {
				h = 0
				break
			}
			h = (h ^ uint64(c)) * 0x9E3779B97F4A7C15
			h ^= h >> 29
		}
		if h == 0 {
			start, last = end, 0
			continue
		}
		count := float32(1)
		if start < title {
			count = float32(s.Title)
		}
		if s.Words {
			dst = append(dst, occurrence{keyOf(kindWord, h), start, end, count})
			if s.MarkTitle && start < title {
				dst = append(dst, occurrence{keyOf(kindTitleWord, h), start, end, 1})
			}
		}
		if s.Pairs && last != 0 {
			dst = append(dst, occurrence{keyOf(kindPair, last*3^h), lastStart, end, count})
		}
		start, last, lastStart = end, h, start
	}
	return dst
}

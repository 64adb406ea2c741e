// Package normalise makes one form of the many in which a text arrives: HTML becomes
// text, white space and Unicode are evened out, what cannot be seen is dropped.
//
// It is not NFKC, which would make ASCII of Chinese punctuation (， to ,) and of the
// marks of lists (① to 1). Only letters, digits and the signs of numbers and addresses
// lose their width, so that a phone number is one however it was typed; CJK characters
// in compatibility forms (PDF copies give ⼈ for 人) become the usual ones.
//
// Both functions are idempotent and keep what a person can read: markup that is not
// closed, and angle brackets that are no HTML, stay.
package normalise

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text normalises a text of several lines: line breaks are kept, single, and no line
// begins or ends with a space. It returns the text and how many bytes of it were not
// valid UTF-8; each run of those becomes one U+FFFD.
func Text(s string) (string, int) { return normalise(s, '\n') }

// Line normalises a text of one line, such as a title: line breaks become spaces.
func Line(s string) (string, int) { return normalise(s, ' ') }

// maxPasses bounds how often markup is taken out of what was left of markup.
const maxPasses = 8

func normalise(s string, lineBreak rune) (string, int) {
	invalid := 0
	for range maxPasses {
		if !clean(s, lineBreak) {
			var bad int
			s, bad = evenOut(s, lineBreak)
			invalid += bad
		}
		if !mayHoldMarkup(s) {
			return s, invalid
		}
		plain := stripMarkup(s)
		if plain == s {
			return s, invalid
		}
		s = plain
	}
	// Markup within markup within markup is somebody's trick: its signs become
	// characters that mean nothing.
	s, _ = evenOut(strings.NewReplacer("<", "＜", "&", "＆").Replace(s), lineBreak)
	return s, invalid
}

const drop = -1

// fold maps a character to its usual form, to ' ' or '\n', or to drop.
func fold(r rune) rune {
	switch {
	case r < 0x20:
		switch r {
		case '\n', '\r':
			return '\n'
		case '\t', '\v', '\f':
			return ' '
		}
		return drop
	case r < 0x7f:
		return r
	case r < 0xa0:
		if r == 0x85 {
			return '\n'
		}
		return drop
	case r == 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200a, r == 0x202f, r == 0x205f, r == 0x3000:
		return ' '
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x180e, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r >= 0xfff9 && r <= 0xfffb,
		r >= 0xe0000 && r <= 0xe0fff:
		return drop
	case r == 0x2028, r == 0x2029:
		return '\n'
	case r >= 0xff10 && r <= 0xff19, r >= 0xff21 && r <= 0xff3a, r >= 0xff41 && r <= 0xff5a:
		return r - 0xfee0
	case r >= 0xff03 && r <= 0xff3f:
		switch r {
		case '＠', '＋', '－', '＊', '＃', '％', '＝', '＿', '／', '．':
			return r - 0xfee0
		}
	case r >= 0x2f00 && r <= 0x2fdf, r >= 0xf900 && r <= 0xfaff, r >= 0x2f800 && r <= 0x2fa1f, r >= 0x1d400 && r <= 0x1d7ff:
		return compatible(r)
	}
	return r
}

// compatible returns the usual form of a compatibility character that has one of a
// single character.
func compatible(r rune) rune {
	form := norm.NFKC.String(string(r))
	if c, n := utf8.DecodeRuneInString(form); n == len(form) {
		return c
	}
	return r
}

// clean reports whether evenOut would change nothing. Most texts are clean, and most
// of their bytes belong to CJK characters, which are told by their first byte.
func clean(s string, lineBreak rune) bool {
	gap := true // at the start, or after white space
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c > ' ' && c < 0x7f:
			gap = false
			i++
		case c >= 0xe4 && c <= 0xe9:
			if i+2 >= len(s) || s[i+1]&0xc0 != 0x80 || s[i+2]&0xc0 != 0x80 {
				return false
			}
			gap = false
			i += 3
		case c == ' ', c == '\n':
			if gap || c == '\n' && lineBreak != '\n' || i+1 == len(s) || s[i+1] == '\n' {
				return false
			}
			gap = true
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if n == 1 || fold(r) != r {
				return false
			}
			gap = false
			i += n
		}
	}
	return true
}

// evenOut folds the characters and collapses white space.
func evenOut(s string, lineBreak rune) (string, int) {
	var b strings.Builder
	b.Grow(len(s))
	invalid, gap, broken := 0, rune(0), false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if bad := r == utf8.RuneError && n == 1; bad {
			invalid++
			if broken {
				continue
			}
			broken = true
		} else {
			broken = false
			r = fold(r)
		}
		switch r {
		case drop:
			continue
		case '\n':
			gap = lineBreak
			continue
		case ' ':
			if gap == 0 {
				gap = ' '
			}
			continue
		}
		if gap != 0 && b.Len() > 0 {
			b.WriteRune(gap)
		}
		gap = 0
		b.WriteRune(r)
	}
	return b.String(), invalid
}

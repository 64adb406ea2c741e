package segment

import (
	"unicode"
	"unicode/utf8"

	"github.com/yanyiwu/gojieba"
)

// Reading is a text that was cut.
type Reading struct {
	// Words are the words in order, without gaps.
	Words []Word

	pieces []gojieba.Word // words with their sub-words before them, as bytes [Start, End)
	main   []bool
}

// AppendTokens appends the index tokens of the bytes [start, end) of the clean text to dst,
// separated by one space: each word after its sub-words of two and three characters, so
// that 电梯 finds 加装电梯. Letters are in lower case; white space and pure punctuation
// are left out; a run of ASCII letters and digits is one token.
//
// A line break always ends a word, so a text that stands on lines of its own has the same
// tokens as when it is cut alone.
func (r Reading) AppendTokens(dst []byte, start, end int) []byte {
	run := -1 // where a run of ASCII letters and digits ends that the next piece may continue
	for i, p := range r.pieces {
		if p.Start < start || p.End > end {
			continue
		}
		if isWordRun(p.Str) {
			if !r.main[i] {
				continue
			}
			if p.Start != run {
				dst = separate(dst)
			}
			dst = appendLower(dst, p.Str)
			run = p.End
			continue
		}
		if hasLetter(p.Str) {
			dst = appendLower(separate(dst), p.Str)
		}
		if r.main[i] {
			run = -1
		}
	}
	return dst
}

func separate(dst []byte) []byte {
	if len(dst) > 0 && dst[len(dst)-1] != ' ' {
		return append(dst, ' ')
	}
	return dst
}

// hasLetter tells whether a piece holds a letter or a digit of any script.
func hasLetter(s string) bool {
	if c := s[0]; c >= 0xE4 && c <= 0xE9 { // U+4000 … U+9FFF, nearly all of Chinese
		return true
	}
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return true
		}
	}
	return false
}

// appendLower appends s in lower case. White space inside a piece becomes nothing.
func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c < utf8.RuneSelf:
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
		case c >= 0xE4 && c <= 0xE9:
			dst = append(dst, s[i:i+3]...)
			i += 3
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
			i += n
		}
	}
	return dst
}

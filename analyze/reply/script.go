package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// script is a text with the offsets of its code points.
type script struct {
	text  string
	runes []rune
	at    []int // code point offset of each byte, and of the end
}

func newScript(s string) *script {
	runes := []rune(s)
	runes = runes[:min(len(runes), maxRunes)]
	t := &script{text: string(runes), runes: runes}
	t.at = make([]int, 0, len(t.text)+1)
	for i, r := range runes {
		for range len(string(r)) {
			t.at = append(t.at, i)
		}
	}
	t.at = append(t.at, len(runes))
	return t
}

// evidence is the word between two byte offsets.
func (s *script) evidence(from, to int) opinion.Evidence {
	return opinion.Evidence{Span: opinion.Span{Start: s.at[from], End: s.at[to]}, Word: s.text[from:to]}
}

// piece is a part of a text between punctuation marks, as byte offsets; white space at its
// ends is not in it.
type piece struct {
	from, to int
	// end is the mark that ended it, 0 at the end of the text.
	end rune
	// sentence counts the sentences before it.
	sentence int
}

// pieces cuts a text at its punctuation, but not inside 《…》, “…” or numbers.
func (s *script) pieces() []piece {
	var all []piece
	from, depth, sentence := 0, 0, 0
	cut := func(to int, end rune) {
		a, b := trim(s.text, from, to)
		if a < b {
			all = append(all, piece{a, b, end, sentence})
		}
	}
	runs := 0
	for i, r := range s.text {
		switch r {
		case '《', '“', '「':
			depth, runs = depth+1, 0
		case '》', '”', '」':
			depth = max(depth-1, 0)
		}
		// A quotation that is never closed must not swallow the rest.
		if runs++; depth > 0 && runs > 80 {
			depth = 0
		}
		if depth > 0 && r != '\n' {
			continue
		}
		switch r {
		case '，', '：', ',', ':', '、':
			if r == '、' || r < 128 && between(s.text, i) || numberFollows(s.text[i+len(string(r)):]) {
				continue
			}
			cut(i, r)
		case '。', '！', '？', '；', '!', '?', ';', '\n':
			cut(i, r)
			sentence++
		default:
			continue
		}
		from = i + len(string(r))
	}
	cut(len(s.text), 0)
	return all
}

// between tells that the byte at i stands between two digits, as in 10:30.
func between(s string, i int) bool {
	digit := func(k int) bool { return k >= 0 && k < len(s) && s[k] >= '0' && s[k] <= '9' }
	return digit(i-1) && digit(i+1)
}

// numberFollows tells that a telephone number comes next, masked or not.
func numberFollows(s string) bool {
	s = strings.TrimLeft(s, " ")
	return len(s)-len(strings.TrimLeft(s, "0123456789*-－—")) >= 5
}

func trim(s string, from, to int) (int, int) {
	for from < to {
		r, n := utf8.DecodeRuneInString(s[from:to])
		if !unicode.IsSpace(r) {
			break
		}
		from += n
	}
	for from < to {
		r, n := utf8.DecodeLastRuneInString(s[from:to])
		if !unicode.IsSpace(r) {
			break
		}
		to -= n
	}
	return from, to
}

// han counts Chinese characters.
func han(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

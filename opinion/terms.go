package opinion

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxToken bounds one token of an index, in code points; a longer one is cut into
// pieces. Lucene cuts at 255 UTF-16 units by itself, where SQLite does not.
const maxToken = 100

// IndexTokens splits what a Doc carries, or what a Tokenizer gave for a term, into
// the tokens that an index keeps. Both adapters and both sides (posts and questions)
// go through it, so that a token means the same bytes everywhere: white space and control
// characters separate tokens, letters are in lower case, invalid UTF-8 becomes U+FFFD.
func IndexTokens(s string) []string {
	tokens := strings.FieldsFunc(strings.ToLower(strings.ToValidUTF8(s, "\uFFFD")), isSeparator)
	for i := 0; i < len(tokens); i++ {
		if len(tokens[i]) > maxToken && utf8.RuneCountInString(tokens[i]) > maxToken {
			return cutLong(tokens)
		}
	}
	return tokens
}

func isSeparator(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func cutLong(tokens []string) []string {
	var out []string
	for _, t := range tokens {
		for rs := []rune(t); len(rs) > 0; {
			n := min(len(rs), maxToken)
			out = append(out, string(rs[:n]))
			rs = rs[n:]
		}
	}
	return out
}

// TermPhrases returns the phrases of adjacent tokens of which a post must hold at
// least one, within its title or within its text, to match the term. It returns none
// when the term has no token; such a term matches nothing.
func TermPhrases(tok Tokenizer, text string) [][]string {
	tokens := IndexTokens(strings.Join(tok.Tokens(text), " "))
	if len(tokens) == 0 {
		return nil
	}
	return [][]string{tokens}
}

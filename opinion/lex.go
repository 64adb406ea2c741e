package opinion

import (
	"strconv"
	"strings"
	"unicode"
)

// lexeme is one piece of a query with its place, counted in code points from 1.
type lexeme struct {
	kind  lexKind
	at    int
	text  string // of a word, phrase or field value
	field string // of a field, in lower case
	valAt int    // where a field's value begins
}

type lexKind int

const (
	lexEnd lexKind = iota
	lexWord
	lexPhrase
	lexField
	lexOpen
	lexClose
	lexAnd
	lexOr
	lexNot
)

func (l lexeme) String() string {
	switch l.kind {
	case lexEnd:
		return "the end of the query"
	case lexOpen:
		return `"("`
	case lexClose:
		return `")"`
	case lexPhrase:
		return "a phrase"
	default:
		return quoted(l.text)
	}
}

// operators are the words that join others when they stand alone, between white
// space, brackets or quotation marks. Inside a longer word they are part of it.
var operators = map[string]lexKind{
	"AND": lexAnd, "与": lexAnd, "且": lexAnd,
	"OR": lexOr, "或": lexOr,
	"NOT": lexNot, "非": lexNot,
}

type lexer struct {
	in  []rune
	pos int
}

// next returns the lexeme at the reading position and moves behind it.
func (l *lexer) next() (lexeme, error) {
	for l.pos < len(l.in) && unicode.IsSpace(l.in[l.pos]) {
		l.pos++
	}
	at := l.pos + 1
	if l.pos == len(l.in) {
		return lexeme{kind: lexEnd, at: at}, nil
	}
	switch r := l.in[l.pos]; {
	case r == '(' || r == '（':
		l.pos++
		return lexeme{kind: lexOpen, at: at}, nil
	case r == ')' || r == '）':
		l.pos++
		return lexeme{kind: lexClose, at: at}, nil
	case isBar(r):
		l.pos++
		if l.pos < len(l.in) && isBar(l.in[l.pos]) {
			l.pos++
		}
		return lexeme{kind: lexOr, at: at, text: "|"}, nil
	case l.isDoubleAmpersand():
		l.pos += 2
		return lexeme{kind: lexAnd, at: at, text: "&&"}, nil
	case isQuote(r):
		text, err := l.phrase()
		return lexeme{kind: lexPhrase, at: at, text: text}, err
	case r == '-' || r == '!' || r == '！':
		return l.minus(r)
	default:
		return l.word()
	}
}

// minus reads a sign of negation, which must touch what it negates: "A - B" is more
// often a dash than a wish to leave B out.
func (l *lexer) minus(r rune) (lexeme, error) {
	at := l.pos + 1
	l.pos++
	if l.pos == len(l.in) || unicode.IsSpace(l.in[l.pos]) {
		return lexeme{}, syntaxError(at, "expected a word right after %q (put it in quotation marks to search for the sign itself)", r)
	}
	return lexeme{kind: lexNot, at: at, text: string(r)}, nil
}

// phrase reads a text in quotation marks. A backslash takes the next character as it is.
func (l *lexer) phrase() (string, error) {
	open := l.pos
	curly := l.in[open] != '"'
	var b strings.Builder
	for l.pos++; l.pos < len(l.in); l.pos++ {
		r := l.in[l.pos]
		switch {
		case r == '\\' && l.pos+1 < len(l.in):
			l.pos++
			b.WriteRune(l.in[l.pos])
		case curly && (r == '“' || r == '”'), !curly && r == '"':
			l.pos++
			text := strings.Join(strings.Fields(b.String()), " ")
			if text == "" {
				return "", syntaxError(open+1, "expected words between the quotation marks")
			}
			return text, nil
		default:
			b.WriteRune(r)
		}
	}
	return "", syntaxError(len(l.in)+1, "expected the quotation mark that closes the one at character %d", open+1)
}

// word reads a bare word, an operator in letters, or a field with its value.
func (l *lexer) word() (lexeme, error) {
	start := l.pos
	for l.pos < len(l.in) && !l.endsWord() {
		l.pos++
	}
	text := l.in[start:l.pos]
	if kind, ok := operators[string(text)]; ok {
		return lexeme{kind: kind, at: start + 1, text: string(text)}, nil
	}
	colon := fieldColon(text)
	if colon < 0 {
		return lexeme{kind: lexWord, at: start + 1, text: string(text)}, nil
	}
	f := lexeme{kind: lexField, at: start + 1, valAt: start + colon + 2,
		field: strings.ToLower(string(text[:colon])), text: string(text[colon+1:])}
	if f.text == "" && l.pos < len(l.in) && isQuote(l.in[l.pos]) {
		var err error
		if f.text, err = l.phrase(); err != nil {
			return lexeme{}, err
		}
	}
	return f, nil
}

func (l *lexer) endsWord() bool {
	r := l.in[l.pos]
	return unicode.IsSpace(r) || isQuote(r) || isBar(r) || l.isDoubleAmpersand() ||
		r == '(' || r == '（' || r == ')' || r == '）'
}

func (l *lexer) isDoubleAmpersand() bool {
	return l.pos+1 < len(l.in) && isAmpersand(l.in[l.pos]) && isAmpersand(l.in[l.pos+1])
}

func isBar(r rune) bool       { return r == '|' || r == '｜' }
func isAmpersand(r rune) bool { return r == '&' || r == '＆' }
func isQuote(r rune) bool     { return r == '"' || r == '“' || r == '”' }

// fieldColon returns the place of the colon behind a field's name, or -1. Only ASCII
// letters and "_" make a name, so that 时间：下午 and 10:30 stay words.
func fieldColon(word []rune) int {
	for i, r := range word {
		switch {
		case (r == ':' || r == '：') && i > 0:
			return i
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		default:
			return -1
		}
	}
	return -1
}

func syntaxError(at int, format string, args ...any) *Error {
	e := Errorf(CodeInvalid, format, args...)
	e.Message = "query, character " + strconv.Itoa(at) + ": " + e.Message
	e.Field = "query"
	return e
}

package opinion

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a query.
const (
	MaxQueryLength = 2000 // code points
	MaxQueryDepth  = 12   // brackets and negations within each other; Elasticsearch refuses 30 clauses
	MaxQueryTerms  = 64   // words, phrases and fields
	MaxTermLength  = 200  // code points of one word, phrase or value
)

// ParseQuery reads the query language. Its errors are *Error with CodeInvalid and name
// the character (code points counted from 1) and what was expected there.
//
// Words are joined by AND unless something else stands between them:
//
//	停车 收费             both words; also 停车 与 收费, 且, AND, &&
//	停车 或 收费          either word; also OR, |
//	非 停车               without the word; also NOT, -停车, !停车
//	(停车 或 收费) 丽发    brackets, also full-width; OR binds weaker than AND
//	"拖欠 工资" “拖欠工资”  a phrase; a backslash keeps a quotation mark in it
//	title:停车            only in the title
//	topic:edu.school source:12345 channel:web_message kind:K4 intent:投诉
//	street:ID event:ID id:ID history:true
//	risk:2 risk:>=2 score:>=60 sentiment:-1       with <, <=, >, >= or =
//	date:2019-01-01..2019-02-01                   both days included, China Standard Time
//	date:2019-01-01 after:2019-01-01 before:2019-02-01
//
// After includes its day and before does not, so that after:2019-01-01
// before:2019-02-01 is January. The operators in letters count only between white space,
// brackets or quotation marks: 或 inside a word is part of the word, and "或" in
// quotation marks is the word itself. A colon may be full-width. An empty text matches
// every post. There is no field for authors: the product scores events, never people.
func ParseQuery(s string) (Query, error) {
	if !utf8.ValidString(s) {
		return Query{}, syntaxError(validRunes(s)+1, "expected UTF-8 text")
	}
	in := []rune(s)
	if len(in) > MaxQueryLength {
		return Query{}, syntaxError(MaxQueryLength+1, "expected the end: a query has at most %d characters", MaxQueryLength)
	}
	for i, r := range in {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return Query{}, syntaxError(i+1, "expected no control character (%U)", r)
		}
	}
	p := parser{lex: lexer{in: in}}
	if err := p.advance(); err != nil {
		return Query{}, err
	}
	if p.cur.kind == lexEnd {
		return Query{Text: s}, nil
	}
	root, err := p.or()
	if err != nil {
		return Query{}, err
	}
	if p.cur.kind != lexEnd {
		return Query{}, syntaxError(p.cur.at, `expected the end of the query, found %s without "("`, p.cur)
	}
	return Query{Text: s, Root: root}, nil
}

// validRunes counts the code points before the first byte that is not UTF-8.
func validRunes(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			return n
		}
		n, s = n+1, s[size:]
	}
	return n
}

type parser struct {
	lex   lexer
	cur   lexeme
	depth int
	terms int
}

func (p *parser) advance() (err error) {
	p.cur, err = p.lex.next()
	return err
}

func (p *parser) or() (Node, error) {
	var nodes []Node
	for {
		n, err := p.and()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		if p.cur.kind != lexOr {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return Or{nodes}, nil
}

func (p *parser) and() (Node, error) {
	var nodes []Node
	for {
		n, err := p.not()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		if k := p.cur.kind; k == lexOr || k == lexClose || k == lexEnd {
			break
		}
		if p.cur.kind == lexAnd {
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return And{nodes}, nil
}

func (p *parser) not() (Node, error) {
	if p.cur.kind != lexNot {
		return p.primary()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.not()
	if err != nil {
		return nil, err
	}
	return Not{n}, nil
}

func (p *parser) primary() (Node, error) {
	switch p.cur.kind {
	case lexOpen:
		return p.bracket()
	case lexWord, lexPhrase, lexField:
		return p.leaf()
	default:
		hint := ""
		if p.cur.kind == lexAnd || p.cur.kind == lexOr {
			hint = " (put it in quotation marks to search for it as a word)"
		}
		return nil, syntaxError(p.cur.at, `expected a word, a phrase, a field or "(", found %s%s`, p.cur, hint)
	}
}

func (p *parser) bracket() (Node, error) {
	open := p.cur.at
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.cur.kind != lexClose {
		return nil, syntaxError(p.cur.at, `expected ")" for the "(" at character %d, found %s`, open, p.cur)
	}
	return n, p.advance()
}

func (p *parser) enter() error {
	if p.depth++; p.depth > MaxQueryDepth {
		return syntaxError(p.cur.at, "expected at most %d brackets and negations within each other", MaxQueryDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) leaf() (Node, error) {
	l := p.cur
	if p.terms++; p.terms > MaxQueryTerms {
		return nil, syntaxError(l.at, "expected at most %d words and fields", MaxQueryTerms)
	}
	if utf8.RuneCountInString(l.text) > MaxTermLength {
		return nil, syntaxError(l.at, "expected a word, phrase or value of at most %d characters", MaxTermLength)
	}
	var n Node = Term{Text: l.text}
	if l.kind == lexField {
		var err error
		if n, err = fieldNode(l); err != nil {
			return nil, err
		}
	}
	return n, p.advance()
}

// fieldNode makes the node of a field and its value.
func fieldNode(l lexeme) (Node, error) {
	parse, ok := fields[l.field]
	if !ok {
		return nil, unknownField(l)
	}
	if l.text == "" {
		return nil, syntaxError(l.valAt, "expected a value right after %q", l.field+":")
	}
	n, want := parse(l.field, l.text)
	if n == nil {
		return nil, syntaxError(l.valAt, "expected %s after %q, found %q", want, l.field+":", l.text)
	}
	return n, nil
}

func unknownField(l lexeme) error {
	switch l.field {
	case "author", "user", "pseudonym":
		return syntaxError(l.at, "expected another field: there is no search by author, because events are scored and never people")
	}
	return syntaxError(l.at, "expected one of the fields %s, found %q (put the whole word in quotation marks to search for it as text)", fieldNames, l.field)
}

const fieldNames = "title, topic, risk, score, source, channel, kind, intent, sentiment, street, area, event, id, date, after, before, history"

// fieldParser returns the node of a value, or nil and what was expected instead.
type fieldParser func(field, value string) (n Node, want string)

var fields = map[string]fieldParser{
	FieldTitle:     func(_, v string) (Node, string) { return Term{TitleOnly: true, Text: v}, "" },
	FacetTopic:     lowerMatch,
	FacetSource:    lowerMatch,
	FacetStreet:    lowerMatch,
	FieldEvent:     lowerMatch,
	FieldID:        lowerMatch,
	FacetIntent:    func(f, v string) (Node, string) { return Match{f, v}, "" },
	FacetKind:      func(f, v string) (Node, string) { return Match{f, strings.ToUpper(v)}, "" },
	FacetChannel:   parseChannel,
	FacetArea:      parseArea,
	FieldHistory:   parseHistory,
	FacetRisk:      numberIn(0, 3, true),
	FacetSentiment: numberIn(-1, 1, true),
	FieldScore:     numberIn(0, 100, false),
	FieldDate:      parseDates,
	FieldAfter:     parseDay,
	FieldBefore:    parseDay,
}

func lowerMatch(f, v string) (Node, string) { return Match{f, strings.ToLower(v)}, "" }

func parseChannel(f, v string) (Node, string) {
	if v = strings.ToLower(v); Channel(v).Valid() {
		return Match{f, v}, ""
	}
	return nil, fmt.Sprintf("%s, %s or %s", ChannelPublic, ChannelWebMessage, ChannelHotline)
}

func parseArea(f, v string) (Node, string) {
	if v = strings.ToLower(v); v == AreaOurs || v == AreaElsewhere {
		return Match{f, v}, ""
	}
	return nil, AreaOurs + " or " + AreaElsewhere
}

func parseHistory(f, v string) (Node, string) {
	if v = strings.ToLower(v); v == "true" || v == "false" {
		return Match{f, v}, ""
	}
	return nil, "true or false"
}

// numberIn reads a comparison with a decimal number between two bounds.
func numberIn(low, high float64, whole bool) fieldParser {
	noun := "number"
	if whole {
		noun = "whole number"
	}
	want := fmt.Sprintf("a %s from %v to %v, with <, <=, >, >= or = before it if wanted,", noun, low, high)
	return func(f, v string) (Node, string) {
		op, digits := cutOp(v)
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil || strings.Trim(digits, "-.0123456789") != "" ||
			!(low <= x && x <= high) || whole && x != float64(int(x)) {
			return nil, want
		}
		return Range{Field: f, Op: op, Value: x + 0}, ""
	}
}

func cutOp(v string) (Op, string) {
	v = strings.NewReplacer("＞", ">", "＜", "<", "＝", "=", "≥", ">=", "≤", "<=").Replace(v)
	for _, op := range []Op{OpGreaterEqual, OpLessEqual, OpGreater, OpLess, OpEqual} {
		if rest, ok := strings.CutPrefix(v, string(op)); ok {
			return op, rest
		}
	}
	return OpEqual, v
}

func parseDates(_, v string) (Node, string) {
	first, last, isRange := strings.Cut(v, "..")
	if !isRange {
		last = first
	}
	from, ok := chinaDay(first)
	to, ok2 := chinaDay(last)
	if !ok || !ok2 || to.Before(from) {
		return nil, "a day such as 2019-01-31, or two in order such as 2019-01-01..2019-01-31,"
	}
	return Dates{From: from, To: to.AddDate(0, 0, 1)}, ""
}

func parseDay(f, v string) (Node, string) {
	day, ok := chinaDay(v)
	if !ok {
		return nil, "a day such as 2019-01-31"
	}
	if f == FieldAfter {
		return Dates{From: day}, ""
	}
	return Dates{To: day}, ""
}

// chinaDay returns the first instant of a day between 1900 and 2199.
func chinaDay(v string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, v, ChinaTime)
	if err != nil || t.Year() < 1900 || t.Year() > 2199 {
		return time.Time{}, false
	}
	return t.UTC(), true
}

package sqlite

import (
	"fmt"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// condition is a part of a query in SQL. A part that is only words is kept as an FTS5
// expression for as long as possible, so that FTS5 itself joins the lists of words.
type condition struct {
	words string // FTS5 expression, or empty
	depth int    // of brackets in words
	sql   string
	args  []any
}

// maxWordsDepth is how deep an FTS5 expression may grow before the rest is joined in
// SQL: the parser of FTS5 has a small stack of fixed size.
const maxWordsDepth = 8

// plain gives up the form of words where it is too deep to be put into another one.
func (c condition) plain() condition {
	if c.words == "" || c.depth < maxWordsDepth {
		return c
	}
	where, args := c.where()
	return condition{sql: where, args: args}
}

// where gives the condition as SQL over the table posts.
func (c condition) where() (string, []any) {
	if c.words != "" {
		return "n IN (SELECT rowid FROM words WHERE words MATCH ?)", []any{c.words}
	}
	return c.sql, c.args
}

// never is what a term without tokens and an empty list of alternatives amount to.
var never = condition{sql: "0"}

func compile(n opinion.Node, tok opinion.Tokenizer) (condition, error) {
	switch n := n.(type) {
	case nil:
		return condition{sql: "1"}, nil
	case opinion.And:
		return compileAnd(n, tok)
	case opinion.Or:
		return compileOr(n, tok)
	case opinion.Not:
		c, err := compile(n.Node, tok)
		where, args := c.where()
		return condition{sql: "NOT (" + where + ")", args: args}, err
	case opinion.Term:
		if expr := termExpr(tok, n); expr != "" {
			return condition{words: expr, depth: 1}, nil
		}
		return never, nil
	case opinion.Match:
		return compileMatch(n)
	case opinion.Range:
		return compileRange(n)
	case opinion.Dates:
		return compileDates(n), nil
	default:
		return condition{}, opinion.Errorf(opinion.CodeInvalid, "the index cannot answer a %T", n)
	}
}

// compileAnd joins the words of the list into one FTS5 expression, with those under a
// Not behind its binary NOT, and the rest in SQL.
func compileAnd(n opinion.And, tok opinion.Tokenizer) (condition, error) {
	var words, without, parts []string
	var args []any
	depth := 0
	for _, child := range n.Nodes {
		if not, ok := child.(opinion.Not); ok {
			c, err := compile(not.Node, tok)
			if err != nil {
				return condition{}, err
			}
			if c = c.plain(); c.words != "" {
				without, depth = append(without, c.words), max(depth, c.depth)
				continue
			}
		}
		c, err := compile(child, tok)
		if err != nil {
			return condition{}, err
		}
		if c = c.plain(); c.words != "" {
			words, depth = append(words, c.words), max(depth, c.depth)
			continue
		}
		parts = append(parts, "("+c.sql+")")
		args = append(args, c.args...)
	}
	if len(words) == 0 {
		parts = append(parts, "1") // also the meaning of an empty list
		for _, w := range without {
			parts = append(parts, "n NOT IN (SELECT rowid FROM words WHERE words MATCH ?)")
			args = append(args, w)
		}
		return condition{sql: strings.Join(parts, " AND "), args: args}, nil
	}
	expr := "(" + strings.Join(words, " AND ") + ")"
	if len(without) > 0 {
		expr = "(" + expr + " NOT (" + strings.Join(without, " OR ") + "))"
	}
	if len(parts) == 0 {
		return condition{words: expr, depth: depth + 2}, nil
	}
	where, first := condition{words: expr}.where()
	return condition{sql: where + " AND " + strings.Join(parts, " AND "), args: append(first, args...)}, nil
}

func compileOr(n opinion.Or, tok opinion.Tokenizer) (condition, error) {
	var words, parts []string
	var args []any
	depth := 0
	for _, child := range n.Nodes {
		c, err := compile(child, tok)
		if err != nil {
			return condition{}, err
		}
		if c = c.plain(); c.words != "" {
			words, depth = append(words, c.words), max(depth, c.depth)
			continue
		}
		parts = append(parts, "("+c.sql+")")
		args = append(args, c.args...)
	}
	if len(words) > 0 {
		expr := "(" + strings.Join(words, " OR ") + ")"
		if len(parts) == 0 {
			return condition{words: expr, depth: depth + 1}, nil
		}
		where, first := condition{words: expr}.where()
		parts, args = append(parts, where), append(args, first...)
	}
	if len(parts) == 0 {
		return never, nil
	}
	return condition{sql: strings.Join(parts, " OR "), args: args}, nil
}

// termExpr is the FTS5 expression of a term, or empty when it has no token.
func termExpr(tok opinion.Tokenizer, t opinion.Term) string {
	phrases := opinion.TermPhrases(tok, t.Text)
	if len(phrases) == 0 {
		return ""
	}
	column := ""
	if t.TitleOnly {
		column = "title:"
	}
	var b strings.Builder
	b.WriteByte('(')
	for i, p := range phrases {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString(column + `"` + strings.ReplaceAll(strings.Join(p.Tokens, " "), `"`, `""`) + `"`)
		if p.Prefix {
			b.WriteString(" *")
		}
	}
	b.WriteByte(')')
	return b.String()
}

var matchColumns = map[string]string{
	opinion.FacetTopic:   "facets IN (SELECT id FROM facet_sets WHERE topic = ?)",
	opinion.FacetSource:  "facets IN (SELECT id FROM facet_sets WHERE source = ?)",
	opinion.FacetChannel: "facets IN (SELECT id FROM facet_sets WHERE channel = ?)",
	opinion.FacetIntent:  "facets IN (SELECT id FROM facet_sets WHERE intent = ?)",
	opinion.FacetKind:    "facets IN (SELECT id FROM facet_sets WHERE instr(kinds, ?))",
	opinion.FacetStreet:  "facets IN (SELECT id FROM facet_sets WHERE instr(streets, ?))",
	opinion.FacetArea:    "facets IN (SELECT id FROM facet_sets WHERE area = ?)",
	opinion.FieldEvent:   "event = ? AND event <> ''",
	opinion.FieldID:      "id = ?",
	opinion.FieldHistory: "history = ?",
}

func compileMatch(m opinion.Match) (condition, error) {
	text, ok := matchColumns[m.Field]
	if !ok {
		return condition{}, opinion.Errorf(opinion.CodeInvalid, "the index has no field %q", m.Field)
	}
	var arg any = m.Value
	switch m.Field {
	case opinion.FacetKind, opinion.FacetStreet:
		arg = pack([]string{m.Value})
	case opinion.FieldHistory:
		arg = m.Value == "true"
	}
	return condition{sql: text, args: []any{arg}}, nil
}

var rangeColumns = map[string]string{
	opinion.FacetRisk:      "facets IN (SELECT id FROM facet_sets WHERE risk %s ?)",
	opinion.FacetSentiment: "facets IN (SELECT id FROM facet_sets WHERE sentiment %s ?)",
	opinion.FieldScore:     "score %s ?",
}

func compileRange(r opinion.Range) (condition, error) {
	text, ok := rangeColumns[r.Field]
	if !ok {
		return condition{}, opinion.Errorf(opinion.CodeInvalid, "the index has no number %q", r.Field)
	}
	switch r.Op {
	case opinion.OpEqual, opinion.OpLess, opinion.OpLessEqual, opinion.OpGreater, opinion.OpGreaterEqual:
		return condition{sql: fmt.Sprintf(text, r.Op), args: []any{r.Value}}, nil
	default:
		return condition{}, opinion.Errorf(opinion.CodeInvalid, "the index cannot compare with %q", r.Op)
	}
}

func compileDates(d opinion.Dates) condition {
	var parts []string
	var args []any
	if !d.From.IsZero() {
		parts, args = append(parts, "published >= ?"), append(args, d.From.UnixMilli())
	}
	if !d.To.IsZero() {
		parts, args = append(parts, "published < ?"), append(args, d.To.UnixMilli())
	}
	if len(parts) == 0 {
		return condition{sql: "1"}
	}
	return condition{sql: strings.Join(parts, " AND "), args: args}
}

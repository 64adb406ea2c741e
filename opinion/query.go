package opinion

import (
	"strconv"
	"strings"
	"time"
)

// Query is a parsed question in the query language of the product; see ParseQuery.
// The zero value matches every post.
type Query struct {
	// Text is what was parsed.
	Text string
	// Root is nil when the query matches every post.
	Root Node
}

// Node is a part of a Query: And, Or, Not, Term, Match, Range or Dates. Nodes are
// values; nobody changes one after parsing.
type Node interface{ node() }

// And matches a post that all its nodes match. It has two or more.
type And struct{ Nodes []Node }

// Or matches a post that at least one of its nodes matches. It has two or more.
type Or struct{ Nodes []Node }

// Not matches every post that its node does not match.
type Not struct{ Node Node }

// Term matches a post whose title or text holds the words of Text one after the
// other; see TermPhrases for what that means in tokens. A match never reaches from
// the title into the text.
type Term struct {
	// TitleOnly keeps to the title.
	TitleOnly bool
	Text      string
}

// Match compares a named value of the post. Field is one of FacetTopic, FacetSource,
// FacetChannel, FacetKind, FacetIntent, FacetStreet, FacetArea, FieldEvent, FieldID or
// FieldHistory; Value is compared exactly. A field of several values (kind, street)
// matches when one of them is Value. The value of FieldHistory is "true" or "false".
type Match struct {
	Field string
	Value string
}

// Range compares a number of the post: FacetRisk (0 to 3), FieldScore (0 to 100) or
// FacetSentiment (-1, 0, 1).
type Range struct {
	Field string
	Op    Op
	Value float64
}

// Op is a comparison.
type Op string

// The comparisons.
const (
	OpEqual        Op = "="
	OpLess         Op = "<"
	OpLessEqual    Op = "<="
	OpGreater      Op = ">"
	OpGreaterEqual Op = ">="
)

// Dates matches posts published in [From, To). A zero instant leaves its side open;
// both are midnights in China Standard Time, kept as UTC.
type Dates struct {
	From time.Time
	To   time.Time
}

func (And) node()   {}
func (Or) node()    {}
func (Not) node()   {}
func (Term) node()  {}
func (Match) node() {}
func (Range) node() {}
func (Dates) node() {}

// Fields of the query language beside the facet fields.
const (
	FieldTitle   = "title"
	FieldEvent   = "event"
	FieldID      = "id"
	FieldHistory = "history"
	FieldScore   = "score"
	FieldDate    = "date"
	FieldAfter   = "after"
	FieldBefore  = "before"
)

// ChinaTime is China Standard Time (Asia/Shanghai), UTC+8 without daylight saving
// since 1991. Days, weeks and months of the product are counted in it.
var ChinaTime = time.FixedZone("+08:00", 8*60*60)

// Terms lists the words that a matching post is expected to show: those not under
// a Not, in the query's order, each once.
func (q Query) Terms() []Term {
	var terms []Term
	seen := map[Term]bool{}
	var walk func(n Node, positive bool)
	walk = func(n Node, positive bool) {
		switch n := n.(type) {
		case And:
			for _, c := range n.Nodes {
				walk(c, positive)
			}
		case Or:
			for _, c := range n.Nodes {
				walk(c, positive)
			}
		case Not:
			walk(n.Node, !positive)
		case Term:
			if positive && !seen[n] {
				seen[n] = true
				terms = append(terms, n)
			}
		}
	}
	walk(q.Root, true)
	return terms
}

// String writes the query so that ParseQuery gives the same Root again.
func (q Query) String() string {
	if q.Root == nil {
		return ""
	}
	var b strings.Builder
	printNode(&b, q.Root)
	return b.String()
}

func printNode(b *strings.Builder, n Node) {
	switch n := n.(type) {
	case And:
		printList(b, n.Nodes, " ")
	case Or:
		printList(b, n.Nodes, " OR ")
	case Not:
		b.WriteString("NOT ")
		printChild(b, n.Node)
	case Term:
		if n.TitleOnly {
			b.WriteString(FieldTitle + ":")
		}
		b.WriteString(quoted(n.Text))
	case Match:
		b.WriteString(n.Field + ":" + quoted(n.Value))
	case Range:
		op := string(n.Op)
		if n.Op == OpEqual {
			op = ""
		}
		b.WriteString(n.Field + ":" + op + strconv.FormatFloat(n.Value, 'f', -1, 64))
	case Dates:
		printDates(b, n)
	}
}

func printList(b *strings.Builder, nodes []Node, between string) {
	for i, c := range nodes {
		if i > 0 {
			b.WriteString(between)
		}
		printChild(b, c)
	}
}

func printChild(b *strings.Builder, n Node) {
	switch n.(type) {
	case And, Or:
		b.WriteByte('(')
		printNode(b, n)
		b.WriteByte(')')
	default:
		printNode(b, n)
	}
}

func printDates(b *strings.Builder, d Dates) {
	day := func(t time.Time) string { return t.In(ChinaTime).Format(time.DateOnly) }
	switch {
	case d.To.IsZero():
		b.WriteString(FieldAfter + ":" + day(d.From))
	case d.From.IsZero():
		b.WriteString(FieldBefore + ":" + day(d.To))
	default:
		b.WriteString(FieldDate + ":" + day(d.From) + ".." + day(d.To.AddDate(0, 0, -1)))
	}
}

// quoted writes a text as a phrase; a quotation mark or backslash in it is escaped.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

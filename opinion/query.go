package opinion

// Query is a parsed question in the query language of the product; see ParseQuery.
// The zero value matches every post.
type Query struct {
	// Text is what was parsed.
	Text string
	// Root is nil when the query matches every post.
	Root Node
}

// Node is a part of a Query: And, Or, Not, Term or Range.
type Node interface{ node() }

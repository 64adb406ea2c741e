package opinion

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxHighlights bounds the spans of one hit.
const MaxHighlights = 200

// Highlight returns where the words of a query stand in a body (Post.Body), as code
// points, in order and without overlap, at most MaxHighlights. A term is looked for
// as it is written, whatever the case of its letters; where it does not stand like
// that, its tokens of two or more code points are. Words under a Not are not shown.
// tok may be nil: then only whole terms are found.
func Highlight(body string, q Query, tok Tokenizer) []Span {
	terms := q.Terms()
	if len(terms) == 0 {
		return nil
	}
	folded := foldCase(body)
	var spans []Span
	for _, t := range terms {
		found := findAll(folded, foldCase(t.Text))
		if len(found) == 0 && tok != nil {
			found = findTokens(folded, tok.Tokens(t.Text))
		}
		spans = append(spans, found...)
	}
	return mergeSpans(spans)
}

// foldCase maps every code point to one code point, so that offsets stay.
func foldCase(s string) string { return strings.Map(unicode.ToLower, s) }

func findTokens(folded string, tokens []string) []Span {
	var spans []Span
	for _, t := range tokens {
		if t = foldCase(t); utf8.RuneCountInString(t) > 1 || len(tokens) == 1 {
			spans = append(spans, findAll(folded, t)...)
		}
	}
	return spans
}

// findAll returns the places of a word, at most MaxHighlights.
func findAll(folded, word string) []Span {
	if strings.TrimSpace(word) == "" {
		return nil
	}
	var spans []Span
	n := utf8.RuneCountInString(word)
	for at, runes := 0, 0; len(spans) < MaxHighlights; {
		i := strings.Index(folded[at:], word)
		if i < 0 {
			break
		}
		runes += utf8.RuneCountInString(folded[at : at+i])
		spans = append(spans, Span{runes, runes + n})
		at += i + len(word)
		runes += n
	}
	return spans
}

// mergeSpans sorts spans and joins those that overlap or touch.
func mergeSpans(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	var out []Span
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.Start <= out[last].End {
			out[last].End = max(out[last].End, s.End)
		} else {
			out = append(out, s)
		}
	}
	return out[:min(len(out), MaxHighlights)]
}

// Package watch matches posts against the topics that units keep for themselves
// (本单位专题), and learns the words of a topic from its examples. It is pure: equal texts and
// topics give equal answers.
package watch

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// Bounds of what is shown of one post.
const maxEvidence = 40

// Rule is a topic made ready for matching. It is read-only and safe for concurrent use.
type Rule struct {
	keywords, exclusions [][]string // parts of each, folded
	words                []opinion.TopicWord
	threshold            float64
}

// Compile makes a topic ready.
func Compile(t opinion.UnitTopic) *Rule {
	r := &Rule{keywords: parts(t.Keywords), exclusions: parts(t.Exclusions), threshold: t.Threshold}
	for _, w := range t.Words {
		r.words = append(r.words, opinion.TopicWord{Word: fold(w.Word), Weight: w.Weight})
	}
	return r
}

func parts(list []string) (out [][]string) {
	for _, w := range list {
		if p := strings.Fields(fold(w)); len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// fold is the form in which texts are compared: letters in lower case, one code point for
// one, so that offsets stay right.
func fold(s string) string {
	return strings.Map(unicode.ToLower, s)
}

// Match is what a topic says of a post.
type Match struct {
	// Belongs is true when the post is of the topic. Excluded is true when only a word of the
	// exclusions keeps it out.
	Belongs, Excluded bool
	// Score is the weight of the topic's words in the post, 0 to 1.
	Score float64
	// Keywords, Words and Exclusions are what was found, by place.
	Keywords, Words, Exclusions []opinion.Evidence
}

// Match judges the body of a post.
func (r *Rule) Match(body string) Match {
	text := newText(body)
	var m Match
	byWord := false
	m.Keywords, byWord = text.all(r.keywords)
	weight := 0.0
	for _, w := range r.words {
		if found := text.find(w.Word); len(found) > 0 {
			weight += w.Weight
			m.Words = append(m.Words, found...)
		}
	}
	m.Score = min(weight, 1)
	m.Words = tidy(m.Words)
	var out bool
	m.Exclusions, out = text.all(r.exclusions)
	caught := byWord || len(r.words) > 0 && m.Score >= r.threshold
	m.Belongs, m.Excluded = caught && !out, caught && out
	return m
}

// text is a body with what is needed to find words in it.
type text struct {
	body, folded string
	same         bool // folding changed nothing
}

func newText(body string) text {
	folded := fold(body)
	return text{body: body, folded: folded, same: folded == body}
}

// all finds the keywords of which every part stands in the text, and tells whether there is
// one.
func (t text) all(keywords [][]string) (found []opinion.Evidence, any bool) {
	for _, k := range keywords {
		var places []opinion.Evidence
		whole := true
		for _, part := range k {
			at := t.find(part)
			if whole = len(at) > 0; !whole {
				break
			}
			places = append(places, at...)
		}
		if whole {
			found, any = append(found, places...), true
		}
	}
	return tidy(found), any
}

// maxPlaces is how many places of one word are shown.
const maxPlaces = 5

// find returns the places of a folded word, at most maxPlaces.
func (t text) find(word string) (found []opinion.Evidence) {
	if word == "" {
		return nil
	}
	at, points := 0, 0
	for len(found) < maxPlaces {
		i := strings.Index(t.folded[at:], word)
		if i < 0 {
			break
		}
		start := points + utf8.RuneCountInString(t.folded[at:at+i])
		end := start + utf8.RuneCountInString(word)
		found = append(found, opinion.Evidence{Span: opinion.Span{Start: start, End: end}, Word: t.original(at+i, len(word), start, end)})
		at, points = at+i+len(word), end
	}
	return found
}

// original is the word as the body writes it.
func (t text) original(byteAt, bytes, start, end int) string {
	if t.same {
		return t.body[byteAt : byteAt+bytes]
	}
	return string([]rune(t.body)[start:end])
}

// tidy orders evidence by place and drops what another piece covers.
func tidy(list []opinion.Evidence) []opinion.Evidence {
	slices.SortFunc(list, func(a, b opinion.Evidence) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	kept := list[:0]
	end := -1
	for _, e := range list {
		if e.End > end {
			kept, end = append(kept, e), e.End
		}
	}
	return kept[:min(len(kept), maxEvidence)]
}

// Query is a question whose answers hold every post that can belong to a topic, as far as the
// index finds its words; nil when nothing can. Exclusions are left out of it, so that what
// they keep away can be shown.
func (r *Rule) Query() opinion.Node {
	var any []opinion.Node
	for _, k := range r.keywords {
		var all []opinion.Node
		for _, part := range k {
			all = append(all, opinion.Term{Text: part})
		}
		any = append(any, join(all, func(n []opinion.Node) opinion.Node { return opinion.And{Nodes: n} }))
	}
	for _, w := range r.needed() {
		any = append(any, opinion.Term{Text: w})
	}
	return join(any, func(n []opinion.Node) opinion.Node { return opinion.Or{Nodes: n} })
}

func join(nodes []opinion.Node, by func([]opinion.Node) opinion.Node) opinion.Node {
	switch len(nodes) {
	case 0:
		return nil
	case 1:
		return nodes[0]
	default:
		return by(nodes)
	}
}

// needed are the heaviest words of which a post must hold one to reach the threshold: all
// others together weigh less.
func (r *Rule) needed() (list []string) {
	rest := 0.0
	for _, w := range r.words {
		rest += w.Weight
	}
	words := slices.Clone(r.words)
	slices.SortStableFunc(words, func(a, b opinion.TopicWord) int {
		if a.Weight != b.Weight {
			if a.Weight > b.Weight {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Word, b.Word)
	})
	for _, w := range words {
		if rest < r.threshold {
			break
		}
		list = append(list, w.Word)
		rest -= w.Weight
	}
	return list
}

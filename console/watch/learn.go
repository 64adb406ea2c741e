package watch

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// common is the share of the background from which on a word tells nothing.
const common = 0.2

// few is how many texts of the background a word is taken to stand in at least. Weights are
// shown to units, which must not read from them whether a single post of others holds a word.
const few = 5

// Learn returns the words that tell the examples from the background, heaviest first, at most
// opinion.MaxTopicWords. A word weighs the more, the more examples hold it and the rarer it is in
// the background (the square of the inverse document frequency). Weights are scaled so that the words in an
// average example weigh 1 together. cut cuts a text into words; the background should be
// some hundred posts of every kind.
func Learn(examples, background []string, cut func(string) []string) []opinion.TopicWord {
	if len(examples) == 0 {
		return nil
	}
	rare := counts(background, cut)
	n := float64(len(background))
	var list []opinion.TopicWord
	for w, c := range counts(examples, cut) {
		df := float64(rare[w])
		if df > common*n {
			continue
		}
		df = max(df, few)
		rarity := 1 + math.Log((n+1)/(df+1))
		list = append(list, opinion.TopicWord{Word: w, Weight: float64(c) / float64(len(examples)) * rarity * rarity})
	}
	slices.SortFunc(list, func(a, b opinion.TopicWord) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(utf8.RuneCountInString(b.Word), utf8.RuneCountInString(a.Word)), strings.Compare(a.Word, b.Word))
	})
	list = list[:min(len(list), opinion.MaxTopicWords)]
	return scale(list, examples)
}

// scale makes the words in an average example weigh 1 together, by the very matching that
// posts get.
func scale(list []opinion.TopicWord, examples []string) []opinion.TopicWord {
	sum := 0.0
	for _, e := range examples {
		text := newText(e)
		for _, w := range list {
			if len(text.find(w.Word)) > 0 {
				sum += w.Weight
			}
		}
	}
	if sum == 0 {
		return nil
	}
	for i := range list {
		list[i].Weight *= float64(len(examples)) / sum
	}
	return list
}

// counts tells in how many of the texts a word stands.
func counts(texts []string, cut func(string) []string) map[string]int {
	out := map[string]int{}
	for _, t := range texts {
		seen := map[string]bool{}
		for _, w := range cut(t) {
			if w = fold(w); !seen[w] && telling(w) {
				seen[w] = true
				out[w]++
			}
		}
	}
	return out
}

// telling leaves out single characters, numbers and long strings.
func telling(w string) bool {
	n := utf8.RuneCountInString(w)
	if n < 2 || n > opinion.MaxTopicKeyword {
		return false
	}
	for _, r := range w {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

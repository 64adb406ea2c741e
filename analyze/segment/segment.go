// Package segment cuts Chinese text into words (分词) with gojieba: the words that the
// models judge and the tokens that the index keeps, from one call into the library.
//
// Words are cut without the hidden Markov model. It guesses new words from their
// neighbours, so that a query and a document may be cut apart at different places and a
// phrase is missed; without it a stretch of text gives the same words wherever it
// stands between two sure words, and cutting is about 1.5 times as fast. New names are
// found all the same, as runs of single characters.
package segment

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yanyiwu/gojieba"

	"github.com/huiying/huiying/opinion"
)

// Word is a word of a text: code points [Start, End).
type Word struct {
	Text       string
	Start, End int
}

// Segmenter cuts text. It is safe for concurrent use: the library's cutting methods
// only read.
type Segmenter struct {
	jieba *gojieba.Jieba
	words []string
}

var _ opinion.Tokenizer = (*Segmenter)(nil)

// The one instance of the process. gojieba leaks its dictionary when it is built again
// and crashes when it is freed under a running call, so the instance lives as long as
// the process and is never freed.
var (
	opening  sync.Mutex
	instance *Segmenter
)

// Open makes the segmenter of this process, with its dictionaries unpacked into dir and
// the domain words beside them. Domain words of one character, of more than 16, or with
// white space are passed over.
//
// Opening again with the same words returns the same Segmenter; with other words it is
// an error, because a process can hold one dictionary only.
func Open(dir string, words []string) (*Segmenter, error) {
	opening.Lock()
	defer opening.Unlock()
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	if instance != nil {
		if !slices.Equal(instance.words, words) {
			return nil, opinion.Errorf(opinion.CodeConflict, "the segmenter is open with other domain words; restart the process to load another policy")
		}
		return instance, nil
	}
	f, err := extract(dir, words)
	if err != nil {
		return nil, fmt.Errorf("open segmenter: %w", err)
	}
	instance = &Segmenter{jieba: gojieba.NewJieba(f.dict, f.hmm, f.user, f.idf, f.stop), words: words}
	return instance, nil
}

// Cut returns the words of a text in order, without gaps: joined they are the text.
// Runs of ASCII letters and digits are one word.
func (s *Segmenter) Cut(text string) []Word { return s.Read(text).Words }

// Tokens returns the index tokens of a text, see Reading.AppendTokens.
func (s *Segmenter) Tokens(text string) []string {
	text = Clean(text)
	return strings.Fields(string(s.Read(text).AppendTokens(nil, 0, len(text))))
}

// Read cuts a text once for both the models and the index. Offsets in bytes are those of
// Clean(text), which is text for every text that was decoded from JSON and has no NUL.
func (s *Segmenter) Read(text string) Reading { return s.ReadClean(Clean(text)) }

// ReadClean is Read for a text that Clean has returned.
func (s *Segmenter) ReadClean(text string) Reading {
	pieces := s.jieba.Tokenize(text, gojieba.SearchMode, false)
	r := Reading{pieces: pieces, main: make([]bool, len(pieces))}
	n := markMain(pieces, r.main)
	r.Words = make([]Word, 0, n)
	at, inRun := 0, false
	for i, p := range pieces {
		if !r.main[i] {
			continue
		}
		end := at + utf8.RuneCountInString(p.Str)
		goesOn := inRun
		if inRun = isWordRun(p.Str); inRun && goesOn {
			w := &r.Words[len(r.Words)-1]
			w.Text, w.End = text[p.Start-len(w.Text):p.End], end
		} else {
			r.Words = append(r.Words, Word{Text: p.Str, Start: at, End: end})
		}
		at = end
	}
	return r
}

// markMain tells words from the sub-words that the library lists before each of them,
// and returns how many words there are. The last piece is a word; pieces before it that
// start within it are its sub-words; the next before those is a word again.
func markMain(pieces []gojieba.Word, main []bool) int {
	n, start := 0, int(^uint(0)>>1)
	for i := len(pieces) - 1; i >= 0; i-- {
		if pieces[i].End <= start {
			main[i], start = true, pieces[i].Start
			n++
		}
	}
	return n
}

// Clean makes a text that the library reads to its end: it stops at a NUL, and rejects a
// whole text for one wrong byte. Every code point stays one code point.
func Clean(text string) string {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", " ")
	}
	return text
}

// isWordRun tells whether s is of ASCII letters and digits only.
func isWordRun(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// Bare returns the library's own instance, for benchmarks that measure it beside ours. It
// must not be freed or changed.
func Bare(s *Segmenter) *gojieba.Jieba { return s.jieba }

// Package lexicon finds the words of many lists in a text in one walk. Each list is
// matched leftmost-longest by itself: of the words of a list that start at one place the
// longest counts, and the words that it covers do not (taxonomy rule 最长匹配优先). Lists
// do not cover each other. No maintained library does this with several lists and their
// payloads, which is why it is here; it is a trie of a few thousand nodes in one hash
// table.
package lexicon

import (
	"unicode"

	"github.com/huiying/huiying/opinion"
)

// List names a list, 0 to MaxLists-1.
type List uint8

// MaxLists bounds the lists of one Lexicon.
const MaxLists = 16

// Match is a word of a list found in a text.
type Match struct {
	List List
	ID   int32 // as it was added
	// Start and End are code points, ByteStart and ByteEnd bytes of the text, half open.
	Start, End         int32
	ByteStart, ByteEnd int32
	// Whole is for the user to set: the match is a word of the text, or several.
	Whole bool
}

// Builder collects words for a Lexicon.
type Builder struct {
	nodes []map[rune]int32
	out   [][]payload
}

type payload struct {
	list List
	id   int32
}

// Add puts a word into a list. Letters match in either case. An empty word, a word with
// characters beyond the Basic Multilingual Plane, and a word that the list has already
// are passed over.
func (b *Builder) Add(list List, id int32, word string) {
	if b.nodes == nil {
		b.nodes, b.out = []map[rune]int32{nil}, [][]payload{nil}
	}
	for _, r := range word {
		if r > 0xFFFF {
			return
		}
	}
	at := int32(0)
	for _, r := range word {
		at = b.child(at, unicode.ToLower(r))
	}
	if at == 0 || list >= MaxLists {
		return
	}
	for _, p := range b.out[at] {
		if p.list == list {
			return
		}
	}
	b.out[at] = append(b.out[at], payload{list, id})
}

func (b *Builder) child(at int32, r rune) int32 {
	if next, ok := b.nodes[at][r]; ok {
		return next
	}
	if b.nodes[at] == nil {
		b.nodes[at] = map[rune]int32{}
	}
	next := int32(len(b.nodes))
	b.nodes = append(b.nodes, nil)
	b.out = append(b.out, nil)
	b.nodes[at][r] = next
	return next
}

// Lexicon finds words. It is read-only and safe for concurrent use.
type Lexicon struct {
	// code maps a character to its number in the alphabet of the words, 0 when no word
	// has it; both cases of a letter have one number.
	code [1 << 16]uint16
	root []int32
	// pairs has a bit for the first two characters of every word, so that most places of a
	// text cost no look into edges. single holds the characters that are words themselves.
	pairs  [pairBits / 64]uint64
	single []bool
	// edges is an open hash table from node and code to the next node.
	edges []edge
	shift uint
	out   [][]payload
}

type edge struct {
	key  uint64
	next int32
}

// Build makes the Lexicon.
func (b *Builder) Build() *Lexicon {
	l := &Lexicon{out: b.out, shift: 62}
	codes := uint16(0)
	for _, children := range b.nodes {
		for r := range children {
			if l.code[r] == 0 {
				codes++
				l.code[r] = codes
				if u := unicode.ToUpper(r); u <= 0xFFFF {
					l.code[u] = codes
				}
			}
		}
	}
	l.root = make([]int32, int(codes)+1)
	l.single = make([]bool, int(codes)+1)
	l.pair(b)
	size := 4
	for size < 4*len(b.nodes) {
		size, l.shift = size*2, l.shift-1
	}
	l.edges = make([]edge, size)
	for at, children := range b.nodes {
		for r, next := range children {
			if at == 0 {
				l.root[l.code[r]] = next
			} else {
				l.insert(key(int32(at), l.code[r]), next)
			}
		}
	}
	return l
}

// pairBits keep the share of pairs that look like one of a word below an eighth, for ten
// thousand words, within the first-level cache.
const pairBits = 1 << 17

// pairSlot spreads two codes over the bits.
func pairSlot(first, second uint16) uint32 {
	return (uint32(first)<<16 | uint32(second)) * 0x9E3779B1 >> 15
}

func (l *Lexicon) pair(b *Builder) {
	if len(b.nodes) == 0 {
		return
	}
	for r, first := range b.nodes[0] {
		if len(b.out[first]) > 0 {
			l.single[l.code[r]] = true
		}
		for second := range b.nodes[first] {
			at := pairSlot(l.code[r], l.code[second])
			l.pairs[at/64] |= 1 << (at % 64)
		}
	}
}

// begins tells whether a word may begin with the first of two codes.
func (l *Lexicon) begins(first, second uint16) bool {
	at := pairSlot(first, second)
	return l.pairs[at/64]>>(at%64)&1 != 0 || l.single[first]
}

func key(at int32, code uint16) uint64 { return uint64(at)<<16 | uint64(code) }

// slot spreads a key over the table by multiplication (Knuth, TAOCP 6.4).
func (l *Lexicon) slot(k uint64) uint64 { return k * 0x9E3779B97F4A7C15 >> l.shift }

func (l *Lexicon) insert(k uint64, next int32) {
	i := l.slot(k)
	for l.edges[i].next != 0 {
		i = (i + 1) & uint64(len(l.edges)-1)
	}
	l.edges[i] = edge{k, next}
}

func (l *Lexicon) next(at int32, code uint16) int32 {
	k := key(at, code)
	for i := l.slot(k); ; i = (i + 1) & uint64(len(l.edges)-1) {
		if e := l.edges[i]; e.next == 0 || e.key == k {
			return e.next
		}
	}
}

// Scratch is memory that Scan uses again. The zero value is ready; one goroutine at a
// time may use it.
type Scratch struct {
	codes []uint16
	bytes []int32
}

// Scan appends the matches in text to dst, by start and then by list.
func (l *Lexicon) Scan(text string, dst []Match, s *Scratch) []Match {
	l.read(text, s)
	var free, end, id [MaxLists]int32
	for i, c := range s.codes {
		at := l.root[c]
		if at == 0 || i+1 < len(s.codes) && !l.begins(c, s.codes[i+1]) {
			continue
		}
		found := uint32(0)
		for j := i + 1; ; j++ {
			for _, p := range l.out[at] {
				if int32(i) >= free[p.list] {
					found |= 1 << p.list
					end[p.list], id[p.list] = int32(j), p.id
				}
			}
			if j == len(s.codes) || s.codes[j] == 0 {
				break
			}
			if at = l.next(at, s.codes[j]); at == 0 {
				break
			}
		}
		for list := List(0); found != 0; list, found = list+1, found>>1 {
			if found&1 == 0 {
				continue
			}
			free[list] = end[list]
			dst = append(dst, Match{
				List: list, ID: id[list], Start: int32(i), End: end[list],
				ByteStart: s.bytes[i], ByteEnd: s.bytes[end[list]],
			})
		}
	}
	return dst
}

// read turns a text into codes and byte offsets, one for each code point and the end.
func (l *Lexicon) read(text string, s *Scratch) {
	s.codes, s.bytes = s.codes[:0], s.bytes[:0]
	for i, r := range text {
		c := uint16(0)
		if r <= 0xFFFF {
			c = l.code[r]
		}
		s.codes = append(s.codes, c)
		s.bytes = append(s.bytes, int32(i))
	}
	s.bytes = append(s.bytes, int32(len(text)))
}

// Evidence shows the match in the body that was scanned.
func (m Match) Evidence(body string) opinion.Evidence {
	return opinion.Evidence{
		Span: opinion.Span{Start: int(m.Start), End: int(m.End)},
		Word: body[m.ByteStart:m.ByteEnd],
	}
}

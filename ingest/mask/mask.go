// Package mask replaces personal data in normalised text: phone numbers, identity
// cards, bank cards, vehicle plates, e-mail addresses, QQ and WeChat accounts, and the
// names that writers give of themselves.
//
// It is made for letters to a government: amounts, dates, document, order, room and
// model numbers stay, and so do the names of officials and others that a letter is
// about. What it replaces leaves a mark that tells a reader what stood there, for
// example 〔手机号〕. Masking is a pure function and idempotent.
package mask

import (
	"strings"
	"sync"
)

// Kind is what was replaced.
type Kind int

// The kinds.
const (
	Phone    Kind = iota // mobile and fixed telephone number (电话)
	IDCard               // resident identity card of 18 or 15 digits (身份证)
	BankCard             // bank card (银行卡)
	Plate                // vehicle plate (车牌)
	Email                // e-mail address (邮箱)
	Account              // QQ or WeChat account
	Name                 // self-stated name (姓名)
	kinds
)

var kindNames = [kinds]string{"phone", "id_card", "bank_card", "plate", "email", "account", "name"}

var marks = [kinds]string{"〔电话〕", "〔身份证号〕", "〔银行卡号〕", "〔车牌号〕", "〔邮箱〕", "〔账号〕", "〔姓名〕"}

// String is the kind's stable name, as in Post.Masked.
func (k Kind) String() string { return kindNames[k] }

// Counts tells how many pieces were replaced, by Kind.
type Counts [kinds]int

// Total is the sum of all kinds.
func (c Counts) Total() int {
	n := 0
	for _, v := range c {
		n += v
	}
	return n
}

// AddTo adds the counts to a map by kind name, which it makes when there is something
// to add.
func (c Counts) AddTo(m map[string]int) map[string]int {
	for k, n := range c {
		if n > 0 {
			if m == nil {
				m = map[string]int{}
			}
			m[kindNames[k]] += n
		}
	}
	return m
}

// Text returns s with personal data replaced, and what was replaced. A text with none
// is returned as it is.
func Text(s string) (string, Counts) {
	if len(s) < shortest {
		return s, Counts{}
	}
	sc := scanners.Get().(*scanner)
	defer scanners.Put(sc)
	sc.scan(s)
	if len(sc.found) == 0 {
		return s, Counts{}
	}
	return sc.replaced(len(s))
}

// shortest is the length in bytes of the shortest text that can hold anything: a plate
// or a cue with a name of two characters.
const shortest = 7

// span is a found piece: runes [start, end).
type span struct {
	kind       Kind
	start, end int
}

// scanner walks over the characters of one text.
type scanner struct {
	text  []rune
	found []span
	run   run // the digits last read; its memory is used again
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

func (sc *scanner) scan(s string) {
	sc.text, sc.found = sc.text[:0], sc.found[:0]
	interesting := false
	for _, r := range s {
		sc.text = append(sc.text, r)
		interesting = interesting || r < 0x10000 && class[r] != 0
	}
	if !interesting {
		return
	}
	for i := 0; i < len(sc.text); {
		r := sc.text[i]
		if r >= 0x10000 || class[r] == 0 {
			i++
			continue
		}
		i = max(sc.look(i, class[r]), i+1)
	}
	sc.repeatNames()
}

// look tries what a character may begin and returns where to go on.
func (sc *scanner) look(i int, c byte) int {
	switch c {
	case classDigit:
		return sc.digits(i)
	case classOne:
		return sc.chineseMobile(i)
	case classProvince:
		return sc.plate(i)
	case classAt:
		return sc.email(i)
	case classAccount:
		return sc.account(i)
	default:
		return sc.name(i)
	}
}

func (sc *scanner) add(k Kind, start, end int) int {
	for len(sc.found) > 0 && sc.found[len(sc.found)-1].end > start {
		sc.found = sc.found[:len(sc.found)-1]
	}
	sc.found = append(sc.found, span{k, start, end})
	return end
}

// at returns the rune at i, or 0 outside the text.
func (sc *scanner) at(i int) rune {
	if i < 0 || i >= len(sc.text) {
		return 0
	}
	return sc.text[i]
}

// has reports whether word stands at i.
func (sc *scanner) has(i int, word string) bool {
	for _, r := range word {
		if sc.at(i) != r {
			return false
		}
		i++
	}
	return true
}

// before reports whether one of the words ends within reach runes before i.
func (sc *scanner) before(i, reach int, words []string) bool {
	window := strings.ToLower(string(sc.text[max(0, i-reach):i]))
	for _, w := range words {
		if strings.Contains(window, w) {
			return true
		}
	}
	return false
}

// inClause is before, but no farther back than the clause that i stands in.
func (sc *scanner) inClause(i, reach int, words []string) bool {
	n := 0
	for n < reach && i-n > 0 && !strings.ContainsRune("，。；！？,;!?\n", sc.text[i-n-1]) {
		n++
	}
	return sc.before(i, n, words)
}

func (sc *scanner) replaced(size int) (string, Counts) {
	var counts Counts
	var b strings.Builder
	b.Grow(size + 8*len(sc.found))
	at := 0
	for _, f := range sc.found {
		for _, r := range sc.text[at:f.start] {
			b.WriteRune(r)
		}
		b.WriteString(marks[f.kind])
		counts[f.kind]++
		at = f.end
	}
	for _, r := range sc.text[at:] {
		b.WriteRune(r)
	}
	return b.String(), counts
}

// The classes of characters that something may begin with.
const (
	classDigit = iota + 1
	classOne
	classProvince
	classAt
	classAccount
	className
)

var class [0x10000]byte

func init() {
	set := func(c byte, chars string) {
		for _, r := range chars {
			class[r] = c
		}
	}
	set(className, nameStarts)
	set(classAccount, "QqVvWw微薇威扣")
	set(classAt, "@＠")
	set(classProvince, provinces)
	set(classOne, "一壹幺")
	set(classDigit, "0123456789０１２３４５６７８９")
}

// digit returns the value of a decimal digit of either width, or -1.
func digit(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= '０' && r <= '９':
		return int(r - '０')
	}
	return -1
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func han(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0x20000 && r <= 0x3134f
}

package risk

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// counted is a number of people or households that a text states.
type counted struct {
	n     float64
	where opinion.Evidence
}

// after are words that may stand between a number and what it counts.
var after = []string{"多", "余", "几", "来", "个", "名", "位", "以上", "左右", "的"}

// people are what is counted: households and people. 个 alone counts anything.
var people = []string{"户", "人", "名", "位", "业主", "家庭", "居民", "村民", "学生", "孩子", "工人", "民工", "农民工", "师生", "家长", "职工", "员工",
	"老人", "住户", "群众", "百姓", "市民", "消费者", "投资", "出借", "受害", "商户", "买房", "购房", "口人", "家人", "患者", "孕妇", "儿童", "司机", "老师", "教师"}

// notPeople end a match of 人 or 位 that is another word.
var notPeople = []string{"人民", "人员编制", "人大", "人才", "位数", "位置", "户外", "户口", "户型", "名额", "名词", "人均", "人行", "户籍", "人次"}

// largest returns the largest number of people that a body states, and whether one of ten
// or more is there. Numbers are Arabic (1200, 1.2万), Chinese (三百多, 上百, 数千), or mixed.
func largest(body string) (counted, bool) {
	var best counted
	at := 0 // code points
	for i := 0; i < len(body); {
		if threeBytes(body[i:]) && !numeral.has(body[i:]) { // most characters
			i, at = i+3, at+1
			continue
		}
		r, w := utf8.DecodeRuneInString(body[i:])
		if !(r >= '0' && r <= '9') && digitOf(r) == 0 && unitOf(r) == 0 {
			i, at = i+w, at+1
			continue
		}
		n, size, runes := number(body[i:])
		if size == 0 {
			i, at = i+w, at+1
			continue
		}
		if tail, tailRunes, ok := countsPeople(body[i+size:]); ok && n > best.n {
			best = counted{n, opinion.Evidence{
				Span: opinion.Span{Start: at, End: at + runes + tailRunes},
				Word: body[i : i+size+tail],
			}}
		}
		i, at = i+size, at+runes
	}
	return best, best.n >= 10
}

// countsPeople tells whether a text goes on with people, and how far that reaches.
func countsPeople(rest string) (size, runes int, ok bool) {
	if !threeBytes(rest) || !counting.has(rest) {
		return 0, 0, false
	}
	from := rest
	for steps := 0; steps < 3; steps++ {
		cut := false
		for _, w := range after {
			if next, found := strings.CutPrefix(rest, w); found {
				rest, cut = next, true
				if w == "名" || w == "位" {
					ok = true
				}
				break
			}
		}
		if !cut {
			break
		}
	}
	for _, w := range notPeople {
		if strings.HasPrefix(rest, w) {
			return 0, 0, false
		}
	}
	for _, w := range people {
		if next, found := strings.CutPrefix(rest, w); found {
			rest, ok = next, true
			break
		}
	}
	done := from[:len(from)-len(rest)]
	return len(done), utf8.RuneCountInString(done), ok
}

// number reads the number at the start of s: its value and its length in bytes and code
// points, or 0 when there is none. 几 and 数 count as three, 上 as one (上百).
func number(s string) (value float64, size, runes int) {
	value, size = arabic(s)
	runes = size
	var section, digit float64
	seen := size > 0
	if seen {
		digit, value = value, 0
	}
	for size < len(s) {
		r, w := utf8.DecodeRuneInString(s[size:])
		if d := digitOf(r); d > 0 {
			digit, seen = d, true
		} else if u := unitOf(r); u > 0 && (seen || r != '万') {
			if u == 1e4 || u == 1e8 {
				value += max(section+digit, 1) * u
				section = 0
			} else {
				section += max(digit, 1) * u
			}
			digit, seen = 0, true
		} else if (r == '多' || r == '余' || r == '来') && seen && nextIsUnit(s[size+w:]) {
			// 三百多万: goes on
		} else {
			break
		}
		size, runes = size+w, runes+1
	}
	return value + section + digit, size, runes
}

func nextIsUnit(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unitOf(r) > 0
}

// arabic reads digits with at most one point. Longer runs than eight are no counts.
func arabic(s string) (value float64, size int) {
	scale := 0.0
	for size < len(s) {
		c := s[size]
		switch {
		case '0' <= c && c <= '9' && scale == 0:
			value = value*10 + float64(c-'0')
		case '0' <= c && c <= '9':
			value += float64(c-'0') * scale
			scale /= 10
		case c == '.' && scale == 0 && size > 0:
			scale = 0.1
		default:
			return bounded(value, size)
		}
		size++
	}
	return bounded(value, size)
}

func bounded(value float64, size int) (float64, int) {
	if size > 8 {
		return 0, size
	}
	return value, size
}

// characters is a set of code points of three bytes in UTF-8.
type characters [1 << 16 / 64]uint64

func (c *characters) add(r rune) { c[r>>6] |= 1 << (r & 63) }

// has tells whether the character of three bytes that s begins with is of the set.
func (c *characters) has(s string) bool {
	return c[uint16(s[0]&0xF)<<6|uint16(s[1]&0x3F)]>>(s[2]&0x3F)&1 != 0
}

// threeBytes tells whether s, which is valid UTF-8, begins with a character of three bytes, as
// nearly all Chinese ones are.
func threeBytes(s string) bool { return len(s) > 2 && s[0] >= 0xE0 && s[0] <= 0xEF }

// numeral holds the Chinese numerals, counting what the words begin with that may follow a
// number of people.
var numeral, counting = func() (n, c characters) {
	for r := rune(0x4E00); r <= 0x9FFF; r++ {
		if digitOf(r) > 0 || unitOf(r) > 0 {
			n.add(r)
		}
	}
	for _, w := range slices.Concat(after, people) {
		r, _ := utf8.DecodeRuneInString(w)
		c.add(r)
	}
	return n, c
}()

func digitOf(r rune) float64 {
	switch r {
	case '一', '上':
		return 1
	case '二', '两', '俩':
		return 2
	case '三', '几', '数':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return 0
}

func unitOf(r rune) float64 {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	case '万':
		return 1e4
	case '亿':
		return 1e8
	}
	return 0
}

package event

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/huiying/huiying/analyze/segment"
)

// Bounds of a Profile.
const (
	maxNames     = 48
	maxTheme     = 24
	maxDistricts = 4
	maxRead      = 600 // words of a text that are read
	titleWeight  = 3   // of an occurrence in the title
)

// Profile is what a text says of its matter: names, which tell look-alikes apart, and theme.
// A name is a pair of neighbouring characters that is not common in such texts (丽发 and 发新
// of 丽发新城), a theme word one that is. Districts are the masked ones (A3区). The profile of
// an event is the mean of its posts'.
type Profile struct {
	// Posts is of how many posts this is the mean: 1 for a post's own, 0 for an empty text.
	Posts     int
	names     []term // by hash
	theme     []term // by hash
	districts []uint16
}

// term is hash<<8 | weight, 1 to 255; a post's own has 7 bits of weight, and inTitle.
type term uint32

const inTitle = 0x80

func (t term) hash() uint32    { return uint32(t >> 8) }
func (t term) weight() float64 { return float64(t & 0x7F) }

// Scales of the weights of names and of theme words.
const (
	nameScale  = 24
	themeScale = 3.5
)

// Describe makes the profile of a text that was cut. titleEnd is where its title ends, in
// code points.
func Describe(words []segment.Word, titleEnd int) Profile {
	d := describer{titleEnd: titleEnd}
	for i, w := range words[:min(len(words), maxRead)] {
		d.word(i, w)
	}
	return Profile{
		Posts:     min(len(words), 1),
		names:     pick(d.names, maxNames, func(uint32) float64 { return nameScale }),
		theme:     pick(d.theme, maxTheme, func(h uint32) float64 { return common.idf(h) * themeScale }),
		districts: d.districts,
	}
}

// seen is an occurrence: hash<<1, and 1 for the title.
type seen uint32

type describer struct {
	titleEnd     int
	names, theme []seen
	districts    []uint16
	late         bool // the districts are not of the title
	before       rune
	last         uint64 // hash of the word before, 0 at a border
	lastRunes    int
	masked       string // a word such as A3
	// all, when set, is told of every word and pair instead; the vocabulary is learned so.
	all func(hash uint32, pair bool)
}

func (d *describer) word(i int, w segment.Word) {
	title := seen(0)
	if w.End <= d.titleEnd {
		title = 1
	}
	runes := d.pairs(w.Text, title)
	if d.masked != "" && (w.Text == "区" || w.Text == "县" || w.Text == "市") {
		d.district(i, title, d.masked)
	}
	d.masked = ""
	if runes == 0 {
		d.last = 0
		return
	}
	if isMasked(w.Text) {
		d.masked = w.Text
	}
	h := addWord(wordSeed, w.Text)
	if runes >= 2 {
		d.put(h, title)
	}
	if d.last != 0 && (runes == 1 || d.lastRunes == 1 || title == 1) {
		d.put(addWord(addWord(d.last, "_"), w.Text), title)
	}
	d.last, d.lastRunes = h, runes
}

// pairs collects the names of a word and its border with the one before, and counts its
// characters, 0 when it has no letter.
func (d *describer) pairs(text string, title seen) int {
	n, letters := 0, false
	for _, r := range text {
		n++
		if r < 0x4E00 || r > 0x9FFF {
			if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
				d.before = 0
				continue
			}
			r = unicode.ToLower(r)
		}
		letters = true
		if d.before != 0 {
			if h := hashPair(d.before, r); d.all != nil {
				d.all(h, true)
			} else if !common.knows(h) {
				d.names = append(d.names, seen(h)<<1|title)
			}
		}
		d.before = r
	}
	if !letters {
		return 0
	}
	return n
}

func (d *describer) put(hash uint64, title seen) {
	if h := hashWord(hash); d.all != nil {
		d.all(h, false)
	} else if common.idf(h) > 0 {
		d.theme = append(d.theme, seen(h)<<1|title)
	}
}

// isMasked tells whether a word is a letter with digits, as publishers put for a district.
func isMasked(s string) bool {
	if len(s) < 2 || len(s) > 4 || s[0]|0x20 < 'a' || s[0]|0x20 > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// district keeps the districts of the title, or else of how the text begins.
func (d *describer) district(i int, title seen, name string) {
	if title == 0 && (i > 80 || len(d.districts) > 0 && !d.late) {
		return
	}
	d.late = title == 0
	h := uint16(hashWord(addWord(wordSeed, name)))
	if !slices.Contains(d.districts, h) && len(d.districts) < maxDistricts {
		d.districts = append(d.districts, h)
	}
}

// pick counts occurrences and keeps the heaviest, in the order of their hashes.
func pick(list []seen, limit int, scale func(uint32) float64) []term {
	slices.Sort(list)
	terms := make([]term, 0, min(len(list), limit))
	for i := 0; i < len(list); {
		hash, n, title := uint32(list[i]>>1), 0.0, term(0)
		for ; i < len(list) && uint32(list[i]>>1) == hash; i++ {
			n++
			if list[i]&1 != 0 {
				n += titleWeight - 1
				title = inTitle
			}
		}
		w := math.Round((1 + math.Log(n)) * scale(hash))
		terms = append(terms, term(hash)<<8|title|term(min(max(w, 1), 127)))
	}
	return heaviest(terms, limit, 0x7F)
}

// heaviest keeps the terms with the greatest weights, in the order of their hashes.
func heaviest(terms []term, limit int, mask term) []term {
	if len(terms) <= limit {
		return terms
	}
	var count [256]int
	for _, t := range terms {
		count[t&mask]++
	}
	least, above := term(255), 0
	for ; above+count[least] < limit; least-- {
		above += count[least]
	}
	room := limit - above // for terms of the least weight
	kept := terms[:0]
	for _, t := range terms {
		switch w := t & mask; {
		case w > least:
			kept = append(kept, t)
		case w == least && room > 0:
			room--
			kept = append(kept, t)
		}
	}
	return kept
}

// memory is over how many posts the mean of an event forgets.
const memory = 64

// Absorb gives the profile of an event with one more post. The zero Profile becomes the
// post's.
func (p Profile) Absorb(post Profile) Profile {
	n := float64(min(p.Posts+1, memory))
	out := Profile{
		Posts: min(p.Posts+1, math.MaxUint16),
		names: blend(p.names, post.names, n, ofPost, maxNames),
		theme: blend(p.theme, post.theme, n, ofPost, maxTheme),
	}
	out.districts = meet(p.districts, post.districts)
	return out
}

func meet(p, q []uint16) []uint16 {
	out := slices.Clone(p)
	for _, d := range q {
		if !slices.Contains(out, d) && len(out) < maxDistricts {
			out = append(out, d)
		}
	}
	return out
}

// Join is the profile of two events together.
func (p Profile) Join(q Profile) Profile {
	switch {
	case q.Posts == 0:
		return p
	case p.Posts == 0:
		return q
	}
	a, b := min(p.Posts, memory), min(q.Posts, memory)
	n := float64(a+b) / float64(b)
	return Profile{
		Posts:     min(p.Posts+q.Posts, math.MaxUint16),
		names:     blend(p.names, q.names, n, ofEvent, maxNames),
		theme:     blend(p.theme, q.theme, n, ofEvent, maxTheme),
		districts: meet(p.districts, q.districts),
	}
}

// Means have 8 bits of weight, twice as fine as a post's.
func ofPost(t term) float64  { return 2 * t.weight() }
func ofEvent(t term) float64 { return float64(t & 0xFF) }

// blend moves a mean by an n-th of the way towards a post, or towards another mean.
func blend(mean, post []term, n float64, weight func(term) float64, limit int) []term {
	out := make([]term, 0, len(mean)+len(post))
	put := func(hash uint32, old, add float64) {
		if w := math.Round(old + (add-old)/n); w >= 1 {
			out = append(out, term(hash)<<8|term(min(w, 255)))
		}
	}
	for len(mean) > 0 || len(post) > 0 {
		switch {
		case len(post) == 0 || len(mean) > 0 && mean[0].hash() < post[0].hash():
			put(mean[0].hash(), float64(mean[0]&0xFF), 0)
			mean = mean[1:]
		case len(mean) == 0 || post[0].hash() < mean[0].hash():
			put(post[0].hash(), 0, weight(post[0]))
			post = post[1:]
		default:
			put(mean[0].hash(), float64(mean[0]&0xFF), weight(post[0]))
			mean, post = mean[1:], post[1:]
		}
	}
	return slices.Clip(heaviest(out, limit, 0xFF))
}

// profileVersion is the first byte of an encoded profile.
const profileVersion = 1

// String is the profile as the domain keeps it, at most 400 characters; "" for an empty one.
func (p Profile) String() string {
	if p.Posts == 0 {
		return ""
	}
	b := make([]byte, 0, 6+2*len(p.districts)+4*(len(p.names)+len(p.theme)))
	b = append(b, profileVersion, byte(len(p.districts)), byte(len(p.names)), byte(len(p.theme)))
	b = binary.LittleEndian.AppendUint16(b, uint16(p.Posts))
	for _, d := range p.districts {
		b = binary.LittleEndian.AppendUint16(b, d)
	}
	for _, terms := range [2][]term{p.names, p.theme} {
		for _, t := range terms {
			b = binary.LittleEndian.AppendUint32(b, uint32(t))
		}
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// ParseProfile reads what String made. Anything else gives the empty Profile.
func ParseProfile(s string) Profile {
	if !utf8.ValidString(s) {
		return Profile{}
	}
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(b) < 6 || b[0] != profileVersion {
		return Profile{}
	}
	districts, names, theme := int(b[1]), int(b[2]), int(b[3])
	if districts > maxDistricts || names > maxNames || theme > maxTheme || len(b) != 6+2*districts+4*(names+theme) {
		return Profile{}
	}
	p := Profile{Posts: int(binary.LittleEndian.Uint16(b[4:]))}
	b = b[6:]
	for range districts {
		p.districts = append(p.districts, binary.LittleEndian.Uint16(b))
		b = b[2:]
	}
	read := func(n int) (terms []term, sorted bool) {
		for range n {
			terms = append(terms, term(binary.LittleEndian.Uint32(b)))
			b = b[4:]
		}
		return terms, slices.IsSortedFunc(terms, func(x, y term) int { return int(x.hash()) - int(y.hash()) })
	}
	var sortedNames, sortedTheme bool
	p.names, sortedNames = read(names)
	p.theme, sortedTheme = read(theme)
	if !sortedNames || !sortedTheme || p.Posts == 0 {
		return Profile{}
	}
	return p
}

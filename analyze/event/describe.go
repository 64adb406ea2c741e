package event

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/huiying/huiying/analyze/segment"
)

// Bounds of a sketch.
const (
	maxNames     = 64
	maxTheme     = 48
	maxLine      = 32
	maxDistricts = 4
	maxAnchors   = 8
	maxRead      = 300 // words of a text that are read
	titleWeight  = 3   // of an occurrence in the title
)

// sketch is what a text says of its matter. Names tell look-alikes apart: pairs of
// neighbouring characters that are not common in such texts (丽发 and 发新 of 丽发新城). Theme
// words tell matters at one place apart; place is where all words together lie in the space
// of themes.
type sketch struct {
	day       float32 // of publication, since 1970
	names     []term  // by hash
	theme     []term  // by hash
	line      []uint8 // the names of the title in their order, as one more than the index in names; 0 is a break
	districts []uint16
	anchors   []uint32 // kind<<24 | hash of the pair before a word such as 小区
	place     [dims]int8
}

// term is hash<<8 | inTitle | weight, 1 to 127.
type term uint32

const inTitle = 0x80

func (t term) hash() uint32    { return uint32(t >> 8) }
func (t term) weight() float64 { return float64(t & 0x7F) }

// Scales of the weights of names and of theme words.
const (
	nameScale  = 24
	themeScale = 3.5
)

// Describe makes the profile of a text that was cut and published at an instant. titleEnd is
// where its title ends, in code points; how a text without a title begins stands for one.
// streets are the street offices whose places the text names, or what else tells the parts of
// the district apart: posts that name different ones are of different matters.
func Describe(words []segment.Word, titleEnd int, at time.Time, streets ...string) Profile {
	if len(words) == 0 {
		return Profile{}
	}
	if titleEnd == 0 {
		titleEnd = lead(words)
	}
	d := describer{titleEnd: titleEnd}
	for i, w := range words[:min(len(words), maxRead)] {
		d.word(i, w)
	}
	d.streets(streets)
	s := sketch{day: float32(float64(at.Unix()) / 86400), districts: d.districts, anchors: findAnchors(d.title)}
	s.names = d.names.pick(maxNames, rankName)
	s.theme = d.theme.pick(maxTheme, rankTheme)
	s.line = lineUp(d.line, s.names)
	s.place = d.locate()
	return Profile{Posts: 1, sketches: []sketch{s}}
}

// maxLead is how many code points of a text may stand for its title.
const maxLead = 30

// lead is where the first sentence of a text ends, or a longer one is cut.
func lead(words []segment.Word) (end int) {
	for _, w := range words {
		if w.End > maxLead || end > 0 && strings.ContainsAny(w.Text, "。！？!?；;\n") {
			break
		}
		end = w.End
	}
	return end
}

type describer struct {
	titleEnd  int
	names     tally // of hashes
	theme     tally // of slots of words
	title     []rune
	line      []uint32 // hashes of the pairs of the title, 0 at a break
	districts []uint16
	late      bool // the districts are not of the title
	before    rune
	last      uint64 // hash of the word before, 0 at a border
	lastRunes int
	masked    string // a word such as A3
	// all, when set, is told of every word and pair instead; the vocabulary is learned so.
	all func(hash uint32, pair, word, title bool)
}

func (d *describer) word(i int, w segment.Word) {
	title := w.End <= d.titleEnd
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
		d.put(h, title, true)
	}
	if d.last != 0 && (runes == 1 || d.lastRunes == 1 || title) {
		d.put(addWord(addWord(d.last, "_"), w.Text), title, false)
	}
	d.last, d.lastRunes = h, runes
}

// pairs collects the names of a word and its border with the one before, and counts its
// characters, 0 when it has no letter.
func (d *describer) pairs(text string, title bool) int {
	n, letters := 0, false
	for _, r := range text {
		n++
		if title {
			d.title = append(d.title, r)
		}
		if r < 0x4E00 || r > 0x9FFF {
			if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
				d.before = 0
				continue
			}
			r = unicode.ToLower(r)
		}
		letters = true
		if d.before != 0 {
			d.pair(d.before, r, title)
		}
		d.before = r
	}
	if !letters {
		return 0
	}
	return n
}

func (d *describer) pair(a, b rune, title bool) {
	h := hashPair(a, b)
	if d.all != nil {
		d.all(h, true, false, title)
		return
	}
	if isRare(h) {
		d.names.add(h, title)
	} else {
		h = 0
	}
	if title && len(d.line) < 4*maxLine {
		if a >= '0' && a <= '9' && b >= '0' && b <= '9' {
			h = 0
		}
		d.line = append(d.line, h)
	}
}

func (d *describer) put(hash uint64, title, word bool) {
	h := hashWord(hash)
	if d.all != nil {
		d.all(h, false, word, title)
		return
	}
	if !common.words.some.has(h) {
		return
	}
	if slot := common.words.slot(h); common.words.slots[slot] != 0 {
		d.theme.add(uint32(slot), title)
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
func (d *describer) district(i int, title bool, name string) {
	if !title && (i > 80 || len(d.districts) > 0 && !d.late) {
		return
	}
	d.late = !title
	h := uint16(hashWord(addWord(wordSeed, name)))
	if !slices.Contains(d.districts, h) && len(d.districts) < maxDistricts {
		d.districts = append(d.districts, h)
	}
}

// streets puts the street offices in the place of districts that the text itself names.
func (d *describer) streets(ids []string) {
	if len(ids) > 0 {
		d.districts = nil
	}
	for _, id := range ids[:min(len(ids), maxDistricts)] {
		d.districts = append(d.districts, uint16(hashWord(addWord(wordSeed, id))))
	}
}

// locate is the mean of where the theme words lie, each by 1+ln(tf) and its inverse document
// frequency, with a length of 127.
func (d *describer) locate() (place [dims]int8) {
	var sum [dims]float32
	for _, at := range d.theme.order {
		slot := int(d.theme.key[at])
		if common.words.row[slot] == 0 {
			continue
		}
		row, unit := common.place(slot)
		w := float32(frequency(int(d.theme.count[at]&^inTitleCount))*float64(common.words.slots[slot]&0xFF)) * unit
		for k, x := range row {
			sum[k] += float32(w * float32(x))
		}
	}
	length := 0.0
	for _, x := range sum {
		length += float64(x) * float64(x)
	}
	if length == 0 {
		return place
	}
	scale := 127 / math.Sqrt(length)
	for k, x := range sum {
		place[k] = int8(math.Round(float64(x) * scale))
	}
	return place
}

const (
	// commonest is the greatest inverse document frequency, in units of idfScale, of a pair that
	// names nothing: one that stands in more than one text of 85.
	commonest = 106
	// unknown is the inverse document frequency of a pair that the vocabulary does not hold.
	unknown = 9
)

// isRare tells whether a pair may be part of a name.
func isRare(pair uint32) bool { return common.often.slots[common.often.slot(pair)] == 0 }

// rankName and rankTheme weigh what stands n times in a text: 1 to 127, and with a lowest
// digit that tells names that the vocabulary does not hold.
func rankName(hash uint32, n int) (rank int, of uint32) {
	rank = 2 * bounded(nameScale*frequency(n))
	if !common.pairs.some.has(hash) {
		rank++
	}
	return rank, hash
}

func rankTheme(slot uint32, n int) (rank int, hash uint32) {
	entry := common.words.slots[slot]
	return 2 * bounded(themeScale*float64(entry&0xFF)/idfScale*frequency(n)), entry >> 8
}

func bounded(weight float64) int { return int(min(max(math.Round(weight), 1), 127)) }

// logs are 1+ln(n) of small n.
var logs = func() (table [64]float64) {
	for n := 1; n < len(table); n++ {
		table[n] = 1 + math.Log(float64(n))
	}
	return table
}()

func frequency(n int) float64 {
	if n < len(logs) {
		return logs[n]
	}
	return 1 + math.Log(float64(n))
}

// lineUp writes the pairs of a title as indices of its names.
func lineUp(pairs []uint32, names []term) []uint8 {
	var line []uint8
	for _, h := range pairs {
		index := uint8(0)
		if h != 0 {
			if at, found := find(names, h); found {
				index = uint8(at + 1)
			}
		}
		if index == 0 && (len(line) == 0 || line[len(line)-1] == 0) {
			continue
		}
		if len(line) == maxLine {
			break
		}
		line = append(line, index)
	}
	return line
}

// find is where a hash stands among terms.
func find(terms []term, hash uint32) (int, bool) {
	return slices.BinarySearchFunc(terms, hash, func(t term, h uint32) int { return int(t.hash()) - int(h) })
}

package lexicon

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive finds leftmost-longest matches of one list by trying every word everywhere.
func naive(text []rune, words []string, list List) []Match {
	var out []Match
	for at := 0; at < len(text); {
		best, id := 0, 0
		for i, w := range words {
			r := []rune(w)
			if len(r) > best && at+len(r) <= len(text) && strings.EqualFold(string(text[at:at+len(r)]), w) {
				best, id = len(r), i
			}
		}
		if best == 0 {
			at++
			continue
		}
		out = append(out, Match{
			List: list, ID: int32(id), Start: int32(at), End: int32(at + best),
			ByteStart: int32(len(string(text[:at]))), ByteEnd: int32(len(string(text[:at+best]))),
		})
		at += best
	}
	return out
}

func TestScanAgreesWithTryingEverything(t *testing.T) {
	runes := rapid.RuneFrom([]rune("水电停气aB😀"))
	rapid.Check(t, func(rt *rapid.T) {
		lists := rapid.SliceOfN(rapid.SliceOfNDistinct(
			rapid.StringOfN(rapid.RuneFrom([]rune("水电停气ab")), 1, 5, -1), 0, 12, func(s string) string { return s }), 1, 4).Draw(rt, "lists")
		text := []rune(rapid.StringOfN(runes, 0, 60, -1).Draw(rt, "text"))
		var b Builder
		var want []Match
		for l, words := range lists {
			for i, w := range words {
				b.Add(List(l), int32(i), w)
			}
			want = append(want, naive(text, words, List(l))...)
		}
		got := b.Build().Scan(string(text), nil, &Scratch{})
		byPlace := func(a, b Match) int {
			if a.Start != b.Start {
				return int(a.Start - b.Start)
			}
			return int(a.List) - int(b.List)
		}
		slices.SortFunc(want, byPlace)
		if !slices.Equal(got, want) {
			rt.Fatalf("got %v, want %v", got, want)
		}
		for _, m := range got {
			if e := m.Evidence(string(text)); e.Word != string(text[e.Start:e.End]) {
				rt.Errorf("evidence %q is not at [%d, %d)", e.Word, e.Start, e.End)
			}
		}
	})
}

func TestEmptyLexiconAndStrangeWords(t *testing.T) {
	var b Builder
	b.Add(0, 1, "")
	b.Add(0, 2, "😀")
	b.Add(MaxLists, 3, "水")
	if got := b.Build().Scan("水😀\xff", nil, &Scratch{}); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	var none Builder
	if got := none.Build().Scan("水", nil, &Scratch{}); len(got) != 0 {
		t.Errorf("found %v in nothing", got)
	}
}

// FuzzScan reads any bytes, also wrong ones.
func FuzzScan(f *testing.F) {
	var b Builder
	for i, w := range []string{"停水", "停水了", "水", "PM2.5", "é"} {
		b.Add(List(i%2), int32(i), w)
	}
	l := b.Build()
	f.Add("小区停水了，pm2.5")
	f.Add("\xe5\x81\x9c\xe6")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range l.Scan(text, nil, &Scratch{}) {
			if m.Start >= m.End || m.ByteStart >= m.ByteEnd || int(m.ByteEnd) > len(text) {
				t.Errorf("match %+v in %q", m, text)
			}
		}
	})
}

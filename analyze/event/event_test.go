package event

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// letters draws a text of Chinese characters with some punctuation.
func letters() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune("的一是在不了有和人这中大为上个国我以要他时来用们，。！ \nAb3")), 0, 200, -1)
}

func TestSignatureIgnoresWhatIsNoLetter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := letters().Draw(rt, "text")
		spaced := " " + strings.ReplaceAll(strings.ToUpper(text), "，", "\n！ ") + "…"
		if Sign(text) != Sign(spaced) {
			rt.Errorf("%q and %q differ", text, spaced)
		}
		if s := Sign(text); FromSlice(s.Slice()) != s {
			rt.Errorf("%q: the slice is another signature", text)
		}
	})
}

func TestZeroSignatureIsNearNothing(t *testing.T) {
	if Sign("！ \n…") != (Signature{}) || Sign("").Slice() != nil {
		t.Fatal("a text without a letter has a signature")
	}
	table := NewTable(10)
	table.Add("a", Signature{})
	if got, _ := table.Nearest(Signature{}); got != "" {
		t.Errorf("found %q for nothing", got)
	}
	if FromSlice([]uint64{1, 2}) != (Signature{}) {
		t.Error("a slice of the wrong length is a signature")
	}
}

// TestEqualEstimatesJaccard compares the estimate with the true similarity of texts of
// which one part is exchanged.
func TestEqualEstimatesJaccard(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		r := make([]rune, n)
		for i := range r {
			r[i] = rune(0x4E00 + rng.IntN(5000))
		}
		return string(r)
	}
	for _, changed := range []int{0, 20, 60, 150} {
		var sum, truth float64
		const trials = 300
		for range trials {
			common := random(300 - changed)
			a, b := common+random(changed), common+random(changed)
			sum += float64(Sign(a).Equal(Sign(b))) / bins
			truth += jaccard(a, b)
		}
		if got, want := sum/trials, truth/trials; math.Abs(got-want) > 0.03 {
			t.Errorf("%d of 300 characters exchanged: estimate %.3f, truth %.3f", changed, got, want)
		}
	}
}

func jaccard(a, b string) float64 {
	runs := func(s string) map[string]bool {
		r, out := []rune(s), map[string]bool{}
		for i := 0; i+run <= len(r); i++ {
			out[string(r[i:i+run])] = true
		}
		return out
	}
	x, y := runs(a), runs(b)
	both := 0
	for k := range x {
		if y[k] {
			both++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}

// TestTableAgreesWithComparingAll checks the table, while nothing is crowded, against a list
// that is searched to its end: what it finds is the nearest or shares no band with it.
func TestTableAgreesWithComparingAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.IntRange(1, 30).Draw(rt, "capacity")
		table := NewTable(capacity)
		type item struct {
			id  string
			sig Signature
		}
		var list []item
		words := rapid.IntRange(0, 6)
		for n := range rapid.IntRange(1, 80).Draw(rt, "n") {
			var sig Signature
			for i := range sig { // few different words, so that bands and whole signatures meet
				sig[i] = uint64(words.Draw(rt, "word")/5) * 0x1_0001_0001_0001
			}
			found, equals := table.Nearest(sig)
			best := ""
			equal := 0
			for _, it := range list {
				if sig != (Signature{}) && it.sig != (Signature{}) && (sig.Equal(it.sig) > max(equal, Near-1) || sig.Equal(it.sig) == equal && equal >= Near && it.id < best) {
					best, equal = it.id, sig.Equal(it.sig)
				}
			}
			if found != best {
				rt.Fatalf("found %q, want %q", found, best)
			}
			if found != "" {
				if equals != equal {
					rt.Fatalf("%d equal, want %d", equals, equal)
				}
				if rapid.IntRange(0, 3).Draw(rt, "remove") > 0 {
					continue
				}
				table.Remove(found)
				for i := range list {
					if list[i].id == found {
						list[i] = item{}
					}
				}
			}
			id := fmt.Sprint("e", n)
			forgotten := table.Add(id, sig)
			if len(list) == capacity {
				if forgotten != list[0].id {
					rt.Fatalf("forgot %q, want the oldest, %q", forgotten, list[0].id)
				}
				list = list[1:]
			} else if forgotten != "" {
				rt.Fatalf("forgot %q with room left", forgotten)
			}
			list = append(list, item{id, sig})
		}
	})
}

// TestExactRepeatsMeetInACrowd puts many texts that share bands before and after a text, and
// asks for that text.
func TestExactRepeatsMeetInACrowd(t *testing.T) {
	table := NewTable(100_000)
	wanted := Signature{1, 2, 3, 4, 5, 6, 7, 8}
	table.Add("wanted", wanted)
	for n := range 5000 {
		sig := Signature{uint64(n) * 0x9E3779B97F4A7C15, 2, 3, 4, 5, 6, 7, 8}
		for i := 1; i < Bands; i++ { // one band at a time is left equal, the rest differs
			if i != n%Bands {
				sig[i] = mix(uint64(n*Bands + i))
			}
		}
		table.Add(fmt.Sprint(n), sig)
	}
	if got, _ := table.Nearest(wanted); got != "wanted" {
		t.Errorf("found %q", got)
	}
}

func FuzzSign(f *testing.F) {
	f.Add("小区停水", "小区停水！")
	f.Add("\xff\xfe", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		if n := Sign(a).Equal(Sign(b)); n < 0 || n > bins || a == b && n != bins {
			t.Errorf("%d of %d equal", n, bins)
		}
	})
}

// BenchmarkFind shows that the cost of a post does not grow with the number of events.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			table := NewTable(n)
			sig := func(i int) (s Signature) {
				for k := range s {
					s[k] = mix(uint64(i*Bands+k) % uint64(n*Bands-n)) // some bands meet
				}
				return s
			}
			for i := range n {
				table.Add(fmt.Sprint("ev-", i), sig(i))
			}
			i := 0
			for b.Loop() {
				table.Nearest(sig(i * 7919))
				i++
			}
		})
	}
}

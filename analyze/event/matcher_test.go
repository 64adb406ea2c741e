package event

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/segment"
)

// describe makes the profile of words.
func describe(words ...string) Profile {
	var list []segment.Word
	at := 0
	for _, w := range words {
		n := len([]rune(w))
		list = append(list, segment.Word{Text: w, Start: at, End: at + n})
		at += n
	}
	return Describe(list, 12, day0)
}

var day0 = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// entries draws events with few different names, so that many share some.
func entries(rt *rapid.T, n int) (list []Entry) {
	names := rapid.SampledFrom([]string{"鼋鼍", "齉齾", "龘靐", "麤䨻", "灪爨", "籲黌"})
	theme := rapid.SampledFrom([]string{"小区", "物业", "停水", "路灯", "噪音", "学校", "居民", "没有", "希望"})
	for i := range n {
		words := append(rapid.SliceOfN(names, 1, 3).Draw(rt, "names"), rapid.SliceOfN(theme, 1, 8).Draw(rt, "theme")...)
		text := fmt.Sprint(words)
		list = append(list, Entry{ID: fmt.Sprintf("ev-%03d", i), Signature: Sign(text), Profile: Profile{}.Absorb(describe(words...))})
	}
	return list
}

// TestOrderOfEntriesDoesNotMatter: a matcher that was filled in another order, as after a
// restart, and one that held others for a while, answer the same.
func TestOrderOfEntriesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := entries(rt, rapid.IntRange(1, 20).Draw(rt, "n"))
		a, b := NewMatcher(100), NewMatcher(100)
		for _, e := range list {
			a.Put(e)
		}
		for _, i := range rapid.Permutation(indexes(len(list))).Draw(rt, "order") {
			gone := list[(i+1)%len(list)]
			gone.ID = "gone"
			b.Put(gone)
			b.Put(list[i])
			b.Remove("gone")
		}
		if a.Len() != b.Len() || b.Has("gone") {
			rt.Fatalf("%d and %d events", a.Len(), b.Len())
		}
		for _, e := range list {
			q := Query{Signature: e.Signature, Profile: e.Profile}
			if x, y := a.Find(q), b.Find(q); x != y {
				rt.Errorf("%+v and %+v", x, y)
			}
		}
	})
}

func indexes(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

func TestMatcherIsBounded(t *testing.T) {
	m := NewMatcher(50)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		text := string([]rune{rune(0x4E00 + rng.IntN(20000)), rune(0x4E00 + rng.IntN(20000)), rune(0x4E00 + rng.IntN(20000))})
		m.Put(Entry{ID: fmt.Sprint(i), Signature: Sign(text), Profile: describe(text, "小区", "停水")})
		if i%3 == 0 {
			m.Remove(fmt.Sprint(i - 5))
		}
	}
	if m.Len() > 50 || !m.Has("999") || m.Has("900") {
		t.Errorf("%d events are held, the newest %v, an old one %v", m.Len(), m.Has("999"), m.Has("900"))
	}
}

func TestProfilesStaySmallAndReadable(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := entries(rt, rapid.IntRange(2, 30).Draw(rt, "n"))
		all := Profile{}
		for _, e := range list {
			all = all.Join(e.Profile)
		}
		s := all.String()
		if back := ParseProfile(s); back.String() != s || all.Posts != len(list) {
			rt.Errorf("of %d posts, %q is read as %q", all.Posts, s, back.String())
		}
		if len(s) > 5<<10 {
			rt.Errorf("%d bytes", len(s))
		}
	})
}

func FuzzParseProfile(f *testing.F) {
	f.Add("")
	f.Add("AQAA")
	f.Add(posted("翠微 苑", "路灯", 1).String())
	f.Add(posted("翠微 苑", "路灯", 1).Absorb(posted("A3 区 枫丹 白露", "停水", 2)).String())
	f.Fuzz(func(t *testing.T, s string) {
		p := ParseProfile(s)
		if p.Posts == 0 {
			return
		}
		b := NewBook(2)
		b.Put("a", p)
		_ = b.Find(p)
		p.Join(p).Absorb(p)
		if again := ParseProfile(p.String()); again.String() != p.String() {
			t.Error("a profile that was read comes back as another")
		}
	})
}

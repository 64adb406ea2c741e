package event

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/segment"
)

var noon = time.Date(2026, 5, 6, 4, 0, 0, 0, time.UTC)

// cut makes a word of every run between spaces, and of the line break.
func cut(text string) (words []segment.Word) {
	at := 0
	for _, part := range strings.SplitAfter(strings.ReplaceAll(text, "\n", " \n "), " ") {
		word := strings.TrimSuffix(part, " ")
		n := len([]rune(word))
		if n > 0 {
			words = append(words, segment.Word{Text: word, Start: at, End: at + n})
		}
		at += n
	}
	return words
}

// posted is a post of so many days after noon; title and text are cut at spaces.
func posted(title, text string, days int) Profile {
	return Describe(cut(title+"\n"+text), len([]rune(strings.ReplaceAll(title, " ", ""))), noon.AddDate(0, 0, days))
}

func TestOneMatterIsFoundAndItsLookAlikeIsNot(t *testing.T) {
	b := NewBook(100)
	b.Put("lamp", posted("翠微 苑 小区 路灯 不亮", "翠微 苑 小区 门口 路灯 坏 了 半个月 ， 晚上 漆黑 一片 ， 老人 出行 不便 ， 请 尽快 维修 路灯", 0))
	b.Put("noise", posted("枫丹 白露 工地 夜间 施工 噪音", "枫丹 白露 旁边 的 工地 凌晨 还 在 施工 ， 噪音 扰民", 0))
	again := posted("翠微 苑 路灯 还是 没人 修", "翠微 苑 小区 门口 的 路灯 还 没有 维修 ， 晚上 漆黑 一片", 3)
	if got := b.Find(again).Event; got != "lamp" {
		t.Errorf("the second post of a matter is in %q", got)
	}
	elsewhere := posted("橡树 湾 小区 路灯 不亮", "橡树 湾 小区 门口 路灯 坏 了 半个月 ， 晚上 漆黑 一片 ， 老人 出行 不便 ， 请 尽快 维修 路灯", 3)
	if got := b.Find(elsewhere).Event; got != "" {
		t.Errorf("the same trouble at another estate is in %q", got)
	}
	another := posted("翠微 苑 小区 物业费 乱 涨价", "翠微 苑 物业公司 没有 开 业主大会 就 涨价 ， 收费 不 公示", 3)
	if got := b.Find(another).Event; got != "" {
		t.Errorf("another trouble at the same estate is in %q", got)
	}
	if got := b.Find(Profile{}).Event; got != "" {
		t.Errorf("an empty text is in %q", got)
	}
}

func TestFragmentsOfOneMatterAreTold(t *testing.T) {
	b := NewBook(100)
	b.Put("one", posted("翠微 苑 小区 路灯 不亮", "翠微 苑 小区 门口 路灯 坏 了 半个月 ， 晚上 漆黑 一片 ， 老人 出行 不便 ， 请 尽快 维修 路灯", 0))
	b.Put("two", posted("翠微 苑 路灯 坏 了 没人 修", "翠微 苑 小区 门口 路灯 坏 了 ， 晚上 漆黑 一片 ， 老人 出行 不便", 1))
	b.Put("noise", posted("枫丹 白露 工地 夜间 施工 噪音", "枫丹 白露 旁边 的 工地 凌晨 还 在 施工 ， 噪音 扰民", 0))
	if got := b.Find(posted("翠微 苑 路灯 还是 不亮", "翠微 苑 小区 门口 的 路灯 还 没有 维修 ， 晚上 漆黑 一片", 3)); got.Event == "" || got.Same == "" || got.Event == got.Same {
		t.Errorf("two events of one matter are answered with %+v", got)
	}
	if got := b.Find(posted("枫丹 白露 夜间 施工", "枫丹 白露 的 工地 昨晚 又 施工 到 凌晨 ， 噪音 扰民", 1)); got != (Found{Event: "noise"}) {
		t.Errorf("one event of a matter is answered with %+v", got)
	}
}

// profiles draws profiles of posts about a few estates and troubles.
func profiles() *rapid.Generator[Profile] {
	estate := rapid.SampledFrom([]string{"翠微 苑", "枫丹 白露", "橡树 湾", "时代 星城", "A3 区 丽发 新城"})
	trouble := rapid.SampledFrom([]string{"路灯 不亮", "夜间 施工 噪音", "物业费 乱 涨价", "停水 三天", "学校 收费"})
	return rapid.Custom(func(t *rapid.T) Profile {
		e, x := estate.Draw(t, "estate"), trouble.Draw(t, "trouble")
		return posted(e+" "+x, e+" 小区 "+x+" ， "+rapid.StringOfN(rapid.RuneFrom([]rune("的一是在不了有和 人这中大为上个国")), 0, 60, -1).Draw(t, "rest"), rapid.IntRange(0, 400).Draw(t, "day"))
	})
}

func TestProfilesComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := Profile{}
		n := rapid.IntRange(0, 9).Draw(rt, "posts")
		for range n {
			p = p.Absorb(profiles().Draw(rt, "post"))
		}
		if p.Posts != n || len(p.sketches) != min(n, maxSketches) {
			rt.Fatalf("%d posts make %d with %d sketches", n, p.Posts, len(p.sketches))
		}
		packed := p.String()
		again := ParseProfile(packed)
		if again.Posts != p.Posts || again.String() != packed {
			rt.Errorf("%d posts come back as %d", p.Posts, again.Posts)
		}
		if len(packed) > 5<<10 {
			rt.Errorf("%d bytes are more than the domain allows", len(packed))
		}
	})
}

// TestOrderOfJoiningDoesNotMatter joins the same profiles in two orders.
func TestOrderOfJoiningDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfNDistinct(profiles(), 1, 8, func(p Profile) float32 { return p.sketches[0].day }).Draw(rt, "posts")
		shuffled := rapid.Permutation(list).Draw(rt, "order")
		var a, b Profile
		for i := range list {
			a, b = a.Absorb(list[i]), b.Absorb(shuffled[i])
		}
		if a.String() != b.String() {
			rt.Error("another order, another profile")
		}
	})
}

// TestBookForgetsWhatItWasGiven takes a book through puts and removals, and compares it with
// one that was only ever given what remains.
func TestBookForgetsWhatItWasGiven(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		room := rapid.SampledFrom([]int{5, 8}).Draw(rt, "room") // for eight different events
		b := NewBook(room)
		var kept []string
		known := map[string]Profile{}
		for i := range rapid.IntRange(1, 40).Draw(rt, "steps") {
			id := fmt.Sprint("ev-", rapid.IntRange(0, 7).Draw(rt, "id"))
			if rapid.IntRange(0, 3).Draw(rt, "what") == 0 {
				b.Remove(id)
				delete(known, id)
				kept = slices.DeleteFunc(kept, func(k string) bool { return k == id })
				continue
			}
			p := known[id].Absorb(profiles().Draw(rt, fmt.Sprint("post", i)))
			b.Put(id, p)
			known[id] = p
			if !slices.Contains(kept, id) {
				kept = append(kept, id)
			}
		}
		names := 0
		for _, n := range b.holders {
			names += int(n)
		}
		members, held := 0, 0
		for id, at := range b.byID {
			if b.events[at].id != id || b.events[at].posts != known[id].Posts {
				rt.Fatalf("%s is not what was put in", id)
			}
			for _, m := range b.events[at].members {
				members++
				held += len(b.members[m].names)
			}
		}
		if b.Len() > room || room == 8 && b.Len() != len(kept) {
			rt.Errorf("%d events of %d", b.Len(), len(kept))
		}
		if members != len(b.members)-len(b.unused) || names != held {
			rt.Errorf("%d members and %d names are counted, %d and %d are there", len(b.members)-len(b.unused), names, members, held)
		}
	})
}

// TestComparingIsSymmetric compares two posts both ways.
func TestComparingIsSymmetric(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := NewBook(4)
		p, q := profiles().Draw(rt, "p"), profiles().Draw(rt, "q")
		var v, w view
		v.see(&p.sketches[0], b.rarity)
		w.see(&q.sketches[0], b.rarity)
		var f, g [features]float32
		compare(&v, &w, &b.meeting, &f)
		compare(&w, &v, &b.meeting, &g)
		if d := cmp.Diff(f, g); d != "" {
			rt.Error(d)
		}
		for i, x := range f[:asked] {
			if x != x || x < -1.01 || x > 3 {
				rt.Errorf("feature %d is %g", i, x)
			}
		}
	})
}

// BenchmarkBook shows what a post costs beside so many events: it looks for its event and is
// entered.
func BenchmarkBook(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			lot := rand.New(rand.NewPCG(1, 2))
			text := func(length int) string { // few characters are common, as in a language
				var s strings.Builder
				for range length {
					s.WriteRune(rune(0x4E00 + int(3000*lot.Float64()*lot.Float64()*lot.Float64())))
					if lot.IntN(2) == 0 {
						s.WriteByte(' ')
					}
				}
				return s.String()
			}
			book := NewBook(n)
			var posts []Profile
			for range 20_000 {
				posts = append(posts, posted(text(20), text(200), lot.IntN(1000)))
			}
			for i := range n {
				book.Put(fmt.Sprint("ev-", i), posts[i%len(posts)])
			}
			i := n
			for b.Loop() {
				book.Find(posts[i*7919%len(posts)])
				book.Put(fmt.Sprint("ev-", i), posts[i%len(posts)])
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
		})
	}
}

func BenchmarkDescribe(b *testing.B) {
	words := cut(strings.Repeat("翠微 苑 小区 门口 路灯 坏 了 半个月 ， 晚上 漆黑 一片 ， 老人 出行 不便 ， 请 尽快 维修 ", 8))
	for b.Loop() {
		Describe(words, 12, noon)
	}
}

// TestTwoDangersAreTwoMatters puts grave posts of one day and of different places into a book.
func TestTwoDangersAreTwoMatters(t *testing.T) {
	posts := []Profile{
		posted("和平里北街 燃气 泄漏", "和平里北街 5号楼 楼道 燃气 泄漏 ， 气味 浓烈 ， 已 有 两人 中毒 送医 ， 老人 孩子 很多 ， 请 立即 抢修", 0),
		posted("东直门外大街 燃气 泄漏", "东直门外大街 12 号 院 燃气 泄漏 ， 气味 很大 ， 有人 晕倒 送医 ， 请 立即 抢修", 0),
		posted("龙潭路 小区 燃气 泄漏 ， 有人 中毒", "龙潭路 某 小区 厨房 燃气 管道 漏气 ， 有 两人 中毒 ， 已经 拨打 119", 0),
		posted("", "燃气 泄漏 ， 天坛 东门 这边 一股 味道 ， 快 来人", 0),
		posted("", "我家 楼下 燃气 泄漏 ， 广渠门内大街 ， 请 尽快 处理", 0),
	}
	b := NewBook(100)
	for i, p := range posts {
		if got := b.Find(p).Event; got != "" {
			t.Errorf("danger %d is taken for %s", i, got)
		}
		b.Put(fmt.Sprint("danger ", i), p)
	}
	again := posted("和平里北街 还在 漏气", "和平里北街 5号楼 的 燃气 泄漏 还 没有 人 来 抢修 ， 气味 越来越 浓", 0)
	if got := b.Find(again).Event; got != "danger 0" {
		t.Errorf("the second post of a danger is in %q", got)
	}
}

// TestStreetsTellPostsApart gives the same text with the street offices that its places
// belong to.
func TestStreetsTellPostsApart(t *testing.T) {
	text := "小区 门口 路灯 坏 了 半个月 ， 翠微 苑 晚上 漆黑 一片 ， 老人 出行 不便"
	b := NewBook(10)
	b.Put("one", Describe(cut(text), 0, noon, "s-one"))
	if got := b.Find(Describe(cut(text+" ！"), 0, noon, "s-two")).Event; got != "" {
		t.Errorf("posts of two street offices are in %q", got)
	}
	if got := b.Find(Describe(cut(text+" ！"), 0, noon, "s-two", "s-one")).Event; got != "one" {
		t.Errorf("a post that names both is in %q", got)
	}
}

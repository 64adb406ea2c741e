package reply_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/reply"
)

const long = "您好！经核查，因近期气温骤降，用气量激增，上游企业限供，导致部分时段压力不足。目前我区已协调增加气量，供气基本平稳，感谢您的理解与支持，祝您生活愉快。"

func TestCopiesAreFoundWhateverTheNameAndDate(t *testing.T) {
	replies := []string{
		"网友“UU0081234”" + long + "2022年12月1日",
		"您反映的路灯不亮问题，已于3月2日更换灯泡，恢复照明。",
		"网友“UU009”" + long + "2023年1月15日",
		"已收悉",
		long + "特此回复。",
		"已收悉",
	}
	want := []reply.Copy{{Members: []int{0, 2, 4}}}
	got := reply.Copies(replies, 0.9)
	if len(got) == 1 {
		if got[0].Likeness < 0.9 || got[0].Likeness >= 1 {
			t.Errorf("likeness is %v: the last one has another ending", got[0].Likeness)
		}
		got[0].Likeness = 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if strict := reply.Copies(replies, 1); len(strict) != 1 || !slices.Equal(strict[0].Members, []int{0, 2}) {
		t.Errorf("with likeness 1: %v", strict)
	}
}

// TestCopiesOfRandomSets plants copies among texts of random characters.
func TestCopiesOfRandomSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳")), 40, 120, -1)
		originals := rapid.SliceOfNDistinct(text, 1, 12, func(s string) string { return s[:30] }).Draw(t, "originals")
		var all []string
		planted := map[int]int{}
		for i, o := range originals {
			n := rapid.IntRange(1, 4).Draw(t, "copies")
			planted[i] = n
			for k := range n {
				all = append(all, fmt.Sprintf("%s%d月%d日", o, k+1, i+1))
			}
		}
		seen := map[int]bool{}
		for _, g := range reply.Copies(all, 0.9) {
			if !slices.IsSorted(g.Members) || g.Likeness < 0.9 {
				t.Fatalf("group %v", g)
			}
			for _, m := range g.Members {
				if seen[m] {
					t.Fatalf("reply %d is in two groups", m)
				}
				seen[m] = true
			}
		}
		at := 0
		for i := range originals {
			for k := range planted[i] {
				if planted[i] > 1 && !seen[at+k] {
					t.Fatalf("copy %d of text %d was not found", k, i)
				}
			}
			at += planted[i]
		}
	})
}

func TestCopiesInRealReplies(t *testing.T) {
	var all []string
	for _, r := range rows[struct{ Reply *string }](t, "messages_gas_2022.jsonl") {
		if r.Reply != nil {
			all = append(all, *r.Reply)
		}
	}
	groups := reply.Copies(all, 0.9)
	largest, copied := 0, 0
	for _, g := range groups {
		largest, copied = max(largest, len(g.Members)), copied+len(g.Members)
	}
	t.Logf("%d of %d replies are in %d groups, the largest of %d", copied, len(all), len(groups), largest)
	if largest < 91 {
		t.Errorf("the largest group has %d members; 91 replies are known to be identical", largest)
	}
}

func BenchmarkCopies(b *testing.B) {
	var all []string
	for i := range 3000 {
		all = append(all, fmt.Sprintf("%s%c%c%c", long[i%60*3:], rune(0x4e00+i), rune(0x5e00+i), rune(0x6e00+i)))
	}
	b.ReportAllocs()
	for b.Loop() {
		reply.Copies(all, 0.9)
	}
}

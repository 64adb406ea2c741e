package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/huiying/huiying/opinion"
)

// indexPages reads page after page while posts arrive at every place of the order.
func indexPages(t *testing.T, open OpenIndex) {
	for _, order := range []opinion.Sort{opinion.SortTime, opinion.SortRisk, opinion.SortRelevance} {
		t.Run(string(order), func(t *testing.T) {
			x := openIndex(t, open, dictionary{})
			q, err := opinion.ParseQuery("停车 或 噪音")
			x.must("ParseQuery", err)
			page := func(prefix string, n int) (docs []opinion.Doc) {
				for i := range n {
					title := []string{"停车", "", "噪音停车"}[i%3]
					d := newDoc(x.tok, fmt.Sprintf("%s%03d", prefix, i*7%n), title, []string{"停车", "停车噪音"}[i%2])
					d.Post.PublishedAt = noon.Add(time.Duration(i/4) * time.Hour) // four at a time
					d.Assessment.Score = float64(i*13%5) * 12.3
					docs = append(docs, d)
				}
				return docs
			}
			first := page("m", 60)
			x.put(first...)
			want := naiveOrder(x.tok, first, opinion.Search{Query: q, Sort: order})
			var got []string
			s := opinion.Search{Query: q, Sort: order, Limit: 7}
			for i := 0; ; i++ {
				r := x.search(s)
				got = append(got, slices.DeleteFunc(hitIDs(r), func(id string) bool { return id[0] != 'm' })...)
				if r.Next == "" {
					break
				}
				s.After = r.Next
				if i < 8 {
					x.put(page(fmt.Sprintf("%c%d-", "az"[i%2], i), 9)...)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages gave\n%v, want\n%v", got, want)
			}
			r := x.search(opinion.Search{Query: q, Sort: order, Limit: 60 + 72})
			if r.Next != "" || len(r.Hits) != 132 || r.Total != 132 {
				t.Errorf("the last page has %d of %d hits and the mark %q", len(r.Hits), r.Total, r.Next)
			}
		})
	}
}

func indexInvalid(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx := context.Background()
	x.put(newDoc(x.tok, "p1", "", "停车"), newDoc(x.tok, "p2", "", "停车"))
	mark := x.search(opinion.Search{Limit: 1}).Next
	if mark == "" {
		t.Fatal("no mark behind the first of two posts")
	}
	q, err := opinion.ParseQuery("停车")
	x.must("ParseQuery", err)
	for name, s := range map[string]opinion.Search{
		"an unknown order":         {Sort: "author"},
		"a negative limit":         {Limit: -1},
		"a limit too large":        {Limit: opinion.MaxHits + 1},
		"an unknown facet":         {Facets: []string{"author"}},
		"an unknown histogram":     {Histogram: "year"},
		"a broken mark":            {After: "###"},
		"a mark that is no mark":   {After: "e30"},
		"a mark of another query":  {After: mark, Query: q},
		"a mark of another order":  {After: mark, Sort: opinion.SortRisk},
		"a mark of another event":  {After: mark, EventID: "ev-1"},
		"a field that is not kept": {Query: opinion.Query{Root: opinion.Match{Field: "author", Value: "a"}}},
		"a number that is none":    {Query: opinion.Query{Root: opinion.Range{Field: "likes", Op: opinion.OpEqual, Value: 1}}},
		"an operator that is none": {Query: opinion.Query{Root: opinion.Range{Field: "risk", Op: "; DROP", Value: 1}}},
	} {
		_, err := x.Search(ctx, s)
		wantIndexCode(t, name, err, opinion.CodeInvalid)
	}
	long := newDoc(x.tok, strings.Repeat("x", 200), "", "")
	ancient := newDoc(x.tok, "p3", "", "")
	ancient.Post.PublishedAt = time.Date(1066, 10, 14, 0, 0, 0, 0, time.UTC)
	graver := newDoc(x.tok, "p3", "", "")
	graver.Assessment.Score = 100.5
	for name, d := range map[string]opinion.Doc{"no ID": {}, "a long ID": long, "an impossible time": ancient, "a score out of range": graver} {
		wantIndexCode(t, name, x.Put(ctx, []opinion.Doc{d}), opinion.CodeInvalid)
	}
}

// fieldsOnly cuts at white space and nowhere else.
type fieldsOnly struct{}

func (fieldsOnly) Tokens(text string) []string { return strings.Fields(strings.ToLower(text)) }

// indexTokens holds every adapter to the same bytes of a token, with those that the
// analysers of search engines like to change.
func indexTokens(t *testing.T, open OpenIndex) {
	tokens := []string{
		"a-b", "a.b", "a_b", "a", "b", "ab", "#x", "x", "100%", "100", "c++", "c", `"q"`, "q", "'q'", "*", "a*", "?", "(", ")", "{x}", "[x]",
		"^", "~1", `\`, `\n`, "/", ":", "title:x", ";", ",", ".", "!", "&", "&&", "|", "<b>", "=", "@", "$", "`", "+", "near", "and", "or", "not", "to",
		"é", "e", "e\u0301", "ß", "ss", "ﬁ", "fi", "ı", "i", "①", "1", "Ａ", "ａ", "a\u200b", "\u200b", "\ufeff", "\ufffd", "中", "中文", "文", "。", "“", "、", "㍿",
		"👍", "👍🏽", "👨‍👩‍👧", "👨", "🫨", "𠮷", "\U000e0001", "\uffff", "\ue000", "\u0378", strings.Repeat("长", 100), strings.Repeat("w", 100),
	}
	x := openIndex(t, open, fieldsOnly{})
	var docs []opinion.Doc
	for i, tk := range tokens {
		docs = append(docs, newDoc(x.tok, fmt.Sprintf("t%03d", i), "", "左 "+tk+" 右"))
	}
	long := strings.Repeat("ab", 150)
	docs = append(docs, newDoc(x.tok, "u000", "", long), newDoc(x.tok, "u001", "", "一\u00a0二\u2028三\u3000四\x00五\x1f六"))
	x.put(docs...)
	lower := map[string][]string{}
	for i, tk := range tokens {
		key := strings.ToLower(tk)
		lower[key] = append(lower[key], fmt.Sprintf("t%03d", i))
	}
	for _, tk := range tokens {
		want := map[string]bool{}
		for other, ids := range lower {
			for _, p := range opinion.TermPhrases(x.tok, tk) {
				if phraseIn(append(append([]string{"左"}, opinion.IndexTokens(other)...), "右"), p) {
					for _, id := range ids {
						want[id] = true
					}
				}
			}
		}
		q := opinion.Query{Root: opinion.Term{Text: tk}}
		if got := hitIDs(x.search(opinion.Search{Query: q, Limit: 100})); !slices.Equal(got, sortedKeys(want)) {
			t.Errorf("token %q found %v, want %v", tk, got, sortedKeys(want))
		}
	}
	for _, q := range []string{long, "一 二 三 四", "五 六"} {
		if got := hitIDs(x.search(opinion.Search{Query: opinion.Query{Root: opinion.Term{Text: q}}})); len(got) != 1 || got[0][0] != 'u' {
			t.Errorf("%.20q found %v", q, got)
		}
	}
}

func sortedKeys(m map[string]bool) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func indexFields(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	x.put(newDoc(x.tok, "p1", "丽发新城", "小区太吵"), newDoc(x.tok, "p2", "噪音", "丽发新城小区"), newDoc(x.tok, "p3", "", "新城丽发，小区"))
	x.expect("丽发新城", "p1", "p2")
	x.expect("丽发新城小区", "p2")
	x.expect(`"新城小区太吵"`)
	x.expect("title:丽发新城", "p1")
	x.expect("title:小区")
	x.expect("丽发 小区", "p1", "p2", "p3")
	x.expect("-丽发新城", "p3")
	x.expect("非 （丽发新城 或 小区）")
	x.expect("？！")
	x.expect("丽发 -？！", "p1", "p2", "p3")
	// Trees that no text gives, but a program can make.
	for want, root := range map[int]opinion.Node{
		3: opinion.And{Nodes: []opinion.Node{nil, opinion.And{}, opinion.Term{Text: "丽发"}, opinion.Not{Node: opinion.Or{}}}},
		0: opinion.Or{Nodes: []opinion.Node{opinion.Or{}, opinion.Not{Node: nil}}},
		1: opinion.Or{Nodes: []opinion.Node{opinion.Term{TitleOnly: true, Text: "噪音"}}},
	} {
		if got := x.search(opinion.Search{Query: opinion.Query{Root: root}}); got.Total != want {
			t.Errorf("%#v found %d posts, want %d", root, got.Total, want)
		}
	}
}

func indexDays(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	midnight := time.Date(2019, 1, 31, 16, 0, 0, 0, time.UTC) // 1 February in China
	for id, at := range map[string]time.Time{"before": midnight.Add(-time.Millisecond), "at": midnight, "noon": midnight.Add(12 * time.Hour),
		"last": midnight.Add(24*time.Hour - 1), "next": midnight.Add(24 * time.Hour), "sunday": midnight.AddDate(0, 0, 2), "monday": midnight.AddDate(0, 0, 3)} {
		d := newDoc(x.tok, id, "", "停车")
		d.Post.PublishedAt = at
		x.put(d)
	}
	x.expect("date:2019-02-01", "last", "noon", "at")
	x.expect("date:2019-01-31..2019-02-01", "last", "noon", "at", "before")
	x.expect("before:2019-02-01", "before")
	x.expect("after:2019-02-02", "monday", "sunday", "next")
	day := func(d int) time.Time { return midnight.AddDate(0, 0, d) }
	for unit, want := range map[string][]opinion.Bucket{
		"day":   {{Start: day(-1), Count: 1}, {Start: day(0), Count: 3}, {Start: day(1), Count: 1}, {Start: day(2), Count: 1}, {Start: day(3), Count: 1}},
		"week":  {{Start: day(-4), Count: 6}, {Start: day(3), Count: 1}},
		"month": {{Start: midnight.AddDate(0, 0, -31), Count: 1}, {Start: midnight, Count: 6}},
		"hour": {{Start: midnight.Add(-time.Hour), Count: 1}, {Start: midnight, Count: 1}, {Start: midnight.Add(12 * time.Hour), Count: 1},
			{Start: midnight.Add(23 * time.Hour), Count: 1}, {Start: day(1), Count: 1}, {Start: day(2), Count: 1}, {Start: day(3), Count: 1}},
	} {
		if diff := cmp.Diff(want, x.search(opinion.Search{Histogram: unit}).Histogram); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", unit, diff)
		}
	}
}

func indexEvents(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx := context.Background()
	event := func(i int, v int64) opinion.Event {
		return opinion.Event{ID: fmt.Sprintf("ev-%04d", i), Topic: fmt.Sprintf("topic.%d", i%3), Name: fmt.Sprintf("版本 %d", v), FirstAt: noon,
			LastAt: noon.Add(time.Duration(i-i%2) * time.Minute), Posts: i, Sources: []string{"a"}, Risk: 2, Score: 50.5, Level: opinion.LevelII,
			KeyPost: "p", Fingerprint: []uint64{1<<64 - 1, 7}, Profile: "AQAA", Apart: []string{"ev-x"}, Version: v}
	}
	const n = 2300 // more than one page
	var events []opinion.Event
	for i := range n {
		events = append(events, event(i, 5))
	}
	x.must("PutEvents", x.PutEvents(ctx, events))
	x.must("PutEvents", x.PutEvents(ctx, []opinion.Event{event(0, 4), event(1, 6), event(2, 5)}))
	for i, v := range []int64{5, 6, 5} {
		got, err := x.Event(ctx, event(i, v).ID)
		x.must("Event", err)
		if diff := cmp.Diff(event(i, v), got); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
	x.refresh()
	count := func(since time.Time, stop int) map[string]int {
		t.Helper()
		seen := map[string]int{}
		last := time.Time{}
		x.must("Events", x.Events(ctx, since, func(e opinion.Event) bool {
			seen[e.ID]++
			if e.LastAt.After(last) && len(seen) > 1 {
				t.Errorf("event %s is newer than the one before", e.ID)
			}
			last = e.LastAt
			return len(seen) != stop
		}))
		for id, n := range seen {
			if n != 1 {
				t.Errorf("event %s came %d times", id, n)
			}
		}
		return seen
	}
	for _, c := range []struct {
		since time.Time
		stop  int
		want  int
	}{
		{time.Time{}, 0, n}, {noon.Add(100 * time.Minute), 0, n - 100}, {time.Time{}, 1500, 1500}, {noon.Add(n * time.Minute), 0, 0},
	} {
		if got := len(count(c.since, c.stop)); got != c.want {
			t.Errorf("events since %v: %d, want %d", c.since, got, c.want)
		}
	}
	_, err := x.DeleteBefore(ctx, noon.Add(2000*time.Minute))
	x.must("DeleteBefore", err)
	x.refresh()
	if got := len(count(time.Time{}, 0)); got != n-2000 {
		t.Errorf("%d events are left, want %d", got, n-2000)
	}
}

func indexDeletes(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	var docs []opinion.Doc
	for i := range 40 { // ten a month, December to March
		d := newDoc(x.tok, fmt.Sprintf("p%02d", i), "停车", "噪音")
		d.Post.PublishedAt = time.Date(2018, 12, 1, 0, 0, 0, 0, opinion.ChinaTime).AddDate(0, i/10, i%10)
		docs = append(docs, d)
	}
	x.put(docs...)
	n, err := x.DeleteBefore(context.Background(), time.Date(2019, 2, 1, 0, 0, 0, 0, opinion.ChinaTime))
	if x.must("DeleteBefore", err); n != 20 {
		t.Errorf("%d posts went, want 20", n)
	}
	x.refresh()
	if got := x.find("停车 噪音"); len(got) != 20 || slices.Contains(got, "p19") {
		t.Errorf("%v are left, want p20 to p39", got)
	}
	_, err = x.Get(context.Background(), "p00")
	wantIndexCode(t, "Get of a dropped post", err, opinion.CodeNotFound)
	x.put(docs[:15]...) // a dropped month can come back
	if got := x.find("停车"); len(got) != 35 {
		t.Errorf("%d posts, want 35", len(got))
	}
}

package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/huiying/huiying/opinion"
)

// OpenIndex opens an empty index that the test alone uses; it is closed and removed when
// the test ends.
type OpenIndex func(t *testing.T, tok opinion.Tokenizer) opinion.Index

// Index checks every promise of opinion.Index.
func Index(t *testing.T, open OpenIndex) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, open OpenIndex)
	}{
		{"what is put comes back", indexRoundTrip},
		{"an empty index answers", indexEmpty},
		{"the larger version wins", indexVersions},
		{"a post that moves to another month stands once", indexMoves},
		{"a link survives later versions", indexLinks},
		{"writers at the same time", indexConcurrent},
		{"pages are stable while posts arrive", indexPages},
		{"questions that cannot be answered", indexInvalid},
		{"every token is itself", indexTokens},
		{"a match stays within its field", indexFields},
		{"days begin at midnight in China", indexDays},
		{"events", indexEvents},
		{"lists of events", indexEventLists},
		{"old posts go", indexDeletes},
		{"boolean questions against a plain list", indexBoolean},
		{"the largest question", indexLargest},
		{"a context that has ended", indexContext},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open)
		})
	}
}

// indexed is an index under test.
type indexed struct {
	opinion.Index
	t   *testing.T
	tok opinion.Tokenizer
}

func openIndex(t *testing.T, open OpenIndex, tok opinion.Tokenizer) indexed {
	t.Helper()
	return indexed{open(t, tok), t, tok}
}

func (x indexed) put(docs ...opinion.Doc) {
	x.t.Helper()
	x.must("Put", x.Put(context.Background(), docs))
	x.refresh()
}

func (x indexed) refresh() {
	x.t.Helper()
	x.must("Refresh", x.Refresh(context.Background()))
}

func (x indexed) must(what string, err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatalf("%s: %v", what, err)
	}
}

func (x indexed) search(s opinion.Search) opinion.Result {
	x.t.Helper()
	r, err := x.Search(context.Background(), s)
	x.must("Search", err)
	return r
}

// find returns the IDs that a query finds, newest first.
func (x indexed) find(query string) []string {
	x.t.Helper()
	q, err := opinion.ParseQuery(query)
	x.must("ParseQuery "+query, err)
	return hitIDs(x.search(opinion.Search{Query: q, Limit: opinion.MaxHits}))
}

func (x indexed) expect(query string, want ...string) {
	x.t.Helper()
	if got := x.find(query); !slices.Equal(got, want) {
		x.t.Errorf("query %s found %v, want %v", query, got, want)
	}
}

func hitIDs(r opinion.Result) []string {
	var ids []string
	for _, h := range r.Hits {
		ids = append(ids, h.Post.ID)
	}
	return ids
}

func wantIndexCode(t *testing.T, what string, err error, code opinion.Code) {
	t.Helper()
	if opinion.CodeOf(err) != code {
		t.Errorf("%s gave the error %v, want code %s", what, err, code)
	}
}

// noon is a moment in the middle of a month, a day and an hour.
var noon = time.Date(2019, 3, 15, 4, 30, 0, 0, time.UTC)

func newDoc(tok opinion.Tokenizer, id, title, text string) opinion.Doc {
	return opinion.Doc{
		Post: opinion.Post{ID: id, Source: "test", SourceID: id, Channel: opinion.ChannelPublic, Title: title, Text: text,
			PublishedAt: noon, ReceivedAt: noon.Add(time.Hour), PublishedKnown: true},
		Assessment:  opinion.Assessment{Topic: "edu.school", Intent: "咨询"},
		TitleTokens: strings.Join(tok.Tokens(title), " "),
		TextTokens:  strings.Join(tok.Tokens(text), " "),
		Version:     1,
	}
}

func indexRoundTrip(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	d := newDoc(x.tok, "p1", "停车场 <收费>", "“乱收费”\n太贵了 & 没人管 \u2028 👍🏽")
	d.Post.URL, d.Post.Place, d.Post.Pseudonym = "https://example.org/?a=1&b=2", "A3区", "u-1"
	d.Post.Likes, d.Post.History, d.Post.Masked = 7, true, map[string]int{"phone": 1}
	d.Post.PublishedAt = noon.Add(123456789)
	d.Assessment = opinion.Assessment{
		Topic: "urban.parking", Topic2: "urban.illegal", Risk: opinion.RiskHigh, Score: 61.7000001, Sentiment: -1, Intent: "投诉",
		Topics:  []opinion.TopicScore{{Topic: "urban.parking", Probability: 1e-7, Evidence: []opinion.Evidence{{Span: opinion.Span{Start: 0, End: 3}, Word: "停车场"}}}},
		Factors: []opinion.Factor{{Name: "term", Points: -0.5, Kind: "K4"}}, Kinds: []string{"K1", "K4"}, Streets: []string{"street-a", "street-b"},
		Fingerprint: []uint64{1<<64 - 1, 1 << 63, 0}, Profile: "AQAA", PolicyVersion: "1+abc", ModelVersion: "m1",
	}
	x.put(d)
	want := opinion.Hit{Post: d.Post, Assessment: d.Assessment}
	got, err := x.Get(context.Background(), "p1")
	x.must("Get", err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Get (-want +got):\n%s", diff)
	}
	x.must("Link", x.Link(context.Background(), []opinion.Link{{PostID: "p1", PublishedAt: d.Post.PublishedAt, EventID: "ev-p1"}}))
	x.refresh()
	q, err := opinion.ParseQuery("收费 没人管")
	x.must("ParseQuery", err)
	r := x.search(opinion.Search{Query: q})
	want.EventID = "ev-p1"
	want.Highlights = []opinion.Span{{Start: 5, End: 7}, {Start: 11, End: 13}, {Start: 21, End: 24}}
	if diff := cmp.Diff([]opinion.Hit{want}, r.Hits, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Search (-want +got):\n%s", diff)
	}
	if r.Total != 1 || r.Next != "" {
		t.Errorf("total %d next %q, want 1 and none", r.Total, r.Next)
	}
	x.must("Ping", x.Ping(context.Background()))
}

func indexEmpty(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx := context.Background()
	for _, s := range []opinion.Sort{"", opinion.SortTime, opinion.SortRisk, opinion.SortRelevance} {
		r := x.search(opinion.Search{Sort: s, Facets: opinion.Facets, Histogram: "day"})
		if r.Total != 0 || len(r.Hits) != 0 || r.Next != "" || len(r.Histogram) != 0 || len(r.Facets) != len(opinion.Facets) {
			t.Errorf("sort %q of nothing gave %+v", s, r)
		}
	}
	_, err := x.Get(ctx, "nobody")
	wantIndexCode(t, "Get of no post", err, opinion.CodeNotFound)
	_, err = x.Event(ctx, "ev-nothing")
	wantIndexCode(t, "Event of none", err, opinion.CodeNotFound)
	have, err := x.Existing(ctx, []string{"a", "b"})
	if x.must("Existing", err); len(have) != 0 {
		t.Errorf("Existing of nothing gave %v", have)
	}
	ids, err := x.Members(ctx, "ev-nothing", 10)
	if x.must("Members", err); len(ids) != 0 {
		t.Errorf("Members of nothing gave %v", ids)
	}
	n, err := x.DeleteBefore(ctx, noon)
	if x.must("DeleteBefore", err); n != 0 {
		t.Errorf("DeleteBefore of nothing dropped %d", n)
	}
	x.must("Put of nothing", x.Put(ctx, nil))
	x.must("Link of nothing", x.Link(ctx, nil))
	x.must("Link of no post", x.Link(ctx, []opinion.Link{{PostID: "nobody", PublishedAt: noon, EventID: "ev-1"}}))
	x.must("PutEvents of nothing", x.PutEvents(ctx, nil))
}

func indexVersions(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	version := func(v int64, word string) opinion.Doc {
		d := newDoc(x.tok, "p1", "", word)
		d.Version, d.Assessment.Topic = v, "topic."+word
		return d
	}
	check := func(word string, v int64) {
		t.Helper()
		for _, w := range []string{"停车", "噪音", "垃圾", "拆迁"} {
			if w == word {
				x.expect(w, "p1")
				x.expect("topic:topic."+w, "p1")
			} else {
				x.expect(w)
				x.expect("topic:topic." + w)
			}
		}
		have, err := x.Existing(context.Background(), []string{"p1", "p2"})
		x.must("Existing", err)
		if diff := cmp.Diff(map[string]int64{"p1": v}, have); diff != "" {
			t.Errorf("Existing (-want +got):\n%s", diff)
		}
		r := x.search(opinion.Search{Facets: []string{opinion.FacetTopic}})
		if want := []opinion.Count{{Value: "topic." + word, Count: 1}}; r.Total != 1 || !slices.Equal(r.Facets[opinion.FacetTopic], want) {
			t.Errorf("total %d, topics %v; want 1 and %v", r.Total, r.Facets, want)
		}
	}
	x.put(version(5, "停车"))
	check("停车", 5)
	x.put(version(5, "噪音"), version(4, "垃圾"))
	check("停车", 5)
	x.put(version(6, "噪音"), version(9, "垃圾"), version(8, "拆迁"))
	check("垃圾", 9)
	// Without a refresh in between.
	x.must("Put", x.Put(context.Background(), []opinion.Doc{version(11, "噪音")}))
	x.must("Put", x.Put(context.Background(), []opinion.Doc{version(10, "停车")}))
	x.put(version(12, "拆迁"))
	check("拆迁", 12)
}

func indexMoves(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	d := newDoc(x.tok, "p1", "", "停车")
	x.put(d)
	x.must("Link", x.Link(context.Background(), []opinion.Link{{PostID: "p1", PublishedAt: noon, EventID: "ev-p1"}}))
	x.refresh()
	d.Version, d.Post.PublishedAt = 2, noon.AddDate(0, -7, 0)
	x.put(d)
	x.expect("停车", "p1")
	x.expect("停车 event:ev-p1", "p1")
	x.expect("停车 after:2019-01-01")
	d.Version, d.Post.PublishedAt = 1, noon
	x.put(d)
	x.expect("停车 before:2019-01-01", "p1")
	x.expect("停车 after:2019-01-01")
}

func indexLinks(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx := context.Background()
	var docs []opinion.Doc
	var links []opinion.Link
	for i := range 30 {
		d := newDoc(x.tok, fmt.Sprintf("p%02d", i), "", "停车")
		d.Post.PublishedAt = noon.AddDate(0, -(i % 3), 0).Add(time.Duration(i) * time.Second)
		docs = append(docs, d)
		links = append(links, opinion.Link{PostID: d.Post.ID, PublishedAt: d.Post.PublishedAt, EventID: fmt.Sprintf("ev-%d", i%2)})
	}
	x.put(docs...)
	x.must("Link", x.Link(ctx, append(links, opinion.Link{PostID: "nobody", PublishedAt: noon, EventID: "ev-0"})))
	for i := range docs {
		docs[i].Version, docs[i].TextTokens = 2, "噪音"
	}
	x.put(docs...) // right after, before any refresh
	x.expect("nobody")
	var want []string
	for _, s := range []int{2, 1, 0} { // three months, oldest first
		for i := s; i < 30; i += 3 {
			if i%2 == 0 {
				want = append(want, docs[i].Post.ID)
			}
		}
	}
	got, err := x.Members(ctx, "ev-0", 100)
	if x.must("Members", err); !slices.Equal(memberIDs(got), want) {
		t.Errorf("members %v, want %v", got, want)
	}
	got, err = x.Members(ctx, "ev-0", 4)
	if x.must("Members", err); !slices.Equal(memberIDs(got), want[:4]) {
		t.Errorf("four members %v, want %v", got, want[:4])
	}
	if !got[0].PublishedAt.Equal(docs[2].Post.PublishedAt) || got[0].EventID != "ev-0" {
		t.Errorf("the first member is %+v", got[0])
	}
	linked, err := x.Linked(ctx, []string{"p00", "p01", "nobody"})
	if x.must("Linked", err); len(linked) != 2 || linked["p00"] != "ev-0" || linked["p01"] != "ev-1" {
		t.Errorf("Linked gives %v", linked)
	}
	if none, err := x.Linked(ctx, nil); err != nil || len(none) != 0 {
		t.Errorf("Linked of nothing gives %v, %v", none, err)
	}
	slices.Reverse(want)
	x.expect("噪音 event:ev-0", want...)
	if got := hitIDs(x.search(opinion.Search{EventID: "ev-0", Limit: 100})); !slices.Equal(got, want) {
		t.Errorf("posts of the event %v, want %v", got, want)
	}
	x.must("Link again", x.Link(ctx, links[:1]))
	x.must("Link elsewhere", x.Link(ctx, []opinion.Link{{PostID: "p00", PublishedAt: docs[0].Post.PublishedAt, EventID: "ev-8"}, {PostID: "p00", PublishedAt: docs[0].Post.PublishedAt, EventID: "ev-9"}}))
	x.refresh()
	h, err := x.Get(ctx, "p00")
	if x.must("Get", err); h.EventID != "ev-9" {
		t.Errorf("event %q, want ev-9", h.EventID)
	}
	d := newDoc(x.tok, "p99", "", "垃圾")
	d.EventID = "ev-7"
	x.put(d)
	x.expect("event:ev-7", "p99")
}

func memberIDs(links []opinion.Link) (ids []string) {
	for _, l := range links {
		ids = append(ids, l.PostID)
	}
	return ids
}

func indexConcurrent(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx := context.Background()
	const writers, posts = 6, 20
	var wg sync.WaitGroup
	errs := make(chan error, writers*3)
	for w := range writers {
		wg.Go(func() {
			for round := range 3 {
				var docs []opinion.Doc
				var links []opinion.Link
				for i := range posts {
					d := newDoc(x.tok, fmt.Sprintf("p%02d", (i*7+w)%posts), "", fmt.Sprintf("第%d版", w+writers*round))
					d.Version = int64(w + writers*round)
					docs = append(docs, d)
					links = append(links, opinion.Link{PostID: d.Post.ID, PublishedAt: noon, EventID: "ev-" + d.Post.ID})
				}
				if err := x.Put(ctx, docs); err != nil {
					errs <- fmt.Errorf("Put: %w", err)
				}
				if err := x.Link(ctx, links); err != nil {
					errs <- fmt.Errorf("Link: %w", err)
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	x.refresh()
	r := x.search(opinion.Search{Limit: 100})
	if r.Total != posts {
		t.Fatalf("%d posts, want %d", r.Total, posts)
	}
	for _, h := range r.Hits {
		if want := fmt.Sprintf("第%d版", writers*3-1); h.Post.Text != want || h.EventID != "ev-"+h.Post.ID {
			t.Errorf("post %s has text %s and event %s, want %s", h.Post.ID, h.Post.Text, h.EventID, want)
		}
	}
}

func indexContext(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := x.Put(ctx, []opinion.Doc{newDoc(x.tok, "p1", "", "停车")}); err == nil {
		t.Error("Put wrote after its context had ended")
	}
	if _, err := x.Search(ctx, opinion.Search{}); err == nil {
		t.Error("Search answered after its context had ended")
	}
	if err := x.Ping(ctx); err == nil {
		t.Error("Ping answered after its context had ended")
	}
	x.refresh()
	x.expect("停车")
}

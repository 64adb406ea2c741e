package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/ingest"
	"github.com/huiying/huiying/ingest/file"
	"github.com/huiying/huiying/ingest/push"
	"github.com/huiying/huiying/opinion"
)

// The collectors take the intake as it is.
var (
	_ file.Intake = (*ingest.Intake)(nil)
	_ push.Intake = (*ingest.Intake)(nil)
)

var now = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)

type bench struct {
	log    *fakeLog
	index  *fakeIndex
	store  *fakeStore
	reg    *prometheus.Registry
	intake *ingest.Intake
}

func newBench(cfg ingest.Config) *bench {
	b := &bench{log: &fakeLog{}, index: &fakeIndex{ids: map[string]int64{}}, store: &fakeStore{secret: []byte("0123456789abcdef0123456789abcdef")}, reg: prometheus.NewRegistry()}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return now }
	}
	b.intake = ingest.New(b.log, b.index, b.store, cfg, b.reg)
	return b
}

func (b *bench) accept(t testing.TB, o ingest.Options, rows ...opinion.Raw) []ingest.Outcome {
	t.Helper()
	out, err := b.intake.Accept(context.Background(), rows, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func row(id, text string) opinion.Raw {
	return opinion.Raw{Source: "test", SourceID: id, Channel: opinion.ChannelPublic, Text: text, Title: "路灯", Author: "张三", PublishedAt: now.Add(-time.Hour)}
}

func statuses(out []ingest.Outcome) string {
	var b strings.Builder
	for _, o := range out {
		b.WriteByte(string(o.Status)[0])
	}
	return b.String()
}

func TestAcceptPublishesACleanMaskedPost(t *testing.T) {
	b := newBench(ingest.Config{})
	raw := row("7", "<p>我叫王建国，电话１３８ 1234 5678。</p>路灯坏了")
	raw.Place, raw.URL, raw.Likes = " 东城区　", "https://example.org/7", 3
	out := b.accept(t, ingest.Options{Kind: "push"}, raw)
	posts := b.log.posts(t)
	if len(posts) != 1 || out[0].Status != opinion.OutcomeAccepted || out[0].ID != posts[0].ID || out[0].ID != opinion.PostID("test", "7") {
		t.Fatalf("outcomes %+v posts %+v", out, posts)
	}
	p := posts[0]
	if want := "我叫〔姓名〕，电话〔电话〕。\n路灯坏了"; p.Text != want {
		t.Errorf("text %q, want %q", p.Text, want)
	}
	if p.Masked["phone"] != 1 || p.Masked["name"] != 1 || p.Place != "东城区" || p.Likes != 3 || p.History || !p.PublishedKnown || !p.ReceivedAt.Equal(now) {
		t.Errorf("post %+v", p)
	}
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(p.Pseudonym) {
		t.Errorf("pseudonym %q", p.Pseudonym)
	}
	for _, m := range b.log.messages {
		if strings.Contains(string(m.Value), "张三") || strings.Contains(string(m.Value), "王建国") || strings.Contains(string(m.Value), "5678") {
			t.Errorf("personal data on the log: %s", m.Value)
		}
	}
}

func TestPseudonymsAreStableWithinASourceAndApartBetweenTwo(t *testing.T) {
	b := newBench(ingest.Config{})
	other := row("3", "c")
	other.Source = "other"
	b.accept(t, ingest.Options{}, row("1", "a"), row("2", "b"), other)
	p := b.log.posts(t)
	if p[0].Pseudonym != p[1].Pseudonym || p[0].Pseudonym == p[2].Pseudonym {
		t.Errorf("pseudonyms %q %q %q", p[0].Pseudonym, p[1].Pseudonym, p[2].Pseudonym)
	}
	second := newBench(ingest.Config{})
	second.accept(t, ingest.Options{}, row("1", "a"))
	if second.log.posts(t)[0].Pseudonym != p[0].Pseudonym {
		t.Error("the same secret gives another pseudonym")
	}
	second.store.secret = []byte("another secret of thirty-two byte")
	third := ingest.New(second.log, second.index, second.store, ingest.Config{Now: func() time.Time { return now }}, nil)
	if _, err := third.Accept(context.Background(), []opinion.Raw{row("9", "z")}, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := second.log.posts(t); got[1].Pseudonym == p[0].Pseudonym {
		t.Error("another secret gives the same pseudonym")
	}
	if b.store.asked != 1 {
		t.Errorf("the secret was read %d times", b.store.asked)
	}
}

func TestAcceptRejectsWithFieldAndReason(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*opinion.Raw)
		field  string
	}{
		"source":        {func(r *opinion.Raw) { r.Source = "Über" }, "source"},
		"no source":     {func(r *opinion.Raw) { r.Source = "" }, "source"},
		"long source":   {func(r *opinion.Raw) { r.Source = strings.Repeat("a", 64) }, "source"},
		"channel":       {func(r *opinion.Raw) { r.Channel = "fax" }, "channel"},
		"empty":         {func(r *opinion.Raw) { r.Title, r.Text = "", " <p> </p>&nbsp;" }, "text"},
		"long text":     {func(r *opinion.Raw) { r.Text = strings.Repeat("路", ingest.MaxText+1) }, "text"},
		"huge text":     {func(r *opinion.Raw) { r.Text = strings.Repeat(" ", 20*ingest.MaxText) }, "text"},
		"long title":    {func(r *opinion.Raw) { r.Title = strings.Repeat("路", ingest.MaxTitle+1) }, "title"},
		"long place":    {func(r *opinion.Raw) { r.Place = strings.Repeat("路", ingest.MaxPlace+1) }, "place"},
		"long author":   {func(r *opinion.Raw) { r.Author = strings.Repeat("路", ingest.MaxAuthor+1) }, "author"},
		"long id":       {func(r *opinion.Raw) { r.SourceID = strings.Repeat("1", ingest.MaxSourceID+1) }, "id"},
		"id with break": {func(r *opinion.Raw) { r.SourceID = "a\nb" }, "id"},
		"future":        {func(r *opinion.Raw) { r.PublishedAt = now.Add(24*time.Hour + time.Second) }, "published_at"},
		"ancient":       {func(r *opinion.Raw) { r.PublishedAt = time.Date(1999, 12, 31, 15, 59, 59, 0, time.UTC) }, "published_at"},
		"script":        {func(r *opinion.Raw) { r.URL = "javascript:alert(1)" }, "url"},
		"file":          {func(r *opinion.Raw) { r.URL = "file:///etc/passwd" }, "url"},
		"password":      {func(r *opinion.Raw) { r.URL = "https://a:b@example.org/" }, "url"},
		"likes":         {func(r *opinion.Raw) { r.Likes = -1 }, "likes"},
	} {
		b := newBench(ingest.Config{})
		bad := row("1", "坏的")
		c.change(&bad)
		out := b.accept(t, ingest.Options{Kind: "push"}, row("0", "好的"), bad, row("2", "也好"))
		if statuses(out) != "ara" || out[1].Field != c.field || out[1].Reason == "" || out[1].ID != "" {
			t.Errorf("%s: %+v", name, out)
		}
		if got := counter(t, b.reg, "rejected"); got != 1 {
			t.Errorf("%s: %v counted as rejected", name, got)
		}
	}
}

func counter(t *testing.T, reg *prometheus.Registry, status string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "huiying_ingest_posts_total" && l.GetName() == "status" && l.GetValue() == status {
					return m.GetCounter().GetValue()
				}
			}
		}
	}
	return 0
}

func TestLimitsThemselvesAreTaken(t *testing.T) {
	b := newBench(ingest.Config{})
	full := row("1", strings.Repeat("<", 1)+strings.Repeat("路", ingest.MaxText-1))
	full.Title, full.PublishedAt = strings.Repeat("灯", ingest.MaxTitle), now.Add(24*time.Hour)
	titled := row("2", "")
	if out := b.accept(t, ingest.Options{}, full, titled); statuses(out) != "aa" {
		t.Fatalf("%+v", out)
	}
	if p := b.log.posts(t)[1]; p.Text != "路灯" || p.Title != "" {
		t.Errorf("a title alone became %+v", p)
	}
}

func TestHistoryAndUnknownTimes(t *testing.T) {
	b := newBench(ingest.Config{HistoryWindow: 30 * 24 * time.Hour})
	at := func(id string, age time.Duration) opinion.Raw {
		r := row(id, "x")
		r.PublishedAt = now.Add(-age)
		return r
	}
	unknown := row("3", "x")
	unknown.PublishedAt = time.Time{}
	b.accept(t, ingest.Options{}, at("1", 30*24*time.Hour), at("2", 30*24*time.Hour+time.Second), unknown)
	b.accept(t, ingest.Options{OpenCases: true}, at("4", 900*24*time.Hour))
	p := b.log.posts(t)
	if p[0].History || !p[1].History || p[2].History || p[3].History {
		t.Errorf("history: %v %v %v %v, want only the second", p[0].History, p[1].History, p[2].History, p[3].History)
	}
	if p[2].PublishedKnown || !p[2].PublishedAt.Equal(now) {
		t.Errorf("unknown time: %+v", p[2])
	}
}

func TestRepeatsAreDuplicates(t *testing.T) {
	b := newBench(ingest.Config{})
	b.index.ids[opinion.PostID("test", "5")] = 1
	noID := row("", "没有编号")
	out := b.accept(t, ingest.Options{}, row("1", "a"), row("1", "b"), row("5", "c"), noID, noID)
	if statuses(out) != "addad" {
		t.Errorf("first call: %s", statuses(out))
	}
	out = b.accept(t, ingest.Options{}, row("1", "b"), row("5", "d"), noID)
	if statuses(out) != "ddd" || len(b.log.posts(t)) != 2 {
		t.Errorf("second call: %s, %d posts", statuses(out), len(b.log.posts(t)))
	}
}

func TestDerivedIDsDependOnWhatIsSaidAndWhen(t *testing.T) {
	b := newBench(ingest.Config{})
	later := row("", "同一句话")
	later.PublishedAt = later.PublishedAt.Add(time.Second)
	spaced := row("", " 同一句话\r\n")
	out := b.accept(t, ingest.Options{}, row("", "同一句话"), later, spaced)
	if statuses(out) != "aad" || out[0].ID == out[1].ID || out[0].ID != out[2].ID {
		t.Errorf("%+v", out)
	}
}

func TestEditsArePublishedOncePerContent(t *testing.T) {
	b := newBench(ingest.Config{})
	edits := ingest.Options{Edits: true}
	for i, step := range []struct{ text, want string }{{"一", "a"}, {"一", "d"}, {"二", "a"}, {"一", "d"}, {"二", "d"}, {"三", "a"}} {
		if out := b.accept(t, edits, row("1", step.text)); statuses(out) != step.want {
			t.Errorf("step %d: %s, want %s", i, statuses(out), step.want)
		}
	}
	if out := b.accept(t, edits, row("2", "x"), row("2", "y"), row("2", "x")); statuses(out) != "aad" {
		t.Errorf("in one call: %s", statuses(out))
	}
	posts := b.log.posts(t)
	if last := posts[len(posts)-1]; last.Text != "y" {
		t.Errorf("the edit is not the last: %+v", last)
	}
}

// After a restart only the index remembers; an edit is told from a repeat by it.
func TestEditsAreToldAfterARestart(t *testing.T) {
	first := newBench(ingest.Config{})
	first.accept(t, ingest.Options{Edits: true}, row("1", "我叫王建国"), row("2", "旧的"), row("3", "没有了"))
	b := newBench(ingest.Config{})
	b.index.posts = map[string]opinion.Post{}
	for _, p := range first.log.posts(t) {
		b.index.ids[p.ID] = 1
		if p.SourceID != "3" { // dropped by retention between the two questions
			b.index.posts[p.ID] = p
		}
	}
	if out := b.accept(t, ingest.Options{Edits: true}, row("1", "我叫王建国"), row("2", "新的"), row("3", "没有了")); statuses(out) != "daa" {
		t.Errorf("%s: %+v", statuses(out), out)
	}
	if out := b.accept(t, ingest.Options{Edits: true}, row("2", "新的")); statuses(out) != "d" {
		t.Errorf("the edit again: %+v", out)
	}
}

func TestAFailedPublishIsNoDuplicateLater(t *testing.T) {
	for _, lost := range []bool{false, true} {
		b := newBench(ingest.Config{})
		b.log.fail, b.log.lost = errors.New("broker away"), lost
		if _, err := b.intake.Accept(context.Background(), []opinion.Raw{row("1", "a")}, ingest.Options{}); err == nil {
			t.Fatal("no error although the log refused")
		}
		b.log.fail = nil
		if out := b.accept(t, ingest.Options{}, row("1", "a")); statuses(out) != "a" {
			t.Errorf("lost=%v: %s, want accepted", lost, statuses(out))
		}
	}
	b := newBench(ingest.Config{})
	b.index.fail = opinion.Errorf(opinion.CodeUnavailable, "index away")
	if _, err := b.intake.Accept(context.Background(), []opinion.Raw{row("1", "a")}, ingest.Options{}); opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("error %v", err)
	}
}

// A duplicate is only told once the log has the post: a call that finds another one
// publishing it waits, and takes over when that one fails.
func TestAConcurrentRepeatWaitsForTheAcknowledgement(t *testing.T) {
	for _, fails := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { concurrentRepeat(t, fails) })
	}
}

func concurrentRepeat(t *testing.T, fails bool) {
	b := newBench(ingest.Config{})
	b.log.hold, b.log.entered = make(chan struct{}), make(chan struct{}, 2)
	first, cancel := context.WithCancel(context.Background())
	var firstErr error
	var wg sync.WaitGroup
	wg.Go(func() { _, firstErr = b.intake.Accept(first, []opinion.Raw{row("1", "a")}, ingest.Options{}) })
	<-b.log.entered
	second := make(chan string, 1)
	wg.Go(func() {
		out, err := b.intake.Accept(context.Background(), []opinion.Raw{row("1", "a")}, ingest.Options{})
		if err != nil {
			second <- err.Error()
			return
		}
		second <- statuses(out)
	})
	synctest.Wait() // the second call has nothing left to do but wait
	select {
	case got := <-second:
		t.Fatalf("answered %q before the log acknowledged", got)
	case <-b.log.entered:
		t.Fatal("published the same post twice at once")
	default:
	}
	want := "d"
	if fails {
		want = "a"
		cancel()
		<-b.log.entered // the second takes over
	}
	b.log.hold <- struct{}{}
	got := <-second
	wg.Wait()
	cancel()
	if got != want || (firstErr != nil) != fails {
		t.Errorf("fails=%v: second %q (want %q), first error %v", fails, got, want, firstErr)
	}
}

func TestTheMemoryOfRecentPostsIsBounded(t *testing.T) {
	b := newBench(ingest.Config{RecentPosts: 10})
	for i := range 25 {
		b.accept(t, ingest.Options{}, row(fmt.Sprint(i), "x"))
	}
	if out := b.accept(t, ingest.Options{}, row("24", "x"), row("15", "x"), row("14", "x")); statuses(out) != "dda" {
		t.Errorf("%s: want the last ten known and no more", statuses(out))
	}
}

func TestAcceptProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(ingest.Config{})
		published := map[string]bool{}
		for range rapid.IntRange(1, 4).Draw(t, "calls") {
			var rows []opinion.Raw
			for range rapid.IntRange(0, 6).Draw(t, "rows") {
				rows = append(rows, row(rapid.SampledFrom([]string{"1", "2", "3", ""}).Draw(t, "id"), rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "text")))
			}
			b.log.fail = nil
			if rapid.Bool().Draw(t, "fail") {
				b.log.fail = errors.New("away")
			}
			out, err := b.intake.Accept(context.Background(), rows, ingest.Options{Edits: rapid.Bool().Draw(t, "edits")})
			if err != nil {
				continue
			}
			if len(out) != len(rows) {
				t.Fatalf("%d outcomes for %d rows", len(out), len(rows))
			}
			for _, m := range b.log.messages {
				published[string(m.Key)] = true
			}
			for _, o := range out {
				// Whatever is called accepted or known is on the log.
				if !published[o.ID] {
					t.Fatalf("%+v is not on the log", o)
				}
			}
		}
	})
}

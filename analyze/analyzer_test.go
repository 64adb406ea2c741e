package analyze

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// row is a row of the shared data, see its README.
type row struct {
	Source      string   `json:"src"`
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Text        string   `json:"text"`
	PublishedAt string   `json:"published_at"`
	Likes       *int     `json:"likes"`
	Topic       string   `json:"topic"`
	Topic2      string   `json:"topic2"`
	Risk        int      `json:"risk"`
	Kinds       []string `json:"kinds"`
	Sentiment   int      `json:"sentiment"`
	Intent      string   `json:"intent"`
}

func (r row) post() opinion.Post {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	p := opinion.Post{
		ID: opinion.PostID("shared", r.ID+r.Title+r.Text), Source: "shared", Channel: opinion.ChannelWebMessage,
		Title: r.Title, Text: r.Text, PublishedAt: at, ReceivedAt: at, PublishedKnown: true,
	}
	if r.Likes != nil {
		p.Likes = *r.Likes
	}
	return p
}

// shared reads a file of real data, or skips the test where it is not to be had.
func shared(t testing.TB, name string) []row {
	t.Helper()
	dir := os.Getenv("HUIYING_SHARED")
	if dir == "" {
		t.Skip("HUIYING_SHARED is not set: the real messages that this test reads are not part of the project")
	}
	f, err := os.Open(filepath.Join(dir, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []row
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s row %d: %v", name, len(rows)+1, err)
		}
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// testAnalyzer is the analyser of the shipped policy; its dictionaries stay in a temporary
// directory of the process, because the segmenter lives as long.
var testAnalyzer = sync.OnceValue(func() *Analyzer {
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "huiying-dict-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	seg, err := segment.Open(dir, DomainWords(pol))
	if err != nil {
		panic(err)
	}
	return NewAnalyzer(seg, pol)
})

// TestTheNamedPlaceIsHeard: an export's own column for the street makes its office a
// co-unit, also when the text names none.
func TestTheNamedPlaceIsHeard(t *testing.T) {
	p := post(1, "路灯不亮", "楼下的路灯坏了三天。")
	if as, _ := testAnalyzer().Assess(p); len(as.Streets) != 0 {
		t.Fatalf("streets %v without a place", as.Streets)
	}
	p.Place = "东城区 和平里街道"
	as, _ := testAnalyzer().Assess(p)
	if !slices.Equal(as.Streets, []string{"s-hepingli"}) || len(as.Places) != 0 {
		t.Errorf("streets %v, places %v", as.Streets, as.Places)
	}
	p.Text = "和平里街道的路灯坏了三天。"
	if as, _ = testAnalyzer().Assess(p); !slices.Equal(as.Streets, []string{"s-hepingli"}) {
		t.Errorf("named twice: streets %v", as.Streets)
	}
}

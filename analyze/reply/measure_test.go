package reply_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/huiying/huiying/analyze/reply"
)

// row is a post with its reply, from any of the shared sets.
type row struct {
	ID           string `json:"id"`
	Title        string `json:"title"`
	Text         string `json:"text"`
	Reply        string `json:"reply"`
	Relevance    int    `json:"relevance"`
	Completeness int    `json:"completeness"`
	Explained    int    `json:"explained"`
	Action       int    `json:"action"`
	Empty        int    `json:"empty"`
	Evasive      int    `json:"evasive"`
}

// rows reads a shared set, or skips.
func rows[T any](t testing.TB, name string) []T {
	dir := os.Getenv("HUIYING_SHARED")
	if dir == "" {
		t.Skip("HUIYING_SHARED is not set: the real replies that this test reads are not part of the project")
	}
	f, err := os.Open(filepath.Join(dir, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var r T
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatalf("%s: %d rows, %v", name, len(all), lines.Err())
	}
	return all
}

// table counts gold by ours.
type table [3][3]float64

// kappa is Cohen's, with quadratic weights.
func (c table) kappa() float64 {
	var n float64
	var a, b [3]float64
	for i := range 3 {
		for j := range 3 {
			n += c[i][j]
			a[i] += c[i][j]
			b[j] += c[i][j]
		}
	}
	var seen, chance float64
	for i := range 3 {
		for j := range 3 {
			w := float64((i - j) * (i - j))
			seen += w * c[i][j]
			chance += w * a[i] * b[j] / n
		}
	}
	return 1 - seen/chance
}

func (c table) f1() float64 { return 2 * c[1][1] / (2*c[1][1] + c[0][1] + c[1][0]) }

// halves of the labelled replies, by a hash: "read" is the one of which about half was read
// to learn what the grades mean, "unread" was only measured on.
func half(reply string) string {
	if sha256.Sum256([]byte(reply))[0]%2 == 0 {
		return "read"
	}
	return "unread"
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestGradesAgreeWithReaders holds the grades to two careful readings. The floors lie below
// what was measured: they catch breakage, they are not the aim.
func TestGradesAgreeWithReaders(t *testing.T) {
	m := reply.New(reply.Assumed())
	names := []string{"relevance", "completeness", "explained", "action", "empty", "evasive"}
	counts := map[string]*[6]table{"read": {}, "unread": {}, "all": {}}
	for _, r := range rows[row](t, "reply_labels_dev.jsonl") {
		q := m.Assess(r.Title, r.Text, r.Reply)
		gold := []int{r.Relevance, r.Completeness, r.Explained, r.Action, r.Empty, r.Evasive}
		for i, ours := range []int{q.Relevance, q.Completeness, q.Explained, q.Action, bit(q.Empty), bit(q.Evasive)} {
			counts[half(r.Reply)][i][gold[i]][ours]++
			counts["all"][i][gold[i]][ours]++
		}
	}
	for _, part := range []string{"read", "unread", "all"} {
		for i, c := range counts[part] {
			if i < 4 {
				t.Logf("%-6s %-12s kappa %.3f  %v", part, names[i], c.kappa(), c)
				if c.kappa() < 0.5 {
					t.Errorf("%s: %s has kappa %.3f", part, names[i], c.kappa())
				}
			} else {
				t.Logf("%-6s %-12s F1 %.3f  %v", part, names[i], c.f1(), c)
			}
		}
		if f1 := counts[part][4].f1(); f1 < 0.8 {
			t.Errorf("%s: empty has F1 %.3f", part, f1)
		}
	}
}

// TestEvidencePointsAtItsWords checks every offset over all real replies.
func TestEvidencePointsAtItsWords(t *testing.T) {
	m := reply.New(reply.Assumed())
	for _, name := range []string{"replies_2011_2020.jsonl", "messages_gas_2022.jsonl", "letters_beijing.jsonl"} {
		for _, r := range rows[struct {
			Title, Text string
			Reply       *string
		}](t, name) {
			if r.Reply != nil {
				check(t, r.Title, r.Text, *r.Reply, m.Assess(r.Title, r.Text, *r.Reply))
			}
		}
	}
}

// check holds a Quality to what its type promises.
func check(t *testing.T, title, text, answer string, q reply.Quality) {
	t.Helper()
	for name, g := range map[string]int{"relevance": q.Relevance, "completeness": q.Completeness, "explained": q.Explained, "action": q.Action} {
		if g < 0 || g > 2 || q.Empty && g > 0 {
			t.Errorf("%s is %d (empty: %v) of %q", name, g, q.Empty, answer)
		}
	}
	if q.Empty && q.Evasive {
		t.Errorf("empty and evasive: %q", answer)
	}
	body := text
	if title != "" {
		body = title + "\n" + text
	}
	said, asked := []rune(answer), []rune(body)
	at := func(of []rune, start, end int, word string) {
		if start < 0 || start >= end || end > len(of) || string(of[start:end]) != word {
			t.Errorf("evidence %q at %d to %d is not there: %q", word, start, end, answer)
		}
	}
	for _, r := range q.Reasons {
		if len(r.Evidence) == 0 || len(r.Evidence) > 8 || len(r.Evidence) > r.Count {
			t.Errorf("reason %s: %d found, %d shown", r.Name, r.Count, len(r.Evidence))
		}
		for _, e := range r.Evidence {
			at(said, e.Start, e.End, e.Word)
		}
	}
	if len(q.Demands) > 16 {
		t.Errorf("%d demands", len(q.Demands))
	}
	for _, d := range q.Demands {
		at(asked, d.Point.Start, d.Point.End, d.Point.Word)
		if d.Met == (len(d.Answer) == 0) {
			t.Errorf("demand %q: met %v with %d answers", d.Point.Word, d.Met, len(d.Answer))
		}
		for _, e := range d.Answer {
			at(said, e.Start, e.End, e.Word)
		}
	}
}

func BenchmarkAssess(b *testing.B) {
	m := reply.New(reply.Assumed())
	post := strings.Repeat("我家住在花园路三号院，楼下的餐馆每天晚上排放油烟，噪音很大，多次投诉没有结果，请问有关部门什么时候能够解决？希望安装油烟净化设备。", 5)
	answer := strings.Repeat("您好！您的留言已收悉。经核实，该餐馆未安装油烟净化设施，情况属实。根据《大气污染防治法》第八十一条规定，执法人员已于3月2日责令其十五日内整改，下一步将加强巡查。", 5)
	b.ReportAllocs()
	for b.Loop() {
		m.Assess("投诉花园路三号院楼下餐馆油烟扰民", post, answer)
	}
}

// BenchmarkAssessCrafted feeds the longest texts that are read, made of nothing but cues.
func BenchmarkAssessCrafted(b *testing.B) {
	m := reply.New(reply.Assumed())
	text := strings.Repeat("已责令，", 5000)
	b.ReportAllocs()
	for b.Loop() {
		m.Assess(text, text, text)
	}
}

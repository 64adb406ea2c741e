package segment

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

var domain = []string{"区房管局", "加装电梯", "东花市街道", "消防通道堵塞", "PM2.5", "P2P", "坏 词", "独", ""}

var testSegmenter = sync.OnceValue(func() *Segmenter {
	dir, err := os.MkdirTemp("", "huiying-dict-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := Open(dir, domain)
	if err != nil {
		panic(err)
	}
	return s
})

func TestOneInstanceInAProcess(t *testing.T) {
	s := testSegmenter()
	again, err := Open(t.TempDir(), append(slices.Clone(domain), "P2P"))
	if err != nil || again != s {
		t.Errorf("opening again with the same words: %p, %v, want %p", again, err, s)
	}
	if _, err := Open(t.TempDir(), []string{"别的词"}); opinion.CodeOf(err) != opinion.CodeConflict {
		t.Errorf("opening with other words: %v, want a conflict", err)
	}
}

func TestCutKnowsDomainWords(t *testing.T) {
	s := testSegmenter()
	for text, want := range map[string]string{
		"向区房管局反映加装电梯":            "向|区房管局|反映|加装电梯",
		"东花市街道PM2.5超标2019年P2P爆雷": "东花市街道|PM2.5|超标|2019|年|P2P|爆|雷",
		"A3区Abc12345热线":          "A3|区|Abc12345|热线",
		"":                       "",
	} {
		var got []string
		for _, w := range s.Cut(text) {
			got = append(got, w.Text)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is cut into %q, want %q", text, strings.Join(got, "|"), want)
		}
	}
}

func TestTokens(t *testing.T) {
	s := testSegmenter()
	for text, want := range map[string]string{
		"反映加装电梯问题！":         "反映 加装 电梯 加装电梯 问题",
		" ，。！\n\t…":         "",
		"PM2.5 与ＡＢＣ、ABC-12": "pm2.5 与 ａ ｂ ｃ abc 12",
		"空\x00字符\xff坏":      "空 字符 坏",
	} {
		if got := strings.Join(s.Tokens(text), " "); got != want {
			t.Errorf("tokens of %q are %q, want %q", text, got, want)
		}
	}
}

// checkWords holds words to be the text, in order and without gaps, at their offsets.
func checkWords(text string, words []Word) error {
	runes := []rune(Clean(text))
	at := 0
	for _, w := range words {
		if w.Start != at || w.End <= w.Start || w.End > len(runes) || string(runes[w.Start:w.End]) != w.Text {
			return fmt.Errorf("%q is not at [%d, %d) after %d", w.Text, w.Start, w.End, at)
		}
		at = w.End
	}
	if at != len(runes) {
		return fmt.Errorf("the words end at %d of %d", at, len(runes))
	}
	return nil
}

// checkTokens holds the two ways to the same tokens together: of a title and a text cut as
// one body, and of each alone.
func checkTokens(s *Segmenter, title, text string) error {
	body := title + "\n" + text
	r := s.Read(body)
	for _, part := range []struct {
		alone      string
		start, end int
	}{{title, 0, len(title)}, {text, len(title) + 1, len(body)}} {
		got := string(r.AppendTokens(nil, part.start, part.end))
		if want := strings.Join(s.Tokens(part.alone), " "); got != want {
			return fmt.Errorf("tokens in the body are %q, alone %q", got, want)
		}
		if again := strings.Join(opinion.IndexTokens(got), " "); again != got {
			return fmt.Errorf("the index would keep %q of %q", again, got)
		}
	}
	return nil
}

func TestAnyText(t *testing.T) {
	s := testSegmenter()
	text := rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.RuneFrom([]rune("区房管局加装电梯停水了的ABc019 \n\t，。Ａé😀\x00"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(rt *rapid.T) {
		in := text.Draw(rt, "text")
		if err := checkWords(in, s.Cut(in)); err != nil {
			rt.Fatal(err)
		}
		if !utf8.ValidString(in) {
			return
		}
		if err := checkTokens(s, in, text.Filter(utf8.ValidString).Draw(rt, "more")); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestRealMessages holds the same on every real message (the tokens on every third). A
// phrase of four words copied from a message must be found in it: its tokens stand there
// one after the other. Where its edge words are cut otherwise alone it is missed.
func TestRealMessages(t *testing.T) {
	s := testSegmenter()
	phrases, found := 0, 0
	for _, name := range []string{"messages_2019.jsonl", "messages_gas_2022.jsonl", "messages_hangzhou.jsonl"} {
		for i, m := range realMessages(t, name) {
			body := m.Title + "\n" + m.Text
			words := s.Cut(body)
			if err := checkWords(body, words); err != nil {
				t.Fatalf("%s row %d: %v", name, i+1, err)
			}
			if i%3 != 0 {
				continue
			}
			if err := checkTokens(s, m.Title, m.Text); err != nil {
				t.Fatalf("%s row %d: %v", name, i+1, err)
			}
			if n := len(words) / 2; n > 4 && hasLetter(words[n].Text) && hasLetter(words[n+3].Text) {
				phrase := words[n].Text + words[n+1].Text + words[n+2].Text + words[n+3].Text
				phrases++
				if strings.Contains(" "+strings.Join(s.Tokens(body), " ")+" ", " "+strings.Join(s.Tokens(phrase), " ")+" ") {
					found++
				}
			}
		}
	}
	t.Logf("%d of %d phrases were found", found, phrases)
	if found < phrases*97/100 {
		t.Errorf("%d of %d phrases were found", found, phrases)
	}
}

type message struct{ Title, Text string }

func realMessages(t testing.TB, name string) []message {
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
	var out []message
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		m.Title = strings.ReplaceAll(m.Title, "\n", " ")
		out = append(out, m)
	}
	return out
}

func TestConcurrentCutsAgree(t *testing.T) {
	s := testSegmenter()
	texts := []string{"向区房管局反映加装电梯", "小区停水三天无人修理", "消防通道堵塞，很危险"}
	var want []string
	for _, text := range texts {
		want = append(want, strings.Join(s.Tokens(text), " "))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 300 {
				if got := strings.Join(s.Tokens(texts[i%3]), " "); got != want[i%3] {
					t.Errorf("got %q, want %q", got, want[i%3])
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestDictionariesAreUnpackedOnceAndMended(t *testing.T) {
	dir := t.TempDir()
	first, err := extract(dir, domain)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(first.dict)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(first.hmm, 10); err != nil { // a disk that lost the end of a file
		t.Fatal(err)
	}
	second, err := extract(dir, domain)
	if err != nil || second != first {
		t.Fatalf("unpacked again to %+v, %v, want %+v", second, err, first)
	}
	if after, _ := os.Stat(first.dict); !os.SameFile(before, after) {
		t.Error("a whole dictionary was written again")
	}
	if info, _ := os.Stat(first.hmm); info.Size() < 1000 {
		t.Error("a broken dictionary was left")
	}
	other, err := extract(dir, []string{"别的词语"})
	if err != nil || other.user == first.user || other.dict != first.dict {
		t.Errorf("other words gave %+v, %v", other, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("temporary files were left: %v", left)
	}
	user, err := os.ReadFile(first.user)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(user); strings.Contains(got, "坏") || strings.Contains(got, "独") || !strings.Contains(got, "区房管局 1000 hy\n") {
		t.Errorf("user dictionary:\n%s", got)
	}
}

func TestAnUnwritableDirectoryIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := extract(filepath.Join(file, "dict"), nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v does not name %s", err, file)
	}
}

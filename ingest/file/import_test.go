package file

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/huiying/huiying/opinion"
)

// fakeIntake takes every row with a text once, by source ID. It normalises, masks and
// publishes nothing.
type fakeIntake struct {
	rows  []opinion.Raw
	seen  map[string]bool
	calls int
	// failAt makes the call of that number fail (1 is the first).
	failAt int
	opts   opinion.IntakeOptions
}

func (f *fakeIntake) Accept(ctx context.Context, rows []opinion.Raw, o opinion.IntakeOptions) ([]opinion.Outcome, error) {
	f.calls++
	f.opts = o
	if f.calls == f.failAt {
		return nil, errors.New("log away")
	}
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	out := make([]opinion.Outcome, len(rows))
	for i, r := range rows {
		key := r.SourceID + "\x00" + r.Text
		switch {
		case r.Text == "" && r.Title == "":
			out[i] = opinion.Outcome{Status: opinion.OutcomeRejected, Field: "text", Reason: "is empty"}
		case f.seen[key]:
			out[i] = opinion.Outcome{Status: opinion.OutcomeDuplicate, ID: key}
		default:
			f.seen[key] = true
			f.rows = append(f.rows, r)
			out[i] = opinion.Outcome{Status: opinion.OutcomeAccepted, ID: key}
		}
	}
	return out, ctx.Err()
}

func (f *fakeIntake) Redact(s string) string {
	return strings.ReplaceAll(s, "13812345678", "〔电话〕")
}

// memory keeps resume points for the length of a test.
type memory map[string]string

func (m memory) Progress(_ context.Context, job string) (string, error) { return m[job], nil }
func (m memory) SetProgress(ctx context.Context, job, value string) error {
	if err := ctx.Err(); err != nil { // as a database would
		return err
	}
	m[job] = value
	return nil
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func importBytes(t *testing.T, name string, content []byte, o Options) (*fakeIntake, Summary, error) {
	t.Helper()
	intake := &fakeIntake{}
	s, err := Import(context.Background(), intake, memory{}, write(t, name, content), o)
	return intake, s, err
}

func gb(t *testing.T, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func utf16(t *testing.T, s string) []byte {
	t.Helper()
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, r := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// board is an export of a message board, hotline one of 12345.
const board = `留言编号,留言用户,留言主题,留言时间,留言详情,反对数,点赞数
188006,A000102948,"路灯坏了, 三个月",2019/2/28 11:25:05,"小区的路灯
坏了",0,3
188007,A00074795,停水,2019/1/5 8:03,停水三天,1,0
`

func wantBoard() []opinion.Raw {
	at := func(s string) time.Time { t, _ := time.Parse(time.RFC3339, s); return t }
	return []opinion.Raw{
		{Source: "board", SourceID: "188006", Channel: opinion.ChannelWebMessage, Author: "A000102948", Title: "路灯坏了, 三个月", Text: "小区的路灯\n坏了", PublishedAt: at("2019-02-28T11:25:05+08:00"), Likes: 3},
		{Source: "board", SourceID: "188007", Channel: opinion.ChannelWebMessage, Author: "A00074795", Title: "停水", Text: "停水三天", PublishedAt: at("2019-01-05T08:03:00+08:00"), Dislikes: 1},
	}
}

func TestImportReadsEveryKindAndEncodingAlike(t *testing.T) {
	serial := 43524.4757523148
	jsonRows := `{"id":188006,"author":"A000102948","title":"路灯坏了, 三个月","published_at":"2019-02-28 11:25:05","text":"小区的路灯\n坏了","dislikes":0,"likes":3}
{"id":"188007","author":"A00074795","title":"停水","published_at":"2019-01-05T08:03:00+08:00","text":"停水三天","dislikes":1,"likes":0,"reply":null,"tags":["x"]}`
	for name, file := range map[string]struct {
		name    string
		content []byte
	}{
		"utf-8":       {"board.csv", []byte(board)},
		"bom":         {"board.csv", []byte("\ufeff" + board)},
		"gb18030":     {"board.csv", gb(t, board)},
		"utf-16":      {"board.csv", utf16(t, board)},
		"crlf":        {"board.csv", []byte(strings.ReplaceAll(board, "\n", "\r\n"))},
		"heading":     {"board.csv", []byte("留言板导出\n2019年\n" + board)},
		"json lines":  {"board.jsonl", []byte(jsonRows)},
		"blank lines": {"board.jsonl", []byte("\n" + strings.ReplaceAll(jsonRows, "\n", "\r\n\n") + "\n\n")},
		"json array":  {"board.json", []byte(" [" + strings.ReplaceAll(jsonRows, "\n", ",") + "]\n")},
		"json gb":     {"board.json", gb(t, jsonRows)},
		"xlsx": {"board.xlsx", workbook(t, []any{"导出"}, []any{"留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"},
			[]any{188006, "A000102948", "路灯坏了, 三个月", serial, "小区的路灯\n坏了", 0, 3}, []any{}, []any{"188007", "A00074795", "停水", "2019-01-05 08:03", "停水三天", 1, 0})},
	} {
		intake, s, err := importBytes(t, file.name, file.content, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := slices.Clone(intake.rows)
		for i := range got {
			got[i].PublishedAt = got[i].PublishedAt.UTC()
			got[i].Text = strings.ReplaceAll(got[i].Text, "\r\n", "\n")
		}
		want := wantBoard()
		for i := range want {
			want[i].PublishedAt = want[i].PublishedAt.UTC()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if s.Read != 2 || s.Accepted != 2 || s.Rejected != 0 || s.Source != "board" || s.RejectedPath != "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestDelimitersAndChannelsAreToldByTheContent(t *testing.T) {
	for content, channel := range map[string]opinion.Channel{
		"工单编号;来电内容;诉求时间\n1;水管, 裂了;2024-01-02\n":   opinion.ChannelHotline,
		"信件编号\t信件主题\t信件内容（必填）\n1\t标题\t水管, 裂了\n":   opinion.ChannelWebMessage,
		"微博id,微博正文,转发数\n1,\"水管, 裂了\",\"1,234\"\n": opinion.ChannelPublic,
	} {
		intake, _, err := importBytes(t, "x.csv", []byte(content), Options{Source: "s"})
		if err != nil || len(intake.rows) != 1 || intake.rows[0].Text != "水管, 裂了" || intake.rows[0].Channel != channel || intake.rows[0].SourceID != "1" {
			t.Errorf("%q: %+v, %v", content, intake.rows, err)
		}
	}
}

func TestColumnsMappedByHandComeFirst(t *testing.T) {
	content := []byte("编号,内容,办理意见,来文\n1,不是这个,x,是这个\n")
	intake, _, err := importBytes(t, "x.csv", content, Options{Map: map[string]string{"text": "来文", "title": "办理意见"}, OpenCases: true, Channel: opinion.ChannelHotline})
	if err != nil || intake.rows[0].Text != "是这个" || intake.rows[0].Title != "x" || intake.rows[0].Channel != opinion.ChannelHotline || !intake.opts.OpenCases || intake.opts.Edits {
		t.Errorf("%+v %+v %v", intake.rows, intake.opts, err)
	}
}

func TestPlacesAreJoinedWithoutRepeating(t *testing.T) {
	rows := `{"text":"a","to":"山西省长治市上党区委书记","province":"山西省","city":"长治市","county":""}
{"text":"b","district":"余杭区","to":"余杭区委书记"}
{"text":"c","province":"浙江省","city":"杭州市"}`
	intake, _, err := importBytes(t, "x.jsonl", []byte(rows), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"山西省长治市上党区委书记", "余杭区委书记", "浙江省 杭州市"} {
		if got := intake.rows[i].Place; got != want {
			t.Errorf("place %q, want %q", got, want)
		}
	}
}

func TestFilesThatCannotBeReadSayHowToMendThem(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		content []byte
		opts    Options
		want    []string
	}{
		"unknown columns": {"x.csv", []byte("甲,乙\n1,2\n"), Options{}, []string{"“甲” “乙”", "--map text="}},
		"unknown keys":    {"x.jsonl", []byte(`{"甲":1}`), Options{}, []string{"“甲”", "--map text="}},
		"unknown sheet":   {"x.xlsx", workbook(t, []any{"甲", "乙"}), Options{}, []string{"“甲” “乙”"}},
		"no such column":  {"x.csv", []byte("内容\n1\n"), Options{Map: map[string]string{"title": "题目"}}, []string{"题目", "“内容”"}},
		"no such field":   {"x.csv", []byte("内容\n1\n"), Options{Map: map[string]string{"txt": "内容"}}, []string{"txt", "published_at"}},
		"no source":       {"x.csv", []byte("内容\n1\n"), Options{Source: "A B"}, []string{"--source"}},
		"no channel":      {"x.csv", []byte("内容\n1\n"), Options{Channel: "fax"}, []string{"hotline_12345"}},
		"empty":           {"x.csv", nil, Options{}, []string{"empty"}},
		"xls":             {"x.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Options{}, []string{".xlsx"}},
		"gzip":            {"x.csv.gz", []byte("\x1f\x8b\x08"), Options{}, []string{"gunzip"}},
		"broken book":     {"x.xlsx", []byte("PK\x03\x04nothing"), Options{}, []string{"workbook"}},
		"cut array":       {"x.json", []byte(`[{"text":"a"},{"text":`), Options{}, []string{"array"}},
		"open quote":      {"x.csv", []byte("id,内容\n1,\"" + strings.Repeat("很长的一段话\n", 400_000)), Options{}, []string{"quotation mark"}},
	} {
		_, _, err := importBytes(t, c.file, c.content, c.opts)
		if opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		for _, part := range append(c.want, c.file) {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
	if _, err := Import(context.Background(), &fakeIntake{}, memory{}, "does-not-exist.csv", Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestRejectedRowsAreWrittenMaskedAndWithoutNames(t *testing.T) {
	content := `{"id":"1","title":"好","text":"可以"}
{"id":"2","text":"电话13812345678","published_at":"昨天","author":"王建国","联系方式":"13812345678"}
not json 13812345678
{"id":"3","text":""}
{"id":"4","text":"x","likes":"many"}
[1]
{"id":"5","text":"a"} {"id":"6","text":"b"}
`
	path := write(t, "x.jsonl", []byte(content))
	s, err := Import(context.Background(), &fakeIntake{}, memory{}, path, Options{})
	if err != nil || s.Read != 7 || s.Accepted != 1 || s.Rejected != 6 || s.RejectedPath != path+".rejected.jsonl" {
		t.Fatalf("%+v, %v", s, err)
	}
	b, err := os.ReadFile(s.RejectedPath)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "13812345678") || strings.Contains(string(b), "王建国") {
		t.Errorf("personal data in %s", b)
	}
	var got []rejectedLine
	for lines := bufio.NewScanner(strings.NewReader(string(b))); lines.Scan(); {
		var l rejectedLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	slices.SortFunc(got, func(a, b rejectedLine) int { return a.Line - b.Line })
	var lines []int
	for _, l := range got {
		lines = append(lines, l.Line)
		if l.Reason == "" || l.File != path {
			t.Errorf("%+v", l)
		}
	}
	if !slices.Equal(lines, []int{2, 3, 4, 5, 6, 7}) {
		t.Errorf("lines %v", lines)
	}
	if l := got[0]; l.Column != "published_at" || l.Row["text"] != "电话〔电话〕" || l.Row["author"] != "〔姓名〕" || len(l.Row) != 4 {
		t.Errorf("%+v", l)
	}
	if got[3].Field != "likes" {
		t.Errorf("%+v", got[3])
	}

	dir := t.TempDir()
	s, err = Import(context.Background(), &fakeIntake{}, memory{}, path, Options{RejectedPath: dir})
	if err != nil || s.RejectedPath != filepath.Join(dir, "x.jsonl.rejected.jsonl") {
		t.Errorf("into a directory: %+v %v", s, err)
	}
}

func manyRows(n int) []byte {
	var b strings.Builder
	b.WriteString("id,内容\n")
	for i := range n {
		text := "第几条"
		if i%100 == 7 {
			text = "" // rejected
		}
		fmt.Fprintf(&b, "%d,%s\n", i, text)
	}
	return []byte(b.String())
}

func TestAnInterruptedImportGoesOnWhereItStopped(t *testing.T) {
	const n = 5*batchRows + 10
	path := write(t, "many.csv", manyRows(n))
	progress, intake := memory{}, &fakeIntake{failAt: 4}
	s, err := Import(context.Background(), intake, progress, path, Options{})
	if err == nil || s.Read != 3*batchRows {
		t.Fatalf("%+v %v, want an error after three batches", s, err)
	}
	// What died between the effect and the point comes again and is known by its ID.
	intake.failAt = 0
	s, err = Import(context.Background(), intake, progress, path, Options{})
	if err != nil || s.Read != n || s.Resumed != 3*batchRows || s.Accepted != n-n/100-1 || s.Rejected != n/100+1 || s.Duplicates != 0 {
		t.Fatalf("resumed: %+v %v", s, err)
	}
	if intake.calls != 4+3 {
		t.Errorf("%d calls: the first batches were read again", intake.calls)
	}
	b, _ := os.ReadFile(s.RejectedPath)
	if got := strings.Count(string(b), "\n"); got != s.Rejected {
		t.Errorf("%d lines of rejected rows for %d", got, s.Rejected)
	}
	// A second full import adds nothing.
	s, err = Import(context.Background(), intake, progress, path, Options{})
	if err != nil || s.Accepted != 0 || s.Duplicates != n-n/100-1 || s.Resumed != 0 {
		t.Errorf("again: %+v %v", s, err)
	}
	// Another content under the same name is another import.
	if err := os.WriteFile(path, []byte("id,内容\nnew,新的\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = Import(context.Background(), intake, progress, path, Options{}); err != nil || s.Read != 1 || s.Accepted != 1 || s.RejectedPath != "" {
		t.Errorf("another content: %+v %v", s, err)
	}
}

func TestCancelStopsAnImport(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Import(ctx, &fakeIntake{}, memory{}, write(t, "many.csv", manyRows(10)), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSourceOf(t *testing.T) {
	for path, want := range map[string]string{
		"/data/renmin_2024-05.csv": "renmin", "renmin-20240531.xlsx": "renmin", "messages_2019.jsonl": "messages", "messages_gas_2022.jsonl": "messages_gas",
		"12345.csv": "12345", "Mayor Box.csv": "mayor-box", "a (2).csv": "a", "留言板.csv": "file-a7e20d0f", "2024.csv": "2024", "messages_hangzhou.jsonl": "messages_hangzhou",
	} {
		got := SourceOf(path)
		if strings.HasPrefix(want, "file-") {
			if !strings.HasPrefix(got, "file-") || len(got) != 13 {
				t.Errorf("SourceOf(%q) = %q", path, got)
			}
			continue
		}
		if got != want {
			t.Errorf("SourceOf(%q) = %q, want %q", path, got, want)
		}
	}
}

// FuzzImport feeds the readers foreign bytes: they end, and count every row once.
func FuzzImport(f *testing.F) {
	f.Add("x.csv", []byte(board))
	f.Add("x.json", []byte(`[{"text":"a"},{"text":1}]`))
	f.Add("x.jsonl", []byte("{\"text\":\"a\"}\n\n{"))
	f.Add("x.csv", []byte("内容\t\"a\n\"b\"\"\t;"))
	f.Add("x", []byte("\xff\xfe{\x00"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		ext := filepath.Ext(name)
		if strings.ContainsAny(ext, "/\x00") || len(ext) > 10 || len(content) > 1<<16 {
			t.Skip()
		}
		_, s, err := importBytes(t, "x"+ext, content, Options{})
		if err == nil && s.Read != s.Accepted+s.Duplicates+s.Rejected {
			t.Fatalf("%+v", s)
		}
	})
}

func TestGuardedReaderStopsWithinARow(t *testing.T) {
	g := &guarded{r: strings.NewReader(strings.Repeat("a", maxRow+1)), left: maxRow}
	if _, err := io.ReadAll(g); !errors.Is(err, errRowTooLong) {
		t.Errorf("error %v", err)
	}
}

// TestRealFiles reads the shared files as they are.
func TestRealFiles(t *testing.T) {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: no real files to read")
	}
	for name, want := range map[string]int{"messages_2019.jsonl": 4326, "messages_gas_2022.jsonl": 1050, "messages_hangzhou.jsonl": 1661, "replies_2011_2020.jsonl": 2816, "spread_2010_2014.jsonl": 500} {
		intake := &fakeIntake{}
		s, err := Import(context.Background(), intake, memory{}, filepath.Join(shared, "data", name), Options{RejectedPath: t.TempDir()})
		if err != nil || s.Accepted+s.Duplicates != want || s.Rejected != 0 {
			t.Errorf("%s: %+v %v", name, s, err)
		}
		for _, r := range intake.rows {
			if r.PublishedAt.IsZero() || r.Text == "" {
				t.Errorf("%s: %+v", name, r)
				break
			}
		}
	}
}

// TestRejectedRowsReplaceNothingElse: the list of rejected rows goes over an earlier list
// and over nothing else, least of all the input.
func TestRejectedRowsReplaceNothingElse(t *testing.T) {
	const content = "标题,内容,时间\n路灯,路灯不亮,2019-03-01\n,,2019-03-01\n"
	input := write(t, "letters.csv", []byte(content))
	other := write(t, "notes.txt", []byte("precious"))
	for _, target := range []string{input, other} {
		before, err := os.ReadFile(target)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Import(t.Context(), &fakeIntake{}, memory{}, input, Options{RejectedPath: target})
		if opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("--rejected %s: %v", target, err)
		}
		if after, err := os.ReadFile(target); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was changed: %v", target, err)
		}
	}
	list := filepath.Join(t.TempDir(), "list.jsonl")
	for range 2 { // the second import goes over the first one's list
		s, err := Import(t.Context(), &fakeIntake{}, memory{}, input, Options{RejectedPath: list})
		if err != nil || s.Rejected != 1 || s.RejectedPath != list {
			t.Fatalf("%+v %v", s, err)
		}
	}
}

// TestMisreadRowsAreRejectedAndTheOthersTaken: rows whose cells cannot be those of their
// columns are listed, not taken in as something else.
func TestMisreadRowsAreRejectedAndTheOthersTaken(t *testing.T) {
	for _, c := range []struct {
		name, file, content string
		accepted, rejected  int
		reason              string
	}{
		{"open quotation mark", "a.csv", "标题,内容,时间\n路灯,路灯不亮,2019-03-01\n停车,\"停车难,2019-03-01\n噪音,噪音大,2019-03-02\n油烟,油烟大,2019-03-03\n", 1, 1, "2 more lines"},
		{"lines within a cell", "b.csv", "标题,内容,时间\n路灯,\"一、路灯不亮,很久了\n二、请维修\",2019-03-01\n", 1, 0, ""},
		{"too many cells", "c.csv", "标题,内容,时间\n路灯,路灯不亮,很久了,2019-03-01\n停车,停车难,2019-03-01,,\n", 1, 1, "4 cells where the header has 3"},
		{"an endless line", "d.jsonl", `{"title":"路灯","text":"路灯不亮"}` + "\n" + `{"text":"` + strings.Repeat("长", maxRow) + `"}` + "\n" + `{"title":"停车","text":"停车难"}` + "\n", 2, 1, "longer than"},
		{"an endless last line", "e.jsonl", `{"title":"路灯","text":"路灯不亮"}` + "\n" + `{"text":"` + strings.Repeat("长", maxRow), 1, 1, "longer than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Import(t.Context(), &fakeIntake{}, memory{}, write(t, c.file, []byte(c.content)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if s.Accepted != c.accepted || s.Rejected != c.rejected || s.Read != c.accepted+c.rejected {
				t.Fatalf("%+v, want %d accepted and %d rejected", s, c.accepted, c.rejected)
			}
			if c.rejected == 0 {
				return
			}
			list, err := os.ReadFile(s.RejectedPath)
			if err != nil || !bytes.Contains(list, []byte(c.reason)) {
				t.Errorf("%s %v does not say %q", list, err, c.reason)
			}
		})
	}
}

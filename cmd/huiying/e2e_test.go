package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/opinion"
)

// These tests drive the real binary: as a person would, through its commands, its HTTP
// interface and signals. Those named Servers use the real Kafka, Elasticsearch and
// PostgreSQL that HUIYING_TEST_… name.

// patience bounds every wait of these tests. A wait ends when its condition holds.
const patience = 60 * time.Second

var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "huiying-e2e")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "huiying")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// installation is one data directory with the settings of its instances.
type installation struct {
	t   *testing.T
	dir string
	env []string
}

func embedded(t *testing.T) *installation {
	t.Helper()
	return &installation{t: t, dir: t.TempDir()}
}

// onServers is an installation on the real servers, apart from every other by its prefix
// and database.
func onServers(t *testing.T) *installation {
	t.Helper()
	kafka, elastic, postgres := os.Getenv("HUIYING_TEST_KAFKA"), os.Getenv("HUIYING_TEST_ELASTIC"), os.Getenv("HUIYING_TEST_POSTGRES")
	if kafka == "" || elastic == "" || postgres == "" {
		if os.Getenv("HUIYING_TEST_SERVERS") == "required" {
			t.Fatal("HUIYING_TEST_SERVERS is required, and HUIYING_TEST_KAFKA, _ELASTIC or _POSTGRES is not set")
		}
		t.Skip("NOT RUN: no real Kafka, Elasticsearch and PostgreSQL (HUIYING_TEST_KAFKA, _ELASTIC, _POSTGRES); `make test` starts them")
	}
	name := fmt.Sprintf("e2e%d", time.Now().UnixNano())
	i := &installation{t: t, dir: t.TempDir(), env: []string{
		"HUIYING_KAFKA_BROKERS=" + kafka, "HUIYING_KAFKA_PREFIX=" + name + ".", "HUIYING_KAFKA_PARTITIONS=4",
		"HUIYING_ELASTIC_URLS=" + elastic, "HUIYING_ELASTIC_PREFIX=" + name,
		"HUIYING_POSTGRES_URL=" + schema(t, postgres, name),
	}}
	return i
}

// TestPartsOneByOne turns off one embedded part at a time: each address is independent.
func TestPartsOneByOne(t *testing.T) {
	whole := onServers(t)
	for _, part := range []string{"KAFKA", "ELASTIC", "POSTGRES"} {
		t.Run(part, func(t *testing.T) {
			i := embedded(t)
			for _, e := range whole.env {
				if strings.HasPrefix(e, "HUIYING_"+part) {
					i.env = append(i.env, e)
				}
			}
			s := i.serve()
			if code := s.push(i.key("weibo"), gravePost); code != http.StatusAccepted {
				t.Fatalf("push: %d", code)
			}
			i.eventually("a case", func() bool { return len(i.cases()) == 1 })
			i.eventually("a hit", func() bool { return i.search("幼儿园").Total == 1 })
			s.stop()
		})
	}
}

func (i *installation) command(ctx context.Context, args ...string) *exec.Cmd {
	i.t.Helper()
	path, err := binary()
	if err != nil {
		i.t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, append(args, "--data", i.dir)...)
	cmd.Env = append(os.Environ(), i.env...)
	return cmd
}

// run runs a command and returns its standard output; it must succeed.
func (i *installation) run(args ...string) string {
	i.t.Helper()
	var stderr bytes.Buffer
	cmd := i.command(i.t.Context(), args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		i.t.Fatalf("huiying %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// instance is a running serve.
type instance struct {
	*installation
	cmd     *exec.Cmd
	address string
	stderr  *bytes.Buffer
}

// serve starts an instance and waits until it says that it is ready.
func (i *installation) serve(args ...string) *instance {
	i.t.Helper()
	s := &instance{installation: i, stderr: &bytes.Buffer{}}
	s.cmd = i.command(context.Background(), append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	s.cmd.Stderr = s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			s.address = address
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return s
		}
	}
	_ = s.cmd.Wait()
	i.t.Fatalf("serve ended without being ready:\n%s", s.stderr)
	return nil
}

// stop ends the instance as an operator does, and checks that it ended well.
func (s *instance) stop() {
	s.t.Helper()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	if err := s.cmd.Wait(); err != nil {
		s.t.Fatalf("serve did not end well: %v\n%s", err, s.stderr)
	}
}

// kill ends the instance as a power cut does.
func (s *instance) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// eventually waits until the condition holds.
func (i *installation) eventually(what string, holds func() bool) time.Duration {
	i.t.Helper()
	start := time.Now()
	ctx, cancel := context.WithTimeout(i.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			i.t.Fatalf("%s: not within %v", what, patience)
		case <-tick.C:
		}
	}
	return time.Since(start)
}

// browser is a person's HTTP client.
type browser struct {
	*instance
	client *http.Client
}

// signIn adds a user through the command line and signs in.
func (s *instance) signIn(name, role, unit string) *browser {
	s.t.Helper()
	password := "correct-horse-" + role
	file := filepath.Join(s.t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	args := []string{"user", "add", "--name", name, "--role", role, "--password-file", file}
	if unit != "" {
		args = append(args, "--unit", unit)
	}
	s.run(args...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{instance: s, client: &http.Client{Jar: jar}}
	if code := b.call("POST", "/api/v1/session", map[string]string{"name": name, "password": password}, nil); code != http.StatusOK && code != http.StatusCreated {
		s.t.Fatalf("sign in as %s: %d", name, code)
	}
	return b
}

// call sends a JSON request and decodes the answer into out, if there is one.
func (b *browser) call(method, path string, in, out any) int {
	b.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			b.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.address+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if out != nil && resp.StatusCode < 300 {
		if err := json.Unmarshal(raw, out); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return resp.StatusCode
}

// push sends posts as a collector does and returns the status.
func (s *instance) push(key, body string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "POST", s.address+"/api/v1/posts", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func (i *installation) key(source string) string {
	i.t.Helper()
	return strings.TrimSpace(i.run("key", "add", "--source", source))
}

func (i *installation) search(query string) found {
	i.t.Helper()
	var f found
	if err := json.Unmarshal([]byte(i.run("search", "--json", "--limit", "100", query)), &f); err != nil {
		i.t.Fatal(err)
	}
	return f
}

func (i *installation) cases() []opinion.Case {
	i.t.Helper()
	var page struct{ Cases []opinion.Case }
	if err := json.Unmarshal([]byte(i.run("cases", "--json")), &page); err != nil {
		i.t.Fatal(err)
	}
	return page.Cases
}

// gravePost is invented; its phone number and name must be masked before they are written.
const gravePost = `{"id":"e2e-1","title":"幼儿园老师打孩子","text":"东四街道一家幼儿园的老师殴打三名孩子，孩子头部受伤住院，园方拒不承认。我叫欧阳小丽，电话13800001234，请教委马上调查！"}`

func TestTheLoopEmbedded(t *testing.T) { theLoop(t, embedded(t)) }
func TestTheLoopServers(t *testing.T)  { theLoop(t, onServers(t)) }

// theLoop follows one grave post from a collector to the unit's answer.
func theLoop(t *testing.T, i *installation) {
	s := i.serve()
	staff := s.signIn("jiance", "staff", "")
	unit := s.signIn("jiaowei", "unit", "u-jiaowei")
	other := s.signIn("fangguan", "unit", "u-fangguan")
	leader := s.signIn("lingdao", "leader", "")
	key := i.key("weibo")

	if code := s.push("hyk_wrong", gravePost); code != http.StatusUnauthorized {
		t.Errorf("push with a wrong key: %d", code)
	}
	if code := s.push(key, gravePost); code != http.StatusAccepted {
		t.Fatalf("push: %d", code)
	}
	var inbox struct {
		Total int
		Cases []struct {
			ID       string
			Number   string
			State    string
			Revision int
			LeadUnit string `json:"lead_unit"`
		}
	}
	took := i.eventually("the case in the unit's inbox", func() bool {
		unit.call("GET", "/api/v1/cases", nil, &inbox)
		return inbox.Total == 1
	})
	t.Logf("from 202 to the unit's inbox: %v", took.Round(time.Millisecond))
	var hits struct {
		Total int
		Hits  []struct{ ID, Title, Text string }
	}
	took = i.eventually("the post is searchable", func() bool {
		staff.call("GET", "/api/v1/posts?q="+"%E5%B9%BC%E5%84%BF%E5%9B%AD", nil, &hits)
		return hits.Total == 1
	})
	t.Logf("then to searchable: %v", took.Round(time.Millisecond))
	if text := hits.Hits[0].Text; strings.Contains(text, "13800001234") || strings.Contains(text, "欧阳小丽") {
		t.Errorf("personal data was written: %s", text)
	}

	c := inbox.Cases[0]
	acts := "/api/v1/cases/" + c.ID + "/acts"
	sign := map[string]any{"action": "sign", "revision": c.Revision}
	if code := other.call("GET", "/api/v1/cases/"+c.ID, nil, nil); code != http.StatusNotFound {
		t.Errorf("another unit reads the case: %d", code)
	}
	if code := other.call("POST", acts, sign, nil); code != http.StatusNotFound && code != http.StatusForbidden {
		t.Errorf("another unit signs the case: %d", code)
	}
	if code := leader.call("POST", acts, sign, nil); code != http.StatusForbidden {
		t.Errorf("a leader signs the case: %d", code)
	}
	if code := unit.call("POST", acts, sign, nil); code != http.StatusOK {
		t.Fatalf("sign: %d", code)
	}
	if code := unit.call("POST", acts, sign, nil); code != http.StatusConflict {
		t.Errorf("sign twice: %d", code)
	}
	answer := map[string]any{"action": "answer", "text": "已责成幼儿园停课整改，涉事教师停职，今日17时前由区教委向家长通报。", "revision": c.Revision + 1}
	if code := unit.call("POST", acts, answer, nil); code != http.StatusOK {
		t.Fatalf("answer: %d", code)
	}
	if code := staff.call("POST", acts, map[string]any{"action": "approve", "revision": c.Revision + 2}, nil); code != http.StatusOK {
		t.Fatalf("approve: %d", code)
	}
	checkClosed(t, i.cases())

	// the same post again changes nothing
	if code := s.push(key, gravePost); code != http.StatusAccepted {
		t.Errorf("push again: %d", code)
	}
	s.stop()
	if n := i.search("幼儿园").Total; n != 1 {
		t.Errorf("after a restart %d posts", n)
	}
	checkClosed(t, i.cases())
}

func checkClosed(t *testing.T, cases []opinion.Case) {
	t.Helper()
	if len(cases) != 1 {
		t.Fatalf("%d cases, want one", len(cases))
	}
	c := cases[0]
	if c.State != opinion.StateClosed || len(c.Steps) != 4 || c.LeadUnit != "u-jiaowei" {
		t.Errorf("case %s: state %s, %d steps, lead %s", c.Number, c.State, len(c.Steps), c.LeadUnit)
	}
	if len(c.Deadlines) < 2 {
		t.Errorf("%d deadlines", len(c.Deadlines))
	}
	for _, d := range c.Deadlines {
		if d.MetAt == nil || len(d.Trace) == 0 || d.Basis == "" || d.Source == "" {
			t.Errorf("deadline %s: met %v, %d lines of trace, basis %q, source %q", d.Kind, d.MetAt, len(d.Trace), d.Basis, d.Source)
		}
	}
}

// TestKilledLosesNothing pushes posts, kills the instance at once, and finds them all
// after a restart: 202 is a promise.
func TestKilledLosesNothing(t *testing.T) {
	i := embedded(t)
	s := i.serve()
	key := i.key("weibo")
	const posts = 40
	for n := range posts {
		body := fmt.Sprintf(`{"id":"p%d","title":"路灯不亮","text":"第%d号路灯连续多日不亮，晚上行走不便，请安排维修。"}`, n, n)
		if code := s.push(key, body); code != http.StatusAccepted {
			t.Fatalf("push %d: %d", n, code)
		}
	}
	s.kill()
	s = i.serve()
	i.eventually("every acknowledged post is searchable", func() bool { return i.search("路灯").Total == posts })
	s.stop()
}

// TestImportTwiceAndBeside imports a file by itself, again, and beside a serve.
func TestImportTwiceAndBeside(t *testing.T) {
	i := embedded(t)
	file := filepath.Join(t.TempDir(), "letters.csv")
	var b strings.Builder
	b.WriteString("编号,标题,内容,时间\n")
	for n := range 300 {
		fmt.Fprintf(&b, "%d,小区停车难%d,第%d栋楼下停车位不足，车辆乱停，消防通道被占。,2019-03-%02d 10:20\n", n, n, n, n%28+1)
	}
	b.WriteString("301,,,2019-03-01 10:20\n")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	importJSON := func() imported {
		var r imported
		if err := json.Unmarshal([]byte(lastLine(i.run("import", "--json", file))), &r); err != nil {
			t.Fatal(err)
		}
		r.Seconds = 0
		return r
	}
	if got, want := importJSON(), (imported{Read: 301, Accepted: 300, Rejected: 1, Indexed: 300}); got != want {
		t.Errorf("first import %+v, want %+v", got, want)
	}
	rejected, err := os.ReadFile(file + ".rejected.jsonl")
	if err != nil || !bytes.Contains(rejected, []byte("302")) {
		t.Errorf("the rejected row is not listed with its line: %s %v", rejected, err)
	}
	if got, want := importJSON(), (imported{Read: 301, Duplicates: 300, Rejected: 1}); got != want {
		t.Errorf("second import %+v, want %+v", got, want)
	}
	cmd := i.command(t.Context(), "import", "--json", "missing.csv", file)
	out, err := cmd.Output()
	var both imported
	if jsonErr := json.Unmarshal(out, &both); err == nil || jsonErr != nil || both.Read != 301 {
		t.Errorf("a missing file and a good one: %v, %s", err, out)
	}
	s := i.serve()
	if got, want := importJSON(), (imported{Read: 301, Duplicates: 300, Rejected: 1}); got != want {
		t.Errorf("import beside serve %+v, want %+v", got, want)
	}
	if n := i.search("停车 date:2019-03-01..2019-03-02").Total; n != 22 {
		t.Errorf("%d posts of two days, want 22", n)
	}
	s.stop()
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// TestTwoServesOnOneDirectory: the second one is told who has it.
func TestTwoServesOnOneDirectory(t *testing.T) {
	i := embedded(t)
	s := i.serve()
	out, err := i.command(t.Context(), "serve", "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), s.address) {
		t.Errorf("second serve: %v\n%s", err, out)
	}
	s.stop()
}

// TestQuestionsAtOnce asks without a serve, from several processes at once, and while an
// instance starts: questions hold nothing that another needs.
func TestQuestionsAtOnce(t *testing.T) {
	i := embedded(t)
	var g errgroup.Group
	for n := range 9 {
		args := [][]string{{"key", "add", "--source", fmt.Sprint("s", n)}, {"search", "--json", "路灯"}, {"cases", "--json"}}[n%3]
		cmd := i.command(t.Context(), args...)
		g.Go(func() error {
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("huiying %q: %w\n%s", args, err, out)
			}
			return nil
		})
	}
	s := i.serve()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	s.stop()
}

// TestClearWords drives commands into what an operator gets wrong.
func TestClearWords(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("correct-horse-battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := embedded(t)
	for _, c := range []struct{ args, want string }{
		{"search 路灯 --data " + filepath.Join(i.dir, "mistyped"), "--data"},
		{"cases --data " + filepath.Join(i.dir, "mistyped"), "--data"},
		{"user add --name a\u200bb --role staff --password-file " + password, "--name"},
	} {
		path, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), path, strings.Fields(c.args)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("huiying %s: %v\n%s", c.args, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(i.dir, "mistyped")); err == nil {
		t.Error("a question made a data directory")
	}
	i.run("search", "--json", "路灯")
	if err := os.WriteFile(filepath.Join(i.dir, "index.db"), bytes.Repeat([]byte("broken "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := i.command(t.Context(), "doctor").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "backup") || strings.Contains(string(out), "goroutine") {
		t.Errorf("doctor with a broken index: %v\n%s", err, out)
	}
}

// TestOperations reads what an operator watches.
func TestOperations(t *testing.T) {
	i := embedded(t)
	s := i.serve()
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json", "/"} {
		resp, err := http.Get(s.address + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if code := s.push(i.key("weibo"), gravePost); code != http.StatusAccepted {
		t.Fatal(code)
	}
	want := []string{
		"huiying_ingest_posts_total", "huiying_posts_assessed_total", "huiying_published_to_indexed_seconds",
		"huiying_published_to_notified_seconds", "huiying_cases_opened_total", "huiying_log_lag", "huiying_log_published_total",
	}
	missing := ""
	i.eventually("every stage reports", func() bool {
		resp, err := http.Get(s.address + "/metrics")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		missing = ""
		for _, name := range want {
			if !bytes.Contains(b, []byte("\n"+name)) {
				missing = name
			}
		}
		return missing == ""
	})
	if out := i.run("doctor"); strings.Contains(out, "FAIL") {
		t.Errorf("doctor:\n%s", out)
	}
	s.stop()
}

package analyze

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

var update = flag.Bool("update", false, "write the golden files anew")

// invented are posts about invented matters, one for each thing that the models tell apart.
var invented = []struct{ name, title, text string }{
	{"gas_leak", "天然气泄漏没人管", "永乐里小区5号楼昨晚天然气泄漏，两位老人昏迷，已送医院抢救。楼里120多户居民多次拨打热线，至今没有人来检修！"},
	{"gas_question", "", "请问老旧小区什么时候可以接通天然气？需要准备哪些材料？谢谢！"},
	{"wages", "工地拖欠农民工工资", "我们三十多名工人在和平路工地干了半年，包工头一直拖欠工资，家里孩子等着交学费。多次到劳动监察反映没有结果，再不解决我们只能去上访。"},
	{"lamp", "路灯不亮", "幸福大街中段的路灯坏了两周，晚上看不见路。"},
	{"denied", "", "经核实，小区没有发生火灾，也没有人员受伤，请大家不要传谣。"},
	{"drill", "消防演练通知", "本周五社区举行火灾逃生应急演练，请居民踊跃参加。"},
	{"film", "", "刚看完一部电影，里面大楼爆炸坍塌的场面很震撼。"},
	{"praise", "感谢社区", "东花市街道的工作人员帮独居老人修好了水管，点赞！"},
	{"suggestion", "建议增设公交站", "希望在龙潭公园北门增设一个公交站，方便老人出行。"},
	{"charge", "举报违规发包", "某村干部私自把集体土地承包给亲戚，涉嫌贪污受贿，村民联名向镇里反映，相关部门互相推诿，不了了之！"},
	{"noise", "夜间施工扰民", "学校旁边的工地凌晨两点还在施工，噪音很大，附近居民和住校学生都无法入睡，严重影响身体健康。"},
	{"chat", "", "今天的晚霞真好看，哈哈。"},
	{"latin", "PM2.5", "PM2.5爆表，APP打不开，ＡＢＣ😀123"},
	{"empty", "", ""},
}

func TestGoldenAssessments(t *testing.T) {
	for i, c := range invented {
		p := post(i, c.title, c.text)
		as, doc := testAnalyzer().Assess(p)
		as.PolicyVersion, as.ModelVersion = "", "" // change with every file of the policy and of the model
		got, err := json.MarshalIndent(struct {
			Title, Text             string
			Assessment              opinion.Assessment
			TitleTokens, TextTokens string
		}{c.title, c.text, as, doc.TitleTokens, doc.TextTokens}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		path := filepath.Join("testdata", c.name+".json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s (-want +got; -update writes it anew):\n%s", c.name, cmp.Diff(string(want), string(got)))
		}
	}
}

// TestAssessIsPure assesses any texts, beside each other and again: the results are equal,
// nothing panics, and evidence is where it says.
func TestAssessIsPure(t *testing.T) {
	a := testAnalyzer()
	part := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"燃气泄漏", "没有", "火灾", "三百多户", "业主", "！", "？", "\n", "多次投诉", "幸福大街", "P2P", "死亡", "演练", "感谢", "\xff", "\x00", "😀", "ＡＢＣ"}))
	text := rapid.Map(rapid.SliceOfN(part, 0, 12), func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(rt *rapid.T) {
		p := post(1, text.Draw(rt, "title"), text.Draw(rt, "text"))
		want, wantDoc := a.Assess(p)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				got, doc := a.Assess(p)
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Errorf("assessed again:\n%s", diff)
				}
				if doc.TextTokens != wantDoc.TextTokens || doc.TitleTokens != wantDoc.TitleTokens {
					rt.Error("other tokens the second time")
				}
			})
		}
		wg.Wait()
		if want.Risk < 0 || want.Risk > 3 || want.Score < 0 || want.Score > 100 || want.Topic == "" || want.Intent == "" {
			rt.Errorf("assessment out of bounds: %+v", want)
		}
		body := []rune(p.Body())
		for _, f := range want.Factors {
			for _, e := range f.Evidence {
				if string(body[e.Start:e.End]) != string([]rune(e.Word)) {
					rt.Errorf("%q is not at [%d, %d)", e.Word, e.Start, e.End)
				}
			}
		}
	})
}

// TestGreatestPosts assesses long texts made of what costs most. Four times the length must
// not cost much more than four times as much, or a pushed post could hold the stage up: this
// test is slow then.
func TestGreatestPosts(t *testing.T) {
	for _, piece := range []string{"死亡", "没有", "1", "一", "停", "a", "三百多户", "，", "业主多次投诉没有人管！", "ÿ", "😀"} {
		as, doc := testAnalyzer().Assess(post(1, "", strings.Repeat(piece, (256<<10)/len(piece))))
		if n := len(as.Factors); n > 60 || len(doc.TextTokens) > opinion.MaxMessage {
			t.Errorf("%q: %d factors, %d bytes of tokens", piece, n, len(doc.TextTokens))
		}
	}
}

// TestMemory holds the analyser with its dictionary to 300 MiB; the whole product has 400. It
// measures a process of its own, without what other tests left.
func TestMemory(t *testing.T) {
	const child = "HUIYING_TEST_MEMORY"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemory$", "-test.v")
		cmd.Env = append(os.Environ(), child+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	testAnalyzer()
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc on this system: resident memory cannot be read")
	}
	for line := range strings.Lines(string(status)) {
		value, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d MiB are resident", kib>>10)
		if kib > 300<<10 {
			t.Errorf("%d MiB are resident, more than 300", kib>>10)
		}
	}
}

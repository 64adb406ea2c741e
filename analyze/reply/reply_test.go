package reply_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/reply"
)

const (
	title = "投诉花园路三号院楼下餐馆油烟扰民"
	text  = "我家住在花园路三号院，楼下的川味餐馆每天晚上排放油烟，噪音很大。请问什么时候能够解决？希望责令餐馆安装油烟净化设备。"
	good  = "您好！您的留言已收悉。现回复如下：经核实，川味餐馆未安装油烟净化设备，情况属实。根据《大气污染防治法》第八十一条规定，我局执法人员已于3月2日责令餐馆安装净化设备，3月20日前整改完毕。下一步将加强巡查。联系电话：12345678。感谢您的监督！2026年3月3日"
)

func grades(q reply.Quality) [6]int {
	return [6]int{q.Relevance, q.Completeness, q.Explained, q.Action, bit(q.Empty), bit(q.Evasive)}
}

// TestGrades goes through the kinds of replies that there are: relevance, completeness,
// explained, action, empty, evasive.
func TestGrades(t *testing.T) {
	m := reply.New(reply.Assumed())
	for name, c := range map[string]struct {
		reply string
		want  [6]int
	}{
		"all there":             {good, [6]int{2, 2, 2, 2, 0, 0}},
		"nothing":               {"", [6]int{0, 0, 0, 0, 1, 0}},
		"received":              {"网友：您好！留言已收悉", [6]int{0, 0, 0, 0, 1, 0}},
		"passed on":             {"您的留言已收悉。关于您反映的问题，已转区市场监管局调查处理。", [6]int{0, 0, 0, 0, 1, 0}},
		"passed on, with phone": {"您反映的情况已转相关部门。请拨打12345678电话咨询。2019年12月11日", [6]int{0, 0, 0, 0, 1, 0}},
		"will be answered":      {"您的留言我们已收到！处理情况将及时向您反馈，感谢您的留言！", [6]int{0, 0, 0, 0, 1, 0}},
		"answered elsewhere":    {"您所反映的问题，我局已于6月27日在另一帖中作了回复。详情请点击在此。", [6]int{0, 0, 0, 0, 1, 0}},
		"thanks":                {"感谢您对我区工作的关心和支持！祝您生活愉快！", [6]int{0, 0, 0, 0, 1, 0}},
		"sent away":             {"您好，该问题不属于我局职责范围，请您向市场监管部门反映。", [6]int{1, 0, 1, 1, 0, 1}},
		"only sent away":        {"您好，请您到区城管局咨询。", [6]int{0, 0, 0, 1, 0, 1}},
		"solved, they say":      {"网友您好！您反映的餐馆油烟问题已得到解决。感谢您的支持！", [6]int{2, 1, 0, 1, 0, 0}},
		"reason, no action":     {"您好！经查，花园路餐馆位于商住楼内，由于该楼建成时没有专用烟道，因此油烟排放对楼上住户有一定影响。", [6]int{2, 1, 1, 0, 0, 0}},
		"beside the matter":     {"您好！我区今年共有中小学六十所，学位充足，幼升小工作平稳有序，信息采集由各校负责。", [6]int{1, 0, 0, 0, 0, 0}},
	} {
		if diff := cmp.Diff(c.want, grades(m.Assess(title, text, c.reply))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDemandsAreFoundAndTheirAnswersShown(t *testing.T) {
	q := reply.New(reply.Assumed()).Assess(title, text, good)
	var got []string
	for _, d := range q.Demands {
		got = append(got, string(d.Kind)+" "+d.Point.Word)
		if !d.Met || len(d.Answer) == 0 {
			t.Errorf("%q is not met", d.Point.Word)
		}
	}
	want := []string{"matter " + title, "question 请问什么时候能够解决", "request 希望责令餐馆安装油烟净化设备"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("demands (-want +got):\n%s", diff)
	}
	for _, d := range reply.New(reply.Assumed()).Assess(title, text, "您好！油烟净化设备将由物业安装。").Demands {
		if d.Kind == reply.Question && d.Met {
			t.Errorf("no date was given, and %q is met by %v", d.Point.Word, d.Answer)
		}
	}
}

func TestReasonsNameTheirWords(t *testing.T) {
	q := reply.New(reply.Assumed()).Assess(title, text, good)
	got := map[reply.ReasonName]string{}
	for _, r := range q.Reasons {
		got[r.Name] = r.Evidence[0].Word
	}
	for name, want := range map[reply.ReasonName]string{
		reply.Law: "《大气污染防治法》第八十一条规定", reply.Finding: "经核实", reply.Figure: "3月2日",
		reply.Done: "已于3月2日责令", reply.Plan: "将加强", reply.Contact: "电话：12345678", reply.Receipt: "您的留言已收悉",
	} {
		if !strings.Contains(got[name], want) && !strings.Contains(want, got[name]) || got[name] == "" {
			t.Errorf("%s rests on %q, want %q", name, got[name], want)
		}
	}
}

// TestFrameDoesNotCount adds greetings and thanks around replies: nothing is graded better
// for them.
func TestFrameDoesNotCount(t *testing.T) {
	m := reply.New(reply.Assumed())
	before := []string{"", "您好！", "尊敬的网友：您好！", "网友“UU0081234”您好！您的留言已收悉。现回复如下：", "您的来信已收悉，我局高度重视。"}
	after := []string{"", "感谢您的关注！", "祝您生活愉快！", "特此回复。", "感谢您对我们工作的理解和支持！2019年12月11日"}
	cores := []string{good, "经查，花园路餐馆没有专用烟道。", "该问题不属于我局职责范围，请您向市场监管部门反映。", "已转相关部门处理。"}
	rapid.Check(t, func(t *rapid.T) {
		core := rapid.SampledFrom(cores).Draw(t, "core")
		framed := rapid.SampledFrom(before).Draw(t, "before") + core + rapid.SampledFrom(after).Draw(t, "after")
		if diff := cmp.Diff(grades(m.Assess(title, text, core)), grades(m.Assess(title, text, framed))); diff != "" {
			t.Fatalf("%s (-bare +framed):\n%s", framed, diff)
		}
	})
}

func TestLongTextsAreBounded(t *testing.T) {
	q := reply.New(reply.Assumed()).Assess(title, strings.Repeat(text, 2000), strings.Repeat(good, 500))
	check(t, title, strings.Repeat(text, 2000), strings.Repeat(good, 500), q)
	if len(q.Demands) != 16 {
		t.Errorf("%d demands", len(q.Demands))
	}
}

func FuzzAssess(f *testing.F) {
	m := reply.New(reply.Assumed())
	f.Add(title, text, good)
	f.Add("", "", "已转相关部门。《“")
	f.Add("？", "1、\n2、", "\xff\xfe：，第")
	f.Add("", "请问", "《"+strings.Repeat("法", 200))
	f.Fuzz(func(t *testing.T, title, text, answer string) {
		q := m.Assess(title, text, answer)
		clean := func(s string) string { return string([]rune(s)) }
		check(t, clean(title), clean(text), clean(answer), q)
		if diff := cmp.Diff(q, m.Assess(title, text, answer)); diff != "" {
			t.Errorf("the second assessment differs:\n%s", diff)
		}
	})
}

package analyze

import (
	"math"
	"strings"
	"testing"

	"github.com/huiying/huiying/opinion"
)

// TestRiskOfTrickyPosts judges invented posts whose words mislead: what is denied, solved,
// supposed, played, told of elsewhere or only said in a figure of speech is not what happened.
func TestRiskOfTrickyPosts(t *testing.T) {
	for _, c := range []struct {
		text        string
		least, most opinion.Risk
	}{
		{"幸福小区5号楼燃气泄漏，味道很大，请赶紧派人来！", 3, 3},
		{"国道边的仓库起火了，浓烟滚滚，请快来人！", 3, 3},
		{"工地坍塌，三名工人死亡，十几人重伤，家属多次反映，有关部门不管不问，强烈要求严惩！", 3, 3},
		{"业主们在售楼部门口聚众堵路，保安殴打业主，多人被打伤，派出所迟迟不来，强烈要求处理！", 3, 3},
		{"拆迁办逼得我家没有活路，我妈说活不下去了要跳楼自杀，求领导救救我们！", 3, 3},
		{"物业经理扬言要弄死带头维权的业主，我们全体业主非常害怕，多次报警没人管。", 3, 3},
		{"我们小区几百户业主被开发商欺骗，房屋烂尾多年，多次投诉无果，强烈要求查处官商勾结！", 2, 2},
		{"我们小区消防通道被堵死，一旦发生火灾，消防车进不来，几百户业主的生命安全没有保障，多次投诉没人管。", 2, 2},
		{"楼下的路灯坏了，晚上看不见，请派人修理。", 0, 1},
		{"本周五社区举行火灾逃生应急演练，模拟燃气泄漏爆炸，请居民踊跃参加。", 0, 1},
		{"刚看完一部电影，大楼爆炸坍塌死了好多人，太震撼了。", 0, 1},
		{"经核实，小区没有发生火灾，也没有人员受伤，请大家不要传谣。", 0, 1},
		{"笑死我了，今天的综艺太好看了，哈哈哈。", 0, 0},
		{"这家店全场跳楼价，快来抢购！", 0, 1},
		{"请问死亡证明在哪里开？需要什么材料？谢谢！", 0, 1},
		{"美国一座教堂发生枪击案，死了三个人。", 0, 1},
		{"电梯又罢工了，爬楼累死人，请物业修一下。", 0, 1},
		{"请问居住证怎么办理？需要什么材料？谢谢！", 0, 0},
		{"建议在护城河边增设几张长椅，方便老人休息。", 0, 0},
		{"感谢社区工作人员帮我家老人修好了水管，点赞！", 0, 0},
	} {
		as, _ := testAnalyzer().Assess(opinion.Post{Text: c.text})
		if as.Risk < c.least || as.Risk > c.most {
			t.Errorf("%s: risk %d (score %.1f), want %d to %d: %+v", c.text, as.Risk, as.Score, c.least, c.most, as.Factors)
		}
	}
}

// TestShortCriesAreNoChat: few words that state a harm are not calmed by how they sound, and
// few words that state none are.
func TestShortCriesAreNoChat(t *testing.T) {
	for text, want := range map[string]struct{ least, most opinion.Risk }{
		"王府井大街几十户自来水发黄发臭，喝了以后十几人腹泻住院，孩子高烧，请立即停水检测！": {2, 3},
		"五四大街小区变压器冒烟爆炸，上百户停电，一位靠呼吸机的病人有生命危险，请马上供电！": {2, 3},
		"交道口南大街供热管道爆裂，三名行人被烫伤送医，整片居民家里停暖，快派人关阀门！":   {2, 3},
		"工地塌了，埋了人":            {2, 3},
		"我们楼着火了，浓烟很大":         {3, 3},
		"幼儿园几十个孩子上吐下泻，家长都急疯了": {2, 3},
		"崇文门这家理财公司爆雷了，几百个投资人血本无归，老板跑路，今天大家都堵在楼下要说法": {2, 3},
		"今天电影里煤气爆炸那段太真实了":                         {0, 0},
		"追星住院了哈哈哈，姐妹们谁懂":                          {0, 1},
		"马上放假，今晚吃火锅，快来！":                          {0, 0},
		"立即转发抽奖，三百名幸运粉丝":                          {0, 0},
		"请问住院报销需要什么材料？请尽快回复，谢谢":                   {0, 1},
		"交道口一家幼儿园虐童！三个孩子身上都有伤，监控拍得清清楚楚，求曝光求关注":    {2, 3},
		"听说东华门一家医院门口有人持刀伤人？救护车来了三辆，到底怎么回事，群里都传疯了": {2, 3},
		"昨晚看的那部剧里小孩被虐待，太气人了":                      {0, 0},
		"公厕异味太重了，求管管":                             {1, 1},
		"路灯坏了半个月没人修":                              {1, 1},
		"楼下烧烤油烟呛死人，天天开不了窗":                        {1, 1},
		"希望能在公园里多装几盏路灯。":                          {0, 0},
	} {
		as, _ := testAnalyzer().Assess(opinion.Post{Text: text})
		if as.Risk < want.least || as.Risk > want.most {
			t.Errorf("%s: risk %d (score %.1f), want %d to %d: %+v", text, as.Risk, as.Score, want.least, want.most, as.Factors)
		}
	}
}

// TestAStrangeTextHidesNoDanger: what nobody has seen before sounds like nothing.
func TestAStrangeTextHidesNoDanger(t *testing.T) {
	noise := strings.Repeat("亗匞倖堕仓喝", 20) + `<img src=x onerror=f('open')>`
	as, _ := testAnalyzer().Assess(opinion.Post{Title: "燃气泄漏" + noise, Text: "燃气泄漏，两人中毒送医。" + noise})
	if as.Risk != opinion.RiskUrgent {
		t.Errorf("risk %d (score %.1f): %+v", as.Risk, as.Score, as.Factors)
	}
}

func TestSolvedIsCalmer(t *testing.T) {
	before, _ := testAnalyzer().Assess(opinion.Post{Text: "小区停水三天，居民多次反映。"})
	after, _ := testAnalyzer().Assess(opinion.Post{Text: "小区停水三天，居民多次反映。现在已经解决，谢谢！"})
	if after.Score >= before.Score {
		t.Errorf("solved: %.1f, before: %.1f", after.Score, before.Score)
	}
	for _, text := range []string{"多次投诉，一直没有得到解决。", "希望妥善处理，圆满解决。", "这件事已经解决了吗？还没有已解决。"} {
		as, _ := testAnalyzer().Assess(opinion.Post{Text: "小区停水三天。" + text})
		for _, f := range as.Factors {
			if f.Name == "solved" && f.Points < -3 {
				t.Errorf("%s is taken for solved: %+v", text, f)
			}
		}
	}
}

func TestSentimentAndIntent(t *testing.T) {
	for text, want := range map[string]struct {
		intent    string
		sentiment int
	}{
		"请问公租房如何申请？需要哪些材料？谢谢！":          {"咨询", 0},
		"建议市里延长地铁运营时间，方便晚上下班的人。":        {"建议", 0},
		"举报无证作坊非法生产假酒，请严查！":             {"举报", -1},
		"投诉物业乱收费，问题严重，多次反映一直没有解决，推诿敷衍！": {"投诉", -1},
	} {
		as, _ := testAnalyzer().Assess(opinion.Post{Text: text})
		if as.Intent != want.intent || as.Sentiment != want.sentiment {
			t.Errorf("%s: %s %d, want %s %d", text, as.Intent, as.Sentiment, want.intent, want.sentiment)
		}
	}
}

// TestPointsAddUpOnRealMessages: the points of a message's factors are its score.
func TestPointsAddUpOnRealMessages(t *testing.T) {
	for _, name := range []string{"messages_2019.jsonl", "emotion_dev.jsonl"} {
		for _, r := range shared(t, name) {
			as, _ := testAnalyzer().Assess(r.post())
			sum, seen := 0.0, map[string]bool{}
			for _, f := range as.Factors {
				if seen[f.Name+f.Kind] {
					t.Fatalf("%s %s: %s is told twice: %+v", name, r.ID, f.Name, as.Factors)
				}
				seen[f.Name+f.Kind] = true
				sum += f.Points
			}
			if math.Abs(sum-as.Score) > 1e-6 {
				t.Fatalf("points make %.2f, the score is %.2f: %+v", sum, as.Score, as.Factors)
			}
		}
	}
}

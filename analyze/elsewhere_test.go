package analyze

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// TestElsewhere: "" is ours.
func TestElsewhere(t *testing.T) {
	for _, c := range []struct{ title, text, place, want string }{
		// plainly elsewhere
		{"", "河北省邯郸市永年区南沿村镇停气三天了，老人孩子挨冻。", "", "河北省邯郸市"},
		{"大连市甘井子区小区停气", "一个月没人管。", "", "辽宁省大连市甘井子区"},
		{"沧州献县燃气隔三差五停供", "请领导管一管", "", "河北省沧州市"},
		{"供暖问题", "坐标大连春柳，煤气停供一个多月。", "", "辽宁省大连市"},
		{"供暖问题", "我家住在石家庄裕华区，暖气不热。", "", "河北省石家庄市裕华区"},
		{"", "曲周县燃气公司每天停气，曲周县没人管", "", "河北省邯郸市曲周县"},
		{"北京市海淀区中关村路灯不亮", "路灯坏了", "", "北京市海淀区"},
		{"海淀区的路灯不亮", "北京的冬天黑得早。", "", "北京市海淀区"},
		{"浦东新区张江噪音", "夜里施工", "", "上海市浦东新区"},
		// the source says so
		{"停气一个月", "没人管", "河北省 邯郸市 永年区", "河北省邯郸市"},
		{"停气一个月", "没人管", "四川省委书记", "四川省"},
		// ours: nothing is named, or the place is not recognised
		{"路灯不亮", "小区门口的路灯坏了", "", ""},
		{"路灯不亮", "阳光花园小区门口的路灯坏了", "", ""},
		{"A市A3区路灯不亮", "去年从杭州市搬来，杭州市的路灯早就换了", "", ""},
		// ours: a place of ours, in the text or from the source
		{"", "石家庄市来的车堵住了北京市东城区的路口", "", ""},
		{"东城区路灯不亮", "上海市和杭州市的路灯都亮", "", ""},
		{"和平里街道的小吃店", "河北省邯郸市人开的小吃店半夜很吵", "", ""},
		{"河北省的大货车扰民", "河北省邯郸市的车队半夜卸货", "北京市东城区", ""},
		{"停气一个月", "我住东城区", "河北省", ""},
		{"停气一个月", "北京的冬天很冷", "河北省", ""},
		// ours: names of other things
		{"南京路的路灯不亮", "南京路太黑", "", ""},
		{"上海银行门口占道", "上海银行门口总有人停车", "", ""},
		{"兰州拉面馆油烟扰民", "楼下兰州拉面馆油烟大，兰州拉面馆半夜还开", "", ""},
		{"河南人开的店半夜很吵", "河南人开的店", "", ""},
		{"", "楼下的东北大米店和四川火锅店占道", "", ""},
		{"浙江省某建设集团拖欠工资", "浙江省某建设集团拖欠工资", "", ""},
		{"村里修路", "我是镇头镇镇江东村的村民，村里的路坏了", "", ""},
		// ours: where someone comes from, goes to or compares with
		{"拖欠工资", "我是河北省邯郸市的农民工，工地拖欠工资", "", ""},
		{"医保转移", "我老家在河南省洛阳市，户口在河南省洛阳市，想把医保转过来", "", ""},
		{"公积金", "我在深圳交了三年社保，现在回来了", "", ""},
		{"快递丢失", "快递从广州发往杭州，到现在没有收到", "", ""},
		{"垃圾分类", "像上海市那样分类，学习上海市的经验", "", ""},
		{"垃圾分类", "《上海市生活垃圾管理条例》已经施行", "", ""},
		{"", "上海、深圳、成都等城市都有夜班公交", "", ""},
		{"", "高铁从北京到上海票太贵，上海市太远", "", ""},
	} {
		p := post(1, c.title, c.text)
		p.Place = c.place
		as, _ := testAnalyzer().Assess(p)
		got := ""
		if as.Elsewhere != nil {
			got = as.Elsewhere.Name
			checkWords(t, p, as.Elsewhere.Evidence)
			if c.place == "" && len(as.Elsewhere.Evidence) == 0 {
				t.Errorf("%s|%s: no evidence", c.title, c.text)
			}
		}
		if got != c.want {
			t.Errorf("%s|%s|%s: elsewhere %q, want %q", c.title, c.text, c.place, got, c.want)
		}
	}
}

func checkWords(t *testing.T, p opinion.Post, evidence []opinion.Evidence) {
	t.Helper()
	body := []rune(p.Body())
	for _, e := range evidence {
		if string(body[e.Start:e.End]) != e.Word {
			t.Errorf("%q is not at %d", e.Word, e.Start)
		}
	}
}

// ground is the analyser of another district: what is ours comes from the policy alone.
func ground(t *testing.T, change func(*policy.Policy)) *Analyzer {
	t.Helper()
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	change(pol)
	return NewAnalyzer(testAnalyzer().seg, pol) // a process has one segmenter
}

func TestAnotherDistrict(t *testing.T) {
	a := ground(t, func(p *policy.Policy) {
		p.District.Name, p.District.Aliases, p.District.Within = "余杭区", []string{"余杭"}, []string{"浙江省", "杭州市"}
		p.Places[0].Name, p.Places[0].Street = "五常街道", "s-wuchang"
	})
	for text, want := range map[string]string{
		"余杭区的路灯不亮":          "",
		"浙江省杭州市余杭区的路灯不亮":    "",
		"杭州市的路灯不亮":          "",
		"五常街道的路灯不亮，不如温州市":   "",
		"杭州市萧山区的路灯不亮":       "浙江省杭州市萧山区",
		"温州市瓯海区的路灯不亮":       "浙江省温州市瓯海区",
		"北京市东城区的路灯不亮":       "北京市东城区",
		"河北省邯郸市的路灯不亮，没有人来修": "河北省邯郸市",
	} {
		as, _ := a.Assess(post(1, "", text))
		got := ""
		if as.Elsewhere != nil {
			got = as.Elsewhere.Name
		}
		if got != want {
			t.Errorf("%s: elsewhere %q, want %q", text, got, want)
		}
	}
}

func TestTheGateCanBeSwitchedOff(t *testing.T) {
	a := ground(t, func(p *policy.Policy) { p.District.Elsewhere = policy.ElsewhereAlert })
	p := post(1, "河北省邯郸市停气", "河北省邯郸市停气三天")
	p.Place = "河北省"
	if as, _ := a.Assess(p); as.Elsewhere != nil {
		t.Errorf("elsewhere %v with the gate off", as.Elsewhere)
	}
}

// TestEventsElsewhereRaiseNoSignal, until a post about our ground joins them.
func TestEventsElsewhereRaiseNoSignal(t *testing.T) {
	away := func(n int) opinion.Assessed {
		a := assessed(n, leak, 3, false)
		a.Assessment.Elsewhere = &opinion.Elsewhere{Name: "河北省"}
		return a
	}
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{})
	handle := func(list ...opinion.Assessed) {
		t.Helper()
		if err := c.Handle(context.Background(), messages(index, list...)); err != nil {
			t.Fatal(err)
		}
	}
	handle(away(1), away(2))
	if got := log.signals(); len(got) != 0 {
		t.Fatalf("%d signals about another place", len(got))
	}
	// after a restart too
	c = newTestClusterer(log, index, ClusterConfig{})
	handle(away(3))
	if got := log.signals(); len(got) != 0 {
		t.Fatalf("%d signals about another place after a restart", len(got))
	}
	handle(assessed(4, leak, 1, false))
	if got := log.signals(); len(got) != 1 || got[0].Reason != "new_event" || got[0].Event.Posts != 4 {
		t.Fatalf("signals %v once a post of ours is there", got)
	}
}

// TestElsewhereOnRealMessages holds what was measured: of the messages of other cities that
// name theirs most are told, and of those to our own city none about its own ground, and
// messages whose places are masked stay ours.
func TestElsewhereOnRealMessages(t *testing.T) {
	elsewhere := func(name string) (hits int, names map[string]int) {
		names = map[string]int{}
		for _, r := range shared(t, name) {
			p := r.post()
			if as, _ := testAnalyzer().Assess(p); as.Elsewhere != nil {
				hits++
				root, _, _ := strings.Cut(as.Elsewhere.Name, "省")
				names[root]++
				checkWords(t, p, as.Elsewhere.Evidence)
			}
		}
		return hits, names
	}
	gas, _ := elsewhere("messages_gas_2022.jsonl")
	beijing, names := elsewhere("letters_beijing.jsonl")
	masked, _ := elsewhere("messages_2019.jsonl")
	t.Logf("elsewhere: %d of the gas messages, %d of the letters to Beijing %v, %d of the masked messages", gas, beijing, names, masked)
	if gas < 480 {
		t.Errorf("only %d of the gas messages are told", gas)
	}
	for root := range names {
		if !strings.HasPrefix(root, "北京市") {
			t.Errorf("a letter to Beijing is said to be about %s", root)
		}
	}
	if masked > 10 {
		t.Errorf("%d of the masked messages are said to be elsewhere", masked)
	}
}

// TestDemoPostsAreOurs: the demonstration keeps alerting.
func TestDemoPostsAreOurs(t *testing.T) {
	var away []string
	for _, p := range demoPosts(t) {
		if as, _ := testAnalyzer().Assess(p); as.Elsewhere != nil {
			away = append(away, p.Title+": "+as.Elsewhere.Name)
		}
	}
	if slices.Sort(away); len(away) > 0 {
		t.Errorf("elsewhere: %v", away)
	}
}

func demoPosts(t *testing.T) []opinion.Post {
	t.Helper()
	data, err := fs.ReadFile(seeds.Demo, "posts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []opinion.Post
	for line := range bytes.Lines(data) {
		var r struct{ Title, Text, Place string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		p := post(len(out), r.Title, r.Text)
		p.Place = r.Place
		out = append(out, p)
	}
	return out
}

package route_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/alert/route"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

func shipped(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestUnits(t *testing.T) {
	p := shipped(t)
	for _, tt := range []struct {
		name    string
		a       opinion.Assessment
		body    string
		lead    string
		co      []string // all of these help
		not     []string // none of these does
		reasons []string // all of these are given
	}{
		{name: "topic leads, street helps", a: opinion.Assessment{Topic: "edu.school", Streets: []string{"s-hepingli"}}, body: "入学难",
			lead: "u-jiaowei", co: []string{"s-hepingli"}, reasons: []string{"topic_lead", "street_by_place"}},
		{name: "a word of a route", a: opinion.Assessment{Topic: "urban.sanitation"}, body: "公厕异味很大",
			lead: "u-huanwei", co: []string{"u-chengguanzhifa", "u-chengguanwei"}, reasons: []string{"route_word", "topic_co_units"}},
		{name: "street leads", a: opinion.Assessment{Topic: "urban.alley", Streets: []string{"s-dongsi"}}, body: "胡同里堆物",
			lead: "s-dongsi", co: []string{"u-chengguanwei", "u-wangge"}, reasons: []string{"street_leads"}},
		{name: "street unknown, the topic's lead stays", a: opinion.Assessment{Topic: "urban.alley"}, body: "胡同里堆物",
			lead: "u-chengguanwei", not: []string{"set-jiedao", "s-dongsi"}},
		{name: "route before street", a: opinion.Assessment{Topic: "urban.alley", Streets: []string{"s-dongsi"}}, body: "网格员不来",
			lead: "u-wangge", co: []string{"s-dongsi"}},
		{name: "no topic", a: opinion.Assessment{Topic: "none"}, body: "今天天气好",
			lead: "u-zhengfuban", reasons: []string{"default_unit"}},
		{name: "unknown topic with a place", a: opinion.Assessment{Topic: "no.such", Streets: []string{"s-tiantan"}}, body: "……",
			lead: "u-zhengfuban", co: []string{"s-tiantan"}, reasons: []string{"default_unit", "street_by_place"}},
		{name: "none first, a topic second", a: opinion.Assessment{Topic: "none", Topic2: "edu.school"}, body: "……", lead: "u-jiaowei"},
		{name: "opinion never takes the place of business", a: opinion.Assessment{Topic: "safety.opinion", Topic2: "health.care"}, body: "网传医院……",
			lead: "u-weiji", co: []string{"u-wangxin"}, reasons: []string{"second_topic"}},
		{name: "opinion alone leads", a: opinion.Assessment{Topic: "safety.opinion"}, body: "网传……", lead: "u-wangxin"},
		{name: "second topic helps", a: opinion.Assessment{Topic: "house.property", Topic2: "gov.conduct"}, body: "物业……",
			lead: "u-fangguan", co: []string{"u-zhengfuban"}},
		{name: "external lead is watched", a: opinion.Assessment{Topic: "safety.emergency"}, body: "楼里着火了",
			lead: "x-xiaofang", co: []string{"u-zhengfuban"}, reasons: []string{"route_word", "external_lead"}},
		{name: "an emergency goes to whom it belongs", a: opinion.Assessment{Topic: "safety.emergency"}, body: "楼道里有燃气味",
			lead: "u-chengguanwei", co: []string{"u-xuanchuan"}, reasons: []string{"route_word"}},
		{name: "a set is narrowed to whom the post names", a: opinion.Assessment{Topic: "gov.service"}, body: "区民政局窗口没人",
			lead: "u-zhengwu", co: []string{"u-minzheng", "u-bianban"}, not: []string{"set-bumen", "u-jiaowei", "set-jiedao"}},
		{name: "an alias names too", a: opinion.Assessment{Topic: "gov.service"}, body: "卫计委窗口没人", lead: "u-zhengwu", co: []string{"u-weiji"}},
		{name: "the accused stands aside", a: opinion.Assessment{Topic: "gov.conduct", Streets: []string{"s-longtan"}}, body: "区城管执法局在龙潭粗暴执法",
			lead: "u-zhengfuban", co: []string{"u-fazhi"}, not: []string{"s-longtan", "u-chengguanzhifa"}, reasons: []string{"recuse"}},
		{name: "a list of streets is no place", a: opinion.Assessment{Topic: "urban.traffic", Streets: []string{"s-longtan", "s-dongsi", "s-tiantan", "s-qianmen"}}, body: "停车",
			lead: "u-chengguanwei", not: []string{"s-longtan", "s-dongsi"}},
		{name: "a street that is none is passed over", a: opinion.Assessment{Topic: "urban.traffic", Streets: []string{"u-jiaowei", "s-nowhere"}}, body: "停车",
			lead: "u-chengguanwei", not: []string{"u-jiaowei", "s-nowhere"}},
		{name: "the same street twice", a: opinion.Assessment{Topic: "civil.community", Streets: []string{"s-dongsi", "s-dongsi"}}, body: "居委会",
			lead: "s-dongsi", not: []string{"s-dongsi"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lead, co, reasons := route.Units(tt.a, tt.body, p)
			if lead != tt.lead {
				t.Errorf("lead %s, want %s", lead, tt.lead)
			}
			for _, u := range tt.co {
				if !slices.Contains(co, u) {
					t.Errorf("%s does not help: %v", u, co)
				}
			}
			for _, u := range tt.not {
				if slices.Contains(co, u) {
					t.Errorf("%s helps: %v", u, co)
				}
			}
			for _, name := range tt.reasons {
				if !slices.ContainsFunc(reasons, func(r opinion.Reason) bool { return r.Name == name }) {
					t.Errorf("no reason %s: %v", name, reasons)
				}
			}
		})
	}
}

func TestUnitsAreAlwaysRealUnits(t *testing.T) {
	p := shipped(t)
	var topics, streets, words []string
	for _, topic := range p.Topics {
		topics = append(topics, topic.ID)
		for _, r := range topic.Routes {
			words = append(words, r.IfAny...)
		}
	}
	for _, u := range p.Units {
		streets = append(streets, u.ID)
		words = append(words, u.Name)
	}
	topics = append(topics, "none", "", "no.such")
	rapid.Check(t, func(t *rapid.T) {
		a := opinion.Assessment{
			Topic:   rapid.SampledFrom(topics).Draw(t, "topic"),
			Topic2:  rapid.SampledFrom(topics).Draw(t, "topic2"),
			Streets: rapid.SliceOfN(rapid.SampledFrom(streets), 0, 5).Draw(t, "streets"),
		}
		body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 5).Draw(t, "words"), "，")
		lead, co, reasons := route.Units(a, body, p)
		for _, id := range append([]string{lead}, co...) {
			u, ok := p.Unit(id)
			if !ok || u.Kind == policy.KindSet {
				t.Fatalf("%q is no unit to be assigned: lead %s, co %v", id, lead, co)
			}
		}
		seen := map[string]bool{lead: true}
		for _, id := range co {
			if seen[id] {
				t.Fatalf("%s twice: lead %s, co %v", id, lead, co)
			}
			seen[id] = true
		}
		if len(reasons) == 0 {
			t.Fatal("no reason given")
		}
		for _, r := range reasons {
			if r.Name == "" || r.Detail == "" || r.Basis == "" {
				t.Fatalf("half a reason: %+v", r)
			}
		}
	})
}

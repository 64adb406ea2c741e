package backendtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// listedEvents makes events with ties in every key, some without heat.
func listedEvents(n int) []opinion.Event {
	levels := []opinion.Level{opinion.LevelNone, opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV}
	names := []string{"东四停车 ABC", "100% 解决？*", `反斜杠\与下划线_`, "违建"}
	var list []opinion.Event
	for i := range n {
		e := opinion.Event{ID: fmt.Sprintf("ev-%03d", i*17%n), Topic: fmt.Sprint("topic.", i%3), Name: names[i%4], FirstAt: noon,
			LastAt: noon.Add(time.Duration(i%9) * time.Hour), Posts: 1, Sources: []string{"a"}, Score: float64(i % 4 * 10),
			Level: levels[i%5], KeyPost: "p", Version: 1}
		if i%11 == 10 {
			e.MergedInto = "ev-000"
		}
		if i%6 > 0 {
			e.Heat = opinion.Heat{}.Add(noon.Add(time.Duration(i%5)*12*time.Hour), float64(1+i%3), 12*time.Hour)
		}
		list = append(list, e)
	}
	return list
}

// naiveEvents is what a list means, in plain words of the port.
func naiveEvents(all []opinion.Event, s opinion.EventSearch) (ids []string) {
	order := slices.Clone(all)
	slices.SortFunc(order, func(a, b opinion.Event) int {
		return cmp.Or(cmp.Compare(opinion.EventKey(s.Sort, b), opinion.EventKey(s.Sort, a)),
			b.LastAt.Compare(a.LastAt), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range order {
		if e.MergedInto == "" && (s.Topic == "" || e.Topic == s.Topic) && (s.Level == "" || e.Level == s.Level) &&
			strings.Contains(strings.ToLower(e.Name), strings.ToLower(s.Name)) && (s.IDs == nil || slices.Contains(s.IDs, e.ID)) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// indexEventLists lists events in every order under every filter, page by page.
func indexEventLists(t *testing.T, open OpenIndex) {
	x := openIndex(t, open, dictionary{})
	ctx := context.Background()
	empty, err := x.SearchEvents(ctx, opinion.EventSearch{})
	if x.must("SearchEvents", err); empty.Total != 0 || len(empty.Events) != 0 || empty.Next != "" {
		t.Errorf("an empty index lists %+v", empty)
	}
	all := listedEvents(60)
	x.must("PutEvents", x.PutEvents(ctx, all))
	x.refresh()
	for _, filter := range []opinion.EventSearch{
		{}, {Topic: "topic.1"}, {Level: opinion.LevelII}, {Topic: "topic.2", Level: opinion.LevelIV}, {Name: "停车 abc"}, {Name: "？*"}, {Name: `\`},
		{Name: "_"}, {Name: "%"}, {Name: "没有"}, {IDs: []string{}}, {IDs: []string{"ev-003", "ev-059", "none", "ev-017"}}, {Topic: "topic.0", Name: "违"},
	} {
		for _, order := range []opinion.EventSort{opinion.EventsByHeat, opinion.EventsByLevel, opinion.EventsByLast} {
			s := filter
			s.Sort, s.Limit = order, 7
			want := naiveEvents(all, s)
			var got []string
			for {
				p, err := x.SearchEvents(ctx, s)
				x.must("SearchEvents", err)
				if p.Total != len(want) {
					t.Fatalf("%+v counts %d events, want %d", s, p.Total, len(want))
				}
				for _, e := range p.Events {
					got = append(got, e.ID)
				}
				if s.After = p.Next; s.After == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v gives\n%v, want\n%v", s, got, want)
			}
		}
	}
	eventListsFollow(t, x, all)
	eventListsRefuse(t, x)
}

// eventListsFollow checks that a changed event takes its new place.
func eventListsFollow(t *testing.T, x indexed, all []opinion.Event) {
	e := all[5]
	e.Heat, e.Level, e.Name, e.Version = e.Heat.Add(noon.Add(99*time.Hour), 50, 12*time.Hour), opinion.LevelI, "改名", 2
	x.must("PutEvents", x.PutEvents(context.Background(), []opinion.Event{e}))
	x.refresh()
	p, err := x.SearchEvents(context.Background(), opinion.EventSearch{Limit: 1})
	if x.must("SearchEvents", err); len(p.Events) != 1 || p.Events[0].ID != e.ID || p.Events[0].Heat != e.Heat {
		t.Errorf("the hottest event is %+v, want %s with %v", p.Events, e.ID, e.Heat)
	}
	p, err = x.SearchEvents(context.Background(), opinion.EventSearch{Name: "改名", Level: opinion.LevelI})
	if x.must("SearchEvents", err); p.Total != 1 {
		t.Errorf("%d events have the new name and level", p.Total)
	}
}

func eventListsRefuse(t *testing.T, x indexed) {
	p, err := x.SearchEvents(context.Background(), opinion.EventSearch{Limit: 1})
	x.must("SearchEvents", err)
	for name, s := range map[string]opinion.EventSearch{
		"an unknown order":        {Sort: "author"},
		"a negative limit":        {Limit: -1},
		"a limit too large":       {Limit: opinion.MaxHits + 1},
		"an unknown level":        {Level: "V"},
		"a broken mark":           {After: "###"},
		"a mark of another order": {After: p.Next, Sort: opinion.EventsByLast},
		"a mark of another list":  {After: p.Next, Topic: "topic.1"},
		"a long name":             {Name: strings.Repeat("长", 101)},
		"too many IDs":            {IDs: make([]string, opinion.MaxEventIDs+1)},
	} {
		_, err := x.SearchEvents(context.Background(), s)
		wantIndexCode(t, name, err, opinion.CodeInvalid)
	}
}

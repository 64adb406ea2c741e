package backendtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

func newTopic(unit string) opinion.UnitTopic {
	return opinion.UnitTopic{
		Unit: unit, Name: "电梯困人 'quote' 👩‍👧", Keywords: []string{"电梯 困人", "电梯 故障"}, Exclusions: []string{"招聘"},
		Examples:  []opinion.TopicExample{{PostID: "post-1", Text: "小区电梯困人\n三次了"}, {Text: "电梯停在半空"}},
		Words:     []opinion.TopicWord{{Word: "电梯", Weight: 0.625}, {Word: "困人", Weight: 0.375}},
		Threshold: 0.5, Active: true,
	}
}

func storeUnitTopics(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	ctx := t.Context()
	want := newTopic(unitA.Unit)
	got := mustGet[opinion.UnitTopic](t)(s.AddUnitTopic(ctx, unitA, want, morning))
	if got.ID == "" {
		t.Fatal("a new topic has no ID")
	}
	want.ID, want.Revision = got.ID, 1
	want.CreatedBy, want.CreatedAt, want.UpdatedBy, want.UpdatedAt = unitA.Name, morning, unitA.Name, morning
	wantEqual(t, "what AddUnitTopic returns", got, want)
	wantEqual(t, "what is read", mustGet[opinion.UnitTopic](t)(s.UnitTopic(ctx, unitA, got.ID)), want)

	next := got
	next.Name, next.Keywords, next.Examples, next.Words, next.Threshold = "电梯", []string{"电梯"}, nil, nil, 1
	next.Unit, next.CreatedBy = unitB.Unit, "somebody" // neither is the caller's to change
	later := morning.Add(time.Hour)
	changed := mustGet[opinion.UnitTopic](t)(s.ChangeUnitTopic(ctx, staff, next, later))
	want.Name, want.Keywords, want.Examples, want.Words, want.Threshold = next.Name, next.Keywords, nil, nil, 1
	want.UpdatedBy, want.UpdatedAt, want.Revision = staff.Name, later, 2
	wantEqual(t, "what ChangeUnitTopic returns", changed, want)
	wantEqual(t, "what is read after it", mustGet[opinion.UnitTopic](t)(s.UnitTopic(ctx, staff, got.ID)), want)

	_, err := s.ChangeUnitTopic(ctx, unitA, got, later)
	wantErrorCode(t, "a change of what was changed since", err, opinion.CodeConflict)
	for _, id := range []string{"", "none", "a\x00", strings.Repeat("x", 999)} {
		_, err := s.UnitTopic(ctx, staff, id)
		wantErrorCode(t, fmt.Sprintf("topic %.9q", id), err, opinion.CodeNotFound)
		_, err = s.ChangeUnitTopic(ctx, staff, opinion.UnitTopic{ID: id}, later)
		wantErrorCode(t, fmt.Sprintf("change topic %.9q", id), err, opinion.CodeNotFound)
	}

	retired := newTopic(unitA.Unit)
	retired.Active = false
	retired = mustGet[opinion.UnitTopic](t)(s.AddUnitTopic(ctx, staff, retired, later.Add(time.Hour)))
	newest := mustGet[opinion.UnitTopic](t)(s.AddUnitTopic(ctx, staff, newTopic(unitA.Unit), later.Add(time.Minute)))
	other := mustGet[opinion.UnitTopic](t)(s.AddUnitTopic(ctx, unitB, newTopic(unitB.Unit), morning))
	brief := func(list ...opinion.UnitTopic) []opinion.UnitTopic {
		for i := range list {
			list[i].Examples = slices.Clone(list[i].Examples)
			for k := range list[i].Examples {
				list[i].Examples[k].Text = ""
			}
		}
		return list
	}
	wantEqual(t, "topics of unit A", mustGet[[]opinion.UnitTopic](t)(s.UnitTopics(ctx, unitA, unitA.Unit)), brief(newest, changed, retired))
	wantEqual(t, "topics of all", mustGet[[]opinion.UnitTopic](t)(s.UnitTopics(ctx, leader, "")), brief(newest, changed, other, retired))
	wantEqual(t, "topics of unit C", mustGet[[]opinion.UnitTopic](t)(s.UnitTopics(ctx, unitC, unitC.Unit)), []opinion.UnitTopic(nil))

	wantEqual(t, "ledger", actionsOf(t, s, "topic:"+got.ID), []string{"topic.add", "topic.change"})
	for _, e := range ledgerOf(t, s, "") {
		if strings.Contains(e.Detail, "半空") {
			t.Errorf("the ledger holds the text of an example: %s", e.Detail)
		}
	}
	s = openStore(t, db, nil) // a restart
	wantEqual(t, "what is read after a restart", mustGet[opinion.UnitTopic](t)(s.UnitTopic(ctx, unitA, got.ID)), want)
}

// storeUnitTopicsOnce: of changes that saw one revision, one succeeds.
func storeUnitTopicsOnce(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	topic := mustGet[opinion.UnitTopic](t)(s.AddUnitTopic(t.Context(), staff, newTopic(unitA.Unit), morning))
	wantOnce(t, s, func(s opinion.Store) error {
		_, err := s.ChangeUnitTopic(t.Context(), unitA, topic, morning)
		return err
	})
	wantEqual(t, "ledger", actionsOf(t, s, "topic:"+topic.ID), []string{"topic.add", "topic.change"})
}

func storeUnitTopicBounds(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	many := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint("词", i))
		}
		return list
	}
	for field, spoil := range map[string]func(t *opinion.UnitTopic){
		"topic.name":       func(t *opinion.UnitTopic) { t.Name = strings.Repeat("名", opinion.MaxTopicName+1) },
		"topic.keywords":   func(t *opinion.UnitTopic) { t.Keywords = many(opinion.MaxTopicKeywords + 1) },
		"topic.exclusions": func(t *opinion.UnitTopic) { t.Exclusions = []string{"招聘", "招聘"} },
		"topic.examples":   func(t *opinion.UnitTopic) { t.Examples = []opinion.TopicExample{{Text: "a\x00b"}} },
		"topic.words":      func(t *opinion.UnitTopic) { t.Words = []opinion.TopicWord{{Word: "电梯", Weight: math.NaN()}} },
		"topic.threshold":  func(t *opinion.UnitTopic) { t.Threshold = math.NaN() },
	} {
		bad := newTopic(unitA.Unit)
		spoil(&bad)
		_, err := s.AddUnitTopic(t.Context(), staff, bad, morning)
		wantField(t, err, field)
	}
	none := newTopic(unitA.Unit)
	none.Keywords, none.Words = nil, nil
	_, err := s.AddUnitTopic(t.Context(), staff, none, morning)
	wantField(t, err, "topic.keywords")

	for range opinion.MaxUnitTopics {
		if _, err := s.AddUnitTopic(t.Context(), staff, newTopic(unitA.Unit), morning); err != nil {
			t.Fatal(err)
		}
	}
	_, err = s.AddUnitTopic(t.Context(), staff, newTopic(unitA.Unit), morning)
	wantErrorCode(t, "one topic too many", err, opinion.CodeConflict)
	if _, err := s.AddUnitTopic(t.Context(), staff, newTopic(unitB.Unit), morning); err != nil {
		t.Errorf("another unit's first topic: %v", err)
	}
}

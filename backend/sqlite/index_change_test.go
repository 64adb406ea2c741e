package sqlite

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// A file of the first version is brought up to date when it is opened, with its events in
// the lists; a reader alone says what to do.
func TestAnIndexOfBeforeIsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	db, err := openDB(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(indexSchema + "PRAGMA user_version = 1;"); err != nil {
		t.Fatal(err)
	}
	for i, level := range []string{"", "II", "IV"} {
		doc := fmt.Sprintf(`{"id":"ev-%d","topic":"t","name":" ABC停车%d","last_at":"2019-01-01T00:00:00Z","score":%d.5,"level":%q}`, i, i, i, level)
		if _, err := db.Exec("INSERT INTO events(id, topic, last, version, doc) VALUES (?,?,?,?,?)", fmt.Sprint("ev-", i), "t", 1, 7, []byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIndexReader(path, spaces{}); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("a reader of an old file: %v", err)
	}
	x := openAt(t, path)
	p, err := x.SearchEvents(t.Context(), opinion.EventSearch{Sort: opinion.EventsByLevel, Name: "abc"})
	if err != nil || len(p.Events) != 3 || p.Events[0].ID != "ev-1" || p.Events[2].ID != "ev-0" {
		t.Errorf("after the change: %+v, %v", p, err)
	}
	if p, err := x.SearchEvents(t.Context(), opinion.EventSearch{Level: opinion.LevelII}); err != nil || p.Total != 1 {
		t.Errorf("events of level II: %+v, %v", p, err)
	}
	hot := opinion.Event{ID: "ev-2", LastAt: time.Unix(1, 0), Version: 8, Heat: opinion.Heat{}.Add(time.Unix(1, 0), 1, time.Hour)}
	if err := x.PutEvents(t.Context(), []opinion.Event{hot}); err != nil {
		t.Fatal(err)
	}
	if p, err := x.SearchEvents(t.Context(), opinion.EventSearch{Limit: 1}); err != nil || p.Events[0].ID != "ev-2" || p.Total != 3 {
		t.Errorf("the hottest event: %+v, %v", p, err)
	}
}

// BenchmarkEventList lists 100,000 events.
func BenchmarkEventList(b *testing.B) {
	x, err := OpenIndex(filepath.Join(b.TempDir(), "index.db"), spaces{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.Close() })
	levels := []opinion.Level{"", "IV", "III", "II"}
	var ids []string
	for at := 0; at < 100_000; at += 1000 {
		var events []opinion.Event
		for i := at; i < at+1000; i++ {
			last := time.Unix(1.5e9+int64(i*7919%100_000)*60, 0)
			e := opinion.Event{ID: fmt.Sprint("ev-", i), Topic: fmt.Sprint("t", i%31), Name: fmt.Sprintf("第%d号院门前停车与噪音问题", i), FirstAt: last, LastAt: last,
				Posts: 1, Sources: []string{"a"}, Score: float64(i % 100), Level: levels[i%4], KeyPost: "p", Fingerprint: make([]uint64, 8), Version: 1,
				Heat: opinion.Heat{}.Add(last, 1, 24*time.Hour)}
			if events = append(events, e); i%20 == 0 {
				ids = append(ids, e.ID)
			}
		}
		if err := x.PutEvents(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	for name, s := range map[string]opinion.EventSearch{
		"all by heat": {}, "topic by level": {Topic: "t7", Sort: opinion.EventsByLevel}, "level": {Level: "II"}, "name": {Name: "9999号"}, "5000 with a case": {IDs: ids},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if p, err := x.SearchEvents(b.Context(), s); err != nil || p.Total == 0 {
					b.Fatal(p.Total, err)
				}
			}
		})
	}
}

// The size of a stored event of one post bounds what an index of many costs.
func TestAnEventOfOnePostIsSmall(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	doc, err := json.Marshal(opinion.Event{ID: "ev-gzyr5ithvee5mnck7fxblnq2ty", Topic: "urban.utility", FirstAt: at, LastAt: at, Posts: 1, Heat: opinion.Heat{}.Add(at, 1, time.Hour)})
	if err != nil || len(doc) > 600 {
		t.Errorf("%d bytes: %s, %v", len(doc), doc, err)
	}
}

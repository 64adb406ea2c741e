package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/huiying/huiying/opinion"
)

type eventDoc struct {
	ID      string  `json:"id"`
	Topic   string  `json:"topic"`
	Last    int64   `json:"last"`
	Heat    float64 `json:"heat"`
	Gravity float64 `json:"gravity"`
	Level   string  `json:"level"`
	Name    string  `json:"name"` // folded
	Merged  bool    `json:"merged"`
	Doc     string  `json:"doc"`
}

func (d eventDoc) event() (opinion.Event, error) {
	var e opinion.Event
	if err := json.Unmarshal([]byte(d.Doc), &e); err != nil {
		return e, fmt.Errorf("decode event %s: %w", d.ID, err)
	}
	return e, nil
}

// PutEvents writes whole events with external versions: a conflict means that the same
// or a later version is there, which is success.
func (x *Index) PutEvents(ctx context.Context, events []opinion.Event) error {
	ops := make([]*operation, len(events))
	for i, e := range events {
		doc, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode event %s: %w", e.ID, err)
		}
		ops[i] = &operation{action: "index",
			meta: object{"_index": x.events(), "_id": e.ID, "version": e.Version, "version_type": "external", "require_alias": true},
			body: eventDoc{ID: e.ID, Topic: e.Topic, Last: e.LastAt.UnixMilli(), Heat: e.Heat.Order(), Gravity: e.Gravity(),
				Level: string(e.Level), Name: opinion.FoldName(e.Name), Merged: e.MergedInto != "", Doc: string(doc)}}
	}
	if err := x.bulk(ctx, ops); err != nil {
		return fmt.Errorf("put events: %w", err)
	}
	for i, o := range ops {
		if !o.done() && o.status != http.StatusConflict {
			return fmt.Errorf("put event %s: elastic answered %d %s", events[i].ID, o.status, o.reason)
		}
	}
	return nil
}

// Event returns one event as it is now, refreshed or not.
func (x *Index) Event(ctx context.Context, id string) (opinion.Event, error) {
	var answer struct {
		Source eventDoc `json:"_source"`
	}
	err := x.do(ctx, http.MethodGet, "/"+x.events()+"/_doc/"+url.PathEscape(id), nil, &answer)
	if isStatus(err, http.StatusNotFound) || id == "" {
		return opinion.Event{}, opinion.Errorf(opinion.CodeNotFound, "there is no event %q", id)
	}
	if err != nil {
		return opinion.Event{}, fmt.Errorf("get event: %w", err)
	}
	return answer.Source.event()
}

// Events calls yield for the events, page by page, after a refresh: the state of the
// clusterer is rebuilt from it and must miss nothing.
func (x *Index) Events(ctx context.Context, since time.Time, yield func(opinion.Event) bool) error {
	if err := x.do(ctx, http.MethodPost, "/"+x.events()+"/_refresh", nil, nil); err != nil {
		return fmt.Errorf("list events: %w", err)
	}
	filter := []object{{"range": object{"last": object{"gte": since.UnixMilli()}}}}
	return x.eachEvent(ctx, filter, func(d eventDoc) (bool, error) {
		e, err := d.event()
		return err == nil && yield(e), err
	})
}

// eachEvent pages through the events that match, latest first, until visit says no.
func (x *Index) eachEvent(ctx context.Context, filter []object, visit func(eventDoc) (bool, error)) error {
	var after []any
	for {
		body := object{"query": object{"bool": object{"filter": filter}}, "size": idsASearch, "track_total_hits": false,
			"sort": []object{{"last": object{"order": "desc", "unmapped_type": "date", "format": "epoch_millis"}},
				{"id": object{"order": "desc", "unmapped_type": "keyword"}}}}
		if after != nil {
			body["search_after"] = after
		}
		var answer struct {
			Hits struct {
				Hits []struct {
					Source eventDoc `json:"_source"`
				} `json:"hits"`
			} `json:"hits"`
		}
		if err := x.search(ctx, x.events(), body, &answer); err != nil {
			return fmt.Errorf("list events: %w", err)
		}
		for _, h := range answer.Hits.Hits {
			if ok, err := visit(h.Source); err != nil || !ok {
				return err
			}
			after = []any{h.Source.Last, h.Source.ID}
		}
		if len(answer.Hits.Hits) < idsASearch {
			return nil
		}
	}
}

func (x *Index) deleteEvents(ctx context.Context, t time.Time) error {
	var ops []*operation
	filter := []object{{"range": object{"last": object{"lt": t.UnixMilli()}}}}
	err := x.eachEvent(ctx, filter, func(d eventDoc) (bool, error) {
		ops = append(ops, &operation{action: "delete", meta: object{"_index": x.events(), "_id": d.ID}})
		return true, nil
	})
	if err != nil {
		return err
	}
	if err := x.bulk(ctx, ops); err != nil {
		return err
	}
	for _, o := range ops {
		if !o.done() && o.status != http.StatusNotFound {
			return fmt.Errorf("elastic answered %d %s", o.status, o.reason)
		}
	}
	return nil
}

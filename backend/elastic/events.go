package elastic

import (
	"context"
	"fmt"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// SearchEvents answers with a keyset, as Search does.
func (x *Index) SearchEvents(ctx context.Context, s opinion.EventSearch) (p opinion.EventPage, err error) {
	s, after, err := opinion.CheckEventSearch(s)
	if err != nil {
		return p, err
	}
	body := object{"query": object{"bool": object{"filter": eventFilter(s)}}, "size": s.Limit + 1, "track_total_hits": true,
		"_source": []string{"id", "doc"}, "sort": eventOrder(s.Sort)}
	if after != nil {
		keys := []any{after.Key, after.At, after.ID}
		if s.Sort == opinion.EventsByLast {
			keys = keys[1:]
		}
		body["search_after"] = keys
	}
	var answer struct {
		Hits struct {
			Total struct {
				Value int `json:"value"`
			} `json:"total"`
			Hits []struct {
				Source eventDoc `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	if err := x.search(ctx, x.events(), body, &answer); err != nil {
		return p, fmt.Errorf("search events: %w", err)
	}
	p.Total = answer.Hits.Total.Value
	found := answer.Hits.Hits
	more := len(found) > s.Limit
	for _, h := range found[:min(len(found), s.Limit)] {
		e, err := h.Source.event()
		if err != nil {
			return p, fmt.Errorf("search events: %w", err)
		}
		p.Events = append(p.Events, e)
	}
	if more {
		p.Next = s.PageMark(p.Events[s.Limit-1])
	}
	return p, nil
}

// eventOrder is the sort of a list. An event that was written before there was heat is cold.
func eventOrder(s opinion.EventSort) []object {
	list := []object{
		{"last": object{"order": "desc", "unmapped_type": "date", "format": "epoch_millis"}},
		{"id": object{"order": "asc", "unmapped_type": "keyword"}},
	}
	switch s {
	case opinion.EventsByHeat:
		return append([]object{{"heat": object{"order": "desc", "unmapped_type": "double", "missing": opinion.Cold}}}, list...)
	case opinion.EventsByLevel:
		return append([]object{{"gravity": object{"order": "desc", "unmapped_type": "double", "missing": 0}}}, list...)
	default:
		return list
	}
}

func eventFilter(s opinion.EventSearch) []object {
	filter := []object{{"bool": object{"must_not": object{"term": object{"merged": true}}}}}
	if s.Topic != "" {
		filter = append(filter, object{"term": object{"topic": s.Topic}})
	}
	if s.Level != opinion.LevelNone {
		filter = append(filter, object{"term": object{"level": string(s.Level)}})
	}
	if s.Name != "" {
		literal := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s.Name)
		filter = append(filter, object{"wildcard": object{"name": object{"value": "*" + literal + "*"}}})
	}
	if s.IDs != nil {
		filter = append(filter, object{"terms": object{"id": s.IDs}})
	}
	return filter
}

package elastic

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// maxValues bounds the values of one facet. Shards are asked for more, so that the counts
// of those that are kept are exact.
const (
	maxValues   = 100
	shardValues = 5000
)

// search asks the indexes behind an alias; no index at all is an empty answer.
func (x *Index) search(ctx context.Context, alias string, body object, answer any) error {
	return x.do(ctx, http.MethodPost, "/"+alias+"/_search?ignore_unavailable=true&allow_no_indices=true&allow_partial_search_results=false", body, answer)
}

// searchAnswer is the answer to a question for posts.
type searchAnswer struct {
	Hits struct {
		Total struct {
			Value int `json:"value"`
		} `json:"total"`
		Hits []postHit `json:"hits"`
	} `json:"hits"`
	Aggregations map[string]struct {
		Buckets []struct {
			Key   bucketKey `json:"key"`
			Count int       `json:"doc_count"`
		} `json:"buckets"`
	} `json:"aggregations"`
}

// bucketKey is a text or a number, as text.
type bucketKey string

func (k *bucketKey) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(k))
	}
	*k = bucketKey(b)
	return nil
}

type postHit struct {
	Source struct {
		ID        string  `json:"id"`
		Published int64   `json:"published"`
		Score     float64 `json:"score"`
		Event     string  `json:"event"`
		Doc       string  `json:"doc"`
	} `json:"_source"`
	Relevance float64 `json:"_score"`
}

// Search answers with a keyset instead of a point in time: the mark of a page is the
// order's own keys, so nothing is held open on the cluster and no mark ever expires.
func (x *Index) Search(ctx context.Context, s opinion.Search) (opinion.Result, error) {
	s, after, err := opinion.CheckSearch(s)
	if err != nil {
		return opinion.Result{}, err
	}
	body, err := x.searchBody(s, after)
	if err != nil {
		return opinion.Result{}, err
	}
	var a searchAnswer
	if err := x.search(ctx, x.posts(), body, &a); err != nil {
		return opinion.Result{}, fmt.Errorf("search: %w", err)
	}
	r := opinion.Result{Total: a.Hits.Total.Value}
	found := a.Hits.Hits
	if len(found) > s.Limit {
		found = found[:s.Limit]
		last := found[s.Limit-1]
		key := map[opinion.Sort]float64{opinion.SortRisk: last.Source.Score, opinion.SortRelevance: last.Relevance}[s.Sort]
		r.Next = s.PageMark(key, last.Source.Published, last.Source.ID)
	}
	for _, h := range found {
		hit, err := h.hit()
		if err != nil {
			return opinion.Result{}, fmt.Errorf("search: %w", err)
		}
		hit.Highlights = opinion.Highlight(hit.Post.Body(), s.Query, x.tok)
		r.Hits = append(r.Hits, hit)
	}
	if err := a.count(s, &r); err != nil {
		return opinion.Result{}, fmt.Errorf("search: %w", err)
	}
	return r, nil
}

func (h postHit) hit() (opinion.Hit, error) {
	var d docBlob
	if err := json.Unmarshal([]byte(h.Source.Doc), &d); err != nil {
		return opinion.Hit{}, fmt.Errorf("decode post %s: %w", h.Source.ID, err)
	}
	return opinion.Hit{Post: d.Post, Assessment: d.Assessment, EventID: h.Source.Event}, nil
}

func (x *Index) searchBody(s opinion.Search, after *opinion.Cursor) (object, error) {
	root, err := compile(s.Query.Root, x.tok)
	if err != nil {
		return nil, err
	}
	filter := []object{root}
	if s.EventID != "" {
		filter = append(filter, object{"term": object{"event": s.EventID}})
	}
	match := object{"filter": filter}
	if s.Sort == opinion.SortRelevance {
		match["should"], match["minimum_should_match"] = relevance(s.Query, x.tok), 0
	}
	body := object{"query": object{"bool": match}, "size": s.Limit + 1, "track_total_hits": true,
		"_source": []string{"id", "published", "score", "event", "doc"}, "sort": order(s.Sort)}
	if after != nil {
		keys := []any{after.Key, after.At, after.ID}
		if s.Sort == opinion.SortTime {
			keys = keys[1:]
		}
		body["search_after"] = keys
	}
	if aggs := aggregations(s); len(aggs) > 0 {
		body["aggs"] = aggs
	}
	return body, nil
}

// order is the sort of a search. The field types matter when no index exists yet.
func order(s opinion.Sort) []object {
	list := []object{
		{"published": object{"order": "desc", "unmapped_type": "date", "format": "epoch_millis"}},
		{"id": object{"order": "asc", "unmapped_type": "keyword"}},
	}
	switch s {
	case opinion.SortRisk:
		return append([]object{{"score": object{"order": "desc", "unmapped_type": "double"}}}, list...)
	case opinion.SortRelevance:
		return append([]object{{"_score": object{"order": "desc"}}}, list...)
	default:
		return list
	}
}

const histogram = "histogram"

func aggregations(s opinion.Search) object {
	aggs := object{}
	for _, f := range s.Facets {
		terms := object{"field": f, "size": shardValues}
		if f == opinion.FacetArea {
			terms["missing"] = opinion.AreaOurs
		}
		aggs[f] = object{"terms": terms}
	}
	if s.Histogram != "" {
		aggs[histogram] = object{"date_histogram": object{
			"field": "published", "calendar_interval": s.Histogram, "time_zone": "+08:00", "min_doc_count": 1}}
	}
	return aggs
}

// count fills in the facets and the histogram.
func (a *searchAnswer) count(s opinion.Search, r *opinion.Result) error {
	if len(s.Facets) > 0 {
		r.Facets = map[string][]opinion.Count{}
	}
	for _, f := range s.Facets {
		list := []opinion.Count{}
		for _, b := range a.Aggregations[f].Buckets {
			list = append(list, opinion.Count{Value: string(b.Key), Count: b.Count})
		}
		slices.SortFunc(list, func(a, b opinion.Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		r.Facets[f] = list[:min(len(list), maxValues)]
	}
	if s.Histogram == "" {
		return nil
	}
	r.Histogram = []opinion.Bucket{}
	for _, b := range a.Aggregations[histogram].Buckets {
		ms, err := strconv.ParseInt(string(b.Key), 10, 64)
		if err != nil {
			return fmt.Errorf("histogram key %q: %w", b.Key, err)
		}
		r.Histogram = append(r.Histogram, opinion.Bucket{Start: time.UnixMilli(ms).UTC(), Count: b.Count})
	}
	return nil
}

// Get returns one post, as of the last refresh.
func (x *Index) Get(ctx context.Context, id string) (opinion.Hit, error) {
	var a searchAnswer
	body := object{"query": object{"ids": object{"values": []string{id}}}, "size": 1,
		"sort": []object{{"version": object{"order": "desc", "unmapped_type": "long"}}}, "_source": []string{"id", "event", "doc"}}
	if err := x.search(ctx, x.posts(), body, &a); err != nil {
		return opinion.Hit{}, fmt.Errorf("get post: %w", err)
	}
	if len(a.Hits.Hits) == 0 {
		return opinion.Hit{}, opinion.Errorf(opinion.CodeNotFound, "there is no post %q", id)
	}
	return a.Hits.Hits[0].hit()
}

// Members returns the posts of an event.
func (x *Index) Members(ctx context.Context, eventID string, limit int) ([]opinion.Link, error) {
	var links []opinion.Link
	var after []any
	for len(links) < limit && eventID != "" {
		size := min(limit-len(links), idsASearch)
		body := object{"query": object{"bool": object{"filter": object{"term": object{"event": eventID}}}}, "size": size,
			"track_total_hits": false, "_source": []string{"id", "published"}, "sort": []object{
				{"published": object{"order": "asc", "unmapped_type": "date", "format": "epoch_millis"}},
				{"id": object{"order": "asc", "unmapped_type": "keyword"}}}}
		if after != nil {
			body["search_after"] = after
		}
		var a searchAnswer
		if err := x.search(ctx, x.posts(), body, &a); err != nil {
			return nil, fmt.Errorf("list members: %w", err)
		}
		for _, h := range a.Hits.Hits {
			links = append(links, opinion.Link{PostID: h.Source.ID, EventID: eventID, PublishedAt: time.UnixMilli(h.Source.Published).UTC()})
			after = []any{h.Source.Published, h.Source.ID}
		}
		if len(a.Hits.Hits) < size {
			break
		}
	}
	return links, nil
}

// DeleteBefore drops the indexes of months that lie wholly before t, and old events.
func (x *Index) DeleteBefore(ctx context.Context, t time.Time) (int, error) {
	if err := x.Refresh(ctx); err != nil {
		return 0, err
	}
	var indexes map[string]json.RawMessage
	err := x.do(ctx, http.MethodGet, "/_alias/"+x.posts(), nil, &indexes)
	if err != nil && !isStatus(err, http.StatusNotFound) {
		return 0, fmt.Errorf("list months: %w", err)
	}
	total := 0
	for index := range indexes {
		month := index[strings.LastIndexByte(index, '-')+1:]
		if end, ok := monthEnd(month); !ok || end.After(t) {
			continue
		}
		n, err := x.dropMonth(ctx, index, month)
		total += n
		if err != nil {
			return total, fmt.Errorf("drop month %s: %w", month, err)
		}
	}
	if err := x.deleteEvents(ctx, t); err != nil {
		return total, fmt.Errorf("delete old events: %w", err)
	}
	return total, nil
}

func (x *Index) dropMonth(ctx context.Context, index, month string) (int, error) {
	var answer struct {
		Count int `json:"count"`
	}
	err := x.do(ctx, http.MethodGet, "/"+index+"/_count", nil, &answer)
	if err == nil {
		err = x.do(ctx, http.MethodDelete, "/"+index, nil, nil)
	}
	x.months.Delete(month)
	if isStatus(err, http.StatusNotFound) { // another process was first
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	x.log.InfoContext(ctx, "dropped a month of posts", "index", index, "posts", answer.Count)
	return answer.Count, nil
}

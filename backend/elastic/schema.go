package elastic

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/opinion"
)

// schemaVersion is the version of the mappings. A change of a mapping makes a new
// version, whose indexes are filled from the log.
const schemaVersion = 1

type object = map[string]any

func (x *Index) posts() string  { return x.cfg.Prefix + "-posts" }
func (x *Index) events() string { return x.cfg.Prefix + "-events" }

func (x *Index) postsIndex(month string) string {
	return fmt.Sprintf("%s-v%d-%s", x.posts(), schemaVersion, month)
}

func (x *Index) monthAlias(month string) string { return x.posts() + "-" + month }

// install puts the templates and the index of events in place. Doing it again changes
// nothing.
func (x *Index) install(ctx context.Context) error {
	for name, mapping := range map[string]object{x.posts(): postMapping, x.events(): eventMapping} {
		versioned := fmt.Sprintf("%s-v%d", name, schemaVersion)
		template := object{
			"index_patterns": []string{versioned + "*"},
			"version":        schemaVersion,
			"priority":       500,
			"template": object{
				"settings": object{"index": object{
					"number_of_shards":   x.cfg.Shards,
					"number_of_replicas": x.cfg.Replicas,
					"refresh_interval":   fmt.Sprintf("%dms", x.cfg.RefreshInterval.Milliseconds()),
				}},
				"mappings": mapping,
			},
		}
		if err := x.do(ctx, http.MethodPut, "/_index_template/"+versioned, template, nil); err != nil {
			return fmt.Errorf("install template %s: %w", versioned, err)
		}
	}
	if err := x.addArea(ctx); err != nil {
		return err
	}
	index := fmt.Sprintf("%s-v%d", x.events(), schemaVersion)
	if err := x.createIndex(ctx, index, x.events()); err != nil {
		return err
	}
	// New fields can be added to an index that is there; events of before lack them until
	// their next post, and come last in every order.
	if err := x.do(ctx, http.MethodPut, "/"+index+"/_mapping", object{"properties": eventMapping["properties"]}, nil); err != nil {
		return fmt.Errorf("add fields to %s: %w", index, err)
	}
	return nil
}

// addArea gives the field to the indexes of months that were made before there was one.
// Elasticsearch lets a mapping grow, so that this needs no new version.
func (x *Index) addArea(ctx context.Context) error {
	path := "/" + x.postsIndex("*") + "/_mapping?allow_no_indices=true&ignore_unavailable=true"
	grown := object{"properties": object{opinion.FacetArea: keyword}}
	if err := x.do(ctx, http.MethodPut, path, grown, nil); err != nil {
		return fmt.Errorf("add the field %s: %w", opinion.FacetArea, err)
	}
	return nil
}

// createIndex makes an index with its aliases; that it exists already is success.
func (x *Index) createIndex(ctx context.Context, index string, aliases ...string) error {
	named := object{}
	for _, a := range aliases {
		named[a] = object{}
	}
	err := x.do(ctx, http.MethodPut, "/"+index, object{"aliases": named}, nil)
	if err != nil && !strings.Contains(err.Error(), "resource_already_exists_exception") {
		return fmt.Errorf("make index %s: %w", index, err)
	}
	return nil
}

// monthsAtOnce is how many indexes are asked for at a time: an import of many years
// needs one for each month, and the cluster works on several requests together.
const monthsAtOnce = 8

func (x *Index) ensureMonths(ctx context.Context, months []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(monthsAtOnce)
	for _, m := range months {
		g.Go(func() error { return x.ensureMonth(ctx, m) })
	}
	return g.Wait()
}

// ensureMonth makes the index of a month unless it is known to exist.
func (x *Index) ensureMonth(ctx context.Context, month string) error {
	if _, ok := x.months.Load(month); ok {
		return nil
	}
	if err := x.createIndex(ctx, x.postsIndex(month), x.posts(), x.monthAlias(month)); err != nil {
		return err
	}
	x.months.Store(month, true)
	return nil
}

// monthFormat names a month in the name of its index.
const monthFormat = "2006.01"

// Posts from before the first month are kept in its index and go when it goes; those
// after the last likewise. So wrong dates cannot make indexes without bound.
var (
	firstMonth = time.Date(2000, 1, 1, 0, 0, 0, 0, opinion.ChinaTime)
	lastMonth  = time.Date(2099, 12, 1, 0, 0, 0, 0, opinion.ChinaTime)
)

func monthOf(t time.Time) string {
	switch {
	case t.Before(firstMonth):
		t = firstMonth
	case t.After(lastMonth):
		t = lastMonth
	}
	return t.In(opinion.ChinaTime).Format(monthFormat)
}

// monthEnd is the first instant after every post of a month's index, or false for the
// last month, which has no end, and for names that are no month.
func monthEnd(month string) (time.Time, bool) {
	start, err := time.ParseInLocation(monthFormat, month, opinion.ChinaTime)
	if err != nil || !start.Before(lastMonth) {
		return time.Time{}, false
	}
	return start.AddDate(0, 1, 0), true
}

var (
	keyword = object{"type": "keyword"}
	stored  = object{"type": "keyword", "index": false, "doc_values": false}
	// words holds tokens that were cut already: the whitespace analyser only splits. No
	// norms: relevance does not depend on length.
	words = object{"type": "text", "analyzer": "whitespace", "norms": false, "index_options": "positions"}
)

var postMapping = object{
	"dynamic": "strict",
	"properties": object{
		"id":                   keyword,
		"version":              object{"type": "long"},
		"published":            object{"type": "date", "format": "epoch_millis"},
		"score":                object{"type": "double"},
		"history":              object{"type": "boolean"},
		"event":                keyword,
		opinion.FacetTopic:     keyword,
		opinion.FacetRisk:      object{"type": "byte"},
		opinion.FacetSource:    keyword,
		opinion.FacetChannel:   keyword,
		opinion.FacetKind:      keyword,
		opinion.FacetIntent:    keyword,
		opinion.FacetSentiment: object{"type": "byte"},
		opinion.FacetStreet:    keyword,
		opinion.FacetArea:      keyword,
		"title":                words,
		"text":                 words,
		// doc is the post with its assessment as JSON text, so that a partial update gives
		// back exactly the bytes that were put.
		"doc": stored,
	},
}

var eventMapping = object{
	"dynamic": "strict",
	"properties": object{
		"id":    keyword,
		"topic": keyword,
		"last":  object{"type": "date", "format": "epoch_millis"},
		// Events are listed by these; an index of before gets them when it is opened.
		"heat":    object{"type": "double"},
		"gravity": object{"type": "double"},
		"level":   keyword,
		"name":    keyword,
		"merged":  object{"type": "boolean"},
		"doc":     stored,
	},
}

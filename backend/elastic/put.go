package elastic

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// postDoc is a post in the shape of the mapping.
type postDoc struct {
	ID        string   `json:"id"`
	Version   int64    `json:"version"`
	Published int64    `json:"published"`
	Score     float64  `json:"score"`
	History   bool     `json:"history"`
	Event     string   `json:"event,omitempty"`
	Topic     string   `json:"topic"`
	Risk      int      `json:"risk"`
	Source    string   `json:"source"`
	Channel   string   `json:"channel"`
	Kinds     []string `json:"kind,omitempty"`
	Intent    string   `json:"intent"`
	Sentiment int      `json:"sentiment"`
	Streets   []string `json:"street,omitempty"`
	Area      string   `json:"area"`
	Title     string   `json:"title"`
	Text      string   `json:"text"`
	Doc       string   `json:"doc"`
}

// docBlob is what a hit is read back from.
type docBlob struct {
	Post       opinion.Post       `json:"post"`
	Assessment opinion.Assessment `json:"assessment"`
}

// copyOf is a post as the cluster holds it.
type copyOf struct {
	index   string
	version int64
	event   string
	seq     int64
	term    int64
}

// putItem is a document on its way, with the copy that it replaces in its month, and
// copies in other months that it makes void (its publication was corrected).
type putItem struct {
	doc   postDoc
	month string
	old   *copyOf
	void  []copyOf
	op    *operation
}

// Put writes documents by optimistic concurrency: a document that is new is created; one
// that is there is read, compared by Version, and replaced only if nobody changed it since.
// External versioning of Elasticsearch would be shorter but does not go with the partial
// update that Link needs, and an index operation would lose the event that Link has set.
func (x *Index) Put(ctx context.Context, docs []opinion.Doc) error {
	items, err := putItems(docs)
	if err != nil {
		return err
	}
	if err := x.put(ctx, items); err != nil {
		return fmt.Errorf("put posts: %w", err)
	}
	return nil
}

// putItems keeps the first with the largest version of documents with one ID.
func putItems(docs []opinion.Doc) ([]*putItem, error) {
	at := make(map[string]*putItem, len(docs))
	items := make([]*putItem, 0, len(docs))
	for _, d := range docs {
		if err := opinion.CheckDoc(d); err != nil {
			return nil, err
		}
		blob, err := json.Marshal(docBlob{d.Post, d.Assessment})
		if err != nil {
			return nil, fmt.Errorf("encode post %s: %w", d.Post.ID, err)
		}
		a := d.Assessment
		it := &putItem{month: monthOf(d.Post.PublishedAt), doc: postDoc{
			ID: d.Post.ID, Version: d.Version, Published: d.Post.PublishedAt.UnixMilli(), Score: a.Score, History: d.Post.History,
			Event: d.EventID, Topic: a.Topic, Risk: int(a.Risk), Source: d.Post.Source, Channel: string(d.Post.Channel),
			Kinds: a.Kinds, Intent: a.Intent, Sentiment: a.Sentiment, Streets: a.Streets, Area: opinion.AreaOf(a),
			Title: opinion.IndexText(d.TitleTokens),
			Text:  opinion.IndexText(d.TextTokens),
			Doc:   string(blob),
		}}
		switch seen := at[it.doc.ID]; {
		case seen == nil:
			at[it.doc.ID] = it
			items = append(items, it)
		case it.doc.Version > seen.doc.Version:
			if it.doc.Event == "" {
				it.doc.Event = seen.doc.Event
			}
			*seen = *it
		}
	}
	return items, nil
}

func (x *Index) put(ctx context.Context, items []*putItem) error {
	items, err := x.compare(ctx, items)
	if err != nil {
		return err
	}
	b := x.backoff()
	for pending := items; len(pending) > 0; {
		failed, err := x.putOnce(ctx, pending)
		if err != nil {
			return err
		}
		if pending, err = x.reread(ctx, failed); err != nil {
			return err
		}
		if len(pending) == 0 {
			break
		}
		if ended := b.wait(ctx); errors.Is(ended, errSpent) {
			return opinion.Errorf(opinion.CodeBusy, "%d posts changed all the time while they were written", len(pending))
		} else if ended != nil {
			return ended
		}
	}
	return x.dropVoid(ctx, items)
}

// compare looks for the documents in all months and leaves out those that are there in
// the same or a later version.
func (x *Index) compare(ctx context.Context, items []*putItem) ([]*putItem, error) {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.doc.ID
	}
	copies, err := x.locate(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(it *putItem) bool {
		return slices.ContainsFunc(copies[it.doc.ID], func(c copyOf) bool { return !it.replaces(c, x.postsIndex(it.month)) })
	}), nil
}

// replaces takes note of a copy in the cluster, or tells that the copy is to stay.
func (it *putItem) replaces(c copyOf, home string) bool {
	if c.version >= it.doc.Version {
		return false
	}
	if c.event != "" {
		it.doc.Event = c.event
	}
	if c.index == home {
		it.old = &c
	} else {
		it.void = append(it.void, c)
	}
	return true
}

// putOnce sends the items and returns those that somebody else changed meanwhile or
// whose month went.
func (x *Index) putOnce(ctx context.Context, items []*putItem) ([]*putItem, error) {
	months := map[string]bool{}
	ops := make([]*operation, len(items))
	for i, it := range items {
		months[it.month] = true
		meta := object{"_index": x.monthAlias(it.month), "_id": it.doc.ID, "require_alias": true}
		it.op = &operation{action: "create", meta: meta, body: it.doc}
		if it.old != nil {
			it.op.action = "index"
			meta["if_seq_no"], meta["if_primary_term"] = it.old.seq, it.old.term
		}
		ops[i] = it.op
	}
	if err := x.ensureMonths(ctx, slices.Sorted(maps.Keys(months))); err != nil {
		return nil, err
	}
	if err := x.bulk(ctx, ops); err != nil {
		return nil, err
	}
	var failed []*putItem
	for _, it := range items {
		switch {
		case it.op.done():
		case it.op.status == http.StatusConflict:
			failed = append(failed, it)
		case it.op.kind == "index_not_found_exception":
			x.months.Delete(it.month)
			failed = append(failed, it)
		default:
			return nil, fmt.Errorf("post %s: elastic answered %d %s", it.doc.ID, it.op.status, it.op.reason)
		}
	}
	return failed, nil
}

// reread gets the copies, as they are now, of documents whose write failed, and leaves out those that
// need no other attempt.
func (x *Index) reread(ctx context.Context, items []*putItem) ([]*putItem, error) {
	if len(items) == 0 {
		return nil, nil
	}
	want := make([]object, len(items))
	for i, it := range items {
		want[i] = object{"_index": x.postsIndex(it.month), "_id": it.doc.ID, "_source": []string{"version", "event"}}
	}
	var answer struct {
		Docs []foundDoc `json:"docs"`
	}
	if err := x.do(ctx, http.MethodPost, "/_mget", object{"docs": want}, &answer); err != nil {
		return nil, err
	}
	if len(answer.Docs) != len(items) {
		return nil, fmt.Errorf("elastic answered %d of %d posts", len(answer.Docs), len(items))
	}
	var pending []*putItem
	for i, it := range items {
		it.old = nil
		if d := answer.Docs[i]; !d.Found || it.replaces(d.copy(), x.postsIndex(it.month)) {
			pending = append(pending, it)
		}
	}
	return pending, nil
}

// foundDoc is a document of an answer to _mget or _search.
type foundDoc struct {
	Index  string `json:"_index"`
	ID     string `json:"_id"`
	Seq    int64  `json:"_seq_no"`
	Term   int64  `json:"_primary_term"`
	Found  bool   `json:"found"`
	Source struct {
		Version int64  `json:"version"`
		Event   string `json:"event"`
	} `json:"_source"`
}

func (d foundDoc) copy() copyOf {
	return copyOf{index: d.Index, version: d.Source.Version, event: d.Source.Event, seq: d.Seq, term: d.Term}
}

// idsASearch is how many IDs one question names.
const idsASearch = 1000

// locate finds the copies of posts in all months, as of the last refresh.
func (x *Index) locate(ctx context.Context, ids []string) (map[string][]copyOf, error) {
	out := map[string][]copyOf{}
	for part := range slices.Chunk(ids, idsASearch) {
		var answer struct {
			Hits struct {
				Hits []foundDoc `json:"hits"`
			} `json:"hits"`
		}
		// An ID stands in more than one month only between the two steps of a correction.
		body := object{"query": object{"ids": object{"values": part}}, "size": 2 * len(part), "track_total_hits": false,
			"seq_no_primary_term": true, "_source": []string{"version", "event"}}
		if err := x.search(ctx, x.posts(), body, &answer); err != nil {
			return nil, err
		}
		for _, d := range answer.Hits.Hits {
			out[d.ID] = append(out[d.ID], d.copy())
		}
	}
	return out, nil
}

// dropVoid removes the copies in other months after the new ones are safe.
func (x *Index) dropVoid(ctx context.Context, items []*putItem) error {
	var ops []*operation
	for _, it := range items {
		for _, c := range it.void {
			ops = append(ops, &operation{action: "delete", meta: object{
				"_index": c.index, "_id": it.doc.ID, "if_seq_no": c.seq, "if_primary_term": c.term}})
		}
	}
	if err := x.bulk(ctx, ops); err != nil {
		return err
	}
	for _, o := range ops {
		if !o.done() && o.status != http.StatusNotFound {
			return fmt.Errorf("drop an earlier copy: elastic answered %d %s", o.status, o.reason)
		}
	}
	return nil
}

// Existing returns the versions of the posts that are there, as of the last refresh.
func (x *Index) Existing(ctx context.Context, ids []string) (map[string]int64, error) {
	copies, err := x.locate(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up posts: %w", err)
	}
	out := make(map[string]int64, len(copies))
	for id, list := range copies {
		for _, c := range list {
			out[id] = max(out[id], c.version)
		}
	}
	return out, nil
}

// Linked returns the events of posts, as of the last refresh. Of two copies the larger
// version tells.
func (x *Index) Linked(ctx context.Context, ids []string) (map[string]string, error) {
	copies, err := x.locate(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up the events of posts: %w", err)
	}
	out := make(map[string]string, len(copies))
	for id, list := range copies {
		best := slices.MaxFunc(list, func(a, b copyOf) int { return cmp.Compare(a.version, b.version) })
		if best.event != "" {
			out[id] = best.event
		}
	}
	return out, nil
}

// Link sets the events of posts by a partial update.
func (x *Index) Link(ctx context.Context, links []opinion.Link) error {
	links = lastOfEach(links)
	ops := make([]*operation, len(links))
	for i, l := range links {
		ops[i] = &operation{action: "update",
			meta: object{"_index": x.monthAlias(monthOf(l.PublishedAt)), "_id": l.PostID, "require_alias": true, "retry_on_conflict": 8},
			body: object{"doc": object{"event": l.EventID}}}
	}
	if err := x.bulk(ctx, ops); err != nil {
		return fmt.Errorf("link posts: %w", err)
	}
	for i, o := range ops {
		if !o.done() && o.status != http.StatusNotFound { // no such post, or no such month
			return fmt.Errorf("link post %s: elastic answered %d %s", links[i].PostID, o.status, o.reason)
		}
	}
	return nil
}

// lastOfEach keeps the last link of each post: parts of a bulk request may be sent again
// after later ones.
func lastOfEach(links []opinion.Link) []opinion.Link {
	at := make(map[string]int, len(links))
	kept := make([]opinion.Link, 0, len(links))
	for _, l := range links {
		if i, there := at[l.PostID]; there {
			kept[i] = l
			continue
		}
		at[l.PostID] = len(kept)
		kept = append(kept, l)
	}
	return kept
}

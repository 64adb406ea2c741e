package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/huiying/huiying/opinion"
)

// facetSet is one combination of the values that posts are filtered and counted by.
// Many posts share one. A set is never changed, and its number is never used again.
type facetSet struct {
	topic     string
	risk      int
	source    string
	channel   string
	kinds     string // packed
	intent    string
	sentiment int
	streets   string // packed
}

func facetSetOf(d opinion.Doc) facetSet {
	a := d.Assessment
	return facetSet{
		topic: a.Topic, risk: int(a.Risk), source: d.Post.Source, channel: string(d.Post.Channel),
		kinds: pack(a.Kinds), intent: a.Intent, sentiment: a.Sentiment, streets: pack(a.Streets),
	}
}

// pack writes the values of a field one behind the other, each once, as "\na\nb\n", so
// that instr finds exactly a whole value.
func pack(values []string) string {
	if len(values) == 0 {
		return ""
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return "\n" + strings.Join(slices.Compact(sorted), "\n") + "\n"
}

func unpack(packed string) []string {
	if packed == "" {
		return nil
	}
	return strings.Split(packed[1:len(packed)-1], "\n")
}

// values are those of a facet field, each once.
func (s facetSet) values(field string) []string {
	switch field {
	case opinion.FacetTopic:
		return []string{s.topic}
	case opinion.FacetRisk:
		return []string{strconv.Itoa(s.risk)}
	case opinion.FacetSource:
		return []string{s.source}
	case opinion.FacetChannel:
		return []string{s.channel}
	case opinion.FacetIntent:
		return []string{s.intent}
	case opinion.FacetSentiment:
		return []string{strconv.Itoa(s.sentiment)}
	case opinion.FacetKind:
		return unpack(s.kinds)
	default:
		return unpack(s.streets)
	}
}

const setColumns = "topic, risk, source, channel, kinds, intent, sentiment, streets"

// internSets returns the numbers of the rows' facet sets and adds those that are new.
func internSets(ctx context.Context, tx *sql.Tx, rows []docRow) (map[facetSet]int64, error) {
	sets := map[facetSet]int64{}
	find, err := tx.PrepareContext(ctx, "SELECT id FROM facet_sets WHERE ("+setColumns+") = (?,?,?,?,?,?,?,?)")
	if err != nil {
		return nil, fmt.Errorf("find facet set: %w", err)
	}
	defer find.Close()
	for _, r := range rows {
		if _, ok := sets[r.set]; ok {
			continue
		}
		s := r.set
		args := []any{s.topic, s.risk, s.source, s.channel, s.kinds, s.intent, s.sentiment, s.streets}
		var id int64
		err := find.QueryRowContext(ctx, args...).Scan(&id)
		if err == sql.ErrNoRows {
			err = tx.QueryRowContext(ctx, "INSERT INTO facet_sets("+setColumns+") VALUES (?,?,?,?,?,?,?,?) RETURNING id", args...).Scan(&id)
		}
		if err != nil {
			return nil, fmt.Errorf("find facet set: %w", err)
		}
		sets[s] = id
	}
	return sets, nil
}

// facetSets remembers the sets that were read. It is safe for concurrent use.
type facetSets struct {
	mu   sync.Mutex
	byID map[int64]facetSet
	last int64
}

// upTo returns the sets by number, after reading those that came up to number max.
// The map is replaced, not changed, when sets come.
func (c *facetSets) upTo(ctx context.Context, q querier, max int64) (map[int64]facetSet, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if max <= c.last {
		return c.byID, nil
	}
	rows, err := q.QueryContext(ctx, "SELECT id, "+setColumns+" FROM facet_sets WHERE id > ? ORDER BY id", c.last)
	if err != nil {
		return nil, fmt.Errorf("read facet sets: %w", err)
	}
	defer rows.Close()
	next := make(map[int64]facetSet, len(c.byID)+16)
	for id, s := range c.byID {
		next[id] = s
	}
	last := c.last
	for rows.Next() {
		var s facetSet
		if err := rows.Scan(&last, &s.topic, &s.risk, &s.source, &s.channel, &s.kinds, &s.intent, &s.sentiment, &s.streets); err != nil {
			return nil, fmt.Errorf("read facet sets: %w", err)
		}
		next[last] = s
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read facet sets: %w", err)
	}
	c.byID, c.last = next, last
	return next, nil
}

// tally counts matching posts by facet set and by bar of the histogram.
type tally struct {
	total int
	sets  map[int64]int
	hours map[int64]int // by hour of Unix time
}

// hourMillis is the finest bar. China Standard Time is whole hours from UTC, so every
// bar is a number of whole hours.
const hourMillis = 60 * 60 * 1000

func (t *tally) add(set, published int64) {
	t.total++
	t.sets[set]++
	h := published / hourMillis
	if published < 0 && published%hourMillis != 0 {
		h--
	}
	t.hours[h]++
}

func (t *tally) facets(sets map[int64]facetSet, fields []string) map[string][]opinion.Count {
	out := map[string][]opinion.Count{}
	for _, f := range fields {
		counts := map[string]int{}
		for id, n := range t.sets {
			for _, v := range sets[id].values(f) {
				counts[v] += n
			}
		}
		out[f] = topCounts(counts)
	}
	return out
}

// maxValues bounds the values of one facet.
const maxValues = 100

func topCounts(counts map[string]int) []opinion.Count {
	list := make([]opinion.Count, 0, len(counts))
	for v, n := range counts {
		list = append(list, opinion.Count{Value: v, Count: n})
	}
	slices.SortFunc(list, func(a, b opinion.Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return list[:min(len(list), maxValues)]
}

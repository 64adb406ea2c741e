package sqlite

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/huiying/huiying/opinion"
)

// facetSet is one combination of the values that posts are filtered and counted by.
// Many posts share one.
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

func (s facetSet) columns() []any {
	return []any{s.topic, s.risk, s.source, s.channel, s.kinds, s.intent, s.sentiment, s.streets}
}

// id is made of the set itself, so that writers need not ask for it: the first 63 bits of
// its SHA-256. Among a million sets two would share one with a chance of 1 in 10 million.
func (s facetSet) id() int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", s.columns()))
	return int64(binary.BigEndian.Uint64(sum[:]) >> 1)
}

// facetSets remembers the sets that were read. It is safe for concurrent use.
type facetSets struct {
	mu   sync.Mutex
	byID map[int64]facetSet
}

// maxSets bounds how many sets are remembered.
const maxSets = 200_000

// of returns the sets with the numbers that are counted, reading those not met before.
func (c *facetSets) of(ctx context.Context, q querier, counted map[int64]int) (map[int64]facetSet, error) {
	out := make(map[int64]facetSet, len(counted))
	var missing []int64
	c.mu.Lock()
	for id := range counted {
		if s, ok := c.byID[id]; ok {
			out[id] = s
		} else {
			missing = append(missing, id)
		}
	}
	c.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	if err := readSets(ctx, q, missing, out); err != nil {
		return nil, fmt.Errorf("read facet sets: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil || len(c.byID) > maxSets {
		c.byID = map[int64]facetSet{}
	}
	for _, id := range missing {
		c.byID[id] = out[id]
	}
	return out, nil
}

func readSets(ctx context.Context, q querier, ids []int64, into map[int64]facetSet) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := q.QueryContext(ctx, "SELECT id, "+setColumns+" FROM facet_sets WHERE id IN (SELECT value FROM json_each(?))", string(list))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var s facetSet
		if err := rows.Scan(&id, &s.topic, &s.risk, &s.source, &s.channel, &s.kinds, &s.intent, &s.sentiment, &s.streets); err != nil {
			return err
		}
		into[id] = s
	}
	return rows.Err()
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

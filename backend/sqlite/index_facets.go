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
	area      string
}

func facetSetOf(d opinion.Doc) facetSet {
	a := d.Assessment
	return facetSet{
		topic: a.Topic, risk: int(a.Risk), source: d.Post.Source, channel: string(d.Post.Channel),
		kinds: pack(a.Kinds), intent: a.Intent, sentiment: a.Sentiment, streets: pack(a.Streets), area: opinion.AreaOf(a),
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
	case opinion.FacetArea:
		return []string{s.area}
	default:
		return unpack(s.streets)
	}
}

const setColumns = "topic, risk, source, channel, kinds, intent, sentiment, streets, area"

func (s facetSet) columns() []any {
	return []any{s.topic, s.risk, s.source, s.channel, s.kinds, s.intent, s.sentiment, s.streets, s.area}
}

// id is made of the set itself, so that writers need not ask for it: the first 63 bits of
// its SHA-256. Among a million sets two would share one with a chance of 1 in 10 million.
func (s facetSet) id() int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", s.columns()))
	return int64(binary.BigEndian.Uint64(sum[:]) >> 1)
}

// facetValue is one value of one facet field.
type facetValue struct{ field, value string }

// facetSets remembers the sets that were read, each as numbers of values, so that
// counting a set is adding to a few cells. It is safe for concurrent use.
type facetSets struct {
	mu      sync.RWMutex
	byID    map[int64][]int32
	numbers map[facetValue]int32
	values  []facetValue
}

// maxSets bounds how many sets are remembered.
const maxSets = 200_000

// count turns counts by set into counts by value, reading the sets not met before.
func (c *facetSets) count(ctx context.Context, q querier, bySet map[int64]int) (map[facetValue]int, error) {
	for {
		counts, missing := c.add(bySet)
		if len(missing) == 0 {
			return counts, nil
		}
		sets, err := readSets(ctx, q, missing)
		if err != nil {
			return nil, fmt.Errorf("read facet sets: %w", err)
		}
		c.learn(sets)
	}
}

func (c *facetSets) add(bySet map[int64]int) (counts map[facetValue]int, missing []int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	cells := make([]int, len(c.values))
	for id, n := range bySet {
		values, ok := c.byID[id]
		if !ok {
			missing = append(missing, id)
		}
		for _, v := range values {
			cells[v] += n
		}
	}
	counts = map[facetValue]int{}
	for v, n := range cells {
		if n > 0 {
			counts[c.values[v]] = n
		}
	}
	return counts, missing
}

func (c *facetSets) learn(sets map[int64]facetSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil || len(c.byID) > maxSets {
		c.byID, c.numbers, c.values = map[int64][]int32{}, map[facetValue]int32{}, nil
	}
	for id, s := range sets {
		values := []int32{}
		for _, f := range opinion.Facets {
			for _, v := range s.values(f) {
				values = append(values, c.number(facetValue{f, v}))
			}
		}
		c.byID[id] = values
	}
}

func (c *facetSets) number(v facetValue) int32 {
	n, ok := c.numbers[v]
	if !ok {
		n = int32(len(c.values))
		c.numbers[v] = n
		c.values = append(c.values, v)
	}
	return n
}

func readSets(ctx context.Context, q querier, ids []int64) (map[int64]facetSet, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, "SELECT id, "+setColumns+" FROM facet_sets WHERE id IN (SELECT value FROM json_each(?))", string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sets := make(map[int64]facetSet, len(ids))
	for rows.Next() {
		var id int64
		var s facetSet
		if err := rows.Scan(&id, &s.topic, &s.risk, &s.source, &s.channel, &s.kinds, &s.intent, &s.sentiment, &s.streets, &s.area); err != nil {
			return nil, err
		}
		sets[id] = s
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, id := range ids { // a row that points to no set must not be asked for again and again
		if _, ok := sets[id]; !ok {
			return nil, fmt.Errorf("set %d is missing, the file is damaged", id)
		}
	}
	return sets, nil
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

// byField sorts counts by value into lists by field.
func byField(counts map[facetValue]int, fields []string) map[string][]opinion.Count {
	out := map[string][]opinion.Count{}
	for _, f := range fields {
		out[f] = []opinion.Count{}
	}
	for v, n := range counts {
		if list, ok := out[v.field]; ok {
			out[v.field] = append(list, opinion.Count{Value: v.value, Count: n})
		}
	}
	for f, list := range out {
		slices.SortFunc(list, func(a, b opinion.Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		out[f] = list[:min(len(list), maxValues)]
	}
	return out
}

// maxValues bounds the values of one facet.
const maxValues = 100

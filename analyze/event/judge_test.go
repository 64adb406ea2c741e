package event

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pair is two posts with what their comparison says and what people said.
type pair struct {
	a, b      int // a is the earlier
	f         [features]float32
	same      int // 1, 0, or -1 where nobody said
	weight    float64
	matters   [2]int // of the posts, -1 for none
	lookalike int    // number of the look-alike pair, -1 for none
}

// labelled is the real stream with what people said of it.
type labelled struct {
	posts   []read
	pairs   []pair
	matters []matter
	likes   [][2]int
}

type matter struct {
	posts    []int
	complete bool
}

func (r read) id() string { return strings.Trim(string(r.ID), `"`) }

// readLabelled feeds the stream to a book in which every post is an event of its own, and
// keeps all comparisons, and those of labelled posts that it did not make.
func readLabelled(t *testing.T) *labelled {
	l := &labelled{posts: collection(t, "messages_2019")}
	slices.SortStableFunc(l.posts, func(a, b read) int { return a.at.Compare(b.at) })
	number := map[string]int{}
	for i, p := range l.posts {
		number[p.id()] = i
	}
	data := filepath.Join(os.Getenv("HUIYING_SHARED"), "data")
	asked := map[int][]int{}
	ask := func(a, b int) { asked[max(a, b)] = append(asked[max(a, b)], min(a, b)) }
	lines(t, filepath.Join(data, "events_dev.jsonl"), func(line []byte) error {
		var e struct {
			IDs      []json.RawMessage
			Complete *bool
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		m := matter{complete: e.Complete == nil || *e.Complete}
		for _, id := range e.IDs {
			m.posts = append(m.posts, number[strings.Trim(string(id), `"`)])
		}
		for i, a := range m.posts {
			for _, b := range m.posts[i+1:] {
				ask(a, b)
			}
		}
		l.matters = append(l.matters, m)
		return nil
	})
	lines(t, filepath.Join(data, "not_events_dev.jsonl"), func(line []byte) error {
		var p struct{ A, B json.RawMessage }
		if err := json.Unmarshal(line, &p); err != nil {
			return err
		}
		a, b := number[strings.Trim(string(p.A), `"`)], number[strings.Trim(string(p.B), `"`)]
		l.likes = append(l.likes, [2]int{min(a, b), max(a, b)})
		ask(a, b)
		return nil
	})
	l.compareAll(asked)
	l.label()
	return l
}

func (l *labelled) compareAll(asked map[int][]int) {
	book := NewBook(len(l.posts))
	for i, p := range l.posts {
		profile := Describe(p.words, p.end, p.at)
		if profile.Posts == 0 {
			continue
		}
		book.post.see(&profile.sketches[0], book.rarity)
		var with []uint32
		with = append(with, book.candidates(&book.post)...)
		for _, j := range asked[i] {
			if at := book.byID[l.posts[j].id()]; !slices.Contains(with, book.events[at].members[0]) {
				with = append(with, book.events[at].members[0])
			}
		}
		number := map[uint32]int{}
		for _, at := range with {
			number[at] = int(book.members[at].event)
			q := pair{a: number[at], b: i, same: -1, lookalike: -1, matters: [2]int{-1, -1}}
			book.compare(at, &q.f)
			l.pairs = append(l.pairs, q)
		}
		book.Put(p.id(), profile)
	}
}

// label writes what people said on the pairs, and weighs them: every matter counts for what
// it has posts, not pairs; posts that nobody put into a matter that is complete are of others.
func (l *labelled) label() {
	of := map[int]int{}
	for m, x := range l.matters {
		for _, p := range x.posts {
			of[p] = m
		}
	}
	like := map[[2]int]int{}
	for n, p := range l.likes {
		like[p] = n
	}
	for i := range l.pairs {
		q := &l.pairs[i]
		least := math.MaxInt
		for k, post := range [2]int{q.a, q.b} {
			if m, ok := of[post]; ok {
				q.matters[k] = m
				least = min(least, len(l.matters[m].posts))
				if l.matters[m].complete {
					q.same, q.weight = 0, 0.25/math.Sqrt(float64(least))
				}
			}
		}
		if q.matters[0] >= 0 && q.matters[0] == q.matters[1] {
			q.same, q.weight = 1, 3/float64(least)
		}
		if n, ok := like[[2]int{q.a, q.b}]; ok {
			q.lookalike, q.same, q.weight = n, 0, 4
		}
	}
}

// TestJudge learns the judge of all labelled pairs, and compares it with the file, or writes
// it with -update. With -folds it measures: each matter and pair of look-alikes is found by a
// judge that has not seen it.
func TestJudge(t *testing.T) {
	l := readLabelled(t)
	if *folds > 1 {
		l.crossValidate(t, *folds)
	}
	j := learn(l.pairs)
	t.Logf("%d pairs, %d labelled", len(l.pairs), len(slices.DeleteFunc(slices.Clone(l.pairs), func(p pair) bool { return p.same < 0 })))
	learned(t, "judge.bin", j.bytes(), judgeFile)
}

func (l *labelled) crossValidate(t *testing.T, folds int) {
	for _, limit := range []float32{0.25, joins, 1.25} {
		var precision, recall, complete, posts float64
		joined := 0
		for fold := range folds {
			held := func(n int) bool { return n >= 0 && (n*7919)%1009%folds == fold }
			known := slices.DeleteFunc(slices.Clone(l.pairs), func(p pair) bool {
				return held(p.matters[0]) || held(p.matters[1]) || held(p.lookalike)
			})
			event := l.group(learn(known), limit)
			size := map[int]int{}
			for _, e := range event {
				size[e]++
			}
			for m, x := range l.matters {
				if !held(m) {
					continue
				}
				common := map[int]int{}
				for _, p := range x.posts {
					common[event[p]]++
				}
				for e, n := range common {
					recall += float64(n*n) / float64(len(x.posts))
					if x.complete {
						precision += float64(n*n) / float64(size[e])
					}
				}
				posts += float64(len(x.posts))
				if x.complete {
					complete += float64(len(x.posts))
				}
			}
			for n, p := range l.likes {
				if held(n) && event[p[0]] == event[p[1]] {
					joined++
				}
			}
		}
		p, r := precision/complete, recall/posts
		t.Logf("limit %.2f: B-cubed precision %.3f, recall %.3f, F1 %.3f; look-alikes joined %.3f", limit, p, r, 2*p*r/(p+r), float64(joined)/float64(len(l.likes)))
	}
}

// group joins the posts as a Book does, with all of them kept.
func (l *labelled) group(j *judge, limit float32) []int {
	event := make([]int, len(l.posts))
	b := &Book{events: make([]open, len(l.posts))}
	byPost := make([][]pair, len(l.posts))
	for _, p := range l.pairs {
		byPost[p.b] = append(byPost[p.b], p)
	}
	for i := range l.posts {
		var sums []scored
		for _, p := range byPost[i] {
			sums = append(sums, scored{uint32(event[p.a]), j.verdict(&p.f)})
		}
		best := scored{uint32(i), limit}
		for _, s := range b.sumUp(sums) {
			if s.sum > best.sum {
				best = s
			}
		}
		event[i] = int(best.event)
		b.events[best.event].posts++
	}
	return event
}

// Settings of the boosting: few, slow and shallow trees, for there are few matters.
const (
	rounds    = 160
	rate      = 0.05
	leastLeaf = 20
	share     = 0.7 // of the pairs, drawn for each tree
	buckets   = 64
)

// learn boosts trees on the labelled pairs.
func learn(pairs []pair) *judge {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.same < 0 })
	g := &grower{pairs: pairs, z: make([]float64, len(pairs)), g: make([]float64, len(pairs)), h: make([]float64, len(pairs)), binned: make([][asked]uint8, len(pairs))}
	g.cutUp()
	yes, all := 0.0, 0.0
	for _, p := range pairs {
		all += p.weight
		yes += p.weight * float64(p.same)
	}
	j := &judge{bias: float32(math.Log(yes / (all - yes)))}
	for i := range g.z {
		g.z[i] = float64(j.bias)
	}
	lot := rand.New(rand.NewPCG(1, 1))
	for range rounds {
		g.differentiate()
		drawn := make([]int32, 0, len(pairs))
		for i := range pairs {
			if lot.Float64() < share {
				drawn = append(drawn, int32(i))
			}
		}
		t := g.grow(drawn)
		j.trees = append(j.trees, t)
		for i, p := range pairs {
			one := judge{trees: []tree{t}}
			g.z[i] += float64(one.sum(&p.f))
		}
	}
	return j
}

type grower struct {
	pairs  []pair
	z      []float64 // the sum so far
	g, h   []float64 // residual and curvature there, by weight
	cuts   [asked][]float32
	binned [][asked]uint8
}

// cutUp chooses the cuts of each feature at its quantiles.
func (g *grower) cutUp() {
	for f := range asked {
		values := make([]float32, len(g.pairs))
		for i, p := range g.pairs {
			values[i] = p.f[f]
		}
		slices.Sort(values)
		for k := 1; k < buckets; k++ {
			g.cuts[f] = append(g.cuts[f], values[k*(len(values)-1)/buckets])
		}
		g.cuts[f] = slices.Compact(g.cuts[f])
		for i, p := range g.pairs {
			at, found := slices.BinarySearch(g.cuts[f], p.f[f])
			_ = found // at most the cut goes left
			g.binned[i][f] = uint8(at)
		}
	}
}

// sums are of the pairs in a node: weights, residuals by weight, and curvature.
type sums struct {
	n       int
	w, g, h float64
}

func (g *grower) differentiate() {
	for i, p := range g.pairs {
		q := 1 / (1 + math.Exp(-g.z[i]))
		g.g[i], g.h[i] = p.weight*(float64(p.same)-q), p.weight*q*(1-q)
	}
}

func (g *grower) add(s *sums, i int32) {
	s.n, s.w, s.g, s.h = s.n+1, s.w+g.pairs[i].weight, s.g+g.g[i], s.h+g.h[i]
}

func (g *grower) grow(drawn []int32) (t tree) {
	nodes := make([][]int32, inner+leaves)
	nodes[0] = drawn
	for n := range inner {
		f, cut := g.split(nodes[n])
		t.feature[n] = uint8(f)
		t.cut[n] = float32(math.Inf(1)) // all go left
		if cut >= 0 {
			t.cut[n] = g.cuts[f][cut]
		}
		for _, i := range nodes[n] {
			to := 2*n + 1
			if cut >= 0 && int(g.binned[i][f]) > cut {
				to++
			}
			nodes[to] = append(nodes[to], i)
		}
	}
	for n := range leaves {
		var s sums
		for _, i := range nodes[inner+n] {
			g.add(&s, i)
		}
		if s.h > 1e-9 {
			t.leaf[n] = float32(rate * s.g / (s.h + 1e-3))
		}
	}
	return t
}

// split finds the feature and the cut that part the residuals best; cut is -1 for none.
func (g *grower) split(node []int32) (feature, cut int) {
	cut = -1
	best := 1e-9
	for f := range asked {
		var bucket [buckets]sums
		var all sums
		for _, i := range node {
			g.add(&bucket[g.binned[i][f]], i)
		}
		for _, b := range bucket {
			all.n, all.w, all.g = all.n+b.n, all.w+b.w, all.g+b.g
		}
		var left sums
		for c := range g.cuts[f] {
			b := bucket[c]
			left.n, left.w, left.g = left.n+b.n, left.w+b.w, left.g+b.g
			if left.n < leastLeaf || all.n-left.n < leastLeaf {
				continue
			}
			right := sums{w: all.w - left.w, g: all.g - left.g}
			apart := left.g/left.w - right.g/right.w
			if gain := left.w * right.w / (left.w + right.w) * apart * apart; gain > best { // Friedman's improvement
				best, feature, cut = gain, f, c
			}
		}
	}
	return feature, cut
}

// bytes is the judge as its file.
func (j *judge) bytes() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(j.trees)))
	put := func(x float32) { b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x)) }
	put(j.bias)
	for _, t := range j.trees {
		for n := range inner {
			b = binary.LittleEndian.AppendUint32(b, uint32(t.feature[n]))
			put(t.cut[n])
		}
		for n := range leaves {
			put(t.leaf[n])
		}
	}
	return b
}

package event

import (
	"cmp"
	"slices"
)

// How the comparisons with its posts make the sum of an event: the mean of the best three,
// or the best less a discount.
const (
	bestOf   = 3
	absent   = -5 // for a post that was not met or is not kept
	discount = 1.5
	// joins is the sum beyond which a post joins an event.
	joins = 1
)

// scored is an event with the sum that a post has with it.
type scored struct {
	event uint32
	sum   float32
}

// Find answers with the event that fits a post best, of those that fit, and with the next
// when the posts of the two prove to be of one matter. The smallest ID wins a tie.
func (b *Book) Find(p Profile) (f Found) {
	if p.Posts == 0 {
		return f
	}
	var fit []scored
	for _, s := range b.score(&p.sketches[0]) {
		if s.sum > joins {
			fit = append(fit, s)
		}
	}
	if len(fit) == 0 {
		return f
	}
	slices.SortFunc(fit, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.sum, x.sum), cmp.Compare(b.events[x.event].id, b.events[y.event].id))
	})
	f.Event = b.events[fit[0].event].id
	if len(fit) > 1 && b.same(fit[0].event, fit[1].event) {
		f.Same = b.events[fit[1].event].id
	}
	return f
}

// unites is the mean verdict on the posts of two events from which they are one matter. It is
// stricter than joins: what is united wrongly is taken apart by hand only.
const unites = 2

// same tells whether two events are one matter: by their posts, each held against each.
func (b *Book) same(x, y uint32) bool {
	sum, n := float32(0), 0
	var f [features]float32
	for _, i := range b.events[x].members {
		b.post.see(b.members[i].sketch, b.rarity)
		for _, j := range b.events[y].members {
			b.compare(j, &f)
			sum, n = sum+matters.verdict(&f), n+1
		}
	}
	return n > 0 && sum/float32(n) >= unites
}

// score compares a post with the sketches that it meets and sums up by event.
func (b *Book) score(s *sketch) []scored {
	b.post.see(s, b.rarity)
	var f [features]float32
	var sums []scored
	for _, at := range b.candidates(&b.post) {
		b.compare(at, &f)
		sums = append(sums, scored{b.members[at].event, matters.verdict(&f)})
	}
	return b.sumUp(sums)
}

// compare holds the post that looks for its event against a member.
func (b *Book) compare(at uint32, f *[features]float32) {
	b.other.see(b.members[at].sketch, b.rarity)
	compare(&b.post, &b.other, &b.meeting, f)
}

// sumUp makes one sum of those with the sketches of each event.
func (b *Book) sumUp(list []scored) []scored {
	slices.SortStableFunc(list, func(x, y scored) int {
		return cmp.Or(cmp.Compare(x.event, y.event), cmp.Compare(y.sum, x.sum))
	})
	out := list[:0]
	for i := 0; i < len(list); {
		event, best := list[i].event, list[i].sum
		need := min(bestOf, b.events[event].posts)
		total := float32(0)
		for k := range need {
			if i+k < len(list) && list[i+k].event == event {
				total += list[i+k].sum
			} else {
				total += absent
			}
		}
		for i < len(list) && list[i].event == event {
			i++
		}
		out = append(out, scored{event, max(total/float32(need), best-discount)})
	}
	return out
}

// candidates are the sketches that share keys with a post, at most maxCompared, those that
// share the weightiest.
func (b *Book) candidates(post *view) []uint32 {
	b.met = b.met[:0]
	for _, key := range keysOf(post.sketch, func(i int) float32 { return post.rare[i] }) {
		if key == 0 {
			continue
		}
		i, _ := find(post.names, key-1)
		w := post.rare[i] * float32(post.names[i].weight())
		ref := b.heads[b.bucket(key)].ref
		for n := 0; ref != 0 && n < bookChain; n++ {
			at, slot := (ref-1)>>4, (ref-1)&15
			e := &b.members[at]
			if e.keys[slot] == key {
				if b.weight[at] == 0 {
					b.met = append(b.met, at)
				}
				b.weight[at] += w
			}
			ref = e.chain[slot]
		}
	}
	if len(b.met) > maxCompared {
		slices.SortFunc(b.met, func(x, y uint32) int {
			return cmp.Or(cmp.Compare(b.weight[y], b.weight[x]), b.byName(x, y))
		})
	}
	for _, at := range b.met {
		b.weight[at] = 0
	}
	return b.met[:min(len(b.met), maxCompared)]
}

// byName orders sketches by event and day.
func (b *Book) byName(x, y uint32) int {
	p, q := &b.members[x], &b.members[y]
	return cmp.Or(cmp.Compare(b.events[p.event].id, b.events[q.event].id), cmp.Compare(p.day, q.day))
}

// Refuses tells whether an event that says nearly the same is another matter all the same.
func (b *Book) Refuses(id string, p Profile) bool {
	at, there := b.byID[id]
	if !there || p.Posts == 0 {
		return false
	}
	b.post.see(&p.sketches[0], b.rarity)
	var f [features]float32
	for _, n := range b.events[at].members {
		b.compare(n, &f)
		if matters.verdict(&f) > 0 {
			return false
		}
	}
	return true
}

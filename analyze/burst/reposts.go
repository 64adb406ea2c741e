package burst

import (
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
)

// maxWatched bounds the posts whose reposts are watched: those with the most.
const maxWatched = 8

// Post takes in a post of the event: the post itself where it is new, and its reposts since it
// was last received, which came between then and received. It tells whether a burst is called.
// Taking in the same again changes nothing.
//
// A post that is not among the watched ones is taken to have had as many reposts before as the
// least of those: it had no more when it was left out.
func (d *Detector) Post(id string, isNew bool, at, received time.Time, reposts int) (called bool) {
	if isNew {
		called = d.Observe(at)
	}
	if received.Before(at) {
		received = at
	}
	before := opinion.Watched{Post: id, At: at}
	i := slices.IndexFunc(d.state.Watched, func(w opinion.Watched) bool { return w.Post == id })
	switch {
	case i >= 0:
		before = d.state.Watched[i]
	case !isNew && len(d.state.Watched) == maxWatched:
		before.Reposts = d.state.Watched[d.least()].Reposts
	}
	if reposts <= before.Reposts {
		return called
	}
	from := before.At
	if received.Before(from) {
		from = received
	}
	d.watch(i, opinion.Watched{Post: id, Reposts: reposts, At: received})
	return d.Spread(float64(reposts-before.Reposts), from, received) || called
}

// least is the place of the watched post with the fewest reposts.
func (d *Detector) least() int {
	least := 0
	for i, w := range d.state.Watched {
		if w.Reposts < d.state.Watched[least].Reposts {
			least = i
		}
	}
	return least
}

// watch notes a post at its place, or at a new one, or instead of the one with the fewest
// reposts where it has more.
func (d *Detector) watch(i int, w opinion.Watched) {
	list := d.state.Watched
	switch {
	case i >= 0:
		list[i] = w
	case len(list) < maxWatched:
		d.state.Watched = append(list, w)
	default:
		if least := d.least(); list[least].Reposts < w.Reposts {
			list[least] = w
		}
	}
}

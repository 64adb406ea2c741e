package burst

import (
	"cmp"
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
)

// count puts what came between two instants into the slices of the window. What lies before
// the window is in no slice.
func (d *Detector) count(n float64, from, to time.Time) {
	s, last := &d.state, d.number(d.state.LastAt)
	oldest := last - slicesAWindow + 1
	s.Slices = slices.DeleteFunc(s.Slices, func(c opinion.Slice) bool { return c.At < oldest })
	span := to.Sub(from)
	for at := max(d.number(from), oldest); at <= d.number(to); at++ {
		share := 1.0
		if span > 0 {
			begin, end := d.start(at), d.start(at+1)
			if begin.Before(from) {
				begin = from
			}
			if end.After(to) {
				end = to
			}
			share = float64(end.Sub(begin)) / float64(span)
		}
		d.put(at, n*share)
	}
}

func (d *Detector) put(at int64, n float64) {
	s := &d.state
	i, there := slices.BinarySearchFunc(s.Slices, at, func(c opinion.Slice, at int64) int { return cmp.Compare(c.At, at) })
	if !there {
		s.Slices = slices.Insert(s.Slices, i, opinion.Slice{At: at})
	}
	s.Slices[i].Count += n
}

// number is the slice that an instant lies in, and start its first instant.
func (d *Detector) number(at time.Time) int64 {
	n := at.UnixNano() / int64(d.model.slice)
	if at.UnixNano()%int64(d.model.slice) < 0 { // before 1970
		n--
	}
	return n
}

func (d *Detector) start(number int64) time.Time {
	return time.Unix(0, number*int64(d.model.slice)).UTC()
}

// window is since when the slices count, what came in them, and what would have come in as
// long a time at the pace of before.
func (d *Detector) window() (from time.Time, seen, usual float64) {
	s := &d.state
	from = d.start(d.number(s.LastAt) - slicesAWindow + 1)
	if from.Before(s.FirstAt) {
		from = s.FirstAt
	}
	for _, c := range s.Slices {
		seen += c.Count
	}
	if before := from.Sub(s.FirstAt); before > 0 {
		usual = max(s.Seen-seen, 0) * float64(s.LastAt.Sub(from)) / float64(before)
	}
	return from, seen, usual
}

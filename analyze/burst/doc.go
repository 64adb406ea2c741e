// Package burst tells how fast an event's posts come and calls a burst (突发) before its peak.
//
// A Detector keeps, for one event, how many posts and reposts it has seen and a few sums of
// them that fade away, each on a time scale of its own. Together the scales fade like a power
// law, as attention does: a crowd forgets most of a matter within the hour and the rest of it
// over days. Weighted, they give how many further posts are to be expected if nothing new feeds
// the event. What was seen plus what is expected is the forecast of how far it reaches; when
// that passes the policy's reach, a burst is called.
//
// The forecast is that of a self-exciting process whose memory is a sum of exponentials:
// Hawkes, Spectra of some self-exciting and mutually exciting point processes (1971); on
// reposts with a power-law memory, Zhao and others, SEISMIC (2015). Nothing is known here
// of who posts and how many follow them: events are scored, never people.
//
// Lead and false calls are traded by the policy's gain alone. Tried on one half of the public
// cascades and no better at any lead: the rhythm of the day, a gain that follows each event's own
// infectiousness (SEISMIC's estimate), other exponents, more posts before the first call.
//
// The package is pure: it has no clock and does no I/O. The same observations give the same
// state; in another order the same sums, up to rounding.
package burst

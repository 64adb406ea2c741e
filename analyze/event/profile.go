package event

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
)

// Profile is what is known of the posts of a matter: sketches of a few of them. That of a
// post holds its own.
type Profile struct {
	// Posts is of how many posts this is: 1 for a post's own, 0 for an empty text.
	Posts    int
	sketches []sketch // by day
}

// maxSketches bounds the sketches of an event: that of the earliest post and the latest ones.
const maxSketches = 5

// Absorb gives the profile of an event with one more post. The zero Profile becomes the
// post's.
func (p Profile) Absorb(post Profile) Profile { return p.Join(post) }

// Join is the profile of two events together.
func (p Profile) Join(q Profile) Profile {
	out := Profile{Posts: p.Posts + q.Posts, sketches: slices.Concat(p.sketches, q.sketches)}
	slices.SortStableFunc(out.sketches, func(a, b sketch) int { return cmp.Compare(a.day, b.day) })
	if n := len(out.sketches); n > maxSketches {
		out.sketches = append(out.sketches[:1:1], out.sketches[n-maxSketches+1:]...)
	}
	return out
}

// profileVersion is the first byte of an encoded profile.
const profileVersion = 2

// String is the profile as the domain keeps it, about 800 characters a sketch; "" for an
// empty one.
func (p Profile) String() string {
	if p.Posts == 0 {
		return ""
	}
	b := []byte{profileVersion, byte(len(p.sketches))}
	b = binary.LittleEndian.AppendUint32(b, uint32(min(p.Posts, math.MaxInt32)))
	for i := range p.sketches {
		b = p.sketches[i].append(b)
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

func (s *sketch) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.day))
	b = append(b, byte(len(s.names)), byte(len(s.theme)), byte(len(s.line)), byte(len(s.districts)), byte(len(s.anchors)))
	for _, terms := range [2][]term{s.names, s.theme} {
		for _, t := range terms {
			b = binary.LittleEndian.AppendUint32(b, uint32(t))
		}
	}
	b = append(b, s.line...)
	for _, d := range s.districts {
		b = binary.LittleEndian.AppendUint16(b, d)
	}
	for _, a := range s.anchors {
		b = binary.LittleEndian.AppendUint32(b, a)
	}
	for _, x := range s.place {
		b = append(b, byte(x))
	}
	return b
}

// ParseProfile reads what String made. Anything else gives the empty Profile.
func ParseProfile(text string) Profile {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(b) < 6 || b[0] != profileVersion || b[1] > maxSketches {
		return Profile{}
	}
	p := Profile{Posts: int(binary.LittleEndian.Uint32(b[2:])), sketches: make([]sketch, b[1])}
	r := reader{b: b[6:]}
	for i := range p.sketches {
		r.sketch(&p.sketches[i])
	}
	if r.bad || len(r.b) > 0 || p.Posts < len(p.sketches) || len(p.sketches) == 0 {
		return Profile{}
	}
	return p
}

// reader reads numbers until it finds one that cannot be.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) uint32() uint32 { return binary.LittleEndian.Uint32(r.bytes(4)) }

func (r *reader) sketch(s *sketch) {
	s.day = math.Float32frombits(r.uint32())
	n := r.bytes(5)
	if math.IsNaN(float64(s.day)) || math.IsInf(float64(s.day), 0) ||
		n[0] > maxNames || n[1] > maxTheme || n[2] > maxLine || n[3] > maxDistricts || n[4] > maxAnchors {
		r.bad = true
		return
	}
	s.names, s.theme = r.terms(int(n[0])), r.terms(int(n[1]))
	s.line = slices.Clone(r.bytes(int(n[2])))
	for _, index := range s.line {
		r.bad = r.bad || int(index) > len(s.names)
	}
	for range n[3] {
		s.districts = append(s.districts, binary.LittleEndian.Uint16(r.bytes(2)))
	}
	for range n[4] {
		s.anchors = append(s.anchors, r.uint32())
	}
	for k, x := range r.bytes(dims) {
		s.place[k] = int8(x)
	}
}

func (r *reader) terms(n int) []term {
	terms := make([]term, n)
	for i := range terms {
		terms[i] = term(r.uint32())
		r.bad = r.bad || i > 0 && terms[i].hash() <= terms[i-1].hash()
	}
	return terms
}

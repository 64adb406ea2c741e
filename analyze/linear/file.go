package linear

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// Card is what a model file says of itself.
type Card struct {
	// Kind is what the model tells apart, for example "topic31".
	Kind string `json:"kind"`
	// Classes are the names of the classes, in the order of the margins.
	Classes []string `json:"classes"`
	// Extras are the names of the caller's own numbers, in the order of Read.
	Extras []string `json:"extras,omitempty"`
	// Data are the names of the training files with their SHA-256 and their rows.
	Data []DataFile `json:"data"`
	// Seed and Config are how it was trained.
	Seed   uint64 `json:"seed"`
	Config Config `json:"config"`
	// Metrics are of cross-validation on the training rows.
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// DataFile is a file that a model was trained on.
type DataFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Rows   int    `json:"rows"`
}

// A model file is:
//
//	"HYLM", format version (uint32), length of the header (uint32)
//	header: JSON, the card and what the rest needs
//	keys (uint64), idf (float32), weights (int8), scales, tail (float32)
//	SHA-256 of all before it
//
// All numbers are little-endian.
const (
	magic         = "HYLM"
	formatVersion = 1
	prefix        = len(magic) + 8

	maxHeader   = 1 << 20
	maxFeatures = 1 << 20
	maxClasses  = 256
	maxExtras   = 1 << 12
	// MaxFile bounds a model file, in bytes.
	MaxFile = 64 << 20
)

type header struct {
	Card        Card    `json:"card"`
	Spec        Spec    `json:"spec"`
	Classes     int     `json:"classes"`
	Extras      int     `json:"extras"`
	Features    int     `json:"features"`
	Temperature float64 `json:"temperature"`
}

// size is the length of the arrays behind the header.
func (h header) size() int {
	return h.Features*(8+4+h.Classes) + 4*h.Classes + 4*(h.Extras+1)*h.Classes
}

// Encode writes a model file. Equal models and cards give equal bytes.
func (m *Model) Encode(card Card) ([]byte, error) {
	h := header{card, m.spec, m.classes, m.extras, len(m.keys), m.Temperature}
	if err := h.check(); err != nil {
		return nil, err
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode model card: %w", err)
	}
	if len(head) > maxHeader {
		return nil, opinion.Errorf(opinion.CodeInvalid, "the model card has %d bytes, more than %d", len(head), maxHeader)
	}
	b := bytes.NewBuffer(make([]byte, 0, prefix+len(head)+h.size()+sha256.Size))
	b.WriteString(magic)
	for _, part := range []any{uint32(formatVersion), uint32(len(head)), head, m.keys, m.idf, m.weights, m.scales, m.tail} {
		if err := binary.Write(b, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("encode model: %w", err)
		}
	}
	sum := sha256.Sum256(b.Bytes())
	return append(b.Bytes(), sum[:]...), nil
}

// Decode reads a model file. A file that is cut off, changed, of another format or too
// large is an *opinion.Error of CodeInvalid that says so.
func Decode(data []byte) (*Model, Card, error) {
	h, body, err := decodeHeader(data)
	if err != nil {
		return nil, Card{}, err
	}
	m := &Model{
		Temperature: h.Temperature, spec: h.Spec, classes: h.Classes, extras: h.Extras,
		keys: make([]uint64, h.Features), idf: make([]float32, h.Features),
		weights: make([]int8, h.Features*h.Classes), scales: make([]float32, h.Classes),
		tail: make([]float32, (h.Extras+1)*h.Classes),
	}
	r := bytes.NewReader(body)
	for _, part := range []any{m.keys, m.idf, m.weights, m.scales, m.tail} {
		if err := binary.Read(r, binary.LittleEndian, part); err != nil {
			return nil, Card{}, fmt.Errorf("decode model: %w", err)
		}
	}
	if err := m.check(); err != nil {
		return nil, Card{}, err
	}
	m.table = newTable(m.keys)
	return m, h.Card, nil
}

func decodeHeader(data []byte) (h header, body []byte, err error) {
	switch {
	case len(data) < prefix+sha256.Size || string(data[:len(magic)]) != magic:
		return h, nil, invalid("is no model file of huiying train")
	case len(data) > MaxFile:
		return h, nil, invalid("has %d bytes, more than %d", len(data), MaxFile)
	}
	if v := binary.LittleEndian.Uint32(data[len(magic):]); v != formatVersion {
		return h, nil, invalid("has format %d, this release reads format %d: train it again or take the release that wrote it", v, formatVersion)
	}
	end := len(data) - sha256.Size
	if sum := sha256.Sum256(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return h, nil, invalid("is damaged: its checksum does not fit; copy it again")
	}
	n := binary.LittleEndian.Uint32(data[len(magic)+4:])
	if n > maxHeader || int(n) > end-prefix {
		return h, nil, invalid("has a header of %d bytes, which it cannot hold", n)
	}
	if err := json.Unmarshal(data[prefix:prefix+int(n)], &h); err != nil {
		return h, nil, invalid("has a header that cannot be read: %v", err)
	}
	if err := h.check(); err != nil {
		return h, nil, err
	}
	body = data[prefix+int(n) : end]
	if len(body) != h.size() {
		return h, nil, invalid("holds %d bytes of weights, its header tells of %d", len(body), h.size())
	}
	return h, body, nil
}

func invalid(format string, args ...any) error {
	return opinion.Errorf(opinion.CodeInvalid, "the model "+format, args...)
}

func (h header) check() error {
	s := h.Spec
	switch {
	case h.Classes < 2 || h.Classes > maxClasses || len(h.Card.Classes) != h.Classes:
		return invalid("has %d classes and %d names of them: 2 to %d are possible", h.Classes, len(h.Card.Classes), maxClasses)
	case h.Features < 0 || h.Features > maxFeatures:
		return invalid("has %d features: at most %d are possible", h.Features, maxFeatures)
	case h.Extras < 0 || h.Extras > maxExtras || len(h.Card.Extras) != h.Extras:
		return invalid("has %d extras and %d names of them: at most %d are possible", h.Extras, len(h.Card.Extras), maxExtras)
	case s.MaxN < 0 || s.MaxN > 4 || s.MaxN > 0 && (s.MinN < 1 || s.MinN > s.MaxN):
		return invalid("takes n-grams of %d to %d characters: 1 to 4 are possible", s.MinN, s.MaxN)
	case !(s.Title >= 1 && s.Title <= 100):
		return invalid("counts the title %v times: 1 to 100 are possible", s.Title)
	case !(h.Temperature > 0 && h.Temperature <= 1000):
		return invalid("has the temperature %v: it must be above 0 and at most 1000", h.Temperature)
	}
	return nil
}

func (m *Model) check() error {
	for i := 1; i < len(m.keys); i++ {
		if m.keys[i-1] >= m.keys[i] {
			return invalid("lists its features out of order")
		}
	}
	if slices.ContainsFunc(m.idf, func(x float32) bool { return !(x > 0 && x < 100) }) {
		return invalid("holds a rarity that is none")
	}
	for _, list := range [][]float32{m.scales, m.tail} {
		if slices.ContainsFunc(list, func(x float32) bool { return !(math.Abs(float64(x)) < 1e6) }) {
			return invalid("holds a weight that is none")
		}
	}
	return nil
}

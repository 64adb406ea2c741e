package linear

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// Card is what a model file says of how it was made.
type Card struct {
	// Data are the training files, in the order in which they were read.
	Data []DataFile `json:"data"`
	// Seed is of everything random.
	Seed uint64 `json:"seed"`
	// Metrics are of cross-validation on the training rows: by head, then by name.
	Metrics map[string]map[string]float64 `json:"metrics,omitempty"`
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
//	keys (uint64), idf (uint16), weights (64 bytes a feature), scales, tails (float32)
//	SHA-256 of all before it
//
// All numbers are little-endian.
const (
	magic         = "HYLM"
	formatVersion = 2
	prefix        = len(magic) + 8

	maxHeader   = 1 << 20
	maxFeatures = numberMask - 1
	maxExtras   = 1 << 10
	// MaxFile bounds a model file, in bytes.
	MaxFile = 128 << 20
)

type header struct {
	Card     Card   `json:"card"`
	Spec     Spec   `json:"spec"`
	Heads    []head `json:"heads"`
	Features int    `json:"features"`
}

// size is the length of the arrays behind the header.
func (h header) size() int {
	n := h.Features*(8+2+Columns) + 4*Columns
	for _, head := range h.Heads {
		n += 4 * head.tailSize()
	}
	return n
}

func (h head) tailSize() int { return (len(h.Extras) + 1) * len(h.Classes) }

// Encode writes a model file. Equal models and cards give equal bytes.
func (m *Model) Encode(card Card) ([]byte, error) {
	h := header{card, m.spec, m.heads, len(m.keys)}
	if err := h.check(); err != nil {
		return nil, err
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode model card: %w", err)
	}
	if len(head) > maxHeader {
		return nil, opinion.Errorf(opinion.CodeInvalid, "the model's header has %d bytes, more than %d", len(head), maxHeader)
	}
	b := bytes.NewBuffer(make([]byte, 0, prefix+len(head)+h.size()+sha256.Size))
	b.WriteString(magic)
	parts := []any{uint32(formatVersion), uint32(len(head)), head, m.keys, m.idf, m.rows, m.scales}
	for _, head := range m.heads {
		parts = append(parts, head.tail)
	}
	for _, part := range parts {
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
		spec: h.Spec, heads: h.Heads, keys: make([]uint64, h.Features), idf: make([]uint16, h.Features),
		rows: make([][8]uint64, h.Features), scales: make([]float32, Columns),
	}
	parts, column := []any{m.keys, m.idf, m.rows, m.scales}, 0
	for i := range m.heads {
		head := &m.heads[i]
		head.first, head.tail = column, make([]float32, head.tailSize())
		column += len(head.Classes)
		parts = append(parts, head.tail)
	}
	r := bytes.NewReader(body)
	for _, part := range parts {
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

// Version is a short name of a model file, for assessments to carry: the first digits of
// its checksum.
func Version(data []byte) string {
	if len(data) < sha256.Size {
		return ""
	}
	return hex.EncodeToString(data[len(data)-sha256.Size:][:4])
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
	case h.Features < 0 || h.Features > maxFeatures:
		return invalid("has %d features: at most %d are possible", h.Features, maxFeatures)
	case s.MaxN < 0 || s.MaxN > 3 || s.MaxN > 0 && (s.MinN < 1 || s.MinN > s.MaxN):
		return invalid("takes n-grams of %d to %d characters: 1 to 3 are possible", s.MinN, s.MaxN)
	case s.Title < 1 || s.Title > 8:
		return invalid("counts the title %d times: 1 to 8 are possible", s.Title)
	}
	columns, names := 0, map[string]bool{}
	for _, head := range h.Heads {
		if err := head.check(); err != nil {
			return err
		}
		if names[head.Name] {
			return invalid("has two heads named %q", head.Name)
		}
		names[head.Name] = true
		columns += len(head.Classes)
	}
	if columns == 0 || columns > Columns {
		return invalid("has %d classes in all: 1 to %d are possible", columns, Columns)
	}
	return nil
}

func (h head) check() error {
	switch {
	case h.Name == "" || len(h.Classes) == 0:
		return invalid("has a head without name or classes")
	case h.Kind != OneOf && h.Kind != AnyOf:
		return invalid("has a head %s of the kind %q, which this release does not know", h.Name, h.Kind)
	case len(h.Extras) > maxExtras:
		return invalid("takes %d extras in head %s: at most %d are possible", len(h.Extras), h.Name, maxExtras)
	case !(h.Temperature > 0 && h.Temperature <= 1000):
		return invalid("has the temperature %v in head %s: it must be above 0 and at most 1000", h.Temperature, h.Name)
	}
	return nil
}

func (m *Model) check() error {
	for i := 1; i < len(m.keys); i++ {
		if m.keys[i-1] >= m.keys[i] {
			return invalid("lists its features out of order")
		}
	}
	if slices.Contains(m.idf, 0) {
		return invalid("holds a rarity of 0")
	}
	lists := [][]float32{m.scales}
	for _, h := range m.heads {
		lists = append(lists, h.tail)
	}
	for _, list := range lists {
		if slices.ContainsFunc(list, func(x float32) bool { return !(math.Abs(float64(x)) < 1e6) }) {
			return invalid("holds a weight that is none")
		}
	}
	return nil
}

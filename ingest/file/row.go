package file

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/huiying/huiying/ingest/timestamp"
	"github.com/huiying/huiying/opinion"
)

// record is one row of a file: its values and their column names, in order.
type record struct {
	line   int
	names  []string
	values []string
	// bad tells why the row could not be read at all.
	bad string
}

// reader reads records until io.EOF. Any other error ends the import.
type reader interface {
	// header returns the column names that the file is checked by; it is called once,
	// before next.
	header() ([]string, error)
	next() (record, error)
	io.Closer
}

// rejection is a row that was not taken in.
type rejection struct {
	column string
	field  string
	reason string
}

// rowMaker turns records into rows.
type rowMaker struct {
	columns *columns
	source  string
	channel opinion.Channel
	// last is the assignment of the last names, which are mostly the same slice.
	lastNames []string
	last      []column
}

// make fills a row from a record, and tells the column of each filled field.
func (m *rowMaker) make(rec record) (opinion.Raw, [fields]string, *rejection) {
	raw := opinion.Raw{Source: m.source, Channel: m.channel}
	var from [fields]string
	if rec.bad != "" {
		return raw, from, &rejection{reason: rec.bad}
	}
	var values [fields]string
	var ranks [fields]int
	var place placeParts
	for i, col := range m.assign(rec.names) {
		if i >= len(rec.values) || col.field == fieldNone {
			continue
		}
		v := rec.values[i]
		if strings.TrimSpace(v) == "" {
			continue
		}
		if col.field == fieldPlace {
			place.add(strings.TrimSpace(v), col.rank)
		} else if from[col.field] != "" && ranks[col.field] <= col.rank {
			continue
		}
		values[col.field], ranks[col.field], from[col.field] = v, col.rank, rec.names[i]
	}
	raw.SourceID = strings.TrimSpace(values[fieldID])
	raw.Author, raw.Title, raw.Text = values[fieldAuthor], values[fieldTitle], values[fieldText]
	raw.URL = strings.TrimSpace(values[fieldURL])
	raw.Place = place.String()
	if v := strings.TrimSpace(values[fieldChannel]); v != "" {
		raw.Channel = opinion.Channel(v)
	}
	if f, err := fillNumbers(&raw, &values); err != nil {
		return raw, from, &rejection{column: from[f], field: fieldNames[f], reason: err.Error()}
	}
	return raw, from, nil
}

func (m *rowMaker) assign(names []string) []column {
	same := len(names) > 0 && len(names) == len(m.lastNames) && &names[0] == &m.lastNames[0]
	if !same {
		m.last, m.lastNames = m.columns.assign(names), names
	}
	return m.last
}

var errCount = errors.New("is not a whole number of 0 or more")

func fillNumbers(raw *opinion.Raw, values *[fields]string) (field, error) {
	if v := values[fieldPublished]; v != "" {
		t, err := timestamp.Parse(v)
		if err != nil {
			return fieldPublished, err
		}
		raw.PublishedAt = t
	}
	for _, n := range []struct {
		field field
		to    *int
	}{{fieldLikes, &raw.Likes}, {fieldDislikes, &raw.Dislikes}, {fieldComments, &raw.Comments}, {fieldReposts, &raw.Reposts}} {
		v := strings.TrimSpace(values[n.field])
		if v == "" {
			continue
		}
		f, err := strconv.ParseFloat(strings.ReplaceAll(v, ",", ""), 64)
		if err != nil || f < 0 || f > 1e9 || f != float64(int(f)) {
			return n.field, errCount
		}
		*n.to = int(f)
	}
	return fieldNone, nil
}

// placeParts joins what several columns say of the place, the widest first, leaving out
// what another part says already: 山西省, 长治市 and 山西省长治市上党区委书记 give the last
// alone.
type placeParts struct{ parts []placePart }

type placePart struct {
	text string
	rank int
}

func (p *placeParts) add(text string, rank int) {
	kept := p.parts[:0]
	for _, old := range p.parts {
		if strings.Contains(old.text, text) {
			return
		}
		if !strings.Contains(text, old.text) {
			kept = append(kept, old)
		}
	}
	p.parts = append(kept, placePart{text, rank})
}

func (p *placeParts) String() string {
	slices.SortStableFunc(p.parts, func(a, b placePart) int { return a.rank - b.rank })
	var b strings.Builder
	for i, part := range p.parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(part.text)
	}
	return b.String()
}

package file

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// headerRows is how far down the header is looked for: exports put a heading above it.
const headerRows = 10

type csvReader struct {
	file  *os.File
	guard *guarded
	csv   *csv.Reader
	names []string
}

func newCSV(f *os.File, guard *guarded, sample []byte, cols *columns) (reader, error) {
	r := &csvReader{file: f, guard: guard, csv: csv.NewReader(guard)}
	r.csv.Comma = sniff(sample)
	r.csv.LazyQuotes = true
	r.csv.FieldsPerRecord = -1
	var first []string
	for range headerRows {
		rec, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		names := trimAll(rec.values)
		if first == nil {
			first = names
		}
		if holdsText(cols, names) {
			r.names = names
			return r, nil
		}
	}
	// The caller's check of these names says what is missing.
	r.names = first
	return r, nil
}

// holdsText reports whether the names are a header: one of them is the text's or the
// title's.
func holdsText(cols *columns, names []string) bool {
	for _, c := range cols.assign(names) {
		if c.field == fieldText || c.field == fieldTitle {
			return true
		}
	}
	return false
}

func trimAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.TrimSpace(strings.TrimPrefix(v, "\ufeff"))
	}
	return out
}

// sniff finds the delimiter: the most frequent of comma, semicolon and tab outside
// quotation marks in the first lines.
func sniff(sample []byte) rune {
	counts := map[byte]int{}
	quoted, lines := false, 0
	for _, c := range sample {
		switch c {
		case '"':
			quoted = !quoted
		case '\n':
			if !quoted {
				lines++
			}
		case ',', ';', '\t':
			if !quoted {
				counts[c]++
			}
		}
		if lines == headerRows {
			break
		}
	}
	best := byte(',')
	for _, c := range []byte{'\t', ';'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best)
}

func (r *csvReader) header() ([]string, error) { return r.names, nil }
func (r *csvReader) Close() error              { return r.file.Close() }

func (r *csvReader) next() (record, error) {
	r.guard.reset()
	values, err := r.csv.Read()
	if errors.Is(err, errRowTooLong) {
		return record{}, opinion.Errorf(opinion.CodeInvalid, "the row that begins at byte %d of the text is longer than %d bytes: is a quotation mark left open?", r.csv.InputOffset(), maxRow)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return record{}, fmt.Errorf("read row: %w", err)
	}
	if err != nil {
		return record{}, err
	}
	line, _ := r.csv.FieldPos(0)
	rec := record{line: line, names: r.names, values: values}
	if r.names != nil {
		rec.bad = misread(values, len(r.names), r.csv.Comma)
	}
	return rec, nil
}

// misread tells why the cells of a row cannot be those of its columns, or "". A quotation
// mark that is left open takes the rows after it into one cell; where three columns or
// more are known, lines within a cell that have as many cells of their own show it.
func misread(values []string, columns int, comma rune) string {
	for _, v := range values[min(len(values), columns):] {
		if strings.TrimSpace(v) != "" {
			return fmt.Sprintf("has %d cells where the header has %d: is a delimiter or a quotation mark missing or too many?", len(values), columns)
		}
	}
	if columns < 3 {
		return ""
	}
	for _, v := range values {
		rows := 0
		for i, line := range strings.Split(v, "\n") {
			if i > 0 && strings.Count(line, string(comma)) >= columns-1 {
				rows++
			}
		}
		if rows > 0 {
			return fmt.Sprintf("holds %d more lines that look like rows of their own: close the quotation mark in this row, and import the file again", rows)
		}
	}
	return ""
}

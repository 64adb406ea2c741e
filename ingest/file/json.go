package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/huiying/huiying/opinion"
)

// jsonReader reads JSON Lines, or the objects of one JSON array.
type jsonReader struct {
	file  *os.File
	guard *guarded
	lines *bufio.Reader // for JSON Lines
	array *json.Decoder // for an array
	n     int
	ended bool     // the array is read to its closing bracket
	first []record // read for the header
	buf   []byte
}

func newJSON(f *os.File, guard *guarded, array bool) reader {
	r := &jsonReader{file: f, guard: guard}
	if array {
		r.array = json.NewDecoder(guard)
	} else {
		r.lines = bufio.NewReaderSize(guard, 64<<10)
	}
	return r
}

// header returns the names of the first objects.
func (r *jsonReader) header() ([]string, error) {
	var names []string
	for range headerRows {
		rec, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		r.first = append(r.first, rec)
		for _, n := range rec.names {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names, nil
}

func (r *jsonReader) Close() error { return r.file.Close() }

func (r *jsonReader) next() (record, error) {
	if len(r.first) > 0 {
		rec := r.first[0]
		r.first = r.first[1:]
		return rec, nil
	}
	return r.read()
}

func (r *jsonReader) read() (record, error) {
	for {
		r.guard.reset()
		r.n++
		var raw []byte
		var err error
		if r.array != nil {
			raw, err = r.element()
		} else {
			raw, err = r.line()
		}
		if errors.Is(err, errRowTooLong) && r.array == nil {
			return record{line: r.n, bad: fmt.Sprintf("is longer than %d bytes", maxRow)}, r.skipLine()
		}
		if errors.Is(err, errRowTooLong) {
			return record{}, opinion.Errorf(opinion.CodeInvalid, "row %d is longer than %d bytes", r.n, maxRow)
		}
		if err != nil {
			return record{}, err
		}
		if raw = bytes.Trim(raw, "\ufeff \t\r\n"); len(raw) > 0 {
			return r.record(raw), nil
		}
	}
}

// line returns the next line; it is valid until the next call.
func (r *jsonReader) line() ([]byte, error) {
	r.buf = r.buf[:0]
	for {
		part, err := r.lines.ReadSlice('\n')
		if err == nil && len(r.buf) == 0 {
			return part, nil
		}
		r.buf = append(r.buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if len(r.buf) > maxRow {
				return nil, errRowTooLong
			}
		case errors.Is(err, io.EOF) && len(r.buf) > 0:
			return r.buf, nil
		default:
			return r.buf, err
		}
	}
}

// skipLine passes over the rest of a line, which may be of any length.
func (r *jsonReader) skipLine() error {
	for {
		r.guard.reset()
		switch _, err := r.lines.ReadSlice('\n'); {
		case err == nil, errors.Is(err, io.EOF): // the next read meets the end again
			return nil
		case !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, errRowTooLong):
			return err
		}
	}
}

func (r *jsonReader) element() ([]byte, error) {
	if r.n == 1 {
		if _, err := r.array.Token(); err != nil {
			return nil, fmt.Errorf("read the JSON array: %w", err)
		}
	}
	if r.ended {
		return nil, io.EOF
	}
	if !r.array.More() {
		r.ended = true
		if _, err := r.array.Token(); err != nil {
			return nil, opinion.Errorf(opinion.CodeInvalid, "the JSON array ends before its closing bracket, after %d rows: is the file cut off?", r.n-1)
		}
		return nil, io.EOF
	}
	var raw json.RawMessage
	if err := r.array.Decode(&raw); err != nil {
		if errors.Is(err, errRowTooLong) {
			return nil, err
		}
		return nil, opinion.Errorf(opinion.CodeInvalid, "element %d of the JSON array cannot be read: %v", r.n, err)
	}
	return raw, nil
}

// record makes the record of an object. Values that are lists or objects are left out:
// no field takes them.
func (r *jsonReader) record(raw []byte) record {
	var object map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&object); err != nil || object == nil {
		return record{line: r.n, bad: "is not a JSON object"}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return record{line: r.n, bad: "holds more than one JSON object"}
	}
	rec := record{line: r.n, names: make([]string, 0, len(object))}
	for name := range object {
		rec.names = append(rec.names, name)
	}
	slices.Sort(rec.names)
	rec.values = make([]string, len(rec.names))
	for i, name := range rec.names {
		switch v := object[name].(type) {
		case string:
			rec.values[i] = v
		case json.Number:
			rec.values[i] = v.String()
		case bool:
			rec.values[i] = strconv.FormatBool(v)
		}
	}
	return rec
}

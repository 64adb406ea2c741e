package file

import (
	"fmt"
	"io"
	"os"

	"github.com/xuri/excelize/v2"

	"github.com/huiying/huiying/opinion"
)

// maxUnzipped bounds a workbook once it is unzipped, in bytes; sheets above
// maxSheetInMemory are spilled to temporary files and streamed from there.
const (
	maxUnzipped      = 8 << 30
	maxSheetInMemory = 16 << 20
)

type xlsxReader struct {
	file  *os.File
	book  *excelize.File
	rows  *excelize.Rows
	names []string
	n     int
}

// openXLSX reads the first sheet that has a header with a column for the text.
func openXLSX(f *os.File, cols *columns) (reader, error) {
	book, err := excelize.OpenFile(f.Name(), excelize.Options{
		UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxSheetInMemory, RawCellValue: true,
	})
	if err != nil {
		return nil, &opinion.Error{Code: opinion.CodeInvalid, Message: "the workbook cannot be read: is it a whole .xlsx file, without a password?", Err: err}
	}
	r := &xlsxReader{file: f, book: book}
	var seen []string
	for _, sheet := range book.GetSheetList() {
		found, first, err := r.openSheet(sheet, cols)
		if err != nil {
			return nil, fmt.Errorf("read sheet %q: %w", sheet, err)
		}
		if found {
			return r, nil
		}
		if seen == nil {
			seen = first
		}
	}
	// The caller's check of these names says what is missing.
	r.names = seen
	return r, nil
}

func (r *xlsxReader) openSheet(sheet string, cols *columns) (found bool, first []string, err error) {
	rows, err := r.book.Rows(sheet)
	if err != nil {
		return false, nil, err
	}
	r.rows, r.n = rows, 0
	for range headerRows {
		rec, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, nil, err
		}
		names := trimAll(rec.values)
		if first == nil {
			first = names
		}
		if holdsText(cols, names) {
			r.names = names
			return true, nil, nil
		}
	}
	return false, first, rows.Close()
}

func (r *xlsxReader) header() ([]string, error) { return r.names, nil }

func (r *xlsxReader) next() (record, error) {
	for r.rows != nil && r.rows.Next() {
		r.n++
		values, err := r.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return record{}, fmt.Errorf("read row %d: %w", r.n, err)
		}
		if len(values) > 0 {
			return record{line: r.n, names: r.names, values: values}, nil
		}
	}
	if r.rows != nil {
		if err := r.rows.Error(); err != nil {
			return record{}, fmt.Errorf("read row %d: %w", r.n+1, err)
		}
	}
	return record{}, io.EOF
}

func (r *xlsxReader) Close() error {
	if r.rows != nil {
		r.rows.Close()
	}
	err := r.book.Close()
	r.file.Close()
	return err
}

package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/opinion"
)

// Batches are handed to the intake one after another, in the file's order; the next
// ones are read meanwhile.
const (
	batchRows    = 1000
	batchBytes   = 2 << 20
	batchesAhead = 2
)

// batch is a run of rows of the file.
type batch struct {
	rows    []opinion.Raw
	records []record         // of each row
	from    [][fields]string // column names of each row's fields
	bad     []badRecord
	n       int // records in it
}

type badRecord struct {
	record
	rejection
}

// Import takes the rows of a file in and returns what became of them. It can be
// interrupted (by ctx, or by the death of the process) and called again: it goes on
// where the last acknowledged batch ended. A file that was done before is read again
// from its start, and every row of it is then a duplicate.
//
// The file may be CSV, TSV, XLSX, JSON Lines or a JSON array, in UTF-8, UTF-16 with a byte
// order mark, or GB18030. Rows that cannot be taken in are written to
// Options.RejectedPath with their line, column and reason, masked; they do not stop
// the import. A file of which no column is known to hold the text is refused with
// CodeInvalid and the columns that it has. Errors name the file.
func Import(ctx context.Context, intake Intake, progress Progress, path string, o Options) (Summary, error) {
	s, err := importFile(ctx, intake, progress, path, o)
	if err == nil {
		return s, nil
	}
	if e, ok := errors.AsType[*opinion.Error](err); ok && e.Code == opinion.CodeInvalid {
		return s, &opinion.Error{Code: e.Code, Field: e.Field, Message: path + ": " + e.Message, Err: e.Err}
	}
	return s, fmt.Errorf("import %s: %w", path, err)
}

func importFile(ctx context.Context, intake Intake, progress Progress, path string, o Options) (Summary, error) {
	if o.Kind == "" {
		o.Kind = "file"
	}
	if o.Source == "" {
		o.Source = SourceOf(path)
	}
	summary := Summary{Source: o.Source}
	if !opinion.ValidSource(o.Source) {
		return summary, opinion.Errorf(opinion.CodeInvalid, "%q cannot name a source: use 1 to 63 of a-z 0-9 . _ -, beginning with a letter or digit (--source)", o.Source)
	}
	if o.Channel != "" && !o.Channel.Valid() {
		return summary, opinion.Errorf(opinion.CodeInvalid, "%q is no channel: use public, web_message or hotline_12345 (--channel)", o.Channel)
	}
	cols, err := newColumns(o.Map)
	if err != nil {
		return summary, err
	}
	bar := newBar(o.Progress, path)
	defer bar.close()
	r, err := open(path, cols, bar.read)
	if err != nil {
		return summary, err
	}
	defer r.Close()
	names, err := r.header()
	if err != nil {
		return summary, err
	}
	if err := cols.missing(names, o.Map); err != nil {
		return summary, err
	}
	if o.Channel == "" {
		o.Channel = channelOf(names)
	}
	point, err := findPoint(ctx, progress, path, o)
	if err != nil {
		return summary, err
	}
	rejected, err := openRejected(path, rejectedPath(path, o.RejectedPath), point.state.RejectedBytes)
	if err != nil {
		return summary, err
	}
	im := &importer{intake: intake, options: o, point: point, rejected: rejected, path: path}
	im.maker = rowMaker{columns: cols, source: o.Source, channel: o.Channel}
	err = im.run(ctx, r)
	if closeErr := rejected.close(); err == nil && closeErr != nil {
		err = closeErr
	}
	summary = im.point.state.Summary
	summary.Source, summary.Resumed, summary.RejectedPath = o.Source, im.resumed, rejected.written()
	return summary, err
}

// importer is one run of Import.
type importer struct {
	intake   Intake
	options  Options
	point    *point
	rejected *rejectedFile
	maker    rowMaker
	path     string
	resumed  int
}

// run reads on one goroutine and hands over on another.
func (im *importer) run(ctx context.Context, r reader) error {
	im.resumed = im.point.state.Read
	batches := make(chan batch, batchesAhead)
	g, working := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		return im.readAll(working, r, im.resumed, batches)
	})
	g.Go(func() error {
		for b := range batches {
			if err := im.take(working, b); err != nil {
				return err
			}
		}
		return working.Err()
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return im.point.finish(ctx)
}

func (im *importer) readAll(ctx context.Context, r reader, skip int, batches chan<- batch) error {
	for range skip {
		if _, err := r.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	for {
		b, err := im.fill(r)
		if b.n > 0 {
			select {
			case batches <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads one batch; on an error it returns what was read before.
func (im *importer) fill(r reader) (batch, error) {
	b := batch{rows: make([]opinion.Raw, 0, batchRows)}
	for size := 0; b.n < batchRows && size < batchBytes; {
		rec, err := r.next()
		if err != nil {
			return b, err
		}
		b.n++
		raw, from, bad := im.maker.make(rec)
		if bad != nil {
			b.bad = append(b.bad, badRecord{rec, *bad})
			continue
		}
		size += len(raw.Title) + len(raw.Text)
		b.rows = append(b.rows, raw)
		b.records = append(b.records, rec)
		b.from = append(b.from, from)
	}
	return b, nil
}

// take hands a batch to the intake, writes down what it rejects, and saves the point.
func (im *importer) take(ctx context.Context, b batch) error {
	outcomes, err := im.intake.Accept(ctx, b.rows, opinion.IntakeOptions{Kind: im.options.Kind, OpenCases: im.options.OpenCases})
	if err != nil {
		return err
	}
	s := &im.point.state.Summary
	for i, o := range outcomes {
		switch o.Status {
		case opinion.OutcomeAccepted:
			s.Accepted++
		case opinion.OutcomeDuplicate:
			s.Duplicates++
		default:
			column := b.from[i][fieldByName(o.Field)]
			b.bad = append(b.bad, badRecord{b.records[i], rejection{column: column, field: o.Field, reason: o.Reason}})
		}
	}
	for _, bad := range b.bad {
		if err := im.rejected.write(im.line(bad)); err != nil {
			return err
		}
	}
	s.Read += b.n
	s.Rejected += len(b.bad)
	if im.point.state.RejectedBytes, err = im.rejected.flush(); err != nil {
		return err
	}
	return im.point.save(ctx)
}

// line is what is written of a rejected row: the columns that were understood, masked,
// and never the author's name. Other columns may hold names and numbers that nothing
// marks as such, and stay in the file itself.
func (im *importer) line(bad badRecord) rejectedLine {
	l := rejectedLine{File: im.path, Line: bad.line, Column: bad.column, Field: bad.field, Reason: bad.reason, Row: map[string]string{}}
	for i, col := range im.maker.columns.assign(bad.names) {
		if i >= len(bad.values) || bad.values[i] == "" {
			continue
		}
		switch col.field {
		case fieldNone:
		case fieldAuthor:
			l.Row[bad.names[i]] = "〔姓名〕"
		default:
			l.Row[bad.names[i]] = im.intake.Redact(cut(bad.values[i], maxRejectedCell))
		}
	}
	return l
}

func fieldByName(name string) field {
	for f := fieldID; f < fields; f++ {
		if fieldNames[f] == name {
			return f
		}
	}
	return fieldNone
}

func rejectedPath(path, wanted string) string {
	name := path + ".rejected.jsonl"
	if wanted == "" {
		return name
	}
	if info, err := os.Stat(wanted); err == nil && info.IsDir() {
		return filepath.Join(wanted, filepath.Base(path)+".rejected.jsonl")
	}
	return wanted
}

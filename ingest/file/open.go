package file

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/huiying/huiying/opinion"
)

// sampleBytes is how much of a file is looked at to tell its kind and encoding.
const sampleBytes = 4 << 20

// maxRow bounds one row of a file, in bytes.
const maxRow = 4 << 20

// open tells the kind of the file by its content and starts to read it. read is
// called with the number of bytes taken from the file.
func open(path string, cols *columns, read func(int)) (reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(f, cols, read)
	if err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

func openFile(f *os.File, cols *columns, read func(int)) (reader, error) {
	buffered := bufio.NewReaderSize(&counting{r: f, read: read}, sampleBytes)
	sample, err := buffered.Peek(sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	switch {
	case len(sample) == 0:
		return nil, opinion.Errorf(opinion.CodeInvalid, "the file is empty")
	case bytes.HasPrefix(sample, []byte("PK\x03\x04")):
		return openXLSX(f, cols)
	case bytes.HasPrefix(sample, []byte("\xd0\xcf\x11\xe0")):
		return nil, opinion.Errorf(opinion.CodeInvalid, "this is an old Excel file (.xls): save it as .xlsx or CSV and import that")
	case bytes.HasPrefix(sample, []byte("\x1f\x8b")):
		return nil, opinion.Errorf(opinion.CodeInvalid, "this is a gzip file: decompress it (gunzip) and import what is inside")
	}
	text, sample := decode(buffered, sample)
	guard := &guarded{r: text, left: maxRow}
	if first := bytes.TrimLeft(sample, "\ufeff \t\r\n"); isJSON(f.Name(), first) {
		return newJSON(f, guard, bytes.HasPrefix(first, []byte("["))), nil
	}
	return newCSV(f, guard, sample, cols)
}

func isJSON(path string, first []byte) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv", ".txt":
		return false
	}
	return len(first) > 0 && (first[0] == '{' || first[0] == '[')
}

// decode makes UTF-8 of the file's encoding: of what its byte order mark says, else
// UTF-8 when the sample is, else GB18030 (which holds GBK and GB2312) when that fits
// the sample better. It returns the sample in UTF-8 too.
func decode(r io.Reader, sample []byte) (io.Reader, []byte) {
	bom := unicode.BOMOverride(transform.Nop)
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")), bytes.HasPrefix(sample, []byte("\xff\xfe")), bytes.HasPrefix(sample, []byte("\xfe\xff")):
		plain, _, _ := transform.Bytes(unicode.BOMOverride(transform.Nop), sample[:len(sample)&^1])
		return transform.NewReader(r, bom), plain
	}
	bad := invalidUTF8(sample)
	if bad == 0 {
		return r, sample
	}
	plain, _ := simplifiedchinese.GB18030.NewDecoder().Bytes(sample)
	if bytes.Count(plain, []byte("\ufffd")) < bad {
		return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder()), plain
	}
	return r, sample
}

// invalidUTF8 counts the bytes that are no UTF-8; a last character that the sample
// cuts in two does not count.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return 0
	}
	bad := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			if len(b) < utf8.UTFMax && !utf8.FullRune(b) {
				break
			}
			bad++
		}
		b = b[n:]
	}
	return bad
}

// counting tells how many bytes were read.
type counting struct {
	r    io.Reader
	read func(int)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read(n)
	return n, err
}

// errRowTooLong is what a guarded reader returns within one row.
var errRowTooLong = errors.New("row too long")

// guarded bounds what is read between two calls of reset, so that an open quotation
// mark or bracket cannot take the whole file into memory.
type guarded struct {
	r    io.Reader
	left int
}

func (g *guarded) reset() { g.left = maxRow }

func (g *guarded) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

package file

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// maxRejectedCell bounds what is written of one cell of a rejected row, in bytes.
const maxRejectedCell = 16 << 10

// rejectedLine is one line of the file of rejected rows.
type rejectedLine struct {
	File   string            `json:"file"`
	Line   int               `json:"line"` // of the file, or the number of the row in it
	Column string            `json:"column,omitempty"`
	Field  string            `json:"field,omitempty"`
	Reason string            `json:"reason"`
	Row    map[string]string `json:"row"`
}

// rejectedFile is made when the first row is rejected.
type rejectedFile struct {
	path string
	size int64 // bytes that are written and count
	file *os.File
	buf  *bufio.Writer
}

// openRejected goes on with a file of which the first size bytes count; what an
// interrupted import wrote after them is dropped, since its rows come again.
func openRejected(input, path string, size int64) (*rejectedFile, error) {
	r := &rejectedFile{path: path, size: size}
	if err := mayReplace(input, path); err != nil {
		return nil, err
	}
	if size == 0 {
		// A file of an earlier import of the same name would be taken for this one's.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("remove the old list of rejected rows: %w", err)
		}
		return r, nil
	}
	return r, r.open()
}

// mayReplace refuses to touch a file that is not a list of rejected rows: the input
// itself, above all.
func mayReplace(input, path string) error {
	there, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an old list of rejected rows: %w", err)
	}
	if in, err := os.Stat(input); err == nil && os.SameFile(in, there) {
		return opinion.Errorf(opinion.CodeInvalid, "rejected rows cannot go to %s: it is the file that is imported; name another with --rejected", path)
	}
	if there.Size() > 0 && !isRejectedList(path) {
		return opinion.Errorf(opinion.CodeInvalid, "rejected rows cannot go to %s: it exists and is no list of rejected rows; move it, or name another with --rejected", path)
	}
	return nil
}

// isRejectedList tells whether the first line of a file is one of ours.
func isRejectedList(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var l rejectedLine
	return json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&l) == nil && l.File != "" && l.Reason != ""
}

func (r *rejectedFile) open() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the list of rejected rows (choose another place with --rejected): %w", err)
	}
	if err = f.Truncate(r.size); err == nil {
		_, err = f.Seek(r.size, 0)
	}
	if err != nil {
		f.Close()
		return fmt.Errorf("go on with the list of rejected rows: %w", err)
	}
	r.file, r.buf = f, bufio.NewWriter(f)
	return nil
}

func (r *rejectedFile) write(l rejectedLine) error {
	if r.file == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode a rejected row: %w", err)
	}
	r.size += int64(len(b)) + 1
	r.buf.Write(b)
	return r.buf.WriteByte('\n')
}

// flush writes everything out and returns how many bytes count.
func (r *rejectedFile) flush() (int64, error) {
	if r.file == nil {
		return r.size, nil
	}
	if err := r.buf.Flush(); err != nil {
		return 0, fmt.Errorf("write the list of rejected rows: %w", err)
	}
	return r.size, nil
}

// written is the file's path, or empty when no row was rejected.
func (r *rejectedFile) written() string {
	if r.size == 0 {
		return ""
	}
	return r.path
}

func (r *rejectedFile) close() error {
	if r.file == nil {
		return nil
	}
	_, err := r.flush()
	return errors.Join(err, r.file.Close())
}

// cut keeps at most n bytes of s, whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

package segment

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/huiying/huiying/seeds"
)

// domainWeight is the frequency that a domain word gets in the user dictionary. The
// main dictionary counts about 60 million words; at 1,000 a domain word wins against a
// split into two common words and loses against nothing that it does not hold.
const domainWeight = 1000

// maxDomainWord bounds a domain word, in code points; longer ones are phrases that no
// one writes the same way twice.
const maxDomainWord = 16

// files are the five paths that gojieba asks for.
type files struct{ dict, hmm, user, idf, stop string }

// extract writes the dictionaries into dir where they are not there yet. Names hold the
// hash of the content, so that releases and instances share a directory safely.
func extract(dir string, words []string) (files, error) {
	var f files
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return f, fmt.Errorf("make dictionary directory: %w", err)
	}
	var err error
	if f.dict, err = unpack(dir, "jieba.dict.utf8"); err != nil {
		return f, err
	}
	if f.hmm, err = unpack(dir, "hmm_model.utf8"); err != nil {
		return f, err
	}
	if f.user, err = userDict(dir, f.dict, words); err != nil {
		return f, err
	}
	// Keyword extraction is not used, and its full tables cost about 40 MiB of memory;
	// gojieba insists on the files and stops the process when the first is empty.
	if f.idf, err = place(dir, "idf.utf8", []byte("的 1.0\n")); err != nil {
		return f, err
	}
	f.stop, err = place(dir, "stop_words.utf8", []byte("的\n"))
	return f, err
}

// unpack writes one embedded dictionary, named by the hash of its compressed form.
func unpack(dir, name string) (string, error) {
	packed, err := fs.ReadFile(seeds.Dict, name+".gz")
	if err != nil {
		return "", fmt.Errorf("read embedded dictionary: %w", err)
	}
	if len(packed) < 18 {
		return "", fmt.Errorf("read embedded dictionary %s: %d bytes are no gzip file", name, len(packed))
	}
	// The last four bytes of a gzip file are the length of its content.
	size := int64(binary.LittleEndian.Uint32(packed[len(packed)-4:]))
	path := filepath.Join(dir, hashed(name, packed))
	if whole(path, size) {
		return path, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("unpack dictionary %s: %w", name, err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return "", fmt.Errorf("unpack dictionary %s: %w", name, err)
	}
	return path, write(path, data)
}

// userDict writes the domain words that the main dictionary lacks. Words that it has
// keep their natural frequency.
func userDict(dir, dict string, words []string) (string, error) {
	wanted := make(map[string]bool, len(words))
	for _, w := range words {
		if usable(w) {
			wanted[w] = true
		}
	}
	main, err := os.Open(dict)
	if err != nil {
		return "", fmt.Errorf("open dictionary: %w", err)
	}
	defer main.Close()
	lines := bufio.NewScanner(main)
	for lines.Scan() {
		if word, _, ok := bytes.Cut(lines.Bytes(), []byte(" ")); ok && wanted[string(word)] {
			delete(wanted, string(word))
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("read dictionary: %w", err)
	}
	var b strings.Builder
	for _, w := range slices.Sorted(keys(wanted)) {
		fmt.Fprintf(&b, "%s %d hy\n", w, domainWeight)
	}
	return place(dir, "user.dict.utf8", []byte(b.String()))
}

// usable tells whether a word can stand in a dictionary line: a malformed line stops the
// whole process inside the C++ library.
func usable(w string) bool {
	n := utf8.RuneCountInString(w)
	if n < 2 || n > maxDomainWord || !utf8.ValidString(w) {
		return false
	}
	return !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

func keys(m map[string]bool) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// place writes data under a name that holds its hash, unless it is there.
func place(dir, name string, data []byte) (string, error) {
	path := filepath.Join(dir, hashed(name, data))
	if whole(path, int64(len(data))) {
		return path, nil
	}
	return path, write(path, data)
}

func hashed(name string, data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6]) + "-" + name
}

func whole(path string, size int64) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}

// write puts a file in place in one step, so that no other process reads half of it.
func write(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write dictionary %s: %w", path, errors.Join(err, os.Remove(tmp.Name())))
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

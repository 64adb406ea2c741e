package file

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"
)

// datePart is what tells one export of a source from the next: a date or a number at
// the end of the name.
var datePart = regexp.MustCompile(`([._-]?(19|20)\d{2}([._-]?(0[1-9]|1[0-2])([._-]?\d{2})?)?|[._-]\d{1,3}| ?\(\d+\))$`)

// SourceOf derives a source from a file's name: lower case, without the extension and
// without a date or number at its end, so that renmin_2024-05.csv and
// renmin_2024-06.csv are one source, "renmin". A name with no letter or digit of ASCII
// becomes "file-" and eight hex digits of its SHA-256.
func SourceOf(path string) string {
	name := strings.ToLower(filepath.Base(path))
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if short := datePart.ReplaceAllString(name, ""); short != "" {
		name = short
	}
	clean := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}, name), "._-")
	if clean == "" {
		sum := sha256.Sum256([]byte(name))
		return "file-" + hex.EncodeToString(sum[:4])
	}
	return clean[:min(len(clean), 63)]
}

package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// pages serves the built browser application from memory. Paths without a file get
// index.html, so that the application's own addresses can be opened and reloaded.
type pages struct {
	files map[string]pageFile
}

// pageFile is a file with the compressed forms that the build made of it.
type pageFile struct {
	plain, gzip, brotli []byte
	contentType, etag   string
	hashed              bool
}

// hashedName tells names that the build gives a new hash with every change.
var hashedName = regexp.MustCompile(`^assets/.+[-.][0-9A-Za-z_-]{8,}\.[a-z0-9]+$`)

func newPages(web fs.FS) (*pages, error) {
	p := &pages{files: map[string]pageFile{}}
	read := func(name string) []byte {
		b, err := fs.ReadFile(web, name)
		if err != nil {
			return nil // the build made no such form
		}
		return b
	}
	err := fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".br") {
			return err
		}
		b, err := fs.ReadFile(web, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		p.files[name] = pageFile{
			plain: b, gzip: read(name + ".gz"), brotli: read(name + ".br"),
			contentType: contentType(name, b), etag: hex.EncodeToString(sum[:12]), hashed: hashedName.MatchString(name),
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	if _, ok := p.files["index.html"]; !ok {
		return nil, fmt.Errorf("read the pages: there is no index.html; build the browser application first (make build)")
	}
	return p, nil
}

func contentType(name string, b []byte) string {
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return http.DetectContentType(b)
}

// ServeHTTP implements http.Handler.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	f, ok := p.files[name]
	switch {
	case ok:
	case path.Ext(name) != "": // a file that is not there; no page has a dot
		http.NotFound(w, r)
		return
	default:
		f = p.files["index.html"]
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, form := f.form(r.Header.Get("Accept-Encoding"))
	if form != "" {
		h.Set("Content-Encoding", form)
	}
	h.Set("ETag", `"`+f.etag+form+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// form picks the smallest form that the browser takes.
func (f pageFile) form(accepts string) (body []byte, encoding string) {
	switch {
	case f.brotli != nil && accepted(accepts, "br"):
		return f.brotli, "br"
	case f.gzip != nil && accepted(accepts, "gzip"):
		return f.gzip, "gzip"
	default:
		return f.plain, ""
	}
}

func accepted(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

package normalise

import (
	"bytes"
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
)

// mayHoldMarkup is the cheap test before a text is read as HTML.
func mayHoldMarkup(s string) bool {
	return strings.IndexByte(s, '<') >= 0 || strings.IndexByte(s, '&') >= 0
}

// stripMarkup makes text of HTML: entities are decoded, tags are taken out, those of
// blocks become line breaks. It returns s itself when there is no markup.
func stripMarkup(s string) string {
	s = decodeEntities(s)
	if !holdsTag(s) {
		return s
	}
	return stripTags(s)
}

// longestEntity bounds what is looked at as an entity, in bytes with & and ;.
const longestEntity = 12

// decodeEntities decodes entities, and those that appear by decoding (&amp;lt;), in one
// pass from the right: what stands right of a sign & is decoded already.
func decodeEntities(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	out := make([]byte, len(s))
	at := len(out) // out[at:] is the decoded tail
	for i := len(s) - 1; i >= 0; i-- {
		at--
		out[at] = s[i]
		for out[at] == '&' {
			text, n := entity(out[at:])
			if n == 0 {
				break
			}
			at += n - len(text)
			copy(out[at:], text)
		}
	}
	return string(out[at:])
}

// entity decodes the entity at the start of b and returns the length of its writing,
// or 0. What it returns is never longer than the writing.
func entity(b []byte) (string, int) {
	if end := bytes.IndexByte(b[:min(len(b), longestEntity)], ';'); end > 1 {
		written := string(b[:end+1])
		if text := html.UnescapeString(written); text != written && len(text) <= len(written) && !strings.HasSuffix(text, ";") {
			return text, len(written)
		}
	}
	// The one that is often written without its semicolon.
	if bytes.HasPrefix(b, []byte("&nbsp")) {
		return " ", len("&nbsp")
	}
	return "", 0
}

// tags are those that are taken out. What else stands in angle brackets is text:
// people write <某某小区> and <<合同>>.
var tags = map[string]bool{}

// breaks are the tags that end a line.
var breaks = map[string]bool{}

func init() {
	for _, t := range strings.Fields(`a abbr b big blink body button center cite code colgroup col dd del dfn dir em fieldset font form
		head html i iframe img input ins kbd label legend link map mark marquee meta nobr noscript object o:p option param q ruby rt rp
		s samp select small source span strike strong sub summary sup svg tbody tfoot thead time tt u var video audio wbr area base
		embed textarea title script style`) {
		tags[t] = true
	}
	for _, t := range strings.Fields(`address article aside blockquote br caption details dialog div dl dt figcaption figure footer
		h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul`) {
		tags[t], breaks[t] = true, true
	}
}

// holdsTag reports whether something in s looks like a tag or a comment.
func holdsTag(s string) bool {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+1 == len(s) {
			return false
		}
		switch c := s[i+1] | 0x20; {
		case c >= 'a' && c <= 'z', s[i+1] == '/', s[i+1] == '!', s[i+1] == '?':
			return true
		}
		s = s[i+1:]
	}
}

// stripTags takes the tags out. A script or style goes with its content, once it is
// closed; what is cut off by the end of the text stays as it is.
func stripTags(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	z := nethtml.NewTokenizer(strings.NewReader(s))
	read := 0 // bytes of s that are dealt with
	hidden := -1
	for {
		kind := z.Next()
		raw := z.Raw()
		if kind == nethtml.ErrorToken {
			break
		}
		at := read
		read += len(raw)
		if hidden >= 0 {
			if kind == nethtml.EndTagToken {
				hidden = -1
			}
			continue
		}
		if hides := token(&b, z, kind, raw); hides {
			hidden = at
		}
	}
	if hidden >= 0 {
		read = hidden
	}
	b.WriteString(s[read:])
	return b.String()
}

// token writes what a reader sees of one token, and reports whether it begins a
// script or style.
func token(b *strings.Builder, z *nethtml.Tokenizer, kind nethtml.TokenType, raw []byte) bool {
	switch kind {
	case nethtml.TextToken:
		b.Write(raw)
	case nethtml.CommentToken, nethtml.DoctypeToken:
		whole := bytes.HasSuffix(raw, []byte(">"))
		known := bytes.HasPrefix(raw, []byte("<!--")) && bytes.HasSuffix(raw, []byte("-->")) || kind == nethtml.DoctypeToken || bytes.HasPrefix(raw, []byte("<?xml"))
		if !whole || !known {
			b.Write(raw)
		}
	default:
		text := string(raw) // TagName changes raw
		name, _ := z.TagName()
		switch tag := string(name); {
		case !tags[tag]:
			b.WriteString(text)
		case breaks[tag]:
			b.WriteByte('\n')
		case kind == nethtml.StartTagToken && (tag == "script" || tag == "style"):
			return true
		}
	}
	return false
}

package opinion

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// Raw is one row as a collector delivered it, before normalising and masking. It
// is never written anywhere: Post is the first form that is.
type Raw struct {
	// Source names the collector or export that the row came from, for example
	// "renmin" or "12345". It matches [a-z0-9][a-z0-9._-]{0,62}.
	Source string
	// SourceID is the row's own identity at its source. When it is empty, ingest
	// derives one from title, text and publication time.
	SourceID string
	// Channel tells which deadlines apply: see Channel.
	Channel Channel
	URL     string
	Author  string
	Title   string
	Text    string
	// Place is what the source says of where: an office addressed, a district.
	Place string
	// PublishedAt is zero when the source does not tell; receipt then stands for it.
	PublishedAt time.Time
	Likes       int
	Dislikes    int
	Comments    int
	Reposts     int
}

// Channel is the way a post came to the government. Deadlines differ by channel
// (policy file deadlines.json).
type Channel string

// The channels that the deadline policy knows.
const (
	ChannelPublic     Channel = "public"        // 网络舆情: said in public, not addressed to an office
	ChannelWebMessage Channel = "web_message"   // 网站留言 (人民网留言板, 市长信箱)
	ChannelHotline    Channel = "hotline_12345" // 12345 工单
)

// Valid reports whether c is one of the channels above.
func (c Channel) Valid() bool {
	return c == ChannelPublic || c == ChannelWebMessage || c == ChannelHotline
}

// Post is one citizen's message about a public affair, normalised and masked
// (舆情信息). Title and Text hold no phone, identity-card, bank-card, plate or
// e-mail number and no self-stated name; Pseudonym cannot be turned back into the
// author without the key of its source.
type Post struct {
	ID          string    `json:"id"`
	Source      string    `json:"source"`
	SourceID    string    `json:"source_id"`
	Channel     Channel   `json:"channel"`
	URL         string    `json:"url,omitempty"`
	Pseudonym   string    `json:"pseudonym,omitempty"`
	Title       string    `json:"title,omitempty"`
	Text        string    `json:"text"`
	Place       string    `json:"place,omitempty"`
	PublishedAt time.Time `json:"published_at"`
	// ReceivedAt is when ingest accepted this content. Deadlines count from it.
	ReceivedAt time.Time `json:"received_at"`
	// PublishedKnown is false when the source told no time and ReceivedAt stands in.
	PublishedKnown bool `json:"published_known"`
	Likes          int  `json:"likes,omitempty"`
	Dislikes       int  `json:"dislikes,omitempty"`
	Comments       int  `json:"comments,omitempty"`
	Reposts        int  `json:"reposts,omitempty"`
	// History marks a post older than the policy's window at receipt. It is
	// assessed and searchable, and opens no case.
	History bool `json:"history,omitempty"`
	// Masked counts what masking replaced, by kind ("phone", "name", …).
	Masked map[string]int `json:"masked,omitempty"`
}

// PostID is the identity of a post: the first 130 bits of SHA-256 over its source
// and its source's own ID, in lower-case base 32 (26 characters). The same row
// always gets the same ID, so that writing it twice is harmless.
func PostID(source, sourceID string) string {
	sum := sha256.Sum256([]byte(source + "\x00" + sourceID))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:26]
}

// Body is the text that is judged: the title, a line break when there is a title,
// and the text. Evidence offsets count from its start.
func (p Post) Body() string {
	if p.Title == "" {
		return p.Text
	}
	return p.Title + "\n" + p.Text
}

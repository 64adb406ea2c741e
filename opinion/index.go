package opinion

import (
	"context"
	"time"
)

// Doc is a post as the Index keeps it: with its assessment and with the tokens that
// make it searchable. The index splits TitleTokens and TextTokens on white space
// and does nothing else to them.
type Doc struct {
	Post       Post
	Assessment Assessment
	// EventID is empty until the cluster stage links the post.
	EventID     string
	TitleTokens string
	TextTokens  string
	// Version decides between two writes of one ID: the larger wins, an equal or
	// smaller one is a success without effect.
	Version int64
}

// Link joins a post to its event.
type Link struct {
	PostID string
	// PublishedAt is the post's own; time-based indexes need it to find the post.
	PublishedAt time.Time
	EventID     string
}

// Sort orders hits. Ties are broken by post ID, ascending.
type Sort string

// The orders: newest publication first (to the millisecond), best match first (see
// RelevanceTitle; then newest), gravest first (score, then newest).
const (
	SortTime      Sort = "time"
	SortRelevance Sort = "relevance"
	SortRisk      Sort = "risk"
)

// Search is a question to the Index. The zero value asks for all posts, newest first.
type Search struct {
	Query Query // see ParseQuery; the zero Query matches every post
	Sort  Sort
	Limit int // 1 … MaxHits; 0 means 20
	// After continues a search from Result.Next of the same question.
	After string
	// Facets asks for counts by field (Facet* constants), for all matches.
	Facets []string
	// Histogram asks for counts by publication time: "hour", "day", "week", "month"
	// or empty, in China Standard Time (Asia/Shanghai).
	Histogram string
	// EventID, when set, keeps to the posts of one event.
	EventID string
}

// MaxHits bounds Search.Limit.
const MaxHits = 500

// Facet fields.
const (
	FacetTopic     = "topic"
	FacetRisk      = "risk"
	FacetSource    = "source"
	FacetChannel   = "channel"
	FacetKind      = "kind"
	FacetIntent    = "intent"
	FacetSentiment = "sentiment"
	FacetStreet    = "street"
	FacetArea      = "area"
)

// The values of FacetArea: whether a post is plainly about another place
// (Assessment.Elsewhere) or counts as ours.
const (
	AreaOurs      = "ours"
	AreaElsewhere = "elsewhere"
)

// AreaOf is the value of FacetArea of a post.
func AreaOf(a Assessment) string {
	if a.Elsewhere != nil {
		return AreaElsewhere
	}
	return AreaOurs
}

// Facets lists the facet fields.
var Facets = []string{FacetTopic, FacetRisk, FacetSource, FacetChannel, FacetKind, FacetIntent, FacetSentiment, FacetStreet, FacetArea}

// Count is one value of a facet with its number of posts.
type Count struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Bucket is one bar of a histogram: posts published in [Start, next Start).
type Bucket struct {
	Start time.Time `json:"start"`
	Count int       `json:"count"`
}

// Hit is one found post.
type Hit struct {
	Post       Post
	Assessment Assessment
	EventID    string
	// Highlights are the places in Post.Body where the query's words stand.
	Highlights []Span
}

// Result answers a Search. Facet values are ordered by count, then value, and
// are at most 100 a field; buckets are ordered by time and have no empty ones.
type Result struct {
	Total     int
	Hits      []Hit
	Facets    map[string][]Count
	Histogram []Bucket
	// Next is empty on the last page.
	Next string
}

// Tokenizer cuts text into the words that the Index keeps and is asked for. The
// same text always gives the same words. Safe for concurrent use.
type Tokenizer interface {
	Tokens(text string) []string
}

// Index is the port of the searchable projection. It can be rebuilt from the log.
//
// Durability: a write that returned nil survives a crash of the process. Visibility:
// after Refresh, searches see every write that returned before. Concurrency: safe for
// concurrent use, also by several processes. Errors: CodeInvalid for a question that
// cannot be answered, CodeUnavailable when the server does not answer; every other
// error is worth a retry.
type Index interface {
	// Put writes documents by Doc.Post.ID and keeps the larger Version. It keeps an
	// EventID that a Link has set. All succeed or an error is returned; then some may
	// be written all the same, and writing again is harmless. One document that CheckDoc
	// refuses makes the whole Put CodeInvalid: check before, and dead-letter it.
	Put(ctx context.Context, docs []Doc) error
	// Link sets the event of posts; of two links of one post the later in the list holds.
	// Posts that do not exist are passed over.
	Link(ctx context.Context, links []Link) error
	// Linked returns the event IDs of those of the posts that have one.
	Linked(ctx context.Context, ids []string) (map[string]string, error)
	// PutEvents writes events by ID and keeps the larger Version.
	PutEvents(ctx context.Context, events []Event) error
	// Search answers a question. Pages are stable: posts that arrive while a reader
	// pages neither repeat nor hide another, however deep.
	Search(ctx context.Context, s Search) (Result, error)
	// Get returns one post, or CodeNotFound. Get, Linked, Existing and Members see what Search
	// sees.
	Get(ctx context.Context, id string) (Hit, error)
	// Existing returns those of the IDs that the index holds, with their Versions.
	Existing(ctx context.Context, ids []string) (map[string]int64, error)
	// Event returns one event, or CodeNotFound.
	Event(ctx context.Context, id string) (Event, error)
	// Events calls yield for the events whose last post is not older than since, merged ones
	// too, the newest last post first (to the millisecond), until yield returns false.
	Events(ctx context.Context, since time.Time, yield func(Event) bool) error
	// SearchEvents lists events that are not merged into another. Pages are stable as long as the events of a page keep
	// their place in the order; it sees what Search sees.
	SearchEvents(ctx context.Context, s EventSearch) (EventPage, error)
	// Members returns the links of an event's posts, oldest publication first (to the
	// millisecond), at most limit.
	Members(ctx context.Context, eventID string, limit int) ([]Link, error)
	// DeleteBefore drops posts published before t, and events whose last post is, and
	// returns how many posts went. Time-based indexes drop only what lies wholly before t.
	DeleteBefore(ctx context.Context, t time.Time) (int, error)
	Refresh(ctx context.Context) error
	Ping(ctx context.Context) error
	Close() error
}

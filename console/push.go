package console

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// describePush adds the push endpoint to the document. The ingest role serves it, not the
// console; ingest/push decides what it takes and answers.
func describePush(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	one := schemas.Schema(reflect.TypeFor[PushPost](), true, "PushPost")
	receipt := &huma.MediaType{Schema: schemas.Schema(reflect.TypeFor[PushReceipt](), true, "PushReceipt")}
	problem := &huma.MediaType{Schema: schemas.Schema(reflect.TypeFor[PushProblem](), true, "PushProblem")}
	refused := func(why string) *huma.Response {
		return &huma.Response{Description: why, Content: map[string]*huma.MediaType{"application/problem+json": problem}}
	}
	bad := refused("No post can be taken: the receipt tells why of each, or a problem when the body could not be read.")
	bad.Content["application/json"] = receipt
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "push-posts", Method: http.MethodPost, Path: "/api/v1/posts", Tags: []string{"posts"},
		Summary: "Push posts into the flow",
		Description: "Served by instances with the role ingest. One post as a JSON object, several as an array, or one a line as NDJSON; gzip is taken. " +
			"The key decides the source. Pushing a post again changes nothing. After 413, 429 and 503 nothing is known to be taken: " +
			"send the same request again, after 429 and 503 when Retry-After says.",
		Security:   []map[string][]string{{"push": {}}},
		Extensions: map[string]any{rolesExtension: []string{}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json":     {Schema: &huma.Schema{OneOf: []*huma.Schema{one, {Type: huma.TypeArray, Items: one}}}},
			"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString, Description: "One PushPost a line."}},
		}},
		Responses: map[string]*huma.Response{
			"202": {Description: "The log has the posts that the receipt names.", Content: map[string]*huma.MediaType{"application/json": receipt}},
			"400": bad,
			"401": refused("The key is missing, unknown or revoked."),
			"403": refused("A post names another source than the key's."),
			"413": refused("The body or a post is too large, or there are too many posts."),
			"415": refused("The content type is neither JSON nor NDJSON, or the encoding is not gzip."),
			"429": refused("Too much at once; Retry-After tells when to try again."),
			"503": refused("The posts could not be written down; Retry-After tells when to try again."),
		},
	})
}

// PushPost is a post as a source pushes it. It needs a text or a title.
type PushPost struct {
	ID          textOrNumber    `json:"id,omitempty" doc:"The post's own ID at its source. Without one, two posts are the same when title, text and time are."`
	SourceID    textOrNumber    `json:"source_id,omitempty" doc:"Another name of id."`
	Source      string          `json:"source,omitempty" doc:"The key's source, and no other."`
	Channel     opinion.Channel `json:"channel,omitempty" enum:"public,web_message,hotline_12345" default:"public" doc:"How it came to the government; decides the deadlines."`
	URL         string          `json:"url,omitempty" doc:"Where it was published; http or https."`
	Author      textOrNumber    `json:"author,omitempty" doc:"Never kept: only a keyed digest is, which no answer shows."`
	Title       string          `json:"title,omitempty"`
	Text        string          `json:"text,omitempty"`
	Place       string          `json:"place,omitempty" doc:"What the source says of where."`
	PublishedAt textOrNumber    `json:"published_at,omitempty" doc:"RFC 3339, or 2006-01-02 15:04:05 in China Standard Time, or Unix seconds or milliseconds. Without it the receipt stands in."`
	Likes       int             `json:"likes,omitempty" minimum:"0"`
	Dislikes    int             `json:"dislikes,omitempty" minimum:"0"`
	Comments    int             `json:"comments,omitempty" minimum:"0"`
	Reposts     int             `json:"reposts,omitempty" minimum:"0"`
}

// textOrNumber is a JSON string, or a number that is taken as it is written.
type textOrNumber string

// Schema implements huma.SchemaProvider.
func (textOrNumber) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}}}
}

// PushReceipt is what became of each post of a push.
type PushReceipt struct {
	Accepted   int             `json:"accepted" doc:"Posts that the log has now."`
	Duplicates int             `json:"duplicates" doc:"Posts that it had already."`
	Rejected   []PushRejection `json:"rejected" doc:"Posts that were not taken, in order."`
	IDs        []string        `json:"ids" doc:"IDs of the accepted posts and the duplicates, in order."`
}

// PushRejection tells why a post was not taken.
type PushRejection struct {
	Line   int    `json:"line" minimum:"1" doc:"Line of NDJSON, or element of the array."`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason" doc:"In English."`
}

// PushProblem is the body of the push endpoint's errors (RFC 9457), in English.
type PushProblem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

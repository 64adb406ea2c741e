package console

import (
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// describePush adds the push endpoint to the document. The ingest role serves it, not the
// console.
func describePush(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	post := schemas.Schema(reflect.TypeFor[PushPost](), true, "PushPost")
	problem := &huma.MediaType{Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")}
	refused := func(why string) *huma.Response {
		return &huma.Response{Description: why, Content: map[string]*huma.MediaType{"application/problem+json": problem}}
	}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "push-posts", Method: http.MethodPost, Path: "/api/v1/posts", Tags: []string{"posts"},
		Summary:     "Push posts into the flow",
		Description: "Served by the role ingest. One post as JSON, or many as NDJSON, one a line. Pushing a post again changes nothing.",
		Security:    []map[string][]string{{"push": {}}},
		Extensions:  map[string]any{rolesExtension: []string{}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json":     {Schema: post},
			"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString, Description: "One PushPost a line."}},
		}},
		Responses: map[string]*huma.Response{
			"202": {Description: "The log has the posts.", Content: map[string]*huma.MediaType{
				"application/json": {Schema: schemas.Schema(reflect.TypeFor[PushResult](), true, "PushResult")},
			}},
			"400": refused("A post is wrong; none was taken."),
			"401": refused("The key is missing, wrong or revoked."),
			"413": refused("The request is too large."),
			"415": refused("The content type is neither JSON nor NDJSON."),
			"429": refused("Too much at once; Retry-After tells when to try again."),
			"503": refused("The log does not answer; try again."),
		},
	})
}

// PushPost is a post as a source pushes it.
type PushPost struct {
	SourceID    string    `json:"source_id,omitempty"`
	Title       string    `json:"title,omitempty"`
	Text        string    `json:"text"`
	PublishedAt time.Time `json:"published_at,omitzero"`
}

// PushResult is what became of a push.
type PushResult struct {
	Accepted int `json:"accepted"`
}

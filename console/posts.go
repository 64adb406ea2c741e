package console

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

type searchInput struct {
	Q         string   `query:"q" maxLength:"2000" doc:"The query language of the product: words, 与 或 非, phrases in quotation marks, brackets, fields such as topic: source: risk:>=2 date:2019-01-01..2019-02-01. Empty: every post." example:"停车 或 收费 risk:>=2"`
	Sort      string   `query:"sort" enum:"time,relevance,risk" default:"time" doc:"Newest first, best match first, or gravest first."`
	Limit     int      `query:"limit" minimum:"1" maximum:"100" default:"20"`
	After     string   `query:"after" maxLength:"1024" doc:"next of the page before; belongs to the same q and sort."`
	Facets    []string `query:"facets" enum:"topic,risk,source,channel,kind,intent,sentiment,street,area" maxItems:"9" doc:"Fields to count by, separated by commas."`
	Histogram string   `query:"histogram" enum:"hour,day,week,month" doc:"Unit of the counts by publication time, in China Standard Time."`
}

// Count is one value of a facet.
type Count struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Bar is one bar of a histogram.
type Bar struct {
	Start string `json:"start" format:"date-time" doc:"First instant of the bar."`
	Count int    `json:"count"`
}

// SearchResult is a page of posts.
type SearchResult struct {
	Total       int                `json:"total" doc:"Posts that match, on all pages."`
	Hits        []PostHit          `json:"hits"`
	Facets      map[string][]Count `json:"facets" doc:"By field, the most frequent values first, at most 100."`
	Histogram   []Bar              `json:"histogram" doc:"By time, without empty bars."`
	Next        string             `json:"next,omitempty" doc:"after of the next page; absent on the last."`
	EmptyReason Nothing            `json:"empty_reason,omitempty" enum:"no_match,unavailable,no_source,no_post,in_flight,dead_lettered" doc:"Why there are no hits."`
}

type searchOutput struct{ Body SearchResult }

type idInput struct {
	ID string `path:"id" minLength:"1" maxLength:"200"`
}

// PostDetail is a post with all that was said of it.
type PostDetail struct {
	PostHit
	SourceID   string         `json:"source_id" doc:"The post's own ID at its source."`
	Likes      int            `json:"likes"`
	Dislikes   int            `json:"dislikes"`
	Comments   int            `json:"comments"`
	Reposts    int            `json:"reposts"`
	Masked     map[string]int `json:"masked" doc:"How many pieces of personal data were masked, by kind."`
	Assessment Assessment     `json:"assessment"`
	Event      *Event         `json:"event,omitempty" doc:"The event that it belongs to."`
	Case       *CaseSummary   `json:"case,omitempty" doc:"The case of that event."`
}

type postOutput struct{ Body PostDetail }

func (s *server) registerPosts(api huma.API) {
	add(s, api, forReaders, huma.Operation{
		OperationID: "search-posts", Method: http.MethodGet, Path: "/api/v1/posts", Tags: []string{"posts"},
		Summary: "Search posts",
		Description: "A mistake in q is 400 with the reason query_syntax and the parameters position (code points from 1) and expected. " +
			"Pages are stable: posts that arrive meanwhile neither repeat nor hide another. There is no search by author.",
		Errors: []int{400, 401, 403, 422, 503},
	}, s.search)
	add(s, api, forReaders, huma.Operation{
		OperationID: "get-post", Method: http.MethodGet, Path: "/api/v1/posts/{id}", Tags: []string{"posts"},
		Summary: "Read a post with its assessment", Errors: []int{401, 403, 404, 422, 503},
	}, s.post)
}

func (s *server) search(ctx context.Context, _ caller, in *searchInput) (*searchOutput, error) {
	q, err := opinion.ParseQuery(in.Q)
	if err != nil {
		return nil, err
	}
	res, err := s.index.Search(ctx, opinion.Search{
		Query: q, Sort: opinion.Sort(in.Sort), Limit: in.Limit, After: in.After, Facets: in.Facets, Histogram: in.Histogram,
	})
	if err != nil {
		return nil, err
	}
	out := SearchResult{
		Total: res.Total, Hits: views(res.Hits, viewHit), Facets: map[string][]Count{},
		Histogram: views(res.Histogram, viewBar), Next: res.Next,
	}
	for field, counts := range res.Facets {
		out.Facets[field] = views(counts, func(c opinion.Count) Count { return Count(c) })
	}
	if res.Total == 0 {
		out.EmptyReason = s.whyNothing(ctx, q)
	}
	return &searchOutput{out}, nil
}

func viewBar(b opinion.Bucket) Bar { return Bar{b.Start.Format(barTime), b.Count} }

// barTime writes the start of a bar.
const barTime = "2006-01-02T15:04:05Z07:00"

// whyNothing tells an empty answer from an empty product.
func (s *server) whyNothing(ctx context.Context, q opinion.Query) Nothing {
	if q.Root != nil {
		if all, err := s.index.Search(ctx, opinion.Search{Limit: 1}); err != nil || all.Total > 0 {
			return NothingMatches
		}
	}
	st, err := s.status(ctx)
	switch {
	case err != nil:
		return NothingUnavailable
	case st.Nothing != "":
		return st.Nothing
	default:
		return NothingMatches
	}
}

func (s *server) post(ctx context.Context, c caller, in *idInput) (*postOutput, error) {
	h, err := s.index.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := PostDetail{
		PostHit: viewHit(h), SourceID: h.Post.SourceID, Likes: h.Post.Likes, Dislikes: h.Post.Dislikes,
		Comments: h.Post.Comments, Reposts: h.Post.Reposts, Masked: h.Post.Masked, Assessment: viewAssessment(h.Assessment),
	}
	if out.Masked == nil {
		out.Masked = map[string]int{}
	}
	if h.EventID == "" {
		return &postOutput{out}, nil
	}
	if out.Case, err = s.caseOfEvent(ctx, c.Actor, h.EventID); err != nil {
		return nil, err
	}
	e, err := s.index.Event(ctx, h.EventID)
	switch {
	case err == nil:
		v := viewEvent(e, s.now())
		out.Event = &v
	case opinion.CodeOf(err) != opinion.CodeNotFound: // the event's own write may still be under way
		return nil, err
	}
	return &postOutput{out}, nil
}

// caseOfEvent returns nil when the event has no case.
func (s *server) caseOfEvent(ctx context.Context, a opinion.Actor, eventID string) (*CaseSummary, error) {
	c, err := s.store.CaseOfEvent(ctx, a, eventID)
	if opinion.CodeOf(err) == opinion.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := viewSummary(c, s.now())
	return &v, nil
}

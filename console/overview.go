package console

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// statsDays is how many days the counts of posts reach back, today included.
const statsDays = 30

// Stats is how much was said, and how units respond.
type Stats struct {
	Posts *PostStats  `json:"posts,omitempty" doc:"For staff and leaders."`
	Cases CaseStats   `json:"cases"`
	Units []UnitStats `json:"units" doc:"By lead unit, those with the most overdue cases first. A unit sees itself only."`
}

// PostStats counts posts.
type PostStats struct {
	Total   int       `json:"total" doc:"All searchable posts."`
	Recent  int       `json:"recent" doc:"Posts published in the last 30 days."`
	Topics  []Count   `json:"topics" doc:"All searchable posts by topic."`
	Risks   []Count   `json:"risks" doc:"Posts of the last 30 days by risk, 0 to 3."`
	Days    []Bar     `json:"days" doc:"Posts of the last 30 days by day of China Standard Time, empty days included."`
	Through time.Time `json:"through" doc:"When it was counted."`
}

// CaseStats counts cases.
type CaseStats struct {
	Total    int         `json:"total"`
	Overdue  int         `json:"overdue" doc:"With an unmet deadline that has passed."`
	ToSign   int         `json:"to_sign"`
	Handling int         `json:"handling"`
	Review   int         `json:"review"`
	Closed   int         `json:"closed"`
	Topics   []TopicStat `json:"topics" doc:"By topic, the most frequent first."`
}

// TopicStat counts the cases of a topic.
type TopicStat struct {
	Topic   string `json:"topic"`
	Count   int    `json:"count"`
	Overdue int    `json:"overdue"`
}

// UnitStats counts the cases that a unit leads.
type UnitStats struct {
	Unit     string `json:"unit"`
	Total    int    `json:"total"`
	Overdue  int    `json:"overdue"`
	ToSign   int    `json:"to_sign"`
	Handling int    `json:"handling"`
	Review   int    `json:"review"`
	Closed   int    `json:"closed"`
}

type statsOutput struct{ Body Stats }

type statusOutput struct{ Body Status }

func (s *server) registerOverview(api huma.API) {
	add(s, api, forCases, huma.Operation{
		OperationID: "get-stats", Method: http.MethodGet, Path: "/api/v1/stats", Tags: []string{"overview"},
		Summary: "Count posts and cases", Errors: []int{401, 403, 503},
	}, s.stats)
	add(s, api, forOverview, huma.Operation{
		OperationID: "get-status", Method: http.MethodGet, Path: "/api/v1/status", Tags: []string{"overview"},
		Summary: "Tell how the pipeline is, and why there is nothing to see", Errors: []int{401, 403, 503},
	}, func(ctx context.Context, _ caller, _ *struct{}) (*statusOutput, error) {
		st, err := s.status(ctx)
		if err != nil {
			return nil, err
		}
		st.Stages, st.Parts = list(st.Stages), list(st.Parts)
		return &statusOutput{st}, nil
	})
	add(s, api, forUsers, huma.Operation{
		OperationID: "get-vocabulary", Method: http.MethodGet, Path: "/api/v1/vocabulary", Tags: []string{"overview"},
		Summary: "Names for the IDs that answers use", Errors: []int{401, 503},
	}, func(context.Context, caller, *struct{}) (*vocabularyOutput, error) {
		return &vocabularyOutput{vocabulary(s.policy)}, nil
	})
}

func (s *server) stats(ctx context.Context, c caller, _ *struct{}) (*statsOutput, error) {
	now := s.now()
	counts, err := s.store.CaseCounts(ctx, c.Actor, now)
	if err != nil {
		return nil, err
	}
	out := Stats{Cases: sumCases(counts), Units: sumUnits(counts)}
	if c.MaySearch() {
		if out.Posts, err = s.postStats(ctx, now); err != nil {
			return nil, err
		}
	}
	return &statsOutput{out}, nil
}

func (s *server) postStats(ctx context.Context, now time.Time) (*PostStats, error) {
	all, err := s.index.Search(ctx, opinion.Search{Limit: 1, Facets: []string{opinion.FacetTopic}})
	if err != nil {
		return nil, err
	}
	today := opinion.HistogramStart("day", now).In(opinion.ChinaTime)
	from := today.AddDate(0, 0, 1-statsDays)
	recent, err := s.index.Search(ctx, opinion.Search{
		Query: opinion.Query{Root: opinion.Dates{From: from.UTC(), To: today.AddDate(0, 0, 1).UTC()}},
		Limit: 1, Facets: []string{opinion.FacetRisk}, Histogram: "day",
	})
	if err != nil {
		return nil, err
	}
	view := func(c opinion.Count) Count { return Count(c) }
	return &PostStats{
		Total: all.Total, Recent: recent.Total, Topics: views(all.Facets[opinion.FacetTopic], view),
		Risks: views(recent.Facets[opinion.FacetRisk], view), Days: everyDay(from, recent.Histogram), Through: now,
	}, nil
}

// everyDay adds the days without posts.
func everyDay(from time.Time, bars []opinion.Bucket) []Bar {
	counts := map[int64]int{}
	for _, b := range bars {
		counts[b.Start.Unix()] += b.Count
	}
	out := make([]Bar, statsDays)
	for i := range out {
		day := from.AddDate(0, 0, i)
		out[i] = Bar{day.Format(barTime), counts[day.Unix()]}
	}
	return out
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// searchPatience is how long an index that does not answer is waited for.
const searchPatience = 20 * time.Second

func newSearch(o *options) *cobra.Command {
	var s opinion.Search
	var sort string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "search QUERY",
		Short: "Ask the index",
		Long: `search finds posts, newest first. Words must all be there; 与 或 非 (or AND OR NOT) and
brackets join them, "…" holds words together, and fields narrow the answer:

  停车 与 (收费 或 乱停) 非 地铁          longer words that hold one are found too (停车场)
  "室温不达标" risk:>=2                  a phrase, and at least risk 2
  topic:edu.school source:renmin         one topic, one source
  噪音 date:2026-01-01..2026-01-31       published in January, China Standard Time`,
		Example: `  huiying search --data data --json --limit 5 暖气 与 不热`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := o.load()
			if err != nil {
				return err
			}
			if s.Query, err = opinion.ParseQuery(strings.Join(args, " ")); err != nil {
				return err
			}
			s.Sort = opinion.Sort(sort)
			s.Facets = opinion.Facets
			ctx, cancel := context.WithTimeout(cmd.Context(), searchPatience)
			defer cancel()
			err = withIndex(ctx, cfg, func(p *parts) error {
				result, err := p.index.Search(ctx, s)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(foundJSON(result, p.policy))
				}
				printFound(cmd.OutOrStdout(), result)
				return nil
			})
			if ctx.Err() != nil && cmd.Context().Err() == nil {
				return fmt.Errorf("the index did not answer within %v; `huiying doctor` tells more", searchPatience)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.IntVar(&s.Limit, "limit", 20, "how many hits")
	f.StringVar(&s.After, "after", "", "continue from the next of an earlier answer")
	f.StringVar(&sort, "sort", string(opinion.SortTime), "time, relevance or risk")
	f.BoolVar(&asJSON, "json", false, "print one JSON object: total, hits, facets, next")
	return cmd
}

// withIndex opens what a question to the index needs, and closes it.
func withIndex(ctx context.Context, cfg config, f func(*parts) error) (err error) {
	if len(cfg.Elastic.URLs) == 0 {
		if err := existingDir(cfg.Data); err != nil {
			return err
		}
	}
	p, err := sharedParts(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.closers.close(closeTimeout)) }()
	if err := p.openSegmenter(); err != nil {
		return err
	}
	if err := p.openIndex(ctx); err != nil {
		return err
	}
	return f(p)
}

// found is the JSON form of an answer.
type found struct {
	Total  int                        `json:"total"`
	Hits   []foundHit                 `json:"hits"`
	Facets map[string][]opinion.Count `json:"facets"`
	Next   string                     `json:"next,omitempty"`
}

type foundHit struct {
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	SourceID    string          `json:"source_id"`
	Channel     opinion.Channel `json:"channel"`
	Title       string          `json:"title"`
	Text        string          `json:"text"`
	PublishedAt time.Time       `json:"published_at"`
	Topic       string          `json:"topic"`
	Topic2      string          `json:"topic2,omitempty"`
	Risk        opinion.Risk    `json:"risk"`
	Score       float64         `json:"score"`
	// Level is that of an event of this post alone; see policy.Alert.LevelOf.
	Level      opinion.Level    `json:"level"`
	Kinds      []string         `json:"kinds"`
	Sentiment  int              `json:"sentiment"`
	Intent     string           `json:"intent"`
	Streets    []string         `json:"streets"`
	EventID    string           `json:"event_id,omitempty"`
	Factors    []opinion.Factor `json:"factors"`
	Highlights []opinion.Span   `json:"highlights"`
}

func foundJSON(r opinion.Result, pol *policy.Policy) found {
	out := found{Total: r.Total, Hits: []foundHit{}, Facets: r.Facets, Next: r.Next}
	for _, h := range r.Hits {
		a := h.Assessment
		level, _ := pol.Alert.LevelOf(a.Risk, 1, 1, a.Kinds)
		out.Hits = append(out.Hits, foundHit{
			ID: h.Post.ID, Source: h.Post.Source, SourceID: h.Post.SourceID, Channel: h.Post.Channel,
			Title: h.Post.Title, Text: h.Post.Text, PublishedAt: h.Post.PublishedAt,
			Topic: a.Topic, Topic2: a.Topic2, Risk: a.Risk, Score: a.Score, Level: level, Kinds: orNone(a.Kinds), Sentiment: a.Sentiment,
			Intent: a.Intent, Streets: orNone(a.Streets), EventID: h.EventID, Factors: orNone(a.Factors), Highlights: orNone(h.Highlights),
		})
	}
	return out
}

// orNone makes a list that is empty in JSON, not null.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func printFound(w io.Writer, r opinion.Result) {
	fmt.Fprintf(w, "%d posts\n", r.Total)
	for _, h := range r.Hits {
		title := h.Post.Title
		if title == "" {
			title = h.Post.Text
		}
		if runes := []rune(title); len(runes) > 60 {
			title = string(runes[:60]) + "…"
		}
		fmt.Fprintf(w, "%s  risk %d (%3.0f)  %-18s %s  %s\n",
			h.Post.PublishedAt.In(opinion.ChinaTime).Format("2006-01-02 15:04"), h.Assessment.Risk, h.Assessment.Score, h.Assessment.Topic, h.Post.ID, title)
	}
	if r.Next != "" {
		fmt.Fprintf(w, "more with --after %s\n", r.Next)
	}
}

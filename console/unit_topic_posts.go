package console

import (
	"context"
	"slices"
	"time"

	"github.com/huiying/huiying/console/watch"
	"github.com/huiying/huiying/opinion"
)

// Bounds of looking for the posts of a topic. Older posts than those that are looked at are
// not counted, and the answer says so.
const (
	maxCandidates = 5000
	maxOwnCases   = 300 // of a unit, newest first: it sees the posts of its own cases
	shownMatches  = 50
	shownExcluded = 10
)

const whoseTopicPosts = "Staff and leaders see all posts. A unit sees those of the cases that it leads or helps with, at most of the newest 300. " +
	"At most the newest 5,000 posts that hold a word of the topic are looked at."

type previewInput struct {
	Body struct {
		TopicDraft
		Topic string `json:"topic,omitempty" maxLength:"200" doc:"ID of the topic that is being changed: the texts of its examples are taken from it, whether the posts are still there or not."`
		Days  int    `json:"days" minimum:"1" maximum:"3650" default:"90" required:"false" doc:"Posts published in the last days."`
	}
}

type topicPostsInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"200"`
	Days int    `query:"days" minimum:"1" maximum:"3650" default:"90" doc:"Posts published in the last days."`
}

// TopicMatch is a post of a topic, with the words that tell so.
type TopicMatch struct {
	Post       PostHit `json:"post"`
	CaseID     string  `json:"case_id,omitempty" doc:"The case of its event, where the caller sees the post through it."`
	Score      float64 `json:"score" minimum:"0" maximum:"1" doc:"What its learned words weigh."`
	Keywords   []Word  `json:"keywords" doc:"Keywords in the body."`
	Words      []Word  `json:"words" doc:"Learned words in the body."`
	Exclusions []Word  `json:"exclusions" doc:"Excluded words in the body."`
}

// TopicPosts is what a topic catches.
type TopicPosts struct {
	Since    string       `json:"since" format:"date-time" doc:"Posts published from here on were looked for."`
	Matched  int          `json:"matched" doc:"Posts that belong to the topic."`
	Excluded int          `json:"excluded" doc:"Posts that only an excluded word keeps out."`
	Examined int          `json:"examined" doc:"Posts with a word of the topic that were looked at."`
	Capped   bool         `json:"capped" doc:"There are older posts, or posts of older cases, that were not looked at."`
	OwnCases bool         `json:"own_cases" doc:"Only posts of the caller's own cases were looked at."`
	Days     []Bar        `json:"days" doc:"Posts of the topic by day, without empty days, in China Standard Time."`
	Matches  []TopicMatch `json:"matches" doc:"Newest first, at most 50."`
	LeftOut  []TopicMatch `json:"left_out" doc:"Of those kept out by an excluded word, newest first, at most 10."`
	Words    []TopicWord  `json:"words" doc:"The learned words, heaviest first."`
}

type topicPostsOutput struct{ Body TopicPosts }

func (s *server) previewUnitTopic(ctx context.Context, c caller, in *previewInput) (*topicPostsOutput, error) {
	var kept opinion.UnitTopic
	if in.Body.Topic != "" {
		var err error
		if kept, err = s.store.UnitTopic(ctx, c.Actor, in.Body.Topic); err != nil {
			return nil, err
		}
	}
	t, err := s.compose(ctx, c, in.Body.TopicDraft, kept)
	if err != nil {
		return nil, err
	}
	return s.catch(ctx, c, t, in.Body.Days)
}

func (s *server) unitTopicPosts(ctx context.Context, c caller, in *topicPostsInput) (*topicPostsOutput, error) {
	t, err := s.store.UnitTopic(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.catch(ctx, c, t, in.Days)
}

// catch looks through the stored posts.
func (s *server) catch(ctx context.Context, c caller, t opinion.UnitTopic, days int) (*topicPostsOutput, error) {
	since := opinion.HistogramStart("day", s.now().AddDate(0, 0, 1-days))
	out := TopicPosts{
		Since: since.UTC().Format(barTime), Days: []Bar{}, Matches: []TopicMatch{}, LeftOut: []TopicMatch{},
		Words: views(t.Words, viewTopicWord), OwnCases: !c.MaySearch(),
	}
	rule := watch.Compile(t)
	query := rule.Query()
	if query == nil {
		return &topicPostsOutput{out}, nil
	}
	nodes := []opinion.Node{query, opinion.Dates{From: since}}
	var cases map[string]string
	if out.OwnCases {
		own, capped, err := s.ownEvents(ctx, c.Actor)
		if err != nil || len(own) == 0 {
			return &topicPostsOutput{out}, err
		}
		cases, out.Capped = own, capped
		nodes = append(nodes, anyEvent(own))
	}
	catch := catcher{rule: rule, cases: cases, out: &out, days: map[time.Time]int{}}
	if err := s.candidates(ctx, opinion.Query{Root: opinion.And{Nodes: nodes}}, &catch); err != nil {
		return nil, err
	}
	out.Days = catch.bars()
	return &topicPostsOutput{out}, nil
}

// ownEvents are the events of the newest cases that a unit leads or helps with, with the
// cases.
func (s *server) ownEvents(ctx context.Context, a opinion.Actor) (events map[string]string, capped bool, err error) {
	page, err := s.store.Cases(ctx, a, opinion.CaseQuery{Limit: maxOwnCases})
	if err != nil {
		return nil, false, err
	}
	events = map[string]string{}
	for _, c := range page.Cases {
		events[c.EventID] = c.ID
	}
	return events, page.Next != "", nil
}

func anyEvent(events map[string]string) opinion.Node {
	var nodes []opinion.Node
	for id := range events {
		nodes = append(nodes, opinion.Match{Field: opinion.FieldEvent, Value: id})
	}
	if len(nodes) == 1 {
		return nodes[0]
	}
	return opinion.Or{Nodes: nodes}
}

// candidates walks through what the query finds, newest first, up to maxCandidates.
func (s *server) candidates(ctx context.Context, q opinion.Query, catch *catcher) error {
	search := opinion.Search{Query: q, Sort: opinion.SortTime, Limit: opinion.MaxHits}
	for {
		r, err := s.index.Search(ctx, search)
		if err != nil {
			return err
		}
		for _, h := range r.Hits {
			catch.take(h)
		}
		if r.Next == "" {
			return nil
		}
		if catch.out.Examined >= maxCandidates {
			catch.out.Capped = true
			return nil
		}
		search.After = r.Next
	}
}

// catcher judges posts and counts them.
type catcher struct {
	rule  *watch.Rule
	cases map[string]string // by event, for a unit
	out   *TopicPosts
	days  map[time.Time]int
}

func (c *catcher) take(h opinion.Hit) {
	c.out.Examined++
	m := c.rule.Match(h.Post.Body())
	switch {
	case m.Belongs:
		c.out.Matched++
		c.days[opinion.HistogramStart("day", h.Post.PublishedAt)]++
		if len(c.out.Matches) < shownMatches {
			c.out.Matches = append(c.out.Matches, c.view(h, m))
		}
	case m.Excluded:
		c.out.Excluded++
		if len(c.out.LeftOut) < shownExcluded {
			c.out.LeftOut = append(c.out.LeftOut, c.view(h, m))
		}
	}
}

func (c *catcher) view(h opinion.Hit, m watch.Match) TopicMatch {
	h.Highlights = nil
	return TopicMatch{
		Post: viewHit(h), CaseID: c.cases[h.EventID], Score: m.Score,
		Keywords: views(m.Keywords, viewWord), Words: views(m.Words, viewWord), Exclusions: views(m.Exclusions, viewWord),
	}
}

func (c *catcher) bars() []Bar {
	starts := make([]time.Time, 0, len(c.days))
	for at := range c.days {
		starts = append(starts, at)
	}
	slices.SortFunc(starts, time.Time.Compare)
	return views(starts, func(at time.Time) Bar { return viewBar(opinion.Bucket{Start: at, Count: c.days[at]}) })
}

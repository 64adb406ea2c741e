package console

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

type eventsInput struct {
	Sort  string `query:"sort" enum:"heat,level,last" default:"heat" doc:"Hottest first, gravest first, or latest post first."`
	Topic string `query:"topic" maxLength:"200"`
	Level string `query:"level" enum:"I,II,III,IV"`
	Case  string `query:"case" enum:"any,open" doc:"Keep to events with a case, or with one that is not closed."`
	Q     string `query:"q" maxLength:"100" doc:"Keep to events whose name holds this text."`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
	After string `query:"after" maxLength:"1024" doc:"next of the page before; belongs to the same filters and order."`
}

// EventList is a page of events.
type EventList struct {
	Total  int        `json:"total" doc:"Events that match, on all pages."`
	Events []EventRow `json:"events"`
	Next   string     `json:"next,omitempty"`
	// Capped tells that events are missing for which there are too many cases.
	Capped      bool    `json:"capped" doc:"Only the events of the newest 20,000 cases were looked at."`
	EmptyReason Nothing `json:"empty_reason,omitempty" enum:"no_match,unavailable,no_source,no_post,in_flight,dead_lettered" doc:"Why there are no events."`
}

// EventRow is an event in a list.
type EventRow struct {
	Event
	Case *CaseBrief `json:"case,omitempty"`
}

// CaseBrief is what a list of events tells of a case.
type CaseBrief struct {
	ID       string            `json:"id"`
	Number   string            `json:"number"`
	State    opinion.CaseState `json:"state" enum:"to_sign,handling,review,closed"`
	LeadUnit string            `json:"lead_unit"`
}

func viewBrief(c opinion.Case) CaseBrief { return CaseBrief{c.ID, c.Number, c.State, c.LeadUnit} }

type eventsOutput struct{ Body EventList }

func (s *server) registerEvents(api huma.API) {
	add(s, api, forReaders, huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: "/api/v1/events", Tags: []string{"events"},
		Summary:     "List events",
		Description: "Heat fades while time passes, but keeps its order: pages by heat are stable as long as no post comes.",
		Errors:      []int{400, 401, 403, 422, 503},
	}, s.events)
	add(s, api, forReaders, huma.Operation{
		OperationID: "get-event", Method: http.MethodGet, Path: "/api/v1/events/{id}", Tags: []string{"events"},
		Summary:     "Read an event: its level and why, key posts, timeline, spread, places and case",
		Description: "The address of an event that became part of another one answers with that one, whose id tells.",
		Errors:      []int{401, 403, 404, 422, 503},
	}, s.event)
}

func (s *server) events(ctx context.Context, c caller, in *eventsInput) (*eventsOutput, error) {
	q := opinion.EventSearch{Sort: opinion.EventSort(in.Sort), Topic: in.Topic, Level: opinion.Level(in.Level), Name: in.Q, Limit: in.Limit, After: in.After}
	var out EventList
	if in.Case != "" {
		ids, err := s.store.CaseEvents(ctx, c.Actor, in.Case == "open", opinion.MaxEventIDs)
		if err != nil {
			return nil, err
		}
		q.IDs, out.Capped = list(ids), len(ids) == opinion.MaxEventIDs
	}
	page, err := s.index.SearchEvents(ctx, q)
	if err != nil {
		return nil, err
	}
	cases, err := s.casesOf(ctx, c.Actor, page.Events)
	if err != nil {
		return nil, err
	}
	now := s.now()
	out.Total, out.Next = page.Total, page.Next
	out.Events = views(page.Events, func(e opinion.Event) EventRow { return EventRow{viewEvent(e, now), cases[e.ID]} })
	if page.Total == 0 {
		if out.EmptyReason, err = s.whyNoEvents(ctx); err != nil {
			return nil, err
		}
	}
	return &eventsOutput{out}, nil
}

// whyNoEvents tells filters that match nothing from a product without events.
func (s *server) whyNoEvents(ctx context.Context) (Nothing, error) {
	all, err := s.index.SearchEvents(ctx, opinion.EventSearch{Limit: 1})
	if err != nil || all.Total > 0 {
		return NothingMatches, err
	}
	return s.whyNothing(ctx, opinion.Query{}), nil
}

// casesOf returns the cases of events by event.
func (s *server) casesOf(ctx context.Context, a opinion.Actor, events []opinion.Event) (map[string]*CaseBrief, error) {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	cases, err := s.store.CasesOfEvents(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*CaseBrief{}
	for _, c := range cases {
		v := viewBrief(c)
		out[c.EventID] = &v
	}
	return out, nil
}

// maxMembers bounds the posts of an event that are shown with it.
const maxMembers = 100

func (s *server) event(ctx context.Context, c caller, in *idInput) (*eventOutput, error) {
	e, err := s.livingEvent(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	units := timelineUnit(e)
	members, err := s.index.Search(ctx, opinion.Search{
		EventID: e.ID, Limit: maxMembers, Histogram: units, Facets: []string{opinion.FacetSource, opinion.FacetStreet},
	})
	if err != nil {
		return nil, err
	}
	view := func(c opinion.Count) Count { return Count(c) }
	out := EventDetail{
		Event: viewEvent(e, s.now()), Members: views(members.Hits, viewHit), MemberCount: members.Total,
		SourceCounts: views(members.Facets[opinion.FacetSource], view), Streets: views(members.Facets[opinion.FacetStreet], view),
		Places: placesOf(members.Hits),
	}
	if out.KeyPosts, err = s.keyPosts(ctx, e); err != nil {
		return nil, err
	}
	if out.Edits, err = s.editsOf(ctx, c, e.ID); err != nil {
		return nil, err
	}
	if out.MergedCases, err = s.mergedCases(ctx, c, e.ID, out.Edits); err != nil {
		return nil, err
	}
	found, err := s.store.CaseOfEvent(ctx, c.Actor, e.ID)
	switch {
	case err == nil:
		v := viewSummary(found, s.now())
		out.Case = &v
	case opinion.CodeOf(err) != opinion.CodeNotFound:
		return nil, err
	}
	out.Timeline = timeline(units, members.Histogram, marksOf(e, found))
	return &eventOutput{out}, nil
}

// keyPosts reads the posts that tell most of an event. One that retention has dropped, or
// that is not searchable yet, is left out.
func (s *server) keyPosts(ctx context.Context, e opinion.Event) (k KeyPosts, err error) {
	if k.Gravest, err = s.keyPost(ctx, e.KeyPost); err != nil {
		return k, err
	}
	if k.Earliest, err = s.keyPost(ctx, e.FirstPost); err != nil {
		return k, err
	}
	k.Liked, err = s.keyPost(ctx, e.LikedPost)
	return k, err
}

func (s *server) keyPost(ctx context.Context, id string) (*PostHit, error) {
	if id == "" {
		return nil, nil
	}
	h, err := s.index.Get(ctx, id)
	if opinion.CodeOf(err) == opinion.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := viewHit(h)
	return &v, nil
}

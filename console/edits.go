package console

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// EditFunc puts a correction of events on the log. When it returns an error, the correction
// may be there all the same; making it again is harmless.
type EditFunc func(ctx context.Context, e opinion.Edit) error

type mergeInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"200" doc:"The event that becomes part of the other one."`
	Body struct {
		Into   string `json:"into" minLength:"1" maxLength:"200" doc:"ID of the event that is left."`
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type splitInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"200"`
	Body struct {
		Posts  []string `json:"posts" minItems:"1" maxItems:"500" doc:"IDs of the posts that become an event of their own."`
		Reason string   `json:"reason" minLength:"1" maxLength:"500"`
	}
}

// EventEdit is a correction of events by hand.
type EventEdit struct {
	ID     string    `json:"id"`
	Op     string    `json:"op" enum:"merge,split"`
	From   string    `json:"from" doc:"The event that was corrected."`
	Into   string    `json:"into" doc:"The event that the posts are in afterwards."`
	Posts  int       `json:"posts" doc:"How many posts were split off; 0 of a merge."`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	State  string    `json:"state" enum:"done,pending,refused,failed" doc:"Whether the events show it, it is still on its way, the analyser refused it, or it could not be sent. A merge that was refused stays pending; the dead letters tell why."`
}

type editOutput struct{ Body EventEdit }

// maxSplitBody fits the longest list of posts.
const maxSplitBody = 128 << 10

func (s *server) registerEdits(api huma.API) {
	describe := "It is written in the ledger and published; the events show it once the analyser has taken it in (see edits of the event)."
	add(s, api, forStaff, huma.Operation{
		OperationID: "merge-event", Method: http.MethodPost, Path: "/api/v1/events/{id}/merge", Tags: []string{"events"}, DefaultStatus: http.StatusAccepted,
		Summary: "Make an event part of another", Description: describe, Errors: []int{400, 401, 403, 404, 409, 422, 503},
	}, s.merge)
	add(s, api, forStaff, huma.Operation{
		OperationID: "split-event", Method: http.MethodPost, Path: "/api/v1/events/{id}/split", Tags: []string{"events"}, DefaultStatus: http.StatusAccepted,
		Summary: "Split posts off an event", Description: describe, MaxBodyBytes: maxSplitBody, Errors: []int{400, 401, 403, 404, 409, 422, 503},
	}, s.split)
}

func (s *server) merge(ctx context.Context, c caller, in *mergeInput) (*editOutput, error) {
	if in.Body.Into == in.ID {
		return nil, problem(ctx, opinion.CodeInvalid, "merge_self")
	}
	from, err := s.living(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if from.Posts > opinion.MaxMergePosts {
		return nil, problem(ctx, opinion.CodeInvalid, "merge_large", "posts", strconv.Itoa(from.Posts), "most", strconv.Itoa(opinion.MaxMergePosts))
	}
	if _, err := s.living(ctx, in.Body.Into); err != nil {
		return nil, err
	}
	return s.edit(ctx, c, opinion.Edit{Op: opinion.EditMerge, From: in.ID, Into: in.Body.Into, Reason: in.Body.Reason})
}

func (s *server) split(ctx context.Context, c caller, in *splitInput) (*editOutput, error) {
	if _, err := s.living(ctx, in.ID); err != nil {
		return nil, err
	}
	posts := slices.Compact(slices.Sorted(slices.Values(in.Body.Posts)))
	linked, err := s.index.Linked(ctx, posts)
	if err != nil {
		return nil, err
	}
	for _, id := range posts {
		if linked[id] != in.ID {
			return nil, problem(ctx, opinion.CodeConflict, "not_of_event")
		}
	}
	left, err := s.index.Search(ctx, opinion.Search{EventID: in.ID, Limit: 1})
	if err != nil {
		return nil, err
	}
	if left.Total <= len(posts) {
		return nil, problem(ctx, opinion.CodeInvalid, "split_all")
	}
	return s.edit(ctx, c, opinion.Edit{Op: opinion.EditSplit, From: in.ID, Posts: posts, Reason: in.Body.Reason})
}

// living reads an event, and refuses one that is not there or has become part of another.
func (s *server) living(ctx context.Context, id string) (opinion.Event, error) {
	e, err := s.index.Event(ctx, id)
	if err == nil && e.MergedInto != "" {
		err = problem(ctx, opinion.CodeConflict, "event_merged", "into", e.MergedInto)
	}
	return e, err
}

// edit notes a correction in the ledger and publishes it.
func (s *server) edit(ctx context.Context, c caller, e opinion.Edit) (*editOutput, error) {
	if s.cfg.Edit == nil {
		return nil, problem(ctx, opinion.CodeUnavailable, "unavailable")
	}
	e.ID, e.By, e.At, e.Reason = strings.ToLower(rand.Text()), c.Name, s.now().UTC(), strings.TrimSpace(e.Reason)
	if e.Reason == "" {
		return nil, problem(ctx, opinion.CodeInvalid, "reason_required")
	}
	if err := s.store.NoteEdit(ctx, c.Actor, e); err != nil {
		return nil, err
	}
	if err := s.cfg.Edit(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "could not publish a correction of events", "edit_id", e.ID, "event_id", e.From, "error", err)
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if err := s.store.NoteEditFailed(late, c.Actor, e, s.now().UTC()); err != nil {
			s.log.ErrorContext(ctx, "could not note it in the ledger", "edit_id", e.ID, "error", err)
		}
		return nil, problem(ctx, opinion.CodeUnavailable, "unavailable")
	}
	s.metrics.edits.WithLabelValues(e.Op).Inc()
	return &editOutput{EventEdit{e.ID, e.Op, e.From, e.EventID(), len(e.Posts), e.By, e.Reason, e.At, editPending}}, nil
}

// The states of an edit.
const (
	editDone    = "done"
	editPending = "pending"
	editRefused = "refused"
	editFailed  = "failed"
)

// shownEdits bounds the corrections that are shown with an event: the latest.
const shownEdits = 20

// editsOf lists the corrections of an event, the latest first, from the ledger.
func (s *server) editsOf(ctx context.Context, c caller, eventID string) ([]EventEdit, error) {
	entries, err := s.store.Ledger(ctx, c.Actor, "event:"+eventID, 0, 0)
	if err != nil {
		return nil, err
	}
	failed := map[string]bool{}
	edits := []EventEdit{}
	for _, entry := range slices.Backward(entries) {
		var d opinion.EditDetail
		if err := json.Unmarshal([]byte(entry.Detail), &d); err != nil {
			continue // an entry of another kind
		}
		op, ok := strings.CutPrefix(entry.Action, "event.")
		switch {
		case op == "edit_failed":
			failed[d.ID] = true
		case ok && len(edits) < shownEdits:
			edits = append(edits, EventEdit{d.ID, op, d.From, d.Into, len(d.Posts), entry.Actor, d.Reason, entry.At, editPending})
		}
	}
	for i := range edits {
		if edits[i].State, err = s.stateOf(ctx, edits[i], failed[edits[i].ID]); err != nil {
			return nil, err
		}
	}
	return edits, nil
}

// stateOf looks in the index whether a correction has been taken in. In the place of the event
// of a refused split stands one that is part of the other and never had a post.
func (s *server) stateOf(ctx context.Context, e EventEdit, failed bool) (string, error) {
	shows := e.Into
	if e.Op == opinion.EditMerge {
		shows = e.From
	}
	found, err := s.index.Event(ctx, shows)
	if err != nil && opinion.CodeOf(err) != opinion.CodeNotFound {
		return "", err
	}
	known := err == nil
	merged := known && found.MergedInto != ""
	if known && !merged && e.Op == opinion.EditMerge {
		if merged, err = s.leadsTo(ctx, e.Into, found.ID); err != nil {
			return "", err
		}
	}
	switch {
	case e.Op == opinion.EditSplit && merged && found.KeyPost == "":
		return editRefused, nil
	case merged, known && e.Op == opinion.EditSplit:
		return editDone, nil
	case failed:
		return editFailed, nil
	default:
		return editPending, nil
	}
}

// leadsTo reports whether an event has become part of the other: two people may have merged them
// in opposite directions, and then both corrections are in effect.
func (s *server) leadsTo(ctx context.Context, id, other string) (bool, error) {
	living, err := s.livingEvent(ctx, id)
	if opinion.CodeOf(err) == opinion.CodeNotFound {
		return false, nil
	}
	return err == nil && living.ID == other, err
}

// maxAliases bounds how often an event's address is followed to the event that it became part
// of.
const maxAliases = 16

// livingEvent reads an event, or the one that it has become part of.
func (s *server) livingEvent(ctx context.Context, id string) (opinion.Event, error) {
	for range maxAliases {
		e, err := s.index.Event(ctx, id)
		if err != nil || e.MergedInto == "" {
			return e, err
		}
		id = e.MergedInto
	}
	return opinion.Event{}, opinion.Errorf(opinion.CodeNotFound, "event %s became part of another more than %s times over", id, strconv.Itoa(maxAliases))
}

// maxAbsorbed bounds the events whose cases are shown with the event that they became part of.
const maxAbsorbed = 50

// mergedCases are the cases of the events that became part of this one, directly or over
// another that did.
func (s *server) mergedCases(ctx context.Context, c caller, eventID string, edits []EventEdit) ([]CaseBrief, error) {
	ids := absorbed(nil, eventID, edits)
	for i := 0; i < len(ids) && len(ids) < maxAbsorbed; i++ {
		more, err := s.editsOf(ctx, c, ids[i])
		if err != nil {
			return nil, err
		}
		ids = absorbed(ids, eventID, more)
	}
	cases, err := s.store.CasesOfEvents(ctx, c.Actor, ids)
	return views(cases, viewBrief), err
}

// absorbed adds the events that merges made part of others, without the one that is left.
func absorbed(ids []string, left string, edits []EventEdit) []string {
	for _, e := range edits {
		if e.Op == opinion.EditMerge && e.State == editDone && e.From != left && !slices.Contains(ids, e.From) {
			ids = append(ids, e.From)
		}
	}
	return ids
}

package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/console/watch"
	"github.com/huiying/huiying/opinion"
)

// Texts is what the console needs to know of texts and does not do itself.
type Texts struct {
	// Cut cuts a text into words, as the index does. It learns the words of a unit's topic.
	Cut func(text string) []string
	// Mask takes personal data out of a text that somebody typed, as ingest does.
	Mask func(text string) string
}

// TopicExample is the text of a post that belongs to a topic.
type TopicExample struct {
	PostID string `json:"post_id,omitempty" maxLength:"200" doc:"Take the text of this post, which the caller may see; text is passed over."`
	Text   string `json:"text,omitempty" maxLength:"5000" doc:"Personal data is masked before anything else."`
}

// TopicDraft is what a person writes of a unit's topic.
type TopicDraft struct {
	Keywords   []string       `json:"keywords" maxItems:"50" doc:"A post with one of them belongs to the topic. Where one has blanks, all its parts must stand in the post."`
	Exclusions []string       `json:"exclusions" maxItems:"50" doc:"A post with one of them does not."`
	Examples   []TopicExample `json:"examples" maxItems:"20" doc:"Posts that belong to it; words that tell them are learned."`
	Threshold  float64        `json:"threshold" minimum:"0.1" maximum:"1" doc:"A post belongs to the topic when its words weigh this share of an average example."`
}

// TopicWord is a learned word with its weight.
type TopicWord struct {
	Word   string  `json:"word"`
	Weight float64 `json:"weight" doc:"The words of an average example weigh 1 together."`
}

// UnitTopic is a topic that a unit keeps for itself.
type UnitTopic struct {
	ID   string `json:"id"`
	Unit string `json:"unit" doc:"Unit ID."`
	Name string `json:"name"`
	TopicDraft
	Words     []TopicWord `json:"words" doc:"Learned from the examples when it was saved, heaviest first."`
	Active    bool        `json:"active"`
	CreatedBy string      `json:"created_by"`
	CreatedAt time.Time   `json:"created_at"`
	UpdatedBy string      `json:"updated_by"`
	UpdatedAt time.Time   `json:"updated_at"`
	Revision  int         `json:"revision"`
	MayChange bool        `json:"may_change" doc:"Whether the caller may change it."`
}

func viewUnitTopic(a opinion.Actor, t opinion.UnitTopic) UnitTopic {
	return UnitTopic{
		ID: t.ID, Unit: t.Unit, Name: t.Name, Words: views(t.Words, viewTopicWord), Active: t.Active,
		TopicDraft: TopicDraft{
			Keywords: list(t.Keywords), Exclusions: list(t.Exclusions), Threshold: t.Threshold,
			Examples: views(t.Examples, func(e opinion.TopicExample) TopicExample { return TopicExample{e.PostID, e.Text} }),
		},
		CreatedBy: t.CreatedBy, CreatedAt: t.CreatedAt, UpdatedBy: t.UpdatedBy, UpdatedAt: t.UpdatedAt, Revision: t.Revision,
		MayChange: a.MayKeepTopics(t.Unit),
	}
}

func viewTopicWord(w opinion.TopicWord) TopicWord { return TopicWord{w.Word, w.Weight} }

// UnitTopicList is a list of topics, active ones first, then the last changed first. Their
// examples come without texts.
type UnitTopicList struct {
	Topics []UnitTopic `json:"topics"`
}

type unitTopicsInput struct {
	Unit string `query:"unit" maxLength:"200" doc:"Unit ID. Empty: all units; for a unit, its own."`
}

type unitTopicsOutput struct{ Body UnitTopicList }

type unitTopicOutput struct{ Body UnitTopic }

type addTopicInput struct {
	Body struct {
		Unit string `json:"unit" minLength:"1" maxLength:"200" doc:"Unit ID; for a unit, its own."`
		Name string `json:"name" minLength:"1" maxLength:"40"`
		TopicDraft
	}
}

type changeTopicInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"200"`
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"40"`
		Active   bool   `json:"active"`
		Revision int    `json:"revision" minimum:"1" doc:"The revision that the person saw."`
		TopicDraft
	}
}

// maxTopicBody fits twenty examples of the longest text with every character escaped.
const maxTopicBody = 1 << 20

func (s *server) registerUnitTopics(api huma.API) {
	tags := []string{"unit topics"}
	add(s, api, forCases, huma.Operation{
		OperationID: "list-unit-topics", Method: http.MethodGet, Path: "/api/v1/unit-topics", Tags: tags,
		Summary: "List the topics that units keep for themselves", Description: "A unit sees its own. Their examples come without texts.",
		Errors: []int{400, 401, 403, 422, 503},
	}, s.unitTopics)
	add(s, api, forActors, huma.Operation{
		OperationID: "add-unit-topic", Method: http.MethodPost, Path: "/api/v1/unit-topics", Tags: tags,
		Summary: "Keep a topic", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxTopicBody,
		Errors: []int{400, 401, 403, 404, 409, 422, 503},
	}, s.addUnitTopic)
	add(s, api, forCases, huma.Operation{
		OperationID: "get-unit-topic", Method: http.MethodGet, Path: "/api/v1/unit-topics/{id}", Tags: tags,
		Summary: "Read a topic", Errors: []int{401, 403, 404, 422, 503},
	}, s.unitTopic)
	add(s, api, forActors, huma.Operation{
		OperationID: "change-unit-topic", Method: http.MethodPost, Path: "/api/v1/unit-topics/{id}", Tags: tags,
		Summary: "Change a topic, or put it aside", MaxBodyBytes: maxTopicBody,
		Errors: []int{400, 401, 403, 404, 409, 422, 503},
	}, s.changeUnitTopic)
	add(s, api, forActors, huma.Operation{
		OperationID: "preview-unit-topic", Method: http.MethodPost, Path: "/api/v1/unit-topic-preview", Tags: tags,
		Summary: "Show what a topic would have caught", Description: "Nothing is saved. " + whoseTopicPosts,
		MaxBodyBytes: maxTopicBody, Errors: []int{400, 401, 403, 404, 422, 503},
	}, s.previewUnitTopic)
	add(s, api, forCases, huma.Operation{
		OperationID: "list-unit-topic-posts", Method: http.MethodGet, Path: "/api/v1/unit-topics/{id}/posts", Tags: tags,
		Summary: "List the posts of a topic, newest first", Description: whoseTopicPosts,
		Errors: []int{401, 403, 404, 422, 503},
	}, s.unitTopicPosts)
}

func (s *server) unitTopics(ctx context.Context, c caller, in *unitTopicsInput) (*unitTopicsOutput, error) {
	unit := in.Unit
	if unit == "" && c.Role == opinion.RoleUnit {
		unit = c.Unit
	}
	all, err := s.store.UnitTopics(ctx, c.Actor, unit)
	if err != nil {
		return nil, err
	}
	return &unitTopicsOutput{UnitTopicList{views(all, func(t opinion.UnitTopic) UnitTopic { return viewUnitTopic(c.Actor, t) })}}, nil
}

func (s *server) unitTopic(ctx context.Context, c caller, in *idInput) (*unitTopicOutput, error) {
	t, err := s.store.UnitTopic(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &unitTopicOutput{viewUnitTopic(c.Actor, t)}, nil
}

func (s *server) addUnitTopic(ctx context.Context, c caller, in *addTopicInput) (*unitTopicOutput, error) {
	if err := s.responsible(ctx, in.Body.Unit); err != nil {
		return nil, err
	}
	if !c.MayKeepTopics(in.Body.Unit) {
		return nil, problem(ctx, opinion.CodeForbidden, "forbidden")
	}
	t, err := s.compose(ctx, c, in.Body.TopicDraft, opinion.UnitTopic{})
	if err != nil {
		return nil, err
	}
	t.Unit, t.Name, t.Active = in.Body.Unit, strings.TrimSpace(in.Body.Name), true
	if t, err = s.store.AddUnitTopic(ctx, c.Actor, t, s.now()); err != nil {
		return nil, err
	}
	return &unitTopicOutput{viewUnitTopic(c.Actor, t)}, nil
}

func (s *server) changeUnitTopic(ctx context.Context, c caller, in *changeTopicInput) (*unitTopicOutput, error) {
	old, err := s.store.UnitTopic(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	t, err := s.compose(ctx, c, in.Body.TopicDraft, old)
	if err != nil {
		return nil, err
	}
	t.ID, t.Name, t.Active, t.Revision = in.ID, strings.TrimSpace(in.Body.Name), in.Body.Active, in.Body.Revision
	if t, err = s.store.ChangeUnitTopic(ctx, c.Actor, t, s.now()); err != nil {
		return nil, err
	}
	return &unitTopicOutput{viewUnitTopic(c.Actor, t)}, nil
}

// responsible refuses a unit that the policy does not know, and a set of units.
func (s *server) responsible(ctx context.Context, id string) error {
	if !s.policy.Answers(id) {
		return problem(ctx, opinion.CodeInvalid, "unknown_unit", "field", "unit", "unit", id)
	}
	return nil
}

// compose makes a topic of a draft: it finds and masks the examples and learns their words.
// Of the examples that the topic kept has already the caller need not see the posts; while
// they are the same, there is nothing to learn anew, and the words stay as they are.
func (s *server) compose(ctx context.Context, c caller, d TopicDraft, kept opinion.UnitTopic) (opinion.UnitTopic, error) {
	t := opinion.UnitTopic{Keywords: tidyWords(d.Keywords), Exclusions: tidyWords(d.Exclusions), Threshold: d.Threshold}
	var bodies []string
	for _, e := range d.Examples {
		example, err := s.example(ctx, c, e, kept.Examples)
		if err != nil {
			return t, err
		}
		if example.Text == "" || slices.Contains(bodies, example.Text) {
			continue
		}
		t.Examples, bodies = append(t.Examples, example), append(bodies, example.Text)
	}
	if slices.Equal(t.Examples, kept.Examples) {
		t.Words = kept.Words
		return t, nil
	}
	if len(bodies) == 0 {
		return t, nil
	}
	background, err := s.background(ctx)
	if err != nil {
		return t, err
	}
	t.Words = watch.Learn(bodies, background, s.texts.Cut)
	return t, nil
}

// tidyWords drops blanks around words, empty ones and those that come twice.
func tidyWords(in []string) (out []string) {
	for _, w := range in {
		if w = strings.Join(strings.Fields(w), " "); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func (s *server) example(ctx context.Context, c caller, e TopicExample, known []opinion.TopicExample) (opinion.TopicExample, error) {
	if e.PostID == "" {
		return opinion.TopicExample{Text: strings.TrimSpace(s.texts.Mask(e.Text))}, nil
	}
	if i := slices.IndexFunc(known, func(k opinion.TopicExample) bool { return k.PostID == e.PostID }); i >= 0 {
		return known[i], nil
	}
	h, err := s.index.Get(ctx, e.PostID)
	if err != nil {
		return opinion.TopicExample{}, err
	}
	if !c.MaySearch() { // the post must be one of the unit's own cases; this says so or not found
		if _, err := s.store.CaseOfEvent(ctx, c.Actor, h.EventID); err != nil {
			return opinion.TopicExample{}, err
		}
	}
	body := []rune(h.Post.Body())
	return opinion.TopicExample{PostID: e.PostID, Text: string(body[:min(len(body), opinion.MaxTopicExampleText)])}, nil
}

// background is what the words of examples are compared with: the newest posts of all. Only
// how many of them hold a word is used, so that nothing of them is shown.
func (s *server) background(ctx context.Context) ([]string, error) {
	r, err := s.index.Search(ctx, opinion.Search{Limit: opinion.MaxHits})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(r.Hits))
	for i, h := range r.Hits {
		out[i] = h.Post.Body()
	}
	return out, nil
}

package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

const topicObject = "topic:"

// topicContent is what a topic says, as it is stored.
type topicContent struct {
	Keywords   []string               `json:"keywords"`
	Exclusions []string               `json:"exclusions"`
	Examples   []opinion.TopicExample `json:"examples"`
	Words      []opinion.TopicWord    `json:"words"`
	Threshold  float64                `json:"threshold"`
}

func contentOf(t opinion.UnitTopic) (string, error) {
	b, err := json.Marshal(topicContent{t.Keywords, t.Exclusions, t.Examples, t.Words, t.Threshold})
	return string(b), err
}

// checkTopic checks what comes with every change of a topic.
func checkTopic(a opinion.Actor, t opinion.UnitTopic, at time.Time) error {
	if !a.MayKeepTopics(t.Unit) {
		return opinion.Errorf(opinion.CodeForbidden, "the role %q does not keep the topics of that unit", a.Role)
	}
	return first(t.Check(), named("topic.unit", t.Unit), optional("topic.name", t.Name, maxName), instantOf("at", at))
}

// AddUnitTopic implements opinion.Store.
func (s *Store) AddUnitTopic(ctx context.Context, a opinion.Actor, t opinion.UnitTopic, at time.Time) (opinion.UnitTopic, error) {
	if err := checkTopic(a, t, at); err != nil {
		return opinion.UnitTopic{}, err
	}
	content, err := contentOf(t)
	if err != nil {
		return opinion.UnitTopic{}, fmt.Errorf("encode topic: %w", err)
	}
	t.CreatedBy, t.CreatedAt, t.UpdatedBy, t.UpdatedAt, t.Revision = a.Name, at.UTC(), a.Name, at.UTC(), 1
	err = s.change(ctx, "add topic", func(x *tx) error {
		// The number is taken first: its row makes those wait who add at the same time, so that
		// the count below is right.
		n, err := x.next(ctx, "topic", 1)
		if err != nil {
			return err
		}
		var have int
		if err := x.QueryRowContext(ctx, "SELECT count(*) FROM unit_topics WHERE unit = $1", t.Unit).Scan(&have); err != nil {
			return err
		}
		if have >= opinion.MaxUnitTopics {
			return opinion.Errorf(opinion.CodeConflict, "the unit has %d topics, the most that it may have: change one that is no longer needed", have)
		}
		t.ID = fmt.Sprintf("ut-%d", n)
		if _, err := x.exec(ctx, `INSERT INTO unit_topics (id, unit, name, content, active, created_by, created_at, updated_by, updated_at, revision)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
			t.ID, t.Unit, t.Name, content, flag(t.Active), t.CreatedBy, stamp(at), t.UpdatedBy, stamp(at), t.Revision); err != nil {
			return err
		}
		return x.note(at, a, "topic.add", topicObject+t.ID, topicDetail(t))
	})
	if err != nil {
		return opinion.UnitTopic{}, err
	}
	return t, nil
}

// ChangeUnitTopic implements opinion.Store.
func (s *Store) ChangeUnitTopic(ctx context.Context, a opinion.Actor, t opinion.UnitTopic, at time.Time) (opinion.UnitTopic, error) {
	old, err := s.UnitTopic(ctx, a, t.ID)
	if err != nil {
		return opinion.UnitTopic{}, err
	}
	seen := t.Revision
	t.Unit, t.CreatedBy, t.CreatedAt = old.Unit, old.CreatedBy, old.CreatedAt
	t.UpdatedBy, t.UpdatedAt, t.Revision = a.Name, at.UTC(), seen+1
	if err := checkTopic(a, t, at); err != nil {
		return opinion.UnitTopic{}, err
	}
	content, err := contentOf(t)
	if err != nil {
		return opinion.UnitTopic{}, fmt.Errorf("encode topic: %w", err)
	}
	err = s.change(ctx, "change topic", func(x *tx) error {
		n, err := x.exec(ctx, `UPDATE unit_topics SET name = $3, content = $4, active = $5, updated_by = $6, updated_at = $7, revision = $8
			WHERE id = $1 AND revision = $2`, t.ID, seen, t.Name, content, flag(t.Active), t.UpdatedBy, stamp(at), t.Revision)
		if err != nil {
			return err
		}
		if n == 0 {
			return opinion.Errorf(opinion.CodeConflict, "somebody else has changed the topic: read it again")
		}
		return x.note(at, a, "topic.change", topicObject+t.ID, topicDetail(t))
	})
	if err != nil {
		return opinion.UnitTopic{}, err
	}
	return t, nil
}

// topicDetail is what the ledger says of a topic; its texts stay out of it.
func topicDetail(t opinion.UnitTopic) map[string]any {
	return map[string]any{"unit": t.Unit, "revision": t.Revision, "active": t.Active, "threshold": t.Threshold,
		"keywords": t.Keywords, "exclusions": t.Exclusions, "examples": len(t.Examples)}
}

const topicColumns = "id, unit, name, content, active, created_by, created_at, updated_by, updated_at, revision"

func scanTopic(scan func(...any) error) (opinion.UnitTopic, error) {
	var t opinion.UnitTopic
	var content string
	var active int
	var created, updated int64
	if err := scan(&t.ID, &t.Unit, &t.Name, &content, &active, &t.CreatedBy, &created, &t.UpdatedBy, &updated, &t.Revision); err != nil {
		return t, err
	}
	var c topicContent
	if err := json.Unmarshal([]byte(content), &c); err != nil {
		return t, fmt.Errorf("decode topic %s: %w", t.ID, err)
	}
	t.Keywords, t.Exclusions, t.Examples, t.Words, t.Threshold = c.Keywords, c.Exclusions, c.Examples, c.Words, c.Threshold
	t.Active, t.CreatedAt, t.UpdatedAt = active == 1, instant(created), instant(updated)
	return t, nil
}

// scanTopicBrief leaves the texts of the examples out.
func scanTopicBrief(scan func(...any) error) (opinion.UnitTopic, error) {
	t, err := scanTopic(scan)
	for i := range t.Examples {
		t.Examples[i].Text = ""
	}
	return t, err
}

// UnitTopic implements opinion.Store.
func (s *Store) UnitTopic(ctx context.Context, a opinion.Actor, id string) (opinion.UnitTopic, error) {
	missing := opinion.Errorf(opinion.CodeNotFound, "there is no topic %q", id)
	if !a.MaySeeTopics(a.Unit) {
		return opinion.UnitTopic{}, opinion.Errorf(opinion.CodeForbidden, "the role %q does not read topics of units", a.Role)
	}
	if named("topic.id", id) != nil {
		return opinion.UnitTopic{}, missing
	}
	t, err := scanTopic(s.db.Read.QueryRowContext(ctx, "SELECT "+topicColumns+" FROM unit_topics WHERE id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !a.MaySeeTopics(t.Unit) {
		return opinion.UnitTopic{}, missing
	}
	if err != nil {
		return opinion.UnitTopic{}, fmt.Errorf("read topic: %w", s.fault(ctx, err))
	}
	return t, nil
}

// UnitTopics implements opinion.Store.
func (s *Store) UnitTopics(ctx context.Context, a opinion.Actor, unit string) ([]opinion.UnitTopic, error) {
	if !a.MaySeeTopics(unit) {
		return nil, opinion.Errorf(opinion.CodeForbidden, "the role %q does not read the topics of that unit", a.Role)
	}
	if err := optional("unit", unit, maxName); err != nil {
		return nil, err
	}
	where, args := "", []any(nil)
	if unit != "" {
		where, args = " WHERE unit = $1", []any{unit}
	}
	list, err := queryAll(ctx, s.db.Read, scanTopicBrief, "SELECT "+topicColumns+" FROM unit_topics"+where+" ORDER BY active DESC, updated_at DESC, id", args...)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", s.fault(ctx, err))
	}
	return list, nil
}

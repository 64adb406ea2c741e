package eval

import (
	"context"
	"fmt"
	"slices"
)

type eventOut struct {
	ID    Text   `json:"id"`
	Event string `json:"event"`
}

// runEvents feeds the rows in order of publication; of rows with one time the first in the
// file comes first, and rows without a time come last.
func runEvents(ctx context.Context, m Models, in Input) (*Result, error) {
	seen := map[Text]int{}
	for _, r := range in.Rows {
		if other, ok := seen[r.ID]; ok {
			return nil, badLine(r.Line, fmt.Errorf("id %s is that of line %d already", r.ID, other))
		}
		seen[r.ID] = r.Line
	}
	rows := slices.Clone(in.Rows)
	slices.SortStableFunc(rows, func(a, b Row) int {
		if a.PublishedAt.IsZero() != b.PublishedAt.IsZero() {
			return int(b2f(a.PublishedAt.IsZero()) - b2f(b.PublishedAt.IsZero()))
		}
		return a.PublishedAt.Compare(b.PublishedAt)
	})
	for i := range rows {
		rows[i] = rows[i].blind()
	}
	events, err := m.Events(ctx, rows)
	if err != nil {
		return nil, err
	}
	if len(events) != len(rows) {
		return nil, fmt.Errorf("the event model named %d events for %d posts", len(events), len(rows))
	}
	of := make(map[Text]string, len(rows))
	for i, r := range rows {
		if events[i] == "" {
			return nil, badLine(r.Line, fmt.Errorf("post %s got no event", r.ID))
		}
		of[r.ID] = events[i]
	}
	c, err := BCubed(of, in.Gold, in.Lookalikes)
	if err != nil {
		return nil, err
	}
	r := &Result{Task: "events", Rows: len(in.Rows), Labelled: c.Judged, Events: &c}
	for _, row := range in.Rows {
		r.Predictions = append(r.Predictions, eventOut{row.ID, of[row.ID]})
	}
	r.Metrics = []Metric{
		{"b3_precision", c.Precision}, {"b3_recall", c.Recall}, {"b3_f1", c.F1}, {"lookalikes_joined", c.Joined},
		{"events", float64(c.Events)}, {"largest", float64(c.Largest)},
	}
	return r, nil
}

type burstOut struct {
	ID       Text     `json:"id,omitempty"`
	CalledAt *float64 `json:"called_at_s"`
}

func runBurst(ctx context.Context, m Models, in Input) (*Result, error) {
	r := &Result{Task: "burst", Rows: len(in.Rows), Labelled: len(in.Rows)}
	var cascades []Cascade
	for i := range in.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := &in.Rows[i]
		called := m.Burst(row.blind().withoutCounts())
		r.Predictions = append(r.Predictions, burstOut{row.ID, called})
		cascades = append(cascades, Cascade{row.PublishedAt, row.Reposts, row.RepostDelays, called})
	}
	w := Warn(cascades)
	r.Warning = &w
	r.Metrics = []Metric{{"called", w.Called}, {"lead_s_median", w.LeadMedian}, {"false_per_day", w.FalsePerDay}}
	return r, nil
}

type maskOut struct {
	ID    Text   `json:"id,omitempty"`
	Title string `json:"title,omitempty"`
	Text  string `json:"text"`
}

// runMask masks title and text, each by itself as ingest does. A secret that stands in
// either survives.
func runMask(ctx context.Context, m Models, in Input) (*Result, error) {
	r := &Result{Task: "mask", Rows: len(in.Rows)}
	var secrets [][]string
	var masked []Masked
	for _, row := range in.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		title, text := m.Mask(row.Title), m.Mask(row.Text)
		r.Predictions = append(r.Predictions, maskOut{row.ID, title.Text, text.Text})
		secrets = append(secrets, row.Secrets)
		masked = append(masked, both(title, text))
		r.Labelled += int(b2f(len(row.Secrets) > 0))
	}
	k := Mask(secrets, masked)
	r.Masking = &k
	r.Metrics = []Metric{{"recall", k.Recall}, {"false_per_1000", k.FalsePer1000}}
	return r, nil
}

// both joins title and text with a sign that no secret holds.
func both(title, text Masked) Masked {
	m := Masked{Text: title.Text + "\x00" + text.Text, Replaced: map[string]int{}}
	for _, part := range []Masked{title, text} {
		for kind, n := range part.Replaced {
			m.Replaced[kind] += n
		}
	}
	return m
}

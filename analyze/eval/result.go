package eval

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// Metric is one figure under its fixed name; NaN when it has no value.
type Metric struct {
	Name  string
	Value float64
}

// Result is what came of one task.
type Result struct {
	Task string
	// Rows is the number of rows that were predicted, Labelled of those that were measured.
	Rows, Labelled int
	Metrics        []Metric
	// Predictions has one value for each row, in the order of the file, to be written as JSON.
	Predictions []any

	// Parts, Events, Warning, Masking, Human and Explained are what the report shows, as far
	// as the task has it.
	Parts     []Part
	Events    *Clustering
	Warning   *Warning
	Masking   *Masking
	Human     []HumanAgreement
	Explained []Explained
}

// Metric returns the figure of a name.
func (r *Result) Metric(name string) (float64, bool) {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m.Value, true
		}
	}
	return 0, false
}

// MarshalJSON writes one flat object: task, rows, labelled, and the metrics in their order,
// null for one without a value.
func (r *Result) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	task, err := json.Marshal(r.Task)
	if err != nil {
		return nil, err
	}
	b.WriteString(`{"task":`)
	b.Write(task)
	b.WriteString(`,"rows":` + strconv.Itoa(r.Rows) + `,"labelled":` + strconv.Itoa(r.Labelled))
	for _, m := range r.Metrics {
		b.WriteString(`,"` + m.Name + `":`)
		if math.IsNaN(m.Value) {
			b.WriteString("null")
			continue
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Package file imports exports of other systems: CSV, XLSX and JSON Lines.
package file

import (
	"context"
	"io"

	"github.com/huiying/huiying/opinion"
)

// Intake is what the importer hands its rows to (ingest.Intake).
type Intake interface {
	// Accept returns one outcome for each row once the log has the accepted ones.
	Accept(ctx context.Context, rows []opinion.Raw, o opinion.IntakeOptions) ([]opinion.Outcome, error)
	// Redact makes a text fit to be written beside the file.
	Redact(s string) string
}

// Progress keeps the resume point of an import (part of opinion.Store).
type Progress interface {
	Progress(ctx context.Context, job string) (string, error)
	SetProgress(ctx context.Context, job, value string) error
}

// Options says how a file is read.
type Options struct {
	// Source names the posts' source. Default: derived from the file's name, see
	// SourceOf.
	Source string
	// Channel is that of every row. Default: ChannelWebMessage, or ChannelHotline for
	// a file whose columns are those of a 12345 export.
	Channel opinion.Channel
	// Map names columns by field: Map["text"] = "内容". It comes before the known names.
	Map map[string]string
	// OpenCases lets rows older than the history window open cases.
	OpenCases bool
	// RejectedPath is where rejected rows go. Default: the file's path and
	// ".rejected.jsonl". A directory takes a file of that name.
	RejectedPath string
	// Progress is where a progress bar is drawn when it is a terminal; nil for none.
	Progress io.Writer
	// Kind is the source kind in metrics. Default: "file".
	Kind string
}

// Summary counts what became of the rows.
type Summary struct {
	Read       int `json:"read"`
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates"`
	Rejected   int `json:"rejected"`
	// Resumed is how many of Read an earlier, interrupted import had done.
	Resumed int `json:"resumed,omitempty"`
	// RejectedPath is the file of rejected rows, empty when there is none.
	RejectedPath string `json:"rejected_path,omitempty"`
	// Source is that of the posts.
	Source string `json:"source"`
}

package eval

import (
	"context"

	"github.com/huiying/huiying/opinion"
)

// Models are the functions that are measured. One that is nil does not exist in this
// release; its tasks are refused. All but Events are called for one row after the other,
// in the order of the file, and must not keep what they are given. The rows that they see
// are blind: labels, readings, the answers of another system and secrets are taken out.
type Models struct {
	// Assess judges a post: tasks topic31, risk, kinds, sentiment and intent.
	Assess func(Row) opinion.Assessment
	// Topic7 gives one of the seven first-level classes of the public message platform.
	Topic7 func(Row) Guess
	// Emotion gives one of angry, fear, happy, neutral, sad, surprise.
	Emotion func(Row) Guess
	// Reply judges Row.Reply as an answer to Row.Title and Row.Text.
	Reply func(Row) ReplyQuality
	// Burst follows a cascade in time and gives the delay in seconds at which it calls a
	// burst, nil when it never does. It must decide at each instant from the reposts up to
	// then only. Row.Reposts, Row.Likes and the like, which are final counts, are taken out.
	Burst func(Row) *float64
	// Mask masks one text as ingest would.
	Mask func(text string) Masked
	// Events joins the rows, which come in order of publication, to events while they
	// arrive, and returns the name of the event of each row as it stands after the last one.
	// Equal names are one event. Every row gets one, a row that is alone one of its own.
	Events func(ctx context.Context, rows []Row) ([]string, error)
}

// Guess is a class with its probability.
type Guess struct {
	Label string
	// Probability is 0 to 1, NaN when the model does not tell.
	Probability float64
}

// ReplyQuality is what a model says of a reply (答复质量).
type ReplyQuality struct {
	// Relevance, Completeness, Explained and Action are 0 to 2.
	Relevance, Completeness, Explained, Action int
	Empty, Evasive                             bool
}

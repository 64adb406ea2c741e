package opinion

// IntakeOptions says how rows are to be taken in.
type IntakeOptions struct {
	// Kind names the collector for metrics: "file", "push" or "demo".
	Kind string
	// OpenCases lets rows older than the history window open cases: they are not
	// marked Post.History.
	OpenCases bool
	// Edits takes a row whose ID is known as an edit of that post when its content
	// differs, and publishes it again under the same ID. Without it every row with a
	// known ID is a duplicate, so that importing a file twice adds nothing.
	Edits bool
}

// Outcome tells what became of one Raw row.
type Outcome struct {
	// ID is the post's, empty for a rejected row.
	ID     string
	Status OutcomeStatus
	// Field and Reason tell what is wrong with a rejected row; Reason never quotes it.
	Field  string
	Reason string
}

// OutcomeStatus is the fate of a row.
type OutcomeStatus string

// The fates: on the log, there already, or refused with a reason.
const (
	OutcomeAccepted  OutcomeStatus = "accepted"
	OutcomeDuplicate OutcomeStatus = "duplicate"
	OutcomeRejected  OutcomeStatus = "rejected"
)

// ValidSource reports whether s may name a source: [a-z0-9][a-z0-9._-]{0,62}.
func ValidSource(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		word := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !word && (i == 0 || c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	return true
}

package opinion

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The corrections of events by hand (人工归并、拆分).
const (
	EditMerge = "merge"
	EditSplit = "split"
)

// Bounds of an Edit.
const (
	MaxEditPosts  = 500
	MaxMergePosts = 1000 // of the event that becomes part of another
	MaxEditReason = 500  // code points
	maxEditID     = 64   // bytes
)

// Edit is a correction of events by hand. It goes through TopicAssessed under MatterKey, so
// that it keeps its place among the posts. Applying it again changes nothing.
//
// A merge moves every post of From to Into and leaves From as an alias (Event.MergedInto):
// posts that would have joined From join Into, and a link to From still leads there. A case
// of From stays as it is.
//
// A split moves Posts out of From into an event of their own, EventID. Later posts join the
// nearer one, and the two are never joined again but by a merge by hand (Event.Apart).
type Edit struct {
	// ID is chosen by whoever makes the edit: 1 to 64 letters, digits, "-" or "_", never
	// used for another edit.
	ID string `json:"id"`
	// Op is EditMerge or EditSplit.
	Op   string `json:"op"`
	From string `json:"from"`
	// Into is the event that a merge leaves; empty in a split.
	Into string `json:"into,omitempty"`
	// Posts are the IDs of the posts that a split moves, 1 to MaxEditPosts, each once.
	Posts []string `json:"posts,omitempty"`
	// By is the user who made it, Reason why, in his words.
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// EventID is the event that the edit's posts are in afterwards: Into, or the event that a
// split makes.
func (e Edit) EventID() string {
	if e.Op == EditSplit {
		return "ev-" + e.ID
	}
	return e.Into
}

// Check refuses, with CodeInvalid, an edit that could never be applied. Whether the events
// and posts exist shows when it is.
func (e Edit) Check() error {
	switch {
	case !isEditID(e.ID):
		return Errorf(CodeInvalid, "edit ID %q: it is 1 to %d letters, digits, \"-\" or \"_\"", e.ID, maxEditID)
	case e.From == "":
		return Errorf(CodeInvalid, "edit %s: from is missing; name the event that is corrected", e.ID)
	case strings.TrimSpace(e.By) == "":
		return Errorf(CodeInvalid, "edit %s: by is missing; name the user", e.ID)
	case strings.TrimSpace(e.Reason) == "" || utf8.RuneCountInString(e.Reason) > MaxEditReason:
		return Errorf(CodeInvalid, "edit %s: a reason of 1 to %d characters is needed", e.ID, MaxEditReason)
	case e.At.IsZero():
		return Errorf(CodeInvalid, "edit %s: at is missing", e.ID)
	}
	switch e.Op {
	case EditMerge:
		return e.checkMerge()
	case EditSplit:
		return e.checkSplit()
	default:
		return Errorf(CodeInvalid, "edit %s: op is %q; it is %q or %q", e.ID, e.Op, EditMerge, EditSplit)
	}
}

func (e Edit) checkMerge() error {
	switch {
	case e.Into == "":
		return Errorf(CodeInvalid, "merge %s: into is missing; name the event that is left", e.ID)
	case e.Into == e.From:
		return Errorf(CodeInvalid, "merge %s: event %s cannot be merged into itself", e.ID, e.From)
	case len(e.Posts) > 0:
		return Errorf(CodeInvalid, "merge %s: a merge takes all posts; leave posts empty", e.ID)
	default:
		return nil
	}
}

func (e Edit) checkSplit() error {
	switch {
	case e.Into != "":
		return Errorf(CodeInvalid, "split %s: a split makes an event of its own; leave into empty", e.ID)
	case len(e.Posts) == 0 || len(e.Posts) > MaxEditPosts:
		return Errorf(CodeInvalid, "split %s: %d posts are named; 1 to %d can be split off at a time", e.ID, len(e.Posts), MaxEditPosts)
	case e.From == e.EventID():
		return Errorf(CodeInvalid, "split %s: event %s cannot be split into itself", e.ID, e.From)
	}
	sorted := slices.Sorted(slices.Values(e.Posts))
	if sorted[0] == "" || len(slices.Compact(sorted)) != len(e.Posts) {
		return Errorf(CodeInvalid, "split %s: each post is named once, by its ID", e.ID)
	}
	return nil
}

func isEditID(id string) bool {
	for _, c := range []byte(id) {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return id != "" && len(id) <= maxEditID
}

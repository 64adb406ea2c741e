package opinion

import (
	"strings"
	"time"
	"unicode/utf8"
)

// UnitTopic is a topic that a unit keeps for itself (本单位专题): what it wants to see
// together beside the 31 topics of the policy. It sends no alert and opens no case; it is
// answered by a search whenever somebody looks.
//
// A post belongs to it when it holds one of Keywords or weighs at least Threshold by Words,
// and holds none of Exclusions.
type UnitTopic struct {
	ID   string `json:"id"`   // the Store's to give
	Unit string `json:"unit"` // unit ID
	Name string `json:"name"`
	// Keywords and Exclusions are words of a text; where one has blanks, all its parts must
	// stand in the text, in any order.
	Keywords   []string `json:"keywords"`
	Exclusions []string `json:"exclusions"`
	// Examples are posts that belong to it. Words are what was learned from them; they are
	// kept, so that a post is judged in the same way for as long as nobody changes the topic.
	Examples []TopicExample `json:"examples"`
	Words    []TopicWord    `json:"words"`
	// Threshold is 0.1 to 1: the share of what an average example weighs.
	Threshold float64   `json:"threshold"`
	Active    bool      `json:"active"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedBy string    `json:"updated_by"`
	UpdatedAt time.Time `json:"updated_at"`
	// Revision grows by one with every change; a change names the one that it saw.
	Revision int `json:"revision"`
}

// TopicExample is the text of a post that belongs to a topic, masked as posts are.
type TopicExample struct {
	PostID string `json:"post_id,omitempty"` // where it came from a post
	Text   string `json:"text"`
}

// TopicWord is a word that tells the posts of a topic, with its weight, above 0. The words
// of an average example weigh 1 together.
type TopicWord struct {
	Word   string  `json:"word"`
	Weight float64 `json:"weight"`
}

// Bounds of a UnitTopic. Lengths are code points.
const (
	MaxUnitTopics       = 100 // of one unit, inactive ones too
	MaxTopicName        = 40
	MaxTopicKeywords    = 50 // and as many exclusions
	MaxTopicKeyword     = 40
	MaxTopicExamples    = 20
	MaxTopicExampleText = 5000
	MaxTopicWords       = 40
	MinTopicThreshold   = 0.1
)

// Check returns what is wrong with a topic as CodeInvalid with the field, or nil. IDs, times
// and the revision are the Store's.
func (t UnitTopic) Check() error {
	switch {
	case t.Unit == "":
		return topicFault("unit", "is missing")
	case strings.TrimSpace(t.Name) != t.Name || t.Name == "":
		return topicFault("name", "is empty or begins or ends with a blank")
	case !fits(t.Name, MaxTopicName):
		return topicFault("name", "is longer than 40 characters, or no text")
	case len(t.Keywords) == 0 && len(t.Words) == 0:
		return topicFault("keywords", "are missing: give keywords, examples, or both")
	case len(t.Examples) > MaxTopicExamples:
		return topicFault("examples", "are more than 20")
	case len(t.Words) > MaxTopicWords:
		return topicFault("words", "are more than 40")
	case !(t.Threshold >= MinTopicThreshold && t.Threshold <= 1):
		return topicFault("threshold", "must be 0.1 to 1")
	}
	if err := checkKeywords("keywords", t.Keywords); err != nil {
		return err
	}
	if err := checkKeywords("exclusions", t.Exclusions); err != nil {
		return err
	}
	for _, e := range t.Examples {
		if strings.TrimSpace(e.Text) == "" || !fits(e.Text, MaxTopicExampleText) {
			return topicFault("examples", "hold an empty text, or one of more than 5000 characters")
		}
	}
	for _, w := range t.Words {
		if !(w.Weight > 0) || w.Weight > 1e6 || w.Word == "" || !fits(w.Word, MaxTopicKeyword) {
			return topicFault("words", "hold a word without weight, or too long")
		}
	}
	return nil
}

func checkKeywords(field string, list []string) error {
	if len(list) > MaxTopicKeywords {
		return topicFault(field, "are more than 50")
	}
	seen := map[string]bool{}
	for _, w := range list {
		if strings.TrimSpace(w) == "" || !fits(w, MaxTopicKeyword) {
			return topicFault(field, "hold an empty word, or one of more than 40 characters")
		}
		if seen[w] {
			return topicFault(field, "hold a word twice")
		}
		seen[w] = true
	}
	return nil
}

func fits(s string, limit int) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0) && utf8.RuneCountInString(s) <= limit
}

func topicFault(field, what string) error {
	return &Error{Code: CodeInvalid, Field: "topic." + field, Message: field + " " + what}
}

// MaySeeTopics reports whether a may read the topics of a unit: staff and leaders those of
// every unit, a unit its own.
func (a Actor) MaySeeTopics(unit string) bool {
	return a.MaySearch() || a.Role == RoleUnit && a.Unit != "" && a.Unit == unit
}

// MayKeepTopics reports whether a may add and change the topics of a unit: staff for every
// unit, a unit its own.
func (a Actor) MayKeepTopics(unit string) bool {
	return a.Role == RoleStaff || a.Role == RoleSystem || a.Role == RoleUnit && a.Unit != "" && a.Unit == unit
}

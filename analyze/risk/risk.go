// Package risk tells how grave a post is if nobody answers (风险研判).
package risk

import (
	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Lists is how many lists of a lexicon the model uses.
const Lists = 5

// Input is what is judged.
type Input struct {
	Body     string
	Words    []segment.Word
	Matches  []lexicon.Match
	First    lexicon.List
	TitleEnd int
	Topic    string
	Post     opinion.Post
}

// Result is what the model says.
type Result struct {
	Risk      opinion.Risk
	Score     float64
	Factors   []opinion.Factor
	Kinds     []string
	Sentiment int
	Intent    string
}

// Model scores risk.
type Model struct{}

// New compiles the policy.
func New(pol policy.Risk, b *lexicon.Builder, first lexicon.List) *Model { return &Model{} }

// Words are the words that the segmenter should know.
func Words(pol policy.Risk) []string { return nil }

// Assess judges.
func (m *Model) Assess(in Input) Result { return Result{Intent: "其他"} }

package reply

import (
	"github.com/huiying/huiying/opinion"
)

// The bounds of one assessment.
const (
	maxRunes    = 20000 // of the post and of the reply; what comes after is not read
	maxEvidence = 8     // words shown for one reason
	maxDemands  = 16    // demand points of one post
)

// Quality is what is said of a reply. The four grades are 0 (not at all), 1 (in part) and 2
// (fully).
type Quality struct {
	// Relevance is whether the reply speaks to the matter of the post (针对性).
	Relevance int `json:"relevance"`
	// Completeness is whether every demand of the post is answered, be it by a no (完整性).
	Completeness int `json:"completeness"`
	// Explained is whether facts, a rule or its legal basis are given (解释说理): 2 for a
	// cited rule or for findings with their particulars, 1 for a bare reason.
	Explained int `json:"explained"`
	// Action is whether the reply says what was or will be done, by whom and when (具体措施):
	// 2 for something done or dated, 1 for an intention or for advice on what to do.
	Action int `json:"action"`
	// Empty is a reply that only confirms receipt or transfer (空话套话).
	Empty bool `json:"empty"`
	// Evasive is a reply that only sends the citizen elsewhere or disclaims the matter
	// (推诿).
	Evasive bool `json:"evasive"`
	// Reasons are what the grades rest on, with the words in the reply.
	Reasons []Reason `json:"reasons"`
	// Demands are the demand points of the post, at most 16, and what answers them.
	Demands []Demand `json:"demands"`
}

// Reason is one kind of thing that was found in the reply.
type Reason struct {
	Name ReasonName `json:"name"`
	// Count is how often it was found; Evidence shows at most eight of them. Offsets are
	// code points of the reply.
	Count    int                `json:"count"`
	Evidence []opinion.Evidence `json:"evidence"`
}

// ReasonName is a stable identifier of what was found.
type ReasonName string

// The reasons. Those of the frame speak against a reply that has nothing else.
const (
	Courtesy   ReasonName = "courtesy"   // greeting, thanks, signature
	Receipt    ReasonName = "receipt"    // 您的留言已收悉
	Transfer   ReasonName = "transfer"   // 已转相关部门
	Elsewhere  ReasonName = "elsewhere"  // answered in another place
	Process    ReasonName = "process"    // looked into, explained by telephone, without saying what
	Disclaimer ReasonName = "disclaimer" // 不属于我局职责
	Excuse     ReasonName = "excuse"     // 属企业行为, 情况不明无法核实
	Advice     ReasonName = "advice"     // what the citizen can do, where to turn
	Contact    ReasonName = "contact"    // a telephone or an address
	Shared     ReasonName = "shared"     // words of the post
	Law        ReasonName = "law"        // 《…》, a document number, 第…条, 根据…规定
	Finding    ReasonName = "finding"    // 经核实
	Cause      ReasonName = "cause"      // 由于
	Figure     ReasonName = "figure"     // numbers with a unit, dates
	Done       ReasonName = "done"       // 已 + what was done
	Plan       ReasonName = "plan"       // 将 + what will be done
	Settled    ReasonName = "settled"    // said to be solved, without what was done
)

// Model judges replies. It is immutable and safe for concurrent use.
type Model struct{ rules Rules }

// Rules are the thresholds between the grades. They are proposals (basis "assumption").
type Rules struct {
	// MinSubstance is how many Chinese characters of substance a reply must have not to be
	// empty.
	MinSubstance int `json:"min_substance"`
	// SharedFull is how many different pairs of characters reply and post must share for
	// full relevance.
	SharedFull int `json:"shared_full"`
	// FactsPart and FactsFull are how many characters of substance besides actions make an
	// explanation in part and in full, where there is a finding, a cause or a figure.
	FactsPart int `json:"facts_part"`
	FactsFull int `json:"facts_full"`
	// Complete is how much of the post a reply must cover for full completeness, 0 to 1. Each
	// grade of action adds ActionWorth to what it covers; each demand after the first takes
	// off DemandCost, because each is one more that may be met in words only.
	Complete    float64 `json:"complete"`
	ActionWorth float64 `json:"action_worth"`
	DemandCost  float64 `json:"demand_cost"`
	Basis       string  `json:"basis"`
}

// Assumed are the rules that huiying proposes.
func Assumed() Rules {
	return Rules{MinSubstance: 6, SharedFull: 2, FactsPart: 12, FactsFull: 60, Complete: 0.7, ActionWorth: 0.125, DemandCost: 0.03, Basis: "assumption"}
}

// New makes a model of rules.
func New(r Rules) *Model { return &Model{r} }

// Assess judges a reply to a post. Texts that are not UTF-8 are read with one replacement
// character for each bad byte; beyond 20,000 characters nothing is read.
func (m *Model) Assess(title, text, reply string) Quality {
	r := read(newScript(reply))
	post := newScript(opinion.Post{Title: title, Text: text}.Body())
	shared := r.share(post)
	q := Quality{Demands: demands(post, titleEnd(title)), Empty: m.empty(r)}
	if !q.Empty {
		q.Relevance, q.Explained, q.Action = m.relevance(r, shared), m.explained(r), m.action(r)
	}
	q.Evasive = m.evasive(q, r)
	m.answer(&q, r)
	q.Completeness = m.completeness(q, r, post)
	q.Reasons = r.reasons(shared)
	return q
}

// titleEnd is where the title ends in the body, in code points.
func titleEnd(title string) int { return len([]rune(title)) }

package risk

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// The scale. A score of cuts[i] or more is risk i+1.
var cuts = [3]float64{26, 43, 76}

// A grave fact lifts a post of liftFrom or more to the third cut, one that may have passed
// from passedFrom; see lifts. Without one a post stays below that cut.
const (
	graveFact  = 1.0 // one whole word of the grave signs
	graveBoth  = 1.5 // a fact of each sort, or a word and a half
	liftFrom   = 48
	passedFrom = 70
)

// shortPost is up to how many code points a post is about the danger that it names.
const shortPost = 80

// The points that are not a sign's.
const (
	basePoints      = 28
	peoplePoints    = 1.25 // for each power of ten beyond three
	exclaimPoints   = 3
	askPoints       = -0.5
	presentPoints   = 14  // a danger or a crowd that is there now
	chatPoints      = -10 // no topic, and hardly a reason
	chatBelow       = 4   // so many points are hardly a reason
	attentionPoints = 0.8 // for each doubling of likes, comments and reposts beyond four
)

// kindPoints are what the policy's score of a kind is worth, for a term of weight 5.
var kindPoints = map[string]float64{
	"K1": 3.5, "K2": 2, "K3": 4, "K4": 2.5, "K5": 7, "K6": 5.5, "E1": 2, "E2": 5.5, "G1": 4, "A1": 2, "M1": 1,
}

func (m *Model) judge(in *Input, e *extracted) Result {
	r := Result{Factors: make([]opinion.Factor, 0, 12)}
	score, reasons := float64(basePoints), 0.0
	add := func(f opinion.Factor) {
		if f.Points = round(f.Points); f.Points != 0 {
			score += f.Points
			reasons += max(f.Points, 0)
			r.Factors = append(r.Factors, f)
		}
	}
	for k, t := range e.kinds {
		add(opinion.Factor{Name: "term", Kind: m.kinds[k], Points: kindPoints[m.kinds[k]] * t.value, Evidence: t.evidence})
	}
	for i, t := range e.grave {
		add(opinion.Factor{Name: grave[i].name, Kind: grave[i].kind, Points: grave[i].points * t.value, Evidence: t.evidence})
	}
	g := e.gravity(in)
	if g.present {
		add(opinion.Factor{Name: "present", Points: presentPoints, Evidence: g.passingEvidence})
	}
	for i, t := range e.signs {
		add(opinion.Factor{Name: signs[i].name, Kind: signs[i].kind, Points: signs[i].points * t.value, Evidence: t.evidence})
	}
	if e.crowd {
		add(opinion.Factor{Name: "people", Kind: "K2", Points: peoplePoints * e.size(), Evidence: []opinion.Evidence{e.people.where}})
	}
	add(opinion.Factor{Name: "exclamations", Points: exclaimPoints * e.exclaim})
	add(opinion.Factor{Name: "questions", Points: askPoints * e.asks})
	add(opinion.Factor{Name: "attention", Points: attentionPoints * attention(in.Post)})
	if in.Topic == opinion.NoTopic && reasons < chatBelow {
		add(opinion.Factor{Name: "no_matter", Points: chatPoints})
	}
	if g.lifts(score) {
		// What is above liftFrom of 100 becomes what is above the cut.
		over := min(score, 100) - liftFrom
		lifted := cuts[2] + over*(100-cuts[2])/(100-liftFrom)
		add(opinion.Factor{Name: "grave", Points: lifted - score, Evidence: e.gravest()})
		r.Score = round(min(max(lifted, cuts[2]), 100))
	} else {
		r.Score = round(min(max(score, 0), cuts[2]-0.1))
	}
	r.Risk = level(r.Score)
	if len(e.denied) > 0 {
		r.Factors = append(r.Factors, opinion.Factor{Name: "negated", Evidence: e.denied[:min(len(e.denied), maxEvidence)]})
	}
	slices.SortStableFunc(r.Factors, func(a, b opinion.Factor) int {
		return cmp.Compare(math.Abs(b.Points), math.Abs(a.Points))
	})
	r.Factors = append(r.Factors, opinion.Factor{Name: "base", Points: basePoints})
	r.Kinds = m.kindsOf(e)
	r.Intent = e.intent()
	r.Sentiment = e.sentiment()
	return r
}

// gravity is what the grave signs say together.
type gravity struct {
	lasting, passing float64 // values of the signs of harm, and of those that pass
	present          bool    // what passes is there now
	passingEvidence  []opinion.Evidence
}

// gravity adds the grave signs up. What passes counts as present in a post that says so
// (正在, 刚才), that names it in its title, or that is short.
func (e *extracted) gravity(in *Input) gravity {
	var g gravity
	titled := false
	for i, t := range e.grave {
		if !grave[i].passing {
			g.lasting += t.value
			continue
		}
		g.passing += t.value
		g.passingEvidence = append(g.passingEvidence, t.evidence...)
	}
	for _, w := range g.passingEvidence {
		titled = titled || w.Start < in.TitleEnd
	}
	short := utf8.RuneCountInString(in.Body) <= shortPost
	g.present = g.passing >= graveFact && (titled || short || e.of("urgent") > 0)
	return g
}

// lifts tells whether the grave facts lift a post of that score to risk 3.
func (g gravity) lifts(score float64) bool {
	switch {
	case score >= passedFrom:
		return g.lasting+g.passing >= graveFact
	case score >= liftFrom:
		return g.lasting >= graveFact || g.present || g.lasting+g.passing >= graveBoth
	default:
		return false
	}
}

func level(score float64) opinion.Risk {
	for i, c := range cuts {
		if score < c {
			return opinion.Risk(i)
		}
	}
	return opinion.RiskUrgent
}

// attention grows with the logarithm of how often a post was liked, answered and passed
// on: a repost counts for two likes.
func attention(p opinion.Post) float64 {
	return min(max(math.Log2(float64(p.Likes+p.Comments+2*p.Reposts)+1)-2, 0), 10)
}

// gravest shows the words of the strongest grave sign.
func (e *extracted) gravest() []opinion.Evidence {
	best := slices.MaxFunc(e.grave, func(a, b trace) int { return cmp.Compare(a.value, b.value) })
	return best.evidence
}

// of returns what was found of a sign.
func (e *extracted) of(name string) float64 {
	for i, s := range signs {
		if s.name == name {
			return e.signs[i].value
		}
	}
	for i, s := range grave {
		if s.name == name {
			return e.grave[i].value
		}
	}
	return 0
}

// kindsOf tells which kinds of work item 33 a post touches.
func (m *Model) kindsOf(e *extracted) []string {
	term := func(code string) float64 {
		if k, ok := m.kindOf[code]; ok {
			return e.kinds[k].value
		}
		return 0
	}
	var out []string
	put := func(code string, touched bool) {
		if touched {
			out = append(out, code)
		}
	}
	put("K1", term("K1") >= 0.6)
	put("K2", e.crowd || e.of("group") >= 1 || e.of("big_loss") >= 1.5 || e.of("community") >= 1 && term("K2") > 0)
	put("K3", term("K3") >= 0.6)
	put("K4", e.of("charge") >= 1.5 || e.of("inaction") >= 1 || term("K4") >= 0.6)
	put("K5", term("K5") >= 0.6)
	put("K6", e.of("death")+e.of("violence")+e.of("crowd")+e.of("danger_now") >= 1 || term("K6") >= 0.8)
	return out
}

// intent is the one whose words are most, 其他 without any.
func (e *extracted) intent() string {
	best := -1
	for i, t := range e.intents {
		if t.value > 0 && (best < 0 || t.value > e.intents[best].value) {
			best = i
		}
	}
	if best < 0 {
		return "其他"
	}
	return intents[best].name
}

// sentiment weighs complaint against praise and questions.
func (e *extracted) sentiment() int {
	bad := e.of("anger") + e.of("inaction") + e.of("repeated") + e.of("charge") + e.of("hazard") + e.of("health") + e.of("big_loss") +
		e.of("death") + e.of("violence") + e.of("appeal") + e.of("rights")
	for _, k := range e.kinds {
		bad += k.value
	}
	switch good := e.of("praise") + 0.7*e.of("thanks"); {
	case bad >= 1:
		return -1
	case good >= 1 && bad < good:
		return 1
	case bad > 0.5:
		return -1
	default:
		return 0
	}
}

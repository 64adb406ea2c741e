package risk

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// The scale: from which score on a post is risk 1, 2 and 3.
const (
	Cut1 = 25.0
	Cut2 = 50.0
	Cut3 = 75.0
)

// liftFrom is from which score on a stated incident lifts a post to risk 3: one that is
// hardly a grievance only talks of it. A danger or a crowd that is present needs less: people
// who call for help write few words.
const (
	liftFrom    = 30.0
	liftPresent = 15.0
)

// tally is a score under construction. Points are rounded one by one, so that those shown
// add up to the score.
type tally struct {
	score   float64
	factors []opinion.Factor
}

// add adds a factor, or to the factor of that name and kind that is there.
func (t *tally) add(f opinion.Factor) {
	if f.Points = round(f.Points); f.Points == 0 {
		return
	}
	t.score = round(t.score + f.Points)
	for i := range t.factors {
		if had := &t.factors[i]; had.Name == f.Name && had.Kind == f.Kind {
			had.Points = round(had.Points + f.Points)
			return
		}
	}
	t.factors = append(t.factors, f)
}

func (m *Model) judge(in *Input, e *extracted) Result {
	t := tally{factors: make([]opinion.Factor, 0, 16)}
	t.add(opinion.Factor{Name: "base", Points: m.points.bias})
	for i, x := range e.facts {
		if p := m.points.facts[i]; x != 0 && p != 0 {
			t.add(opinion.Factor{Name: m.facts[i].name, Kind: m.facts[i].kind, Points: p * x, Evidence: shown(e.where[i])})
		}
	}
	e.short = e.brief(in)
	m.ruled(&t, e)
	m.listen(in, e)
	m.wording(in, &t)
	var r Result
	m.others(in, e, &r)
	m.grievance(in, &t, e, &r)
	m.bound(in, &t, e)
	r.Score, r.Risk = t.score, level(t.score)
	slices.SortStableFunc(t.factors, func(a, b opinion.Factor) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(math.Abs(b.Points), math.Abs(a.Points)))
	})
	r.Factors = t.factors
	tell := func(name string, words []opinion.Evidence) {
		if len(words) > 0 {
			r.Factors = append(r.Factors, opinion.Factor{Name: name, Evidence: shown(words)})
		}
	}
	tell("negated", e.denied)
	tell("elsewhere", e.away)
	if r.Risk == opinion.RiskUrgent && e.now && !slices.Contains(r.Kinds, "K6") {
		r.Kinds = append(r.Kinds, "K6")
	}
	return r
}

// rank orders the factors for a reader: what decides level 3 first, then reasons by their
// points, then what is the same for every post.
func rank(f opinion.Factor) int {
	switch f.Name {
	case "grave":
		return 0
	case "base":
		return 2
	case "bound":
		return 3
	}
	return 1
}

// The points that the rules set themselves: the training rows are letters of some length, and
// hold hardly a short report of a broken thing, or a drill.
const (
	briefPoints  = 12
	defectPoints = 5
	playedPoints = -25
	tollPoints   = 6
)

// ruled adds them: a harm that is told in few words, a thing that is stated to be broken,
// several people who are hurt, and incidents that are only played in a drill or told in a film.
func (m *Model) ruled(t *tally, e *extracted) {
	if e.short {
		t.add(opinion.Factor{Name: "brief", Points: briefPoints, Evidence: shown(e.harms())})
	}
	if d := e.trace("defect"); d.value >= 1 {
		t.add(opinion.Factor{Name: "defect", Kind: "K2", Points: defectPoints, Evidence: shown(d.evidence)})
	}
	if d := e.trace("toll"); d.value > 0 {
		t.add(opinion.Factor{Name: "toll", Kind: "K6", Points: tollPoints, Evidence: shown(d.evidence)})
	}
	if drill := e.evidence("drill"); len(drill)+len(e.played) > 0 && !e.stated() {
		t.add(opinion.Factor{Name: "played", Points: playedPoints, Evidence: shown(append(drill, e.played...))})
	}
}

// shown bounds evidence.
func shown(e []opinion.Evidence) []opinion.Evidence { return e[:min(len(e), maxEvidence)] }

// mostWording bounds what the wording may add to the score or take from it; from
// shownWording on its words are shown.
const (
	mostWording  = 40
	shownWording = 4
)

// briefPost is up to how many code points a post may be one that somebody wrote in haste.
const briefPost = 150

// brief tells whether a post states a harm in few words and calls for help, or tells of a
// collapse, of children, old or sick people who are hurt, or of many who are hurt or lose their money. The text model has
// learned how grievances sound from letters, and takes few words for chat: in such a post its
// word does not stand against the facts.
func (e *extracted) brief(in *Input) bool {
	if utf8.RuneCountInString(in.Body) > briefPost {
		return false
	}
	hurt := e.of("hurt") + e.of("toll") + e.of("violence") + e.of("injury")
	switch {
	case slices.ContainsFunc(fiction, in.names):
		return false
	case e.of("collapse") > 0, hurt > 0 && e.of("vulnerable") > 0, e.of("hurt")+e.of("big_loss") > 0 && e.crowd:
		return true
	}
	return e.calls(in) && hurt+e.of("danger_now")+e.of("health")+e.of("basic_service") > 0
}

// harms is where the harms of a short post stand.
func (e *extracted) harms() (words []opinion.Evidence) {
	for _, name := range []string{"collapse", "hurt", "injury", "violence", "danger_now", "health", "basic_service", "big_loss"} {
		words = append(words, e.evidence(name)...)
	}
	return words
}

// fiction is what short posts tell of that happened to nobody.
var fiction = []string{"电影", "剧里", "部剧", "追剧", "电视剧", "小说", "综艺", "游戏里"}

func (in *Input) names(word string) bool { return strings.Contains(in.Body, word) }

// calls tells whether a post calls for help.
func (e *extracted) calls(in *Input) bool {
	return e.of("urgent") > 0 || e.of("appeal") > 0 || slices.ContainsFunc(callsForHelp, in.names)
}

// callsForHelp are words by which a short post asks that somebody comes.
var callsForHelp = []string{"求曝光", "求关注", "求管", "管管", "求解决", "立即", "马上", "尽快", "快派", "快来", "速派", "速来", "抢修", "没人来", "没有人来", "没人管", "没人处理"}

// listen asks the text model of each level, and keeps what it says beyond the mean. Of a danger
// that is present, and of a harm in few words, it does not say that they are calm: a text may
// be strange to it.
func (m *Model) listen(in *Input, e *extracted) {
	s := in.Scratch
	s.said = s.said[:0]
	if m.learned.model == nil {
		return
	}
	s.margins = m.learned.model.Margins(s.margins[:0], m.learned.levels, nil, in.Read)
	for i, margin := range s.margins {
		x := squashed(float64(margin)) - m.learned.weights.Mean[i]
		if e.short || e.now {
			x = max(x, 0)
		}
		s.said = append(s.said, x)
	}
}

// wording adds what the text model says beyond the facts, with the words that did most for
// the level that moves the score most.
func (m *Model) wording(in *Input, t *tally) {
	sum, most, level := 0.0, 0.0, 0
	for i, x := range in.Scratch.said {
		p := float64(m.points.wording[i] * x)
		if sum += p; math.Abs(p) > math.Abs(most) {
			most, level = p, i
		}
	}
	f := opinion.Factor{Name: "wording", Points: min(max(sum, -mostWording), mostWording)}
	if math.Abs(f.Points) >= shownWording {
		sign := float32(math.Copysign(1, f.Points))
		for _, w := range m.learned.model.Explain(in.Text, m.learned.levels, level, 2*maxEvidence, sign, in.Read) {
			if w.End-w.Start > 1 && len(f.Evidence) < maxEvidence { // 的 and commas tell a reader nothing
				f.Evidence = append(f.Evidence, w.Evidence)
			}
		}
	}
	t.add(f)
}

// complaints are the intents of who has a grievance.
var complaints = []string{"投诉", "举报", "求助"}

// grievance holds a complaint about some matter at Cut1, and so what is told with displeasure of a
// thing that is broken, or with a call for help: by the rules one household's grievance is
// risk 1, in however few words it is told.
func (m *Model) grievance(in *Input, t *tally, e *extracted, r *Result) {
	if m.learned.model == nil || !in.Matter || t.score >= Cut1 || r.Sentiment >= 0 {
		return
	}
	if e.of("defect") >= 1 || e.calls(in) || slices.Contains(complaints, r.Intent) {
		t.add(opinion.Factor{Name: "grievance", Points: Cut1 - t.score})
	}
}

// bound brings the score onto the scale. A post that states a fact of level 3 and has
// reasons enough to be one is lifted to Cut3 and above; any other stays below it.
func (m *Model) bound(in *Input, t *tally, e *extracted) {
	if m.lifts(in, t.score, e) {
		// What is above liftFrom of 100 becomes what is above Cut3.
		over := min(max(t.score, liftFrom), 100) - liftFrom
		kind, words := m.gravest(e)
		t.add(opinion.Factor{Name: "grave", Kind: kind, Points: Cut3 + over*(100-Cut3)/(100-liftFrom) - t.score, Evidence: shown(words)})
		return
	}
	t.add(opinion.Factor{Name: "bound", Points: min(max(t.score, 0), Cut3-0.1) - t.score})
}

// lifts tells whether the incidents of a post lift one of that score to risk 3.
func (m *Model) lifts(in *Input, score float64, e *extracted) bool {
	from := liftFrom
	if e.now {
		from = liftPresent
	}
	return score >= from && e.stated() && m.isGrave(e.facts, in.Scratch.said)
}

func level(score float64) opinion.Risk {
	switch {
	case score >= Cut3:
		return opinion.RiskUrgent
	case score >= Cut2:
		return opinion.RiskHigh
	case score >= Cut1:
		return opinion.RiskMinor
	default:
		return opinion.RiskCalm
	}
}

// stated tells whether the post states any incident.
func (e *extracted) stated() bool {
	return slices.ContainsFunc(e.incidents, func(t trace) bool { return t.value > 0 })
}

// gravest is the incident that spoke most for level 3, the first of the list on a tie.
func (m *Model) gravest(e *extracted) (kind string, words []opinion.Evidence) {
	at, most := 0, 0.0
	for i, t := range e.incidents {
		if v := t.value * incidents[i].grave; v > most {
			at, most = i, v
		}
	}
	return incidents[at].kind, e.incidents[at].evidence
}

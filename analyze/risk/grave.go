package risk

// Level 3 is decided by what the rules list for it, in units of a death that is stated. That
// is enough however calm the wording is (which takes 0.3 at most); what is less needs a
// wording that says so too. These weights were set by the rules and not learned: some fifty
// training rows are of level 3, and on rows that they had not seen learned weights found the
// same share of them with twice the false calls.
const (
	graveCut     = 0.6
	graveWording = 6.0 // of what the text model says of level 3 beyond the mean
	graveBeaten  = 0.8 // violence and somebody who is hurt
	mostGrave    = 1.5 // words of an incident that count
)

// graveness sums up the incidents that facts hold: what happened, and the gravest of dangers,
// crowds and threats, which are enough while they last.
func (m *Model) graveness(facts []float64) float64 {
	sum, passing := 0.0, 0.0
	at := facts[len(m.kinds):]
	for i := range incidents {
		x := incidents[i].grave * min(at[i], mostGrave)
		if incidents[i].passing {
			passing = max(passing, x)
		} else {
			sum += x
		}
	}
	if passing > 0 && facts[m.present] > 0 {
		passing = max(passing, 1)
	}
	of := func(name string) float64 { return at[incidentAt[name]] }
	return sum + passing + graveBeaten*min(of("violence"), of("hurt")+of("injury"), 1)
}

// isGrave tells whether incidents, and what the text model says of each level beyond the mean,
// are enough for level 3.
func (m *Model) isGrave(facts, said []float64) bool {
	sum := m.graveness(facts)
	if len(said) > 0 {
		sum += graveWording * said[len(said)-1]
	}
	return sum >= graveCut
}

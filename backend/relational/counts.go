package relational

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
)

// tally is a change of one row of the tallies.
type tally struct {
	unit  string
	lead  int
	state opinion.CaseState
	by    int
}

// opened and moved are the changes that a case makes: in its state, or from one to another,
// for each of its units.
func opened(c opinion.Case) []tally { return tallies(c, c.State, 1) }

func moved(c opinion.Case, from opinion.CaseState) []tally {
	return append(tallies(c, from, -1), tallies(c, c.State, 1)...)
}

func tallies(c opinion.Case, state opinion.CaseState, by int) []tally {
	list := []tally{{c.LeadUnit, 1, state, by}}
	for _, unit := range c.CoUnits {
		list = append(list, tally{unit, 0, state, by})
	}
	return list
}

// keepTallies writes the changes in one order for all transactions, so that two of them
// cannot each hold a row that the other waits for.
func (t *tx) keepTallies(ctx context.Context, c opinion.Case, list []tally) error {
	slices.SortFunc(list, func(a, b tally) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.lead, b.lead), cmp.Compare(a.state, b.state))
	})
	var rows batch
	for _, y := range list {
		rows.add(y.unit, y.lead, c.Topic, string(c.Level), string(y.state), y.by)
	}
	_, err := t.exec(ctx, "INSERT INTO tallies (unit, lead, topic, level, state, n) VALUES "+rows.values()+
		" ON CONFLICT (unit, lead, topic, level, state) DO UPDATE SET n = tallies.n + excluded.n", rows.args...)
	if err != nil {
		return fmt.Errorf("keep tallies: %w", err)
	}
	return nil
}

// CaseCounts implements opinion.Store. A unit gets the counts of the cases that it leads.
func (s *Store) CaseCounts(ctx context.Context, a opinion.Actor, now time.Time) ([]opinion.CaseCount, error) {
	if err := first(seesCases(a), instantOf("now", now)); err != nil {
		return nil, err
	}
	unit := ""
	if a.Role == opinion.RoleUnit {
		unit = a.Unit
	}
	list, err := queryAll(ctx, s.db.Read, scanCount, countSQL, stamp(now), unit)
	return list, s.wrap(ctx, "count cases", err)
}

// countSQL takes how many there are from the tallies and what is overdue from the index
// on unmet deadlines, in one statement, so that the two fit together.
const countSQL = `
	SELECT unit, topic, state, CAST(SUM(n) AS BIGINT), CAST(SUM(overdue) AS BIGINT) FROM (
		SELECT unit, topic, state, n, 0 AS overdue FROM tallies WHERE lead = 1
		UNION ALL
		SELECT lead_unit, topic, state, 0, 1 FROM cases WHERE next_due < $1
	) AS parts
	WHERE CAST($2 AS TEXT) = '' OR unit = $2
	GROUP BY unit, topic, state HAVING SUM(n) > 0
	ORDER BY unit, topic, state`

func scanCount(scan func(...any) error) (opinion.CaseCount, error) {
	var c opinion.CaseCount
	err := scan(&c.Unit, &c.Topic, &c.State, &c.Count, &c.Overdue)
	return c, err
}

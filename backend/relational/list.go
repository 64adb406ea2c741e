package relational

import (
	"fmt"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// caseList is the SQL of one page and of its total.
type caseList struct {
	page      string
	pageArgs  []any
	total     string
	totalArgs []any
}

// condition collects the parts of a WHERE clause with their parameters.
type condition struct {
	parts []string
	args  []any
}

// add appends a part; each %s in it becomes the next parameter.
func (c *condition) add(part string, args ...any) {
	marks := make([]any, len(args))
	for i, a := range args {
		c.args = append(c.args, a)
		marks[i] = fmt.Sprintf("$%d", len(c.args))
	}
	c.parts = append(c.parts, fmt.Sprintf(part, marks...))
}

func (c *condition) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// buildList makes the statements of a checked query. A list of one unit is driven by
// case_units, whose indexes begin with the unit; every other list by cases.
func buildList(q opinion.CaseQuery) (caseList, error) {
	from, key := "cases c", "c.opened_at, c.id"
	side := "c" // the table that has state, next_due and the order
	if q.Unit != "" {
		from, key, side = "case_units u JOIN cases c ON c.id = u.case_id", "u.opened_at, u.case_id", "u"
	}
	w := filter(q, side)
	l := caseList{}
	if q.Due.IsZero() {
		l.total, l.totalArgs = tallyTotal(q)
	} else {
		l.total, l.totalArgs = "SELECT count(*) FROM "+from+w.where(), append([]any(nil), w.args...)
	}
	if q.After != "" {
		opened, id, err := parseCursor(q.After)
		if err != nil {
			return l, err
		}
		w.add("("+key+") < (%s, %s)", opened, id)
	}
	order := strings.ReplaceAll(key, ",", " DESC,") + " DESC"
	w.args = append(w.args, q.Limit+1) // one more tells whether there is a next page
	l.page = fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT $%d", prefixed("c", caseColumns), from, w.where(), order, len(w.args))
	l.pageArgs = w.args
	return l, nil
}

func filter(q opinion.CaseQuery, side string) condition {
	var w condition
	if q.Unit != "" {
		w.add("u.unit = %s", q.Unit)
	}
	if q.State != "" {
		w.add(side+".state = %s", string(q.State))
	}
	if q.Topic != "" {
		w.add("c.topic = %s", q.Topic)
	}
	if q.Level != "" {
		w.add("c.level = %s", string(q.Level))
	}
	if !q.Due.IsZero() {
		w.add(side+".next_due < %s", stamp(q.Due))
	}
	return w
}

// tallyTotal sums the tallies. Without a unit it sums those of the lead units, because
// each case has exactly one.
func tallyTotal(q opinion.CaseQuery) (string, []any) {
	var w condition
	if q.Unit != "" {
		w.add("unit = %s", q.Unit)
	} else {
		w.add("lead = 1")
	}
	if q.State != "" {
		w.add("state = %s", string(q.State))
	}
	if q.Topic != "" {
		w.add("topic = %s", q.Topic)
	}
	if q.Level != "" {
		w.add("level = %s", string(q.Level))
	}
	return "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM tallies" + w.where(), w.args
}

func prefixed(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

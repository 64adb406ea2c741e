package relational

import (
	"fmt"
	"slices"
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
// case_units, whose indexes begin with the unit; every other list by cases. Most lists walk
// an index in their order. What is overdue comes in the order of its deadlines and has to be
// sorted: then the keys are sorted first, from the index alone, and only the cases of the
// page are read.
func buildList(q opinion.CaseQuery) (caseList, error) {
	side, opened, id := "c", "c.opened_at", "c.id" // the table with state, next_due and the order
	from := "cases c"
	if q.Unit != "" {
		side, opened, id = "u", "u.opened_at", "u.case_id"
		from = "case_units u"
		if q.Due.IsZero() || q.Topic != "" || q.Level != "" {
			from += " JOIN cases c ON c.id = u.case_id"
		}
	}
	w := filter(q, side)
	l := caseList{}
	if q.Due.IsZero() {
		l.total, l.totalArgs = tallyTotal(q)
	} else {
		l.total, l.totalArgs = "SELECT count(*) FROM "+from+w.where(), slices.Clone(w.args)
	}
	if q.After != "" {
		at, after, err := parseCursor(q.After)
		if err != nil {
			return l, err
		}
		w.add("("+opened+", "+id+") < (%s, %s)", at, after)
	}
	w.args = append(w.args, q.Limit+1) // one more tells whether there is a next page
	order := fmt.Sprintf(" ORDER BY %s DESC, %s DESC LIMIT $%d", opened, id, len(w.args))
	l.pageArgs = w.args
	if q.Due.IsZero() {
		l.page = "SELECT " + prefixed("c", caseColumns) + " FROM " + from + w.where() + order
		return l, nil
	}
	l.page = "SELECT " + prefixed("k", caseColumns) + " FROM (SELECT " + opened + " AS at, " + id + " AS key FROM " + from + w.where() + order +
		") AS page JOIN cases k ON k.id = page.key ORDER BY page.at DESC, page.key DESC"
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

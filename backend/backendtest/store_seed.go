package backendtest

import (
	"fmt"
	"strings"
)

// SeedCases are the statements that fill an empty database of package relational with n
// closed and open cases, spread over 200 units, 31 topics and five years; the newest
// hundredth of them is still open. They pass the Store by, because opening millions of
// cases through it would take hours, and serve measurements of the lists only.
func SeedCases(n int) []string {
	const year = int64(365 * 24 * 3600 * 1e9)
	first := morning.UnixNano() - 5*year
	open := fmt.Sprintf("i > %d", n-n/100)
	numbers := fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n)
	opened := fmt.Sprintf("%d + %d * CAST(i AS BIGINT)", first, 5*year/int64(n))
	state := fmt.Sprintf("CASE WHEN %s THEN CASE i %% 3 WHEN 0 THEN 'to_sign' WHEN 1 THEN 'handling' ELSE 'review' END ELSE 'closed' END", open)
	due := fmt.Sprintf("CASE WHEN %s THEN %s + 86400000000000 END", open, opened)
	id := "'case-' || CAST(i AS TEXT)"
	unit := func(salt int) string { return fmt.Sprintf("'unit-' || CAST((i * 7 + %d) %% 200 AS TEXT)", salt) }
	level := "CASE i % 5 WHEN 0 THEN 'I' WHEN 1 THEN 'II' WHEN 2 THEN 'III' WHEN 3 THEN 'IV' ELSE '' END"
	text := "'" + strings.Repeat("人民路口的井盖缺失多日，请尽快处理。", 20) + "'"
	return []string{
		numbers + `INSERT INTO cases (id, number, event_id, post_id, source, channel, url, title, text, topic, risk, score, level, state,
			lead_unit, co_units, assessment, reasons, deadlines, next_due, received_at, opened_at, updated_at,
			policy_version, calendar_version, model_version, revision) SELECT ` +
			id + ", 'seed ' || CAST(i AS TEXT), 'ev-seed-' || CAST(i AS TEXT), 'post', 'renmin', 'web_message', '', '井盖缺失', " + text +
			", 'topic.' || CAST((i / 7) % 31 AS TEXT), 2, 60, " + level + ", " + state + ", " + unit(0) +
			`, '[]', '{"topic":"","topics":null,"risk":0,"score":0,"sentiment":0,"intent":"","policy_version":"","model_version":""}', '[]', '[]', ` +
			due + ", " + opened + ", " + opened + ", " + opened + ", '1', '1', '1', 1 FROM n",
		"INSERT INTO case_units (unit, case_id, state, opened_at, next_due) SELECT lead_unit, id, state, opened_at, next_due FROM cases",
		numbers + "INSERT INTO case_units (unit, case_id, state, opened_at, next_due) SELECT " + unit(1) + ", " + id + ", " + state + ", " + opened + ", " + due + " FROM n",
		`INSERT INTO steps (case_id, seq, action, before, after, actor, role, unit, text, at)
			SELECT id, 1, 'open', '', 'to_sign', 'system', 'system', '', '', opened_at FROM cases`,
		`INSERT INTO tallies (unit, lead, topic, level, state, n)
			SELECT u.unit, CASE WHEN u.unit = c.lead_unit THEN 1 ELSE 0 END, c.topic, c.level, c.state, count(*)
			FROM case_units u JOIN cases c ON c.id = u.case_id GROUP BY 1, 2, 3, 4, 5`,
	}
}

package relational

import (
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// The bounds of what the Store takes. Longer input is refused with CodeInvalid.
const (
	maxName       = 200       // bytes of an ID, a name, a version
	maxAddress    = 2048      // bytes of a URL or a delivery's target
	maxActText    = 20_000    // code points of a person's text
	maxDocument   = 1 << 20   // bytes of all texts of a new case together
	maxUnits      = 64        // co-units of a case
	maxDeliveries = 64        // deliveries of a new case
	maxDeadlines  = 16        // deadlines of a case
	maxProgress   = 64 * 1024 // bytes of a resume point
	maxPage       = 500
	defaultPage   = 50
)

var (
	sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	sha256Hex  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	channels   = map[string]bool{channelInbox: true, "email": true, "webhook": true}
)

const channelInbox = "inbox"

func invalid(field, format string, args ...any) error {
	e := opinion.Errorf(opinion.CodeInvalid, "%s "+format, append([]any{field}, args...)...)
	e.Field = field
	return e
}

// named checks an identifier: present, bounded, in UTF-8, without control characters.
func named(field, value string) error {
	if value == "" {
		return invalid(field, "is missing")
	}
	return optional(field, value, maxName)
}

// optional checks a short text that may be empty.
func optional(field, value string, limit int) error {
	switch {
	case len(value) > limit:
		return invalid(field, "has %d bytes, %d are allowed", len(value), limit)
	case !utf8.ValidString(value):
		return invalid(field, "is not valid UTF-8")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return invalid(field, "contains a control character")
	default:
		return nil
	}
}

// instantOf checks a time: given, and one that fits into nanoseconds since 1970.
func instantOf(field string, t time.Time) error {
	if t.IsZero() {
		return invalid(field, "is missing")
	}
	if y := t.UTC().Year(); y < 1900 || y > 2200 {
		return invalid(field, "lies in the year %d, only 1900 to 2200 is possible", y)
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// storable replaces what PostgreSQL's text cannot hold (NUL, bytes that are no UTF-8) by
// U+FFFD, one for one, so that evidence offsets stay right. A grave post must open its
// case even when its bytes are damaged.
func storable(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return utf8.RuneError
		}
		return r
	}, s)
}

// checkText checks what a person wrote in an act.
func checkText(field, text string) error {
	switch {
	case !utf8.ValidString(text):
		return invalid(field, "is not valid UTF-8")
	case strings.IndexByte(text, 0) >= 0:
		return invalid(field, "contains the character NUL: remove it")
	case utf8.RuneCountInString(text) > maxActText:
		return invalid(field, "has %d characters, %d are allowed: shorten it", utf8.RuneCountInString(text), maxActText)
	default:
		return nil
	}
}

// checkNew checks what the alerter asks to open.
func checkNew(n opinion.NewCase, at time.Time) error {
	c := n.Case
	return first(
		named("case.event_id", c.EventID), named("case.post_id", c.PostID),
		named("case.source", c.Source), named("case.topic", c.Topic), named("case.lead_unit", c.LeadUnit),
		optional("case.channel", string(c.Channel), maxName), optional("case.url", c.URL, maxAddress),
		optional("case.policy_version", c.PolicyVersion, maxName),
		optional("case.calendar_version", c.CalendarVersion, maxName),
		optional("case.model_version", c.ModelVersion, maxName),
		checkLevel(c.Level), checkRisk(c.Risk, c.Score), checkSize(c), checkUnits(c), checkDeadlines(c.Deadlines),
		checkDeliveries(n.Deliveries),
		instantOf("case.received_at", c.ReceivedAt), instantOf("at", at))
}

func checkLevel(l opinion.Level) error {
	switch l {
	case opinion.LevelNone, opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV:
		return nil
	default:
		return invalid("level", "is %q: give I, II, III or IV", l)
	}
}

func checkRisk(r opinion.Risk, score float64) error {
	if r < opinion.RiskCalm || r > opinion.RiskUrgent {
		return invalid("case.risk", "is %d: give 0 to 3", r)
	}
	if math.IsNaN(score) || score < 0 || score > 100 {
		return invalid("case.score", "is %v: give 0 to 100", score)
	}
	return nil
}

func checkSize(c opinion.Case) error {
	if size := len(c.Title) + len(c.Text); size > maxDocument {
		return invalid("case.text", "has %d bytes, %d are allowed", size, maxDocument)
	}
	return nil
}

func checkUnits(c opinion.Case) error {
	if len(c.CoUnits) > maxUnits {
		return invalid("case.co_units", "has %d units, %d are allowed", len(c.CoUnits), maxUnits)
	}
	for _, u := range c.CoUnits {
		if err := named("case.co_units", u); err != nil {
			return err
		}
	}
	return nil
}

func checkDeadlines(list []opinion.Deadline) error {
	if len(list) > maxDeadlines {
		return invalid("case.deadlines", "has %d deadlines, %d are allowed", len(list), maxDeadlines)
	}
	seen := map[opinion.DeadlineKind]bool{}
	for _, d := range list {
		if err := first(named("case.deadlines.kind", string(d.Kind)), instantOf("case.deadlines.due", d.Due)); err != nil {
			return err
		}
		if seen[d.Kind] {
			return invalid("case.deadlines", "has the deadline %q twice", d.Kind)
		}
		seen[d.Kind] = true
	}
	return nil
}

func checkDeliveries(list []opinion.NewDelivery) error {
	if len(list) > maxDeliveries {
		return invalid("deliveries", "has %d deliveries, %d are allowed", len(list), maxDeliveries)
	}
	for _, d := range list {
		if err := first(named("deliveries.unit", d.Unit), optional("deliveries.target", d.Target, maxAddress)); err != nil {
			return err
		}
		switch {
		case !channels[d.Channel]:
			return invalid("deliveries.channel", "is %q: give inbox, email or webhook", d.Channel)
		case (d.Channel == channelInbox) != (d.Target == ""):
			return invalid("deliveries.target", "is %q for the channel %s: the inbox has none, every other channel needs one", d.Target, d.Channel)
		}
	}
	return nil
}

package alert

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/huiying/huiying/alert/deadline"
	"github.com/huiying/huiying/opinion"
)

// maxNoticeTitle bounds a title in a notification, in code points. Notifications say no
// more of the post than its title: the rest is read behind the sign-in.
const maxNoticeTitle = 60

var levelNames = map[opinion.Level]string{
	opinion.LevelI: "特别重大", opinion.LevelII: "重大", opinion.LevelIII: "较大", opinion.LevelIV: "一般",
}

var kindNames = map[opinion.DeadlineKind]string{
	opinion.DeadlineSign: "签收", opinion.DeadlineRespond: "首次回应", opinion.DeadlineClose: "办结",
}

// letter is the subject and the text of an e-mail.
func (a *Alerter) letter(d opinion.Delivery, c opinion.Case) (subject, body string) {
	unit := d.Unit
	if u, ok := a.policy.Unit(d.Unit); ok {
		unit = u.Name
	}
	part := partName(d, c)
	subject = fmt.Sprintf("【回应】%s %s（%s级）%s：%s", c.Number, levelNames[c.Level], c.Level, part, shorten(c.Title, maxNoticeTitle))
	var b strings.Builder
	fmt.Fprintf(&b, "%s：\n\n舆情工单 %s 已交办，贵单位为%s单位。\n\n", unit, c.Number, part)
	fmt.Fprintf(&b, "标题：%s\n等级：%s级（%s）\n", shorten(c.Title, maxNoticeTitle), c.Level, levelNames[c.Level])
	for _, due := range c.Deadlines {
		fmt.Fprintf(&b, "%s期限：%s\n", kindNames[due.Kind], deadline.Text(due))
	}
	fmt.Fprintf(&b, "\n签收和办理：%s\n\n本邮件由系统发出，请勿回复。\n", a.link(c))
	return subject, b.String()
}

func partName(d opinion.Delivery, c opinion.Case) string {
	if d.Unit == c.LeadUnit {
		return "主办"
	}
	return "协办"
}

// PayloadVersion is the version of the webhook's payload.
const PayloadVersion = 1

// Payload is the body of a webhook: {"schema_version", "type", "timestamp", "data"}.
type Payload struct {
	SchemaVersion int `json:"schema_version"`
	// Type is "case.opened".
	Type string `json:"type"`
	// Timestamp is when the case was opened.
	Timestamp time.Time   `json:"timestamp"`
	Data      PayloadCase `json:"data"`
}

// PayloadCase is what a webhook tells of a case: no more of the post than its title.
type PayloadCase struct {
	DeliveryID string            `json:"delivery_id"`
	CaseID     string            `json:"case_id"`
	Number     string            `json:"number"`
	Title      string            `json:"title"`
	Topic      string            `json:"topic"`
	Risk       opinion.Risk      `json:"risk"`
	Level      opinion.Level     `json:"level"`
	Unit       string            `json:"unit"` // who is told
	Part       string            `json:"part"` // "lead" or "co"
	LeadUnit   string            `json:"lead_unit"`
	CoUnits    []string          `json:"co_units"`
	Deadlines  []PayloadDeadline `json:"deadlines"`
	Link       string            `json:"link"`
}

// PayloadDeadline is a deadline of the case.
type PayloadDeadline struct {
	Kind opinion.DeadlineKind `json:"kind"`
	Due  time.Time            `json:"due"`
	Rule string               `json:"rule"`
}

func (a *Alerter) payload(d opinion.Delivery, c opinion.Case) ([]byte, error) {
	part := "co"
	if d.Unit == c.LeadUnit {
		part = "lead"
	}
	p := Payload{
		SchemaVersion: PayloadVersion, Type: "case.opened", Timestamp: c.OpenedAt.UTC(),
		Data: PayloadCase{
			DeliveryID: d.ID, CaseID: c.ID, Number: c.Number, Title: shorten(c.Title, maxNoticeTitle), Topic: c.Topic, Risk: c.Risk, Level: c.Level,
			Unit: d.Unit, Part: part, LeadUnit: c.LeadUnit, CoUnits: append([]string{}, c.CoUnits...), Deadlines: []PayloadDeadline{}, Link: a.link(c),
		},
	}
	for _, due := range c.Deadlines {
		p.Data.Deadlines = append(p.Data.Deadlines, PayloadDeadline{Kind: due.Kind, Due: due.Due.UTC(), Rule: due.Rule})
	}
	body, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode webhook payload: %w", err)
	}
	return body, nil
}

func (a *Alerter) link(c opinion.Case) string {
	return strings.TrimSuffix(a.cfg.PublicURL, "/") + "/cases/" + url.PathEscape(c.ID)
}

// shorten keeps to one line of at most n code points.
func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

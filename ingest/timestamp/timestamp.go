// Package timestamp reads points in time as exports and collectors write them.
package timestamp

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// ErrFormat is returned for a text that no known writing fits.
var ErrFormat = errors.New("is not a time that is understood: write 2019-02-28 11:25:05, 2019/2/28, 2019年2月28日, RFC 3339 or Unix seconds")

// Excel's day 0 (1900 system), and the serial numbers that are read as days: 2000 to 2099.
var excelZero = time.Date(1899, 12, 30, 0, 0, 0, 0, opinion.ChinaTime)

const (
	firstSerial = 36526
	lastSerial  = 73050
)

// Parse reads a time. Without a zone it is in China Standard Time; without a time of
// day it is midnight. It knows year-month-day with - / . or 年月日 between, one or two
// digits each, followed by a time of day with or without seconds and fractions
// (also 时分秒), RFC 3339, 20190228 and 20190228112505, Unix seconds and milliseconds,
// and Excel's serial days.
func Parse(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if t, ok := number(s); ok {
		return t, nil
	}
	p := parser{s: s}
	year, month, day := p.date()
	hour, minute, second := 0, 0, 0
	nanos := 0
	zone := opinion.ChinaTime
	if p.ok && !p.done() {
		hour, minute, second, nanos = p.clock()
		zone = p.zone()
	}
	if !p.ok || !p.done() {
		return time.Time{}, ErrFormat
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, zone)
	if t.Day() != day || int(t.Month()) != month || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, ErrFormat
	}
	return t, nil
}

// number reads writings that are one number.
func number(s string) (time.Time, bool) {
	for i := 0; i < len(s); i++ {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' {
			return time.Time{}, false
		}
	}
	switch len(s) {
	case 8, 14:
		layout := "20060102150405"[:len(s)]
		t, err := time.ParseInLocation(layout, s, opinion.ChinaTime)
		return t, err == nil
	case 10, 13:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}, false // 2019.01.02 has ten characters too
		}
		if len(s) == 13 {
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < firstSerial || f > lastSerial {
		return time.Time{}, false
	}
	// Excel keeps a second as 1/86400 of a day: round to whole seconds.
	return excelZero.Add(time.Duration(math.Round(f*86400)) * time.Second), true
}

// parser reads fields from the left; ok falls when one does not fit.
type parser struct {
	s  string
	ok bool
}

func (p *parser) done() bool { return p.s == "" }

// digits reads a number of at most n digits.
func (p *parser) digits(n int) int {
	v, i := 0, 0
	for i < len(p.s) && i < n && p.s[i] >= '0' && p.s[i] <= '9' {
		v = v*10 + int(p.s[i]-'0')
		i++
	}
	if i == 0 {
		p.ok = false
	}
	p.s = p.s[i:]
	return v
}

// skip drops one of the separators if it comes next.
func (p *parser) skip(separators ...string) bool {
	for _, sep := range separators {
		if rest, found := strings.CutPrefix(p.s, sep); found {
			p.s = rest
			return true
		}
	}
	return false
}

func (p *parser) need(separators ...string) {
	if !p.skip(separators...) {
		p.ok = false
	}
}

func (p *parser) date() (year, month, day int) {
	p.ok = true
	before := len(p.s)
	year = p.digits(4)
	p.ok = p.ok && before-len(p.s) == 4
	p.need("-", "/", ".", "年")
	month = p.digits(2)
	p.need("-", "/", ".", "月")
	day = p.digits(2)
	p.skip("日", "号")
	return year, month, day
}

func (p *parser) clock() (hour, minute, second, nanos int) {
	p.skip("T", "t")
	p.s = strings.TrimLeft(p.s, " \u3000")
	afternoon := p.skip("下午")
	if !afternoon {
		p.skip("上午")
	}
	hour = p.digits(2)
	if afternoon && hour < 12 {
		hour += 12
	}
	p.need(":", "：", "时", "点")
	if p.done() {
		return hour, 0, 0, 0
	}
	minute = p.digits(2)
	p.skip("分")
	if p.skip(":", "：") || p.s != "" && p.s[0] >= '0' && p.s[0] <= '9' {
		second = p.digits(2)
		p.skip("秒")
		if p.skip(".") {
			nanos = p.fraction()
		}
	}
	return hour, minute, second, nanos
}

func (p *parser) fraction() int {
	v, i := 0, 0
	for ; i < len(p.s) && p.s[i] >= '0' && p.s[i] <= '9'; i++ {
		if i < 9 {
			v = v*10 + int(p.s[i]-'0')
		}
	}
	p.s = p.s[i:]
	for ; i < 9; i++ {
		v *= 10
	}
	return v
}

func (p *parser) zone() *time.Location {
	p.s = strings.TrimLeft(p.s, " ")
	if p.skip("Z", "z", "UTC", "GMT") {
		return time.UTC
	}
	sign := 1
	switch {
	case p.skip("+"):
	case p.skip("-"):
		sign = -1
	default:
		return opinion.ChinaTime
	}
	hours := p.digits(2)
	p.skip(":")
	minutes := 0
	if !p.done() {
		minutes = p.digits(2)
	}
	if hours > 14 || minutes > 59 {
		p.ok = false
	}
	return time.FixedZone("", sign*(hours*60+minutes)*60)
}

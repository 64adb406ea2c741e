package timestamp

import (
	"testing"
	"time"
)

func TestParseReadsTheWritingsOfExports(t *testing.T) {
	for in, want := range map[string]string{
		"2019-02-28 11:25:05":       "2019-02-28T11:25:05+08:00",
		"2019-02-28 11:25":          "2019-02-28T11:25:00+08:00",
		"2019-02-28":                "2019-02-28T00:00:00+08:00",
		" 2019/1/5 8:03 ":           "2019-01-05T08:03:00+08:00",
		"2019.01.02":                "2019-01-02T00:00:00+08:00",
		"2019年1月5日":                 "2019-01-05T00:00:00+08:00",
		"2019年1月5日 8时3分":            "2019-01-05T08:03:00+08:00",
		"2019年1月5日8时3分9秒":           "2019-01-05T08:03:09+08:00",
		"2019年1月5日 下午3:07":          "2019-01-05T15:07:00+08:00",
		"2019-02-28T11:25:05Z":      "2019-02-28T19:25:05+08:00",
		"2019-02-28T11:25:05.250Z":  "2019-02-28T19:25:05+08:00",
		"2019-02-28T11:25:05+08:00": "2019-02-28T11:25:05+08:00",
		"2019-02-28T11:25:05-0530":  "2019-03-01T00:55:05+08:00",
		"2019-02-28 11:25:05.0":     "2019-02-28T11:25:05+08:00",
		"20190228":                  "2019-02-28T00:00:00+08:00",
		"20190228112505":            "2019-02-28T11:25:05+08:00",
		"1551324305":                "2019-02-28T11:25:05+08:00",
		"1551324305000":             "2019-02-28T11:25:05+08:00",
		"43524":                     "2019-02-28T00:00:00+08:00",
		"43524.4757523148":          "2019-02-28T11:25:05+08:00",
		"2020-02-29":                "2020-02-29T00:00:00+08:00",
	} {
		got, err := Parse(in)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
			continue
		}
		w, _ := time.Parse(time.RFC3339, want)
		if !got.Truncate(time.Second).Equal(w) {
			t.Errorf("Parse(%q) = %s, want %s", in, got.Format(time.RFC3339), want)
		}
	}
}

func TestParseRefusesWhatItCannotBeSureOf(t *testing.T) {
	for _, in := range []string{
		"", "昨天", "1/5/19 8:03", "2019-13-01", "2019-02-30", "2019-02-28 25:00", "2019-02-28 11:60",
		"2019-02-28 11:25:05 abc", "2019-02", "19-02-28", "12", "99999999", "2019-02-28T11:25:05+99:00",
		"2019-02-28 11", "2019--02-28",
	} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", in, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2019-02-28 11:25:05", "43524.5", "2019年1月5日下午3:07", "1551324305000", "2019-02-28T11:25:05+08:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		// What was read can be written and read again.
		again, err := Parse(got.Format(time.RFC3339Nano))
		if y := got.Year(); y > 0 && y < 10000 && (err != nil || !again.Equal(got)) {
			t.Fatalf("Parse(%q) = %v, read again %v, %v", s, got, again, err)
		}
	})
}

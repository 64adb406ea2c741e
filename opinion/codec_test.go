package opinion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var codecTime = time.Date(2019, 6, 3, 8, 30, 0, 123456789, time.UTC)

func fullPost() Post {
	return Post{
		ID: PostID("renmin", "7001"), Source: "renmin", SourceID: "7001", Channel: ChannelWebMessage,
		URL: "https://example.test/7001?a=1&b=<2>", Pseudonym: "p-93ab", Title: "小区停水三天\u2028无人过问",
		Text: "“水费”照收 <b>&amp;</b> \u0000 \U0001F4A7 末尾", Place: "东城区",
		PublishedAt: codecTime, ReceivedAt: codecTime.Add(time.Hour), PublishedKnown: true,
		Likes: 3, Dislikes: 1, Comments: 4, Reposts: 1, History: true, Masked: map[string]int{"phone": 2, "name": 1},
	}
}

func fullAssessment() Assessment {
	evidence := []Evidence{{Span: Span{Start: 2, End: 4}, Word: "停水"}}
	return Assessment{
		Topic: "water", Topic2: "property", Topics: []TopicScore{{Topic: "water", Probability: 0.91, Evidence: evidence}},
		Risk: RiskUrgent, Score: 87.5, Factors: []Factor{{Name: "term", Points: 2.5, Kind: "K1", Evidence: evidence}, {Name: "negated", Points: -1}},
		Kinds: []string{"K1", "K3"}, Sentiment: -1, Intent: "投诉", Streets: []string{"street-1"}, Places: evidence, Elsewhere: &Elsewhere{Name: "河北省", Evidence: evidence},
		Fingerprint: []uint64{0, 1, 1<<64 - 1}, Profile: "AQAA", PolicyVersion: "p1", ModelVersion: "m1",
	}
}

func fullEvent() Event {
	return Event{
		ID: "ev-1", Topic: "water", Name: "停水", FirstAt: codecTime, LastAt: codecTime.Add(time.Minute), Posts: 2,
		Sources: []string{"12345", "renmin"}, Risk: RiskHigh, Score: 70, Level: LevelII, KeyPost: "p", Fingerprint: []uint64{1<<63 + 1}, Version: 1<<62 + 1,
		Why: []Reason{{Name: "level_rule", Detail: "Ⅱ级", Basis: "alert.json"}}, FirstPost: "q", LikedPost: "r", Likes: 7,
		Burst: &Burst{At: codecTime.Add(time.Hour), From: codecTime, Window: 60, Usual: 2.5, Seen: 70, Further: 440, Reach: 500},
		Pulse: &Pulse{Seen: 70, FirstAt: codecTime, LastAt: codecTime.Add(time.Hour), Sums: []float64{1, 2.5}, Slices: []Slice{{At: 7, Count: 1.5}},
			Watched: []Watched{{Post: "p", Reposts: 9, At: codecTime}}},
		Heat: Heat{Value: 2.5, At: codecTime, HalfLife: 86400}, Marks: []Mark{{Reason: "new_event", At: codecTime}},
		Profile: "AQAA", MergedInto: "ev-2", Apart: []string{"ev-3"},
	}
}

func fullEdit() Edit {
	return Edit{ID: "e-1", Op: EditSplit, From: "ev-1", Into: "ev-2", Posts: []string{"p", "q"}, By: "wang", Reason: "两回事", At: codecTime}
}

func split() Edit { e := fullEdit(); e.Into = ""; return e }

func roundTrip[T payload](t *testing.T, v T) {
	t.Helper()
	b, err := Encode(v)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	if !json.Valid(b) {
		t.Fatalf("Encode made no JSON: %s", b)
	}
	got, err := Decode[T](b)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if !reflect.DeepEqual(got, v) {
		t.Errorf("after a round trip:\n%+v\nwant\n%+v", got, v)
	}
	again, err := Encode(got)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("a second Encode differs (%v):\n%s\n%s", err, again, b)
	}
}

func TestCodecRoundTrip(t *testing.T) {
	p, a, e := fullPost(), fullAssessment(), fullEvent()
	noZero(t, p, a, e, fullEdit())
	roundTrip(t, split())
	roundTrip(t, p)
	roundTrip(t, Assessed{Post: p, Assessment: a, AssessedAt: codecTime})
	roundTrip(t, Signal{Event: e, Post: p, Assessment: a, Reason: "new_event", At: codecTime})
	roundTrip(t, Post{ID: "i", Source: "s", PublishedAt: codecTime, ReceivedAt: codecTime}) // the least
}

// noZero fails when a field was added to a type and not to this test.
func noZero(t *testing.T, all ...any) {
	t.Helper()
	for _, v := range all {
		r := reflect.ValueOf(v)
		for i := range r.NumField() {
			if r.Field(i).IsZero() {
				t.Errorf("%T.%s is zero: the round trip does not test it", v, r.Type().Field(i).Name)
			}
		}
	}
}

func TestEncodeTellsVersionAndKind(t *testing.T) {
	for kind, encode := range map[Kind]func() ([]byte, error){
		KindPost:     func() ([]byte, error) { return Encode(fullPost()) },
		KindAssessed: func() ([]byte, error) { return Encode(Assessed{}) },
		KindSignal:   func() ([]byte, error) { return Encode(Signal{}) },
		KindEdit:     func() ([]byte, error) { return Encode(Edit{}) },
	} {
		b, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		var head struct {
			V    int             `json:"v"`
			Kind Kind            `json:"kind"`
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(b, &head); err != nil || head.V != SchemaVersion || head.Kind != kind || len(head.Data) == 0 {
			t.Errorf("%s is encoded as %.60s… (%v)", kind, b, err)
		}
		if got := KindOf(b); got != kind {
			t.Errorf("KindOf a %s is %q", kind, got)
		}
		if got := KindOf(append([]byte(" "), b...)); got != kind {
			t.Errorf("KindOf a %s of another writer is %q", kind, got)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := Encode(fullPost())
	if err != nil {
		t.Fatal(err)
	}
	data := string(good[bytes.Index(good, []byte(`"data":`))+7 : len(good)-1])
	envelope := func(version any, kind, data string) string {
		return fmt.Sprintf(`{"v":%v,"kind":%q,"data":%s}`, version, kind, data)
	}
	without := func(field string) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(data), &m); err != nil {
			t.Fatal(err)
		}
		delete(m, field)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return envelope(SchemaVersion, "post", string(b))
	}
	for _, c := range []struct{ name, message, says string }{
		{"nothing", "", "undecodable"},
		{"no JSON", "\xff\xfe\x00", "undecodable"},
		{"null", "null", "no schema version"},
		{"an array", "[1]", "undecodable"},
		{"an empty object", "{}", "no schema version"},
		{"no version", `{"kind":"post","data":` + data + `}`, "no schema version"},
		{"a negative version", envelope(-1, "post", data), "no schema version"},
		{"a broken version", envelope(`"1"`, "post", data), "undecodable"},
		{"the next version", envelope(SchemaVersion+1, "post", data), "from the future"},
		{"a far version with another shape", `{"v":77,"kind":"post","data":[{"new":true}],"extra":1}`, "from the future"},
		{"another kind", envelope(SchemaVersion, "signal", data), `kind "signal" where "post" belongs`},
		{"no kind", `{"v":1,"data":` + data + `}`, `kind "" where "post" belongs`},
		{"no data", `{"v":1,"kind":"post"}`, "undecodable"},
		{"null data", envelope(SchemaVersion, "post", "null"), "id is missing"},
		{"data of another type", envelope(SchemaVersion, "post", `"text"`), "undecodable"},
		{"a field of another type", envelope(SchemaVersion, "post", `{"id":7}`), "undecodable"},
		{"a time that is none", envelope(SchemaVersion, "post", `{"id":"i","source":"s","published_at":"gestern"}`), "undecodable"},
		{"two objects", string(good) + string(good), "undecodable"},
		{"no id", without("id"), "id is missing"},
		{"no source", without("source"), "source is missing"},
		{"no time of publication", without("published_at"), "published_at is missing"},
		{"no time of receipt", without("received_at"), "received_at is missing"},
		{"too large", string(good) + strings.Repeat(" ", MaxMessage), "more than"},
		{"deeply nested", strings.Repeat(`{"data":`, 200000), "undecodable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode[Post]([]byte(c.message))
			if !errors.Is(err, ErrMessage) {
				t.Fatalf("Decode = %v, want an error that wraps ErrMessage", err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("Decode says %q, want it to say %q", err, c.says)
			}
		})
	}
	for cut := range len(good) {
		if _, err := Decode[Post](good[:cut]); !errors.Is(err, ErrMessage) {
			t.Fatalf("Decode of the first %d of %d bytes = %v, want an error that wraps ErrMessage", cut, len(good), err)
		}
	}
}

func TestDecodeChecksWhatIsInside(t *testing.T) {
	whole := Signal{Event: fullEvent(), Post: fullPost(), At: codecTime}
	noEvent, noPost := whole, whole
	noEvent.Event.ID, noPost.Post.ID = "", ""
	for says, v := range map[string]Signal{"event.id is missing": noEvent, "id is missing": noPost} {
		b, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode[Signal](b); !errors.Is(err, ErrMessage) || !strings.Contains(err.Error(), says) {
			t.Errorf("Decode = %v, want %q", err, says)
		}
	}
	b, err := Encode(Assessed{Assessment: fullAssessment()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode[Assessed](b); !errors.Is(err, ErrMessage) {
		t.Errorf("Decode of an assessment without a post = %v", err)
	}
}

// An older release's message may carry fields that are gone, and lack new ones.
func TestDecodeIgnoresUnknownFields(t *testing.T) {
	b := []byte(`{"v":1,"kind":"post","was":"here","data":{"id":"i","source":"s","text":"t","gone":{"a":[1]},` +
		`"published_at":"2019-06-03T16:30:00+08:00","received_at":"2019-06-03T08:30:00Z"}}`)
	p, err := Decode[Post](b)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if p.ID != "i" || p.Text != "t" || !p.PublishedAt.Equal(p.ReceivedAt) {
		t.Errorf("Decode = %+v", p)
	}
}

func TestEncodeRefusesTooMuch(t *testing.T) {
	p := fullPost()
	p.Text = strings.Repeat("水", MaxMessage/3)
	if _, err := Encode(p); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("Encode of %d bytes of text = %v, want an error that tells the limit", len(p.Text), err)
	}
	p.Text = strings.Repeat("水", MaxMessage/3-1000)
	roundTrip(t, p)
}

// Whatever comes off the log, Decode neither panics nor lets anything pass that could
// not be written again.
func FuzzDecode(f *testing.F) {
	for _, encode := range []func() ([]byte, error){
		func() ([]byte, error) { return Encode(fullPost()) },
		func() ([]byte, error) {
			return Encode(Assessed{Post: fullPost(), Assessment: fullAssessment(), AssessedAt: codecTime})
		},
		func() ([]byte, error) {
			return Encode(Signal{Event: fullEvent(), Post: fullPost(), Assessment: fullAssessment(), At: codecTime})
		},
	} {
		b, err := encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte(`{"v":1,"kind":"edit","data":{"id":"e","op":"merge","from":"a","into":"b","by":"u","reason":"r","at":"2019-06-03T08:30:00Z"}}`))
	f.Add([]byte(`{"v":2,"kind":"post","data":{}}`))
	f.Add([]byte(`{"v":1,"kind":"post","data":null}`))
	f.Add([]byte(`{"v":1e0,"KIND":"post","data":{"ID":"\ud800","source":"s","published_at":"9999-12-31T23:59:59.999999999Z","received_at":"0001-01-01T00:00:01Z"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzOne[Post](t, b)
		fuzzOne[Assessed](t, b)
		fuzzOne[Signal](t, b)
		fuzzOne[Edit](t, b)
		KindOf(b)
	})
}

func fuzzOne[T payload](t *testing.T, b []byte) {
	v, err := Decode[T](b)
	if err != nil {
		if !errors.Is(err, ErrMessage) {
			t.Fatalf("Decode error %v does not wrap ErrMessage", err)
		}
		return
	}
	again, err := Encode(v)
	if err != nil {
		// Escaping may make a message longer than it was.
		if len(b) < MaxMessage/6 {
			t.Fatalf("decoded, but cannot be encoded: %v", err)
		}
		return
	}
	w, err := Decode[T](again)
	if err != nil {
		t.Fatalf("Decode of what Encode wrote: %v\n%s", err, again)
	}
	if third, err := Encode(w); err != nil || !bytes.Equal(third, again) {
		t.Fatalf("Encode is not stable (%v):\n%s\n%s", err, again, third)
	}
	if !utf8.Valid(again) {
		t.Fatalf("Encode wrote invalid UTF-8: %q", again)
	}
}

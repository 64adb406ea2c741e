package opinion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Kind names the payload of a message on the log.
type Kind string

// The kinds. TopicAssessed holds two, the others one each.
const (
	KindPost     Kind = "post"
	KindAssessed Kind = "assessed"
	KindSignal   Kind = "signal"
	KindEdit     Kind = "edit"
)

// SchemaVersion is the version of the messages that this code writes. A reader takes
// every version up to its own; a larger one is from the future and is dead-lettered,
// because dropping fields that a later release needs would lose them without a word.
const SchemaVersion = 1

// MaxMessage bounds an encoded message, in bytes.
const MaxMessage = 1 << 20

// ErrMessage marks a message that can never be decoded: it belongs on the
// dead-letter topic.
var ErrMessage = errors.New("undecodable message")

type envelope struct {
	Version int             `json:"v"`
	Kind    Kind            `json:"kind"`
	Data    json.RawMessage `json:"data"`
}

type payload interface {
	Post | Assessed | Signal | Edit
}

func kindOf[T payload]() Kind {
	var zero T
	switch any(zero).(type) {
	case Post:
		return KindPost
	case Assessed:
		return KindAssessed
	case Edit:
		return KindEdit
	default:
		return KindSignal
	}
}

// Encode makes the log's form of a payload: one JSON object {"v", "kind", "data"}.
func Encode[T payload](v T) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kindOf[T](), err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"v":%d,"kind":%q,"data":`, SchemaVersion, kindOf[T]())
	b.Write(data)
	b.WriteByte('}')
	if b.Len() > MaxMessage {
		return nil, fmt.Errorf("encode %s: %d bytes are more than %d", kindOf[T](), b.Len(), MaxMessage)
	}
	return b.Bytes(), nil
}

// Decode reads what Encode wrote. Its errors wrap ErrMessage.
func Decode[T payload](b []byte) (T, error) {
	var v T
	var e envelope
	if len(b) > MaxMessage {
		return v, fmt.Errorf("%w: %d bytes are more than %d", ErrMessage, len(b), MaxMessage)
	}
	if data, ok := payloadOf(b, kindOf[T]()); ok && json.Unmarshal(data, &v) == nil {
		return v, check(v)
	}
	v = *new(T) // what the short way may have half read
	if err := json.Unmarshal(b, &e); err != nil {
		return v, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	switch want := kindOf[T](); {
	case e.Version < 1:
		return v, fmt.Errorf("%w: no schema version", ErrMessage)
	case e.Version > SchemaVersion:
		return v, fmt.Errorf("%w: schema version %d is from the future, this release reads up to %d", ErrMessage, e.Version, SchemaVersion)
	case e.Kind != want:
		return v, fmt.Errorf("%w: kind %q where %q belongs", ErrMessage, e.Kind, want)
	}
	if err := json.Unmarshal(e.Data, &v); err != nil {
		return v, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	return v, check(v)
}

// KindOf tells the kind of a message, for topics that hold several; "" for bytes that are no
// message. Decode tells what is wrong with those.
func KindOf(b []byte) Kind {
	for _, k := range []Kind{KindAssessed, KindPost, KindSignal, KindEdit} {
		if _, ours := payloadOf(b, k); ours {
			return k
		}
	}
	var e struct {
		Kind Kind `json:"kind"`
	}
	if len(b) > MaxMessage || json.Unmarshal(b, &e) != nil {
		return ""
	}
	return e.Kind
}

// payloadOf cuts the payload out of a message that Encode of this release wrote, without
// reading it as JSON twice more. Any other message takes the long way.
func payloadOf(b []byte, kind Kind) ([]byte, bool) {
	head := fmt.Appendf(make([]byte, 0, 64), `{"v":%d,"kind":%q,"data":`, SchemaVersion, kind)
	data, ours := bytes.CutPrefix(b, head)
	if !ours {
		return nil, false
	}
	return bytes.CutSuffix(data, []byte("}"))
}

// check refuses payloads that no stage could act on.
func check(v any) error {
	var missing string
	switch v := v.(type) {
	case Post:
		missing = postGap(v)
	case Assessed:
		missing = postGap(v.Post)
	case Signal:
		if missing = postGap(v.Post); v.Event.ID == "" {
			missing = "event.id"
		}
	case Edit:
		if err := v.Check(); err != nil {
			return fmt.Errorf("%w: %w", ErrMessage, err)
		}
	}
	if missing != "" {
		return fmt.Errorf("%w: %s is missing", ErrMessage, missing)
	}
	return nil
}

func postGap(p Post) string {
	switch {
	case p.ID == "":
		return "id"
	case p.Source == "":
		return "source"
	case p.PublishedAt.IsZero():
		return "published_at"
	case p.ReceivedAt.IsZero():
		return "received_at"
	default:
		return ""
	}
}

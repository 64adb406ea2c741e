package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// bulkBytes is how large a bulk request grows before the next one begins.
const bulkBytes = 5 << 20

// operation is one line pair of a bulk request, with its outcome.
type operation struct {
	action string // "create", "index", "update" or "delete"
	meta   object
	body   any // nil for delete

	status int
	reason string // type and reason of a failure
	kind   string // type of a failure
}

func (o *operation) done() bool { return o.status >= 200 && o.status < 300 }

// bulk sends operations and fills in the outcome of each. Items that the cluster was
// too busy for are sent again, without the others, for up to RetryFor.
func (x *Index) bulk(ctx context.Context, ops []*operation) error {
	b := x.backoff()
	for len(ops) > 0 {
		if err := x.bulkOnce(ctx, ops); err != nil {
			return err
		}
		var again []*operation
		for _, o := range ops {
			if busy(o.status) {
				again = append(again, o)
			}
		}
		if ops = again; len(ops) == 0 {
			return nil
		}
		x.log.WarnContext(ctx, "elastic is too busy for a part of a bulk request", "items", len(ops), "reason", ops[0].reason)
		if ended := b.wait(ctx); errors.Is(ended, errSpent) {
			return unavailable("elastic is too busy", fmt.Errorf("%d items, the first: %s", len(ops), ops[0].reason))
		} else if ended != nil {
			return ended
		}
	}
	return nil
}

func (x *Index) bulkOnce(ctx context.Context, ops []*operation) error {
	var buf bytes.Buffer
	start := 0
	for i, o := range ops {
		if err := o.write(&buf); err != nil {
			return err
		}
		if buf.Len() < bulkBytes && i+1 < len(ops) {
			continue
		}
		if err := x.bulkSend(ctx, buf.Bytes(), ops[start:i+1]); err != nil {
			return err
		}
		buf.Reset()
		start = i + 1
	}
	return nil
}

func (o *operation) write(buf *bytes.Buffer) error {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(object{o.action: o.meta}); err != nil {
		return fmt.Errorf("encode bulk line: %w", err)
	}
	if o.body == nil {
		return nil
	}
	if err := enc.Encode(o.body); err != nil {
		return fmt.Errorf("encode bulk line: %w", err)
	}
	return nil
}

func (x *Index) bulkSend(ctx context.Context, payload []byte, ops []*operation) error {
	var answer struct {
		Items []map[string]struct {
			Status int `json:"status"`
			Error  *struct {
				Type   string `json:"type"`
				Reason string `json:"reason"`
			} `json:"error"`
		} `json:"items"`
	}
	if err := x.do(ctx, http.MethodPost, "/_bulk?filter_path=items.*.status,items.*.error", payload, &answer); err != nil {
		return err
	}
	if len(answer.Items) != len(ops) {
		return fmt.Errorf("elastic answered %d of %d bulk items", len(answer.Items), len(ops))
	}
	for i, item := range answer.Items {
		for _, r := range item {
			ops[i].status, ops[i].kind, ops[i].reason = r.Status, "", ""
			if r.Error != nil {
				ops[i].kind, ops[i].reason = r.Error.Type, r.Error.Type+": "+r.Error.Reason
			}
		}
	}
	return nil
}

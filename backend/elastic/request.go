package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/huiying/huiying/opinion"
)

// maxResponse bounds what is read of one answer, in bytes.
const maxResponse = 256 << 20

// statusError is an answer of Elasticsearch that is not a success.
type statusError struct {
	Status int
	Type   string
	Reason string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("elastic answered %d %s: %s", e.Status, e.Type, e.Reason)
}

// busy tells whether the answer asks to come again later.
func busy(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func isStatus(err error, status int) bool {
	e, ok := errors.AsType[*statusError](err)
	return ok && e.Status == status
}

// do sends a request and repeats it with growing pauses while the cluster is
// unreachable or busy, for up to RetryFor. Every request of this package may be
// repeated without harm. body is nil, []byte as it is, or anything else as JSON.
func (x *Index) do(ctx context.Context, method, path string, body, answer any) error {
	b := x.backoff()
	for {
		err := x.once(ctx, method, path, body, answer)
		if err == nil || !retryable(err) || ctx.Err() != nil {
			return err
		}
		if ended := b.wait(ctx); errors.Is(ended, errSpent) {
			return unavailable("elastic does not answer; are its addresses right and is it running", err)
		} else if ended != nil {
			return fmt.Errorf("%w (last: %w)", ended, err)
		}
	}
}

func retryable(err error) bool {
	if e, ok := errors.AsType[*statusError](err); ok {
		return busy(e.Status)
	}
	_, broken := errors.AsType[*connectionError](err)
	return broken
}

// connectionError is a request without a whole answer.
type connectionError struct{ err error }

func (e *connectionError) Error() string { return e.err.Error() }
func (e *connectionError) Unwrap() error { return e.err }

// once sends a request one time.
func (x *Index) once(ctx context.Context, method, path string, body, answer any) error {
	payload, kind := []byte(nil), "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		payload, kind = b, "application/x-ndjson"
	default:
		var err error
		if payload, err = json.Marshal(b); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	if len(payload) > 0 {
		req.Header.Set("Content-Type", kind)
	}
	res, err := x.es.Perform(req)
	if err != nil {
		return &connectionError{err}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxResponse+1))
	if err != nil {
		return &connectionError{err}
	}
	if len(raw) > maxResponse {
		return fmt.Errorf("elastic answered with more than %d bytes", maxResponse)
	}
	if res.StatusCode >= 300 {
		return decodeFailure(res.StatusCode, raw)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	return nil
}

func decodeFailure(status int, raw []byte) error {
	e := &statusError{Status: status, Type: http.StatusText(status), Reason: string(raw[:min(len(raw), 300)])}
	var body struct {
		Error struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
			Cause  []struct {
				Reason string `json:"reason"`
			} `json:"root_cause"`
		} `json:"error"`
	}
	if json.Unmarshal(raw, &body) == nil && body.Error.Type != "" {
		e.Type, e.Reason = body.Error.Type, body.Error.Reason
		if len(body.Error.Cause) > 0 {
			e.Reason += ": " + body.Error.Cause[0].Reason
		}
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return &opinion.Error{Code: opinion.CodeUnavailable, Message: "elastic refuses the user; check username and password or the API key", Err: e}
	}
	return e
}

// backoff makes pauses of 100 ms growing to 5 s, each shortened by chance by up to a
// half, until limit has passed in pauses.
type backoff struct {
	limit time.Duration
	pause func(context.Context, time.Duration) error
	spent time.Duration
	next  time.Duration
}

func (x *Index) backoff() *backoff { return &backoff{limit: x.cfg.RetryFor, pause: x.pause} }

// errSpent tells that the time for another attempt is over.
var errSpent = errors.New("no time left for another attempt")

// wait pauses before another attempt. It returns errSpent or the context's error when
// there is to be none.
func (b *backoff) wait(ctx context.Context) error {
	if b.spent >= b.limit {
		return errSpent
	}
	b.next = min(max(2*b.next, 100*time.Millisecond), 5*time.Second)
	d := b.next - rand.N(b.next/2)
	b.spent += d
	return b.pause(ctx, d)
}

// pause sleeps, or returns the context's error when that ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

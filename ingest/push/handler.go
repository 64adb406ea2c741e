package push

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/opinion"
)

type handler struct {
	intake  Intake
	keys    Keys
	cfg     Config
	flight  flight
	rates   *rates
	metrics metrics
}

// Handler answers POST /api/v1/posts. Its metrics are registered on reg, which may be
// nil.
//
// The body is one post as a JSON object or several as a JSON array
// (application/json), or one post a line (application/x-ndjson); gzip is accepted.
// A post has the fields of the type post in this package; an unknown field is an error
// that names it, so that a misspelt field loses nothing. The key
// (Authorization: Bearer …) decides the source; a post that names another one is
// refused with the whole request (403).
//
// Answers: 202 with a Receipt when at least one post is on the log, there already or
// newly acknowledged by Kafka; posts that cannot be taken are listed in it with line,
// field and reason. 400 with the same Receipt when no post can be taken. 401 without a
// valid key, 413 above a size limit, 415 for another content type, 429 with
// Retry-After above the key's rate or when too much is in flight, 503 with
// Retry-After while the log or the index does not answer. After 413, 429 and 503
// nothing is known to be taken, and sending the same request again is harmless.
func Handler(intake Intake, keys Keys, cfg Config, reg prometheus.Registerer) http.Handler {
	cfg = cfg.withDefaults()
	h := &handler{intake: intake, keys: keys, cfg: cfg, rates: newRates(cfg.RatePerKey, cfg.MaxPosts), metrics: newMetrics(reg)}
	h.flight = flight{max: cfg.MaxInFlight, gauge: h.metrics.inFlight}
	return h
}

// Receipt is the answer to a push that could be read.
type Receipt struct {
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates"`
	// Rejected lists the posts that were not taken, in order.
	Rejected []Rejection `json:"rejected"`
	// IDs are those of the accepted posts and the duplicates, in order.
	IDs []string `json:"ids"`
}

// Rejection tells why a post was not taken.
type Rejection struct {
	Line   int    `json:"line"` // 1 is the first line, or the first element
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := h.cfg.Now()
	status := h.serve(w, r)
	h.metrics.seconds.WithLabelValues(strconv.Itoa(status)).Observe(h.cfg.Now().Sub(start).Seconds())
}

// serve answers and returns the status.
func (h *handler) serve(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return problem(w, http.StatusMethodNotAllowed, "send posts with POST")
	}
	key, err := h.authorise(r)
	if err != nil {
		return h.fail(w, r, err)
	}
	// A client that sends slowly must not hold its share for ever. Tests' recorders
	// know no deadline, and a server has its own too.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.cfg.Timeout))
	body, release, err := h.body(w, r)
	defer release()
	if err != nil {
		return h.fail(w, r, err)
	}
	lines, err := parse(body, isLines(r), h.cfg)
	if err != nil {
		return h.fail(w, r, err)
	}
	for _, l := range lines {
		if l.source != "" && l.source != key.Source {
			return problem(w, http.StatusForbidden, "line "+strconv.Itoa(l.n)+" names another source than the key's, "+key.Source)
		}
	}
	if wait := h.rates.take(key.ID, len(lines), h.cfg.Now()); wait > 0 {
		return h.fail(w, r, &retryError{status: http.StatusTooManyRequests, after: wait, detail: "this key pushes more posts a second than it may"})
	}
	receipt, err := h.accept(r.Context(), key, lines)
	if err != nil {
		return h.fail(w, r, err)
	}
	if receipt.Accepted+receipt.Duplicates == 0 {
		return writeJSON(w, http.StatusBadRequest, "application/json", receipt)
	}
	return writeJSON(w, http.StatusAccepted, "application/json", receipt)
}

// authorise finds the key of the request. Only the key's hash is compared, by the
// store's index, so that timing tells nothing of the key itself.
func (h *handler) authorise(r *http.Request) (opinion.Key, error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return opinion.Key{}, opinion.Errorf(opinion.CodeUnauthorized, "send the push key as Authorization: Bearer KEY; huiying key add --source NAME makes one")
	}
	sum := sha256.Sum256([]byte(secret))
	key, err := h.keys.Key(r.Context(), hex.EncodeToString(sum[:]))
	if opinion.CodeOf(err) == opinion.CodeUnauthorized {
		return key, opinion.Errorf(opinion.CodeUnauthorized, "this push key is unknown or revoked")
	}
	return key, err
}

// body reads the request's body within the limits. The caller releases what it holds
// of the bytes in flight.
func (h *handler) body(w http.ResponseWriter, r *http.Request) ([]byte, func(), error) {
	held := h.flight.hold()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !jsonTypes[kind] && !lineTypes[kind] {
		return nil, held.release, &statusError{http.StatusUnsupportedMediaType, "send Content-Type: application/json (one post, or an array) or application/x-ndjson (one post a line)"}
	}
	var src io.Reader = http.MaxBytesReader(w, r.Body, h.cfg.MaxBody)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		if src, err = gzip.NewReader(src); err != nil {
			return nil, held.release, &statusError{http.StatusBadRequest, "the body is not gzip as its Content-Encoding says"}
		}
	default:
		return nil, held.release, &statusError{http.StatusUnsupportedMediaType, "the only Content-Encoding accepted is gzip"}
	}
	body, err := readBounded(src, h.cfg.MaxBody, held)
	return body, held.release, err
}

func readBounded(src io.Reader, limit int64, held *holding) ([]byte, error) {
	var body []byte
	chunk := make([]byte, 32<<10)
	for {
		n, err := src.Read(chunk)
		if int64(len(body)+n) > limit {
			return nil, &statusError{http.StatusRequestEntityTooLarge, "the body is larger than " + strconv.FormatInt(limit, 10) + " bytes: send fewer posts at a time"}
		}
		if !held.grow(int64(n)) {
			return nil, &retryError{status: http.StatusTooManyRequests, after: time.Second, detail: "too many bytes are in flight"}
		}
		body = append(body, chunk[:n]...)
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, &statusError{http.StatusRequestEntityTooLarge, "the body is larger than " + strconv.FormatInt(limit, 10) + " bytes: send fewer posts at a time"}
		}
		if err != nil {
			return nil, &statusError{http.StatusBadRequest, "the body ended before its end"}
		}
	}
}

// accept hands the good lines to the intake and makes the receipt.
func (h *handler) accept(ctx context.Context, key opinion.Key, lines []line) (Receipt, error) {
	receipt := Receipt{Rejected: []Rejection{}, IDs: []string{}}
	rows := make([]opinion.Raw, 0, len(lines))
	for i := range lines {
		if lines[i].bad == nil {
			lines[i].raw.Source = key.Source
			rows = append(rows, lines[i].raw)
		}
	}
	var outcomes []opinion.Outcome
	if len(rows) > 0 {
		var err error
		ctx, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
		defer cancel()
		if outcomes, err = h.intake.Accept(ctx, rows, opinion.IntakeOptions{Kind: "push", Edits: true}); err != nil {
			return receipt, err
		}
	}
	h.metrics.unreadable.Add(float64(len(lines) - len(rows)))
	next := 0
	for _, l := range lines {
		if l.bad != nil {
			receipt.Rejected = append(receipt.Rejected, Rejection{Line: l.n, Field: l.bad.Field, Reason: l.bad.Reason})
			continue
		}
		o := outcomes[next]
		next++
		switch o.Status {
		case opinion.OutcomeAccepted:
			receipt.Accepted++
			receipt.IDs = append(receipt.IDs, o.ID)
		case opinion.OutcomeDuplicate:
			receipt.Duplicates++
			receipt.IDs = append(receipt.IDs, o.ID)
		default:
			receipt.Rejected = append(receipt.Rejected, Rejection{Line: l.n, Field: o.Field, Reason: o.Reason})
		}
	}
	return receipt, nil
}

// statusError is an answer that is no success.
type statusError struct {
	status int
	detail string
}

func (e *statusError) Error() string { return e.detail }

// retryError is an answer that asks to come back.
type retryError struct {
	status int
	after  time.Duration
	detail string
}

func (e *retryError) Error() string { return e.detail }

// retryUnavailable is when to come back after a server did not answer.
const retryUnavailable = 5 * time.Second

// fail answers an error and returns the status.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) int {
	if e, ok := errors.AsType[*statusError](err); ok {
		return problem(w, e.status, e.detail)
	}
	e, ok := errors.AsType[*retryError](err)
	switch {
	case ok:
	case opinion.CodeOf(err) == opinion.CodeUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="huiying"`)
		return problem(w, http.StatusUnauthorized, err.Error())
	case opinion.CodeOf(err) == opinion.CodeBusy:
		e = &retryError{http.StatusTooManyRequests, time.Second, "too busy: send the same request again later"}
	default:
		// The client's own leaving is no news.
		if r.Context().Err() == nil {
			slog.Error("pushed posts could not be taken", "error", err)
		}
		e = &retryError{http.StatusServiceUnavailable, retryUnavailable, "the posts could not be written down: send the same request again later"}
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.after.Seconds()))))
	return problem(w, e.status, e.detail)
}

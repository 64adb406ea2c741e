package console

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// Problem is the body of every error answer (RFC 9457). Detail is for people, in the
// language that the request asks for: Chinese unless Accept-Language prefers English.
// Programs and translations go by Code, Reason and Params.
type Problem struct {
	Type   string            `json:"type" doc:"Always about:blank: the status tells the type."`
	Title  string            `json:"title" doc:"The status in words."`
	Status int               `json:"status"`
	Detail string            `json:"detail" doc:"What is wrong and how to mend it, for a person."`
	Code   opinion.Code      `json:"code" enum:"invalid,not_found,conflict,forbidden,unauthorized,busy,unavailable,internal" doc:"The kind of error."`
	Reason string            `json:"reason" doc:"Key of Detail in the message catalogue."`
	Params map[string]string `json:"params,omitempty" doc:"What was put into Detail: field, position, seconds, …"`
	Errors []FieldError      `json:"errors,omitempty" doc:"What is wrong in which part of the request."`

	retryAfter time.Duration
}

// FieldError is what is wrong in one part of a request.
type FieldError struct {
	Location string `json:"location" doc:"For example query.limit or body.name."`
	Message  string `json:"message" doc:"In English, for the caller's developer."`
}

// codeInternal is the code of errors that are nobody's to mend but ours.
const codeInternal opinion.Code = "internal"

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf maps the domain's codes to those of HTTP.
var statusOf = map[opinion.Code]int{
	opinion.CodeInvalid:      http.StatusBadRequest,
	opinion.CodeNotFound:     http.StatusNotFound,
	opinion.CodeConflict:     http.StatusConflict,
	opinion.CodeForbidden:    http.StatusForbidden,
	opinion.CodeUnauthorized: http.StatusUnauthorized,
	opinion.CodeBusy:         http.StatusTooManyRequests,
	opinion.CodeUnavailable:  http.StatusServiceUnavailable,
	codeInternal:             http.StatusInternalServerError,
}

// codeOf is the way back, for errors that the framework finds.
func codeOf(status int) opinion.Code {
	for code, s := range statusOf {
		if s == status {
			return code
		}
	}
	if status >= 500 {
		return codeInternal
	}
	return opinion.CodeInvalid
}

// problem makes an error answer of a message of the catalogue. params are pairs of name
// and value.
func problem(ctx context.Context, code opinion.Code, reason string, params ...string) *Problem {
	status := statusOf[code]
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Reason: reason}
	for i := 0; i+1 < len(params); i += 2 {
		if p.Params == nil {
			p.Params = map[string]string{}
		}
		p.Params[params[i]] = params[i+1]
	}
	p.Detail = message(languageOf(ctx), reason, p.Params)
	return p
}

var queryPosition = regexp.MustCompile(`^query, character (\d+): (.*)$`)

// problemOf makes the error answer of any error. Errors without a code are logged by the
// caller and tell the outside nothing.
func problemOf(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	e, ok := errors.AsType[*opinion.Error](err)
	switch {
	case ok && statusOf[e.Code] != 0:
		return domainProblem(ctx, e)
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		p := problem(ctx, opinion.CodeUnavailable, "unavailable")
		p.retryAfter = retryUnavailable
		return p
	default:
		return problem(ctx, codeInternal, "internal")
	}
}

// retryUnavailable is when a caller should try a server of ours again that did not answer.
const retryUnavailable = 2 * time.Second

func domainProblem(ctx context.Context, e *opinion.Error) *Problem {
	if m := queryPosition.FindStringSubmatch(e.Message); m != nil && e.Code == opinion.CodeInvalid {
		p := problem(ctx, e.Code, "query_syntax", "position", m[1], "expected", m[2])
		p.Errors = []FieldError{{"query.q", e.Message}}
		return p
	}
	p := problem(ctx, e.Code, string(e.Code))
	switch {
	case e.Code == opinion.CodeInvalid && e.Field == "after":
		p = problem(ctx, e.Code, "page_mark")
	case e.Code == opinion.CodeInvalid:
		p = problem(ctx, e.Code, "invalid_field", "field", e.Field, "message", e.Message)
	case e.Code == opinion.CodeBusy || e.Code == opinion.CodeUnavailable:
		p.retryAfter = retryUnavailable
	}
	if e.Field != "" {
		p.Errors = []FieldError{{e.Field, e.Message}}
	}
	return p
}

// The framework's own errors (validation, body size, content type) become Problems too.
// huma keeps its makers of errors in variables of the package; they are set once here.
func init() {
	huma.NewError = func(status int, detail string, errs ...error) huma.StatusError {
		return frameworkProblem(context.Background(), status, detail, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, detail string, errs ...error) huma.StatusError {
		return frameworkProblem(ctx.Context(), status, detail, errs)
	}
	huma.DefaultArrayNullable = false
}

func frameworkProblem(ctx context.Context, status int, detail string, errs []error) *Problem {
	p := problem(ctx, codeOf(status), frameworkReason(status))
	p.Status, p.Title = status, http.StatusText(status)
	if status >= 500 {
		return p
	}
	for _, err := range errs {
		var d *huma.ErrorDetail
		if detailer, ok := err.(huma.ErrorDetailer); ok {
			d = detailer.ErrorDetail()
		} else if err != nil {
			d = &huma.ErrorDetail{Message: err.Error()}
		}
		if d != nil && len(p.Errors) < 20 {
			p.Errors = append(p.Errors, FieldError{d.Location, d.Message})
		}
	}
	if len(p.Errors) == 0 && detail != "" {
		p.Errors = []FieldError{{"", detail}}
	}
	if where := locations(p.Errors); where != "" && p.Reason == string(opinion.CodeInvalid) {
		p.Params = map[string]string{"fields": where}
		p.Detail = message(languageOf(ctx), "invalid_fields", p.Params)
		p.Reason = "invalid_fields"
	}
	return p
}

func frameworkReason(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "media_type"
	case http.StatusRequestTimeout:
		return "body_timeout"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	}
	return string(codeOf(status))
}

func locations(errs []FieldError) string {
	var names []string
	for _, e := range errs {
		if e.Location != "" {
			names = append(names, e.Location)
		}
	}
	return strings.Join(names, ", ")
}

package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
)

// contentPolicy lets the pages load their own files and call this server, and nothing else.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guard wraps everything that the console serves: security headers, refusal of requests
// from other sites, metrics, and an answer when a handler panics.
func (s *server) guard(mux *http.ServeMux, origin string) (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	if origin != "" {
		if err := cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trust the public URL: %w", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.deny(w, r, http.StatusForbidden, "cross_origin")
	}))
	inner := cross.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.now()
		_, route := mux.Handler(r)
		rec := &recorder{ResponseWriter: w}
		s.headers(w.Header(), r)
		defer func() {
			if v := recover(); v != nil {
				s.panicked(rec, r, v)
			}
			s.metrics.requests.WithLabelValues(route, strconv.Itoa(rec.code()/100)+"xx").Inc()
			s.metrics.seconds.WithLabelValues(route).Observe(max(0, s.now().Sub(start).Seconds()))
		}()
		inner.ServeHTTP(rec, r)
	}), nil
}

func (s *server) headers(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if s.cfg.SecureCookies || r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Accept-Language, Cookie")
	}
}

// panicked answers for a handler that failed in a way nobody foresaw.
func (s *server) panicked(rec *recorder, r *http.Request, v any) {
	if v == http.ErrAbortHandler {
		panic(v)
	}
	s.log.ErrorContext(r.Context(), "request panicked", "method", r.Method, "panic", v, "stack", string(debug.Stack()))
	if rec.status == 0 {
		s.deny(rec, r, http.StatusInternalServerError, "internal")
	}
}

// anyAPIPath is the pattern of what no operation has.
const anyAPIPath = "/api/"

// unknownPath answers for paths below /api/ that no operation has, instead of the pages:
// 405 when other methods have the path, 404 when none has.
func (s *server) unknownPath(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allow []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(other); pattern != anyAPIPath {
				allow = append(allow, method)
			}
		}
		if allow == nil {
			s.deny(w, r, http.StatusNotFound, "no_such_path", "path", r.Method+" "+r.URL.Path)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		s.deny(w, r, http.StatusMethodNotAllowed, "method", "path", r.URL.Path, "allowed", strings.Join(allow, ", "))
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// deny writes an error answer outside the API's operations.
func (s *server) deny(w http.ResponseWriter, r *http.Request, status int, reason string, params ...string) {
	p := problem(withLanguage(r.Context(), r.Header.Get("Accept-Language")), codeOf(status), reason, params...)
	p.Status, p.Title = status, http.StatusText(status)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		s.log.DebugContext(r.Context(), "could not write an answer", "error", err)
	}
}

package push

import (
	"encoding/json"
	"net/http"
)

// problem answers with a problem document (RFC 9457) and returns the status.
func problem(w http.ResponseWriter, status int, detail string) int {
	return writeJSON(w, status, "application/problem+json", map[string]any{
		"title": http.StatusText(status), "status": status, "detail": detail,
	})
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) int {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
	return status
}

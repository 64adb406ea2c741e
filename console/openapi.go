package console

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// apiVersion is the version of the API: the major one stands in its paths.
const apiVersion = "1.0.0"

// OpenAPI returns the OpenAPI 3.1 document of the whole API as JSON. It needs no server
// and always returns the same bytes for one release.
func OpenAPI() ([]byte, error) {
	s := &server{}
	return printDocument(s.register(http.NewServeMux()))
}

func printDocument(api huma.API) ([]byte, error) {
	b, err := api.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("print OpenAPI document: %w", err)
	}
	return b, nil
}

// document serves the OpenAPI document. There is no page that shows it: those that exist
// load their scripts from elsewhere.
func document(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

// register puts every operation on the mux.
func (s *server) register(mux *http.ServeMux) huma.API {
	cfg := huma.DefaultConfig("huiying", apiVersion)
	cfg.Info.Description = "The API of huiying (回应). Errors are problem details (RFC 9457) with a code, a reason and its parameters; " +
		"their detail is Chinese unless Accept-Language prefers English. Times are RFC 3339. Text positions are Unicode code points, half open. " +
		"Requests that change something must come from the pages of this server (Origin, Sec-Fetch-Site) or from no browser."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.NoFormatFallback = false
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "From sign-in."},
		"push":    {Type: "http", Scheme: "bearer", Description: "A push key of a source."},
	}
	api := humago.New(mux, cfg)
	api.UseMiddleware(s.admit(api))
	s.registerSession(api)
	s.registerPosts(api)
	s.registerEvents(api)
	s.registerEdits(api)
	s.registerCases(api)
	s.registerAnswers(api)
	s.registerUnitTopics(api)
	s.registerOverview(api)
	s.registerAdmin(api)
	describePush(api)
	return api
}

// unwrap returns the HTTP request under a huma context.
func unwrap(ctx huma.Context) *http.Request {
	r, _ := humago.Unwrap(ctx)
	return r
}

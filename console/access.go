package console

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/huiying/huiying/opinion"
)

// access is who may call an operation: anybody, or signed-in users of the roles.
type access struct {
	anyone bool
	roles  []opinion.Role
}

// The rows of the permission table. Every operation names one; an operation without one
// cannot be registered.
var (
	forAnyone   = access{anyone: true}
	forUsers    = access{roles: []opinion.Role{opinion.RoleStaff, opinion.RoleUnit, opinion.RoleLeader, opinion.RoleAdmin}}
	forReaders  = access{roles: []opinion.Role{opinion.RoleStaff, opinion.RoleLeader}}
	forStaff    = access{roles: []opinion.Role{opinion.RoleStaff}}
	forCases    = access{roles: []opinion.Role{opinion.RoleStaff, opinion.RoleUnit, opinion.RoleLeader}}
	forActors   = access{roles: []opinion.Role{opinion.RoleStaff, opinion.RoleUnit}}
	forOverview = access{roles: []opinion.Role{opinion.RoleStaff, opinion.RoleLeader, opinion.RoleAdmin}}
	forAdmins   = access{roles: []opinion.Role{opinion.RoleAdmin}}
)

// accessKey is where an operation's access stands in its metadata, and the extension that
// shows its roles in the document.
const (
	accessKey      = "access"
	rolesExtension = "x-roles"
)

// cookieName is the name of the session cookie.
const cookieName = "huiying_session"

// caller is who called, from the session.
type caller struct {
	opinion.Actor
	session opinion.Session
	digest  string // of the session's token
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// patience bounds an operation's work: behind a server that hangs, a person is told so
// (503) instead of looking at an empty page.
const patience = 10 * time.Second

// admit is the middleware in front of every operation: it finds out who calls and lets
// only those pass whom the operation's access names. It runs before the input is read, so
// that nobody learns from error messages what is not theirs.
func (s *server) admit(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		bounded, cancel := context.WithTimeout(withLanguage(ctx.Context(), ctx.Header("Accept-Language")), patience)
		defer cancel()
		ctx = huma.WithContext(ctx, bounded)
		may, ok := ctx.Operation().Metadata[accessKey].(access)
		if !ok {
			s.refuse(api, ctx, problem(ctx.Context(), opinion.CodeForbidden, "forbidden"))
			return
		}
		if may.anyone {
			next(ctx)
			return
		}
		c, err := s.identify(ctx)
		switch {
		case err != nil:
			s.refuse(api, ctx, s.explain(ctx.Context(), err))
		case !slices.Contains(may.roles, c.Role):
			s.refuse(api, ctx, problem(ctx.Context(), opinion.CodeForbidden, "forbidden"))
		default:
			next(huma.WithValue(ctx, callerKey{}, c))
		}
	}
}

// identify asks the Store at every request, so that disabling a user or signing out
// counts at once.
func (s *server) identify(ctx huma.Context) (caller, error) {
	r, _ := humago.Unwrap(ctx)
	token := sessionToken(r)
	if token == "" {
		return caller{}, problem(ctx.Context(), opinion.CodeUnauthorized, "unauthorized")
	}
	digest := Digest(token)
	session, u, err := s.store.Session(ctx.Context(), digest, s.now())
	if err != nil {
		return caller{}, err
	}
	return caller{opinion.Actor{Name: u.Name, Role: u.Role, Unit: u.Unit}, session, digest}, nil
}

// sessionToken returns the token of the request's cookie, or "" when there is none, or
// more than one: two say that another site or an earlier page planted one.
func sessionToken(r *http.Request) string {
	cookies := r.CookiesNamed(cookieName)
	if len(cookies) != 1 || len(cookies[0].Value) != tokenLength {
		return ""
	}
	return cookies[0].Value
}

// refuse writes an error from the middleware.
func (s *server) refuse(api huma.API, ctx huma.Context, p *Problem) {
	for name, values := range p.GetHeaders() {
		for _, v := range values {
			ctx.SetHeader(name, v)
		}
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	if err := api.Marshal(ctx.BodyWriter(), "application/json", p); err != nil {
		s.log.WarnContext(ctx.Context(), "could not write an answer", "path", ctx.Operation().Path, "error", err)
	}
}

// explain makes an error answer and logs what only the operator may know.
func (s *server) explain(ctx context.Context, err error) *Problem {
	p := problemOf(ctx, err)
	if p.Status >= 500 && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "request failed", "status", p.Status, "error", err)
	}
	return p
}

// add registers an operation with its access; a nil access panics at start.
func add[I, O any](s *server, api huma.API, may access, op huma.Operation, handle func(context.Context, caller, *I) (*O, error)) {
	if !may.anyone && len(may.roles) == 0 {
		panic("console: operation " + op.OperationID + " has no access rule")
	}
	op.Metadata = map[string]any{accessKey: may}
	op.Extensions = map[string]any{rolesExtension: list(may.roles)}
	op.RejectUnknownQueryParameters = true
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxBody
	}
	if _, ok := reflect.TypeFor[I]().FieldByName("Body"); ok {
		op.Errors = append(op.Errors, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if !may.anyone {
		op.Security = []map[string][]string{{"session": {}}}
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, callerOf(ctx), in)
		if err != nil {
			return nil, s.explain(ctx, err)
		}
		return out, nil
	})
}

// maxBody bounds a request's body in bytes, where an operation does not say otherwise.
const maxBody = 16 << 10

package console

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// SessionView is who is signed in and what the pages may offer.
type SessionView struct {
	User        string       `json:"user"`
	Role        opinion.Role `json:"role" enum:"staff,unit,leader,admin"`
	Unit        string       `json:"unit,omitempty" doc:"Unit ID, of the role unit."`
	UnitName    string       `json:"unit_name,omitempty"`
	Permissions []Permission `json:"permissions" doc:"What the pages may offer. The server checks all the same."`
	ExpiresAt   time.Time    `json:"expires_at"`
}

// Permission is a part of the API that a role may use.
type Permission string

// permissions are what the pages ask for, with the rows of the permission table that the
// operations behind them have.
var permissions = []struct {
	name Permission
	may  access
}{
	{"posts.search", forReaders}, {"events.edit", forStaff}, {"cases.read", forCases}, {"cases.act", forActors}, {"ledger.read", forReaders},
	{"topics.read", forCases}, {"topics.keep", forActors}, {"stats.read", forCases}, {"status.read", forOverview}, {"users.manage", forAdmins}, {"keys.manage", forAdmins},
}

func permissionsOf(role opinion.Role) []Permission {
	out := []Permission{}
	for _, p := range permissions {
		if slices.Contains(p.may.roles, role) {
			out = append(out, p.name)
		}
	}
	return out
}

// Schema implements huma.SchemaProvider.
func (Permission) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, p := range permissions {
		schema.Enum = append(schema.Enum, string(p.name))
	}
	return schema
}

func (s *server) viewSession(a opinion.Actor, expires time.Time) SessionView {
	v := SessionView{User: a.Name, Role: a.Role, Unit: a.Unit, Permissions: permissionsOf(a.Role), ExpiresAt: expires}
	if u, ok := s.policy.Unit(a.Unit); ok {
		v.UnitName = u.Name
	}
	return v
}

type signInInput struct {
	request
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"200"`
		Password string `json:"password" minLength:"1" maxLength:"200" format:"password"`
	}
}

type sessionOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      SessionView
}

type signOutInput struct{ request }

type signOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *server) registerSession(api huma.API) {
	add(s, api, forAnyone, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/api/v1/session", Tags: []string{"session"},
		Summary:     "Sign in",
		Description: "Sets the cookie " + cookieName + " for twelve hours. A session that the browser had before ends.",
		Errors:      []int{400, 401, 403, 422, 429, 503},
	}, s.signIn)
	add(s, api, forUsers, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/api/v1/session", Tags: []string{"session"},
		Summary: "Tell who is signed in", Errors: []int{401, 503},
	}, func(_ context.Context, c caller, _ *struct{}) (*sessionOutput, error) {
		return &sessionOutput{Body: s.viewSession(c.Actor, c.session.ExpiresAt)}, nil
	})
	add(s, api, forAnyone, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: "/api/v1/session", Tags: []string{"session"},
		Summary: "Sign out", Description: "Succeeds when nobody is signed in, too.",
		DefaultStatus: http.StatusNoContent, Errors: []int{403, 503},
	}, s.signOut)
}

// signIn compares the password, makes a new token (never one that the browser brought) and
// ends the session that the browser had.
func (s *server) signIn(ctx context.Context, _ caller, in *signInInput) (*sessionOutput, error) {
	name, now := in.Body.Name, s.now()
	address := s.address(in.r)
	if wait := s.attempts.take(name, address, now); wait > 0 {
		s.metrics.signIns.WithLabelValues("too_many").Inc()
		return nil, tooMany(ctx, wait)
	}
	u, err := s.checkPassword(ctx, name, in.Body.Password)
	if err != nil {
		return nil, err
	}
	s.attempts.giveBack(name, address)
	if old := sessionToken(in.r); old != "" {
		if err := s.store.EndSession(ctx, Digest(old)); err != nil {
			return nil, err
		}
	}
	token := newToken()
	session := opinion.Session{TokenHash: Digest(token), User: u.Name, CreatedAt: now, ExpiresAt: now.Add(sessionLife)}
	if err := s.store.AddSession(ctx, session); err != nil {
		return nil, err
	}
	s.metrics.signIns.WithLabelValues("ok").Inc()
	return &sessionOutput{
		SetCookie: s.cookie(in.r, token, int(sessionLife/time.Second)),
		Body:      s.viewSession(opinion.Actor{Name: u.Name, Role: u.Role, Unit: u.Unit}, session.ExpiresAt),
	}, nil
}

func tooMany(ctx context.Context, wait time.Duration) *Problem {
	p := problem(ctx, opinion.CodeBusy, "too_many_sign_ins", "seconds", seconds(wait))
	p.retryAfter = wait
	return p
}

// checkPassword returns the enabled user of that name and password. Unknown and disabled
// users take as long as a wrong password and get the same answer.
func (s *server) checkPassword(ctx context.Context, name, password string) (opinion.User, error) {
	u, err := s.store.User(ctx, name)
	if err != nil && opinion.CodeOf(err) != opinion.CodeNotFound {
		return opinion.User{}, err
	}
	known := err == nil && !u.Disabled
	matches, err := s.compare(ctx, u.PasswordHash, password)
	if err != nil {
		return opinion.User{}, err
	}
	if !known || !matches {
		s.metrics.signIns.WithLabelValues("refused").Inc()
		return opinion.User{}, problem(ctx, opinion.CodeUnauthorized, "wrong_password")
	}
	return u, nil
}

// compare waits for a core, if not too many wait already, and compares.
func (s *server) compare(ctx context.Context, hash, password string) (bool, error) {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return false, opinion.Errorf(opinion.CodeBusy, "too many sign-ins at once")
	}
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return matchesPassword(hash, password), nil
}

func (s *server) signOut(ctx context.Context, _ caller, in *signOutInput) (*signOutOutput, error) {
	if token := sessionToken(in.r); token != "" {
		if err := s.store.EndSession(ctx, Digest(token)); err != nil {
			return nil, err
		}
	}
	return &signOutOutput{SetCookie: s.cookie(in.r, "", -1)}, nil
}

// cookie writes the session cookie; a negative age removes it.
func (s *server) cookie(r *http.Request, token string, age int) string {
	c := http.Cookie{
		Name: cookieName, Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.cfg.SecureCookies || r.TLS != nil,
	}
	return c.String()
}

// request gives an operation the HTTP request, where the session's cookie and the
// caller's address stand.
type request struct{ r *http.Request }

// Resolve implements huma.Resolver.
func (q *request) Resolve(ctx huma.Context) []error {
	q.r = unwrap(ctx)
	return nil
}

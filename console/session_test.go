package console_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

func TestSignInGivesAStrictCookie(t *testing.T) {
	w := newWorld(t)
	body := map[string]string{"name": "unit-a", "password": password}
	a := w.call("POST", "/api/v1/session", body).want(200)
	c := a.header.Get("Set-Cookie")
	for _, part := range []string{"huiying_session=", "Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(c, part) {
			t.Errorf("cookie %q lacks %s", c, part)
		}
	}
	if strings.Contains(c, "Secure") {
		t.Errorf("cookie %q is Secure without TLS, and browsers would drop it", c)
	}
	overTLS := w.call("POST", "/api/v1/session", body, func(r *http.Request) { r.TLS = &tls.ConnectionState{} }).want(200)
	if !strings.Contains(overTLS.header.Get("Set-Cookie"), "Secure") || overTLS.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("over TLS: %v", overTLS.header)
	}
	var v struct {
		User, Role, Unit string
		UnitName         string    `json:"unit_name"`
		ExpiresAt        time.Time `json:"expires_at"`
	}
	a.into(&v)
	if v.User != "unit-a" || v.Role != "unit" || v.Unit != unitA || v.UnitName == "" || !v.ExpiresAt.Equal(w.clock.now().Add(12*time.Hour)) {
		t.Errorf("session is %+v", v)
	}
	if strings.Contains(string(a.body), token(a)) {
		t.Error("the token stands in the body, where scripts can read it")
	}
	if _, _, err := w.store.Session(t.Context(), console.Digest(token(a)), w.clock.now()); err != nil {
		t.Errorf("the store does not know the token by its SHA-256: %v", err)
	}
}

func TestSecureCookiesByConfiguration(t *testing.T) {
	w := newWorld(t, func(c *console.Config) { c.SecureCookies = true })
	a := w.call("POST", "/api/v1/session", map[string]string{"name": "staff", "password": password}).want(200)
	if !strings.Contains(a.header.Get("Set-Cookie"), "Secure") {
		t.Errorf("cookie is %q", a.header.Get("Set-Cookie"))
	}
}

func TestWrongSignInsLookAlike(t *testing.T) {
	w := newWorld(t)
	if err := w.store.DisableUser(t.Context(), opinion.System, "unit-b", w.clock.now()); err != nil {
		t.Fatal(err)
	}
	long := password + strings.Repeat("x", 100)
	var first string
	for i, tt := range [][2]string{{"staff", "wrong"}, {"nobody", password}, {"unit-b", password}, {"system", password}, {"staff", long}} {
		a := w.call("POST", "/api/v1/session", map[string]string{"name": tt[0], "password": tt[1]})
		a.wantProblem(401, "wrong_password")
		if i == 0 {
			first = string(a.body)
		}
		if string(a.body) != first || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%v is answered %s with the cookie %q, another is answered %s", tt, a.body, a.header.Get("Set-Cookie"), first)
		}
	}
}

// bcrypt reads 72 bytes; what stands behind them must not be passed over.
func TestLongPasswordsAreNotCut(t *testing.T) {
	w := newWorld(t)
	longest := strings.Repeat("p", 72)
	hash, err := bcrypt.GenerateFromPassword([]byte(longest), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	u := opinion.User{Name: "long", Role: opinion.RoleStaff, PasswordHash: string(hash), CreatedAt: w.clock.now()}
	if err := w.store.AddUser(t.Context(), opinion.System, u); err != nil {
		t.Fatal(err)
	}
	w.call("POST", "/api/v1/session", map[string]string{"name": "long", "password": longest + "x"}).wantProblem(401, "wrong_password")
	w.call("POST", "/api/v1/session", map[string]string{"name": "long", "password": longest}).want(200)
}

func TestSessionsCannotBePlanted(t *testing.T) {
	w := newWorld(t)
	planted := strings.Repeat("A", 43)
	a := w.call("POST", "/api/v1/session", map[string]string{"name": "staff", "password": password}, cookie(planted)).want(200)
	if token(a) == planted {
		t.Fatal("sign-in kept the token that the browser brought")
	}
	w.as(planted, "GET", "/api/v1/session", nil).wantProblem(401, "unauthorized")
	w.call("GET", "/api/v1/session", nil, cookie(planted), cookie(token(a))).wantProblem(401, "unauthorized")
	w.call("GET", "/api/v1/session", nil, cookie(token(a)), cookie(planted)).wantProblem(401, "unauthorized")
}

func TestSignInEndsTheSessionBefore(t *testing.T) {
	w := newWorld(t)
	old := w.signIn("staff")
	a := w.call("POST", "/api/v1/session", map[string]string{"name": "leader", "password": password}, cookie(old)).want(200)
	w.as(old, "GET", "/api/v1/session", nil).wantProblem(401, "unauthorized")
	w.as(token(a), "GET", "/api/v1/session", nil).want(200)
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	admin := w.signIn("admin")
	for _, tt := range []struct {
		name string
		end  func(session string)
	}{
		{"by signing out", func(s string) {
			if c := w.as(s, "DELETE", "/api/v1/session", nil).want(204).header.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
				t.Errorf("signing out leaves the cookie: %q", c)
			}
		}},
		{"by disabling the user", func(string) { w.as(admin, "POST", "/api/v1/users/leader/disable", nil).want(204) }},
		{"after twelve hours, in spite of use", func(s string) {
			for range 11 {
				w.clock.forward(time.Hour)
				w.as(s, "GET", "/api/v1/session", nil).want(200)
			}
			w.clock.forward(time.Hour)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := "staff"
			if strings.Contains(tt.name, "disabling") {
				name = "leader"
			}
			s := w.signIn(name)
			w.as(s, "GET", "/api/v1/session", nil).want(200)
			tt.end(s)
			w.as(s, "GET", "/api/v1/session", nil).wantProblem(401, "unauthorized")
			w.as(s, "GET", "/api/v1/posts", nil).wantProblem(401, "unauthorized")
		})
	}
}

func TestForgedSessions(t *testing.T) {
	w := newWorld(t)
	for _, s := range []string{"x", strings.Repeat("a", 43), console.Digest(w.signIn("staff")), strings.Repeat("b", 5000), "' OR 1=1 --"} {
		w.as(s, "GET", "/api/v1/session", nil).wantProblem(401, "unauthorized")
		w.as(s, "DELETE", "/api/v1/session", nil).want(204)
	}
}

func TestSignInsAreRateLimited(t *testing.T) {
	w := newWorld(t)
	try := func(name, pass, address string) answer {
		t.Helper()
		return w.call("POST", "/api/v1/session", map[string]string{"name": name, "password": pass}, from(address))
	}
	for range 5 {
		try("staff", "wrong", "192.0.2.1:1000").want(401)
	}
	a := try("staff", password, "192.0.2.1:1001") // another port, the right password
	p := a.wantProblem(429, "too_many_sign_ins")
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || wait < 1 || fmt.Sprint(wait) != p.Params["seconds"] {
		t.Fatalf("Retry-After is %q, the message says %q", a.header.Get("Retry-After"), p.Params["seconds"])
	}
	try("staff", password, "192.0.2.2:1000").want(200)  // nobody locks another out
	try("leader", password, "192.0.2.1:1000").want(200) // nor another name at the same place
	w.clock.forward(time.Duration(wait)*time.Second - time.Nanosecond)
	try("staff", password, "192.0.2.1:1000").want(429)
	w.clock.forward(time.Nanosecond)
	for range 20 { // those that succeed do not count
		try("staff", password, "192.0.2.1:1000").want(200)
	}
}

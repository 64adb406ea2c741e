package console_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

func TestUsers(t *testing.T) {
	w := newWorld(t)
	admin := w.signIn("admin")
	add := func(name, role, unit, pass string) answer {
		t.Helper()
		return w.as(admin, "POST", "/api/v1/users", map[string]string{"name": name, "role": role, "unit": unit, "password": pass})
	}
	a := add("李雷", "unit", unitB, "一个足够长的密码呀呀").want(201)
	if strings.Contains(string(a.body), "密码") || strings.Contains(string(a.body), "$2a$") {
		t.Errorf("the answer shows the password or its hash: %s", a.body)
	}
	in := w.call("POST", "/api/v1/session", map[string]string{"name": "李雷", "password": "一个足够长的密码呀呀"}).want(200)
	w.as(token(in), "GET", "/api/v1/cases", nil).want(200)

	for _, tt := range []struct {
		name, role, unit, pass string
		status                 int
		reason                 string
	}{
		{"李雷", "staff", "", "another long one", 409, "user_exists"},
		{"x", "staff", "", "123456789", 400, "password_short"},
		{"x", "staff", "", strings.Repeat("密", 25), 400, "password_long"},
		{"x", "staff", "", "with\ncontrol character", 400, "password_characters"},
		{"hanmeimei", "staff", "", "xxHanMeiMei1", 400, "password_is_name"},
		{"x", "unit", "", "a long password", 400, "unit_needed"},
		{"x", "staff", unitA, "a long password", 400, "unit_needed"},
		{"x", "unit", "u-nowhere", "a long password", 400, "unknown_unit"},
		{"x", "unit", "set-jiedao", "a long password", 400, "unknown_unit"},
		{"x", "system", "", "a long password", 422, "invalid_fields"},
		{"system", "staff", "", "a long password", 400, "invalid_field"},
		{"a b", "staff", "", "a long password", 422, "invalid_fields"},
		{"a\r\nSet-Cookie: x", "staff", "", "a long password", 422, "invalid_fields"},
		{"", "staff", "", "a long password", 422, "invalid_fields"},
	} {
		add(tt.name, tt.role, tt.unit, tt.pass).wantProblem(tt.status, tt.reason)
	}
	w.as(admin, "POST", "/api/v1/users/admin/disable", nil).wantProblem(409, "own_account")
	w.as(admin, "POST", "/api/v1/users/nobody/disable", nil).wantProblem(404, "not_found")

	var v struct {
		Total int
		Users []struct {
			Name     string
			Disabled bool
		}
		Next string
	}
	seen := map[string]bool{}
	for after := ""; ; after = v.Next {
		v.Next = ""
		w.as(admin, "GET", "/api/v1/users?limit=3&after="+after, nil).want(200).into(&v)
		for _, u := range v.Users {
			seen[u.Name] = true
		}
		if v.Next == "" {
			break
		}
	}
	if len(seen) != 7 || v.Total != 7 || !seen["李雷"] {
		t.Errorf("pages hold %v of %d", seen, v.Total)
	}
	w.as(admin, "GET", "/api/v1/users?after=nobody", nil).wantProblem(400, "page_mark")
}

func TestKeys(t *testing.T) {
	w := newWorld(t)
	admin := w.signIn("admin")
	var k struct {
		ID, Source, Secret string
		RevokedAt          *time.Time `json:"revoked_at"`
	}
	w.as(admin, "POST", "/api/v1/keys", map[string]string{"source": "renmin"}).want(201).into(&k)
	if !strings.HasPrefix(k.Secret, k.ID) || len(k.Secret)-len(k.ID) < 32 {
		t.Errorf("key is %+v", k)
	}
	stored, err := w.store.Key(t.Context(), console.Digest(k.Secret))
	if err != nil || stored.Source != "renmin" {
		t.Errorf("the store has %+v, %v", stored, err)
	}
	list := w.as(admin, "GET", "/api/v1/keys", nil).want(200)
	if !strings.Contains(string(list.body), k.ID) || strings.Contains(string(list.body), k.Secret) || strings.Contains(string(list.body), console.Digest(k.Secret)) {
		t.Errorf("the list is %s", list.body)
	}
	w.as(admin, "POST", "/api/v1/keys/"+k.ID+"/revoke", nil).want(204)
	if _, err := w.store.Key(t.Context(), console.Digest(k.Secret)); opinion.CodeOf(err) != opinion.CodeUnauthorized {
		t.Errorf("a revoked key is answered %v", err)
	}
	w.as(admin, "POST", "/api/v1/keys/nothing/revoke", nil).wantProblem(404, "not_found")
	for _, bad := range []string{"", "Renmin", "a b", "-a", strings.Repeat("a", 64), "人民网"} {
		w.as(admin, "POST", "/api/v1/keys", map[string]string{"source": bad}).wantProblem(422, "invalid_fields")
	}
}

func TestPasswords(t *testing.T) {
	hash, err := console.HashPassword("staff", "a long password")
	if err != nil {
		t.Fatal(err)
	}
	if bcrypt.CompareHashAndPassword([]byte(hash), []byte("a long password")) != nil {
		t.Error("the hash is of another password")
	}
	for _, h := range []string{hash, console.NobodysHash} {
		if cost, err := bcrypt.Cost([]byte(h)); err != nil || cost != console.PasswordCost {
			t.Errorf("cost is %d (%v), want %d: unknown users must take as long as known ones", cost, err, console.PasswordCost)
		}
	}
	_, err = console.HashPassword("staff", "short")
	e := &opinion.Error{}
	if opinion.CodeOf(err) != opinion.CodeInvalid || !errorsAs(err, &e) || e.Field != "password" || !strings.Contains(e.Message, "10") {
		t.Errorf("a short password is refused with %v", err)
	}
	if err := console.CheckPassword("", strings.Repeat("密", 24)); err != nil {
		t.Errorf("72 bytes are refused: %v", err)
	}
	if err := console.CheckPassword("", "abc\xff\xfedefghij"); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("bytes that are no UTF-8 are answered %v", err)
	}
}

package backendtest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

func newUser(name string) opinion.User {
	return opinion.User{Name: name, Role: opinion.RoleUnit, Unit: unitA.Unit, PasswordHash: "$argon2id$…", CreatedAt: morning}
}

func storeUsers(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	ctx := t.Context()
	u := newUser("李 'quote' 👩‍👧")
	if err := s.AddUser(ctx, admin, u); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "user", mustGet[opinion.User](t)(s.User(ctx, u.Name)), u)
	again := u
	again.PasswordHash = "other"
	wantErrorCode(t, "the same name", s.AddUser(ctx, admin, again), opinion.CodeConflict)
	wantEqual(t, "user after the conflict", mustGet[opinion.User](t)(s.User(ctx, u.Name)), u)
	for field, spoil := range map[string]func(u *opinion.User){
		"user.name":          func(u *opinion.User) { u.Name = "a\nb" },
		"user.role":          func(u *opinion.User) { u.Role = opinion.RoleSystem },
		"user.unit":          func(u *opinion.User) { u.Unit = "" },
		"user.password_hash": func(u *opinion.User) { u.PasswordHash = "" },
		"user.created_at":    func(u *opinion.User) { u.CreatedAt = time.Time{} },
	} {
		bad := newUser("bad")
		spoil(&bad)
		wantField(t, s.AddUser(ctx, admin, bad), field)
	}
	wantField(t, s.AddUser(ctx, admin, opinion.User{Name: "system", Role: opinion.RoleStaff, PasswordHash: "x", CreatedAt: morning}), "user.name")
	wantField(t, s.AddUser(ctx, admin, opinion.User{Name: "x", Role: opinion.RoleStaff, Unit: "u", PasswordHash: "x", CreatedAt: morning}), "user.unit")
	for _, name := range []string{"", "none", "\x00", strings.Repeat("x", 999)} {
		_, err := s.User(ctx, name)
		wantErrorCode(t, fmt.Sprintf("user %.9q", name), err, opinion.CodeNotFound)
	}
	wantErrorCode(t, "disable nobody", s.DisableUser(ctx, admin, "none", morning), opinion.CodeNotFound)

	later := newUser("b")
	later.CreatedAt = morning.Add(time.Second)
	if err := s.AddUser(ctx, opinion.System, later); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := s.DisableUser(ctx, admin, later.Name, morning); err != nil {
			t.Fatal(err)
		}
	}
	later.Disabled = true
	wantEqual(t, "users", mustGet[[]opinion.User](t)(s.Users(ctx, admin)), []opinion.User{u, later})
	wantEqual(t, "ledger", actionsOf(t, s, "user:b"), []string{"user.add", "user.disable"})
	for _, e := range ledgerOf(t, s, "") {
		if strings.Contains(e.Detail, u.PasswordHash) {
			t.Errorf("the ledger holds a password hash: %s", e.Detail)
		}
	}
	wantOnce(t, s, func(s opinion.Store) error { return s.AddUser(ctx, admin, newUser("race")) })
}

// wantOnce runs f twenty times at once: one succeeds, the others get CodeConflict.
func wantOnce(t *testing.T, s opinion.Store, f func(s opinion.Store) error) {
	t.Helper()
	var won [20]bool
	var wg sync.WaitGroup
	for i := range won {
		wg.Go(func() {
			err := f(s)
			if won[i] = err == nil; !won[i] {
				wantErrorCode(t, "one of many", err, opinion.CodeConflict)
			}
		})
	}
	wg.Wait()
	if n := countTrue(won[:]); n != 1 {
		t.Errorf("%d of %d succeeded", n, len(won))
	}
}

func storeSessions(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, func() time.Time { return morning })
	ctx := t.Context()
	u := newUser("li")
	if err := s.AddUser(ctx, admin, u); err != nil {
		t.Fatal(err)
	}
	session := func(token string, hours int) opinion.Session {
		return opinion.Session{TokenHash: hashOf(token), User: u.Name, CreatedAt: morning, ExpiresAt: morning.Add(time.Duration(hours) * time.Hour)}
	}
	add := func(n opinion.Session) {
		t.Helper()
		if err := s.AddSession(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(what, token string, at time.Time) {
		t.Helper()
		_, _, err := s.Session(ctx, hashOf(token), at)
		wantErrorCode(t, what, err, opinion.CodeUnauthorized)
	}
	one, two := session("one", 8), session("two", 1)
	add(one)
	add(two)
	got, who, err := s.Session(ctx, one.TokenHash, morning.Add(8*time.Hour-1))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "session", got, one)
	wantEqual(t, "its user", who, u)
	gone("at its end", "one", one.ExpiresAt)
	gone("another's", "three", morning)
	wantErrorCode(t, "the same token", s.AddSession(ctx, one), opinion.CodeConflict)
	for range 2 {
		if err := s.EndSession(ctx, one.TokenHash); err != nil {
			t.Fatal(err)
		}
	}
	gone("ended", "one", morning)
	for _, bad := range []string{"", "x", strings.ToUpper(two.TokenHash), "two"} {
		_, _, err := s.Session(ctx, bad, morning)
		wantErrorCode(t, "no hash", err, opinion.CodeUnauthorized)
		if err := s.EndSession(ctx, bad); err != nil {
			t.Errorf("ending no session: %v", err)
		}
	}
	wantField(t, s.AddSession(ctx, opinion.Session{TokenHash: "secret", User: u.Name, CreatedAt: morning, ExpiresAt: morning}), "session.token_hash")
	stranger := session("four", 1)
	stranger.User = "none"
	wantErrorCode(t, "session of nobody", s.AddSession(ctx, stranger), opinion.CodeUnauthorized)

	if err := db.Exec(t, "UPDATE users SET disabled = 1"); err != nil {
		t.Fatal(err)
	}
	gone("of a user disabled meanwhile", "two", morning)
	if err := db.Exec(t, "UPDATE users SET disabled = 0"); err != nil {
		t.Fatal(err)
	}
	if err := s.DisableUser(ctx, admin, u.Name, morning); err != nil {
		t.Fatal(err)
	}
	gone("of a disabled user", "two", morning)
	wantErrorCode(t, "session of a disabled user", s.AddSession(ctx, session("five", 1)), opinion.CodeUnauthorized)
	wantEqual(t, "ledger", actionsOf(t, s, "user:li"), []string{"user.add", "user.sign_in", "user.sign_in", "user.sign_out", "user.disable"})
}

func storeKeys(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	ctx := t.Context()
	k := opinion.Key{ID: "hy_abc", Source: "renmin", SecretHash: hashOf("hy_abcdef"), CreatedAt: morning}
	if err := s.AddKey(ctx, admin, k); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "key", mustGet[opinion.Key](t)(s.Key(ctx, k.SecretHash)), k)
	sameID, sameSecret := k, k
	sameID.SecretHash, sameSecret.ID = hashOf("x"), "hy_xyz"
	wantErrorCode(t, "the same ID", s.AddKey(ctx, admin, sameID), opinion.CodeConflict)
	wantErrorCode(t, "the same secret", s.AddKey(ctx, admin, sameSecret), opinion.CodeConflict)
	for field, bad := range map[string]opinion.Key{
		"key.id":          {Source: "a", SecretHash: hashOf("y"), CreatedAt: morning},
		"key.source":      {ID: "i", Source: "人民网", SecretHash: hashOf("y"), CreatedAt: morning},
		"key.secret_hash": {ID: "i", Source: "a", SecretHash: "hy_abcdef", CreatedAt: morning},
		"key.created_at":  {ID: "i", Source: "a", SecretHash: hashOf("y")},
		"key.revoked_at":  {ID: "i", Source: "a", SecretHash: hashOf("y"), CreatedAt: morning, RevokedAt: &morning},
	} {
		wantField(t, s.AddKey(ctx, admin, bad), field)
	}
	for _, hash := range []string{"", hashOf("wrong"), "hy_abcdef"} {
		_, err := s.Key(ctx, hash)
		wantErrorCode(t, "wrong key", err, opinion.CodeUnauthorized)
	}
	wantErrorCode(t, "revoke none", s.RevokeKey(ctx, admin, "none", morning), opinion.CodeNotFound)
	for i := range 2 { // the first time counts
		if err := s.RevokeKey(ctx, admin, k.ID, morning.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Key(ctx, k.SecretHash)
	wantErrorCode(t, "revoked key", err, opinion.CodeUnauthorized)
	k.RevokedAt = &morning
	wantEqual(t, "keys", mustGet[[]opinion.Key](t)(s.Keys(ctx, admin)), []opinion.Key{k})
	wantEqual(t, "ledger", actionsOf(t, s, "key:hy_abc"), []string{"key.add", "key.revoke"})
}

// storeSecret: whoever asks first, all get the same.
func storeSecret(t *testing.T, db StoreDatabase) {
	stores := []opinion.Store{openStore(t, db, nil), openStore(t, db, nil)}
	var got [20][]byte
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = stores[i%2].Secret(t.Context(), "pseudonym"); err != nil {
				t.Errorf("secret: %v", err)
			}
		})
	}
	wg.Wait()
	for _, secret := range got {
		if len(secret) != 32 || !bytes.Equal(secret, got[0]) {
			t.Fatalf("secrets of %d and %d bytes differ", len(secret), len(got[0]))
		}
	}
	if other := mustGet[[]byte](t)(stores[0].Secret(t.Context(), "other")); bytes.Equal(other, got[0]) {
		t.Error("two names have one secret")
	}
	wantEqual(t, "ledger", actionsOf(t, stores[0], "secret:pseudonym"), []string{"secret.make"})
	_, err := stores[0].Secret(t.Context(), "")
	wantField(t, err, "secret")
}

func storeProgress(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	for _, value := range []string{"", "行 4326 👩", strings.Repeat("x", 64*1024), ""} {
		if err := s.SetProgress(t.Context(), "import 'a'", value); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "progress", mustGet[string](t)(s.Progress(t.Context(), "import 'a'")), value)
	}
	wantEqual(t, "progress of no job", mustGet[string](t)(s.Progress(t.Context(), "none")), "")
	for _, bad := range []string{"\x00", "\xff", strings.Repeat("x", 64*1024+1)} {
		wantField(t, s.SetProgress(t.Context(), "job", bad), "value")
	}
	wantField(t, s.SetProgress(t.Context(), "", "x"), "job")
}

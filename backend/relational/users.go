package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

func mayAdminister(a opinion.Actor) error {
	if !a.MayAdminister() {
		return opinion.Errorf(opinion.CodeForbidden, "users and keys are for administrators")
	}
	return named("actor.name", a.Name)
}

// AddUser implements opinion.Store.
func (s *Store) AddUser(ctx context.Context, a opinion.Actor, u opinion.User) error {
	if err := first(mayAdminister(a), checkUser(u)); err != nil {
		return err
	}
	return s.change(ctx, "add user", func(t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO users (name, role, unit, password_hash, disabled, created_at)
			VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT (name) DO NOTHING`,
			u.Name, string(u.Role), u.Unit, u.PasswordHash, flag(u.Disabled), stamp(u.CreatedAt))
		if err != nil {
			return err
		}
		if n == 0 {
			return opinion.Errorf(opinion.CodeConflict, "there is a user named %q already", u.Name)
		}
		return t.note(u.CreatedAt, a, "user.add", "user:"+u.Name,
			map[string]string{"role": string(u.Role), "unit": u.Unit})
	})
}

func checkUser(u opinion.User) error {
	if err := first(named("user.name", u.Name), optional("user.unit", u.Unit, maxName),
		optional("user.password_hash", u.PasswordHash, 1024), instantOf("user.created_at", u.CreatedAt)); err != nil {
		return err
	}
	switch {
	case !u.Role.Valid():
		return invalid("user.role", "is %q: give staff, unit, leader or admin", u.Role)
	case u.Name == opinion.System.Name:
		return invalid("user.name", "is %q, which is the product's own name: give another", u.Name)
	case (u.Role == opinion.RoleUnit) != (u.Unit != ""):
		return invalid("user.unit", "is %q for the role %s: the role unit needs a unit, the others have none", u.Unit, u.Role)
	case u.PasswordHash == "":
		return invalid("user.password_hash", "is missing")
	default:
		return nil
	}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

const userColumns = "name, role, unit, password_hash, disabled, created_at"

func scanUser(scan func(...any) error) (opinion.User, error) {
	var u opinion.User
	var disabled, created int64
	err := scan(&u.Name, &u.Role, &u.Unit, &u.PasswordHash, &disabled, &created)
	u.Disabled, u.CreatedAt = disabled != 0, instant(created)
	return u, err
}

// User implements opinion.Store.
func (s *Store) User(ctx context.Context, name string) (opinion.User, error) {
	u, err := s.user(ctx, s.db.Read, name)
	if err != nil {
		return opinion.User{}, fmt.Errorf("read user: %w", s.fault(ctx, err))
	}
	return u, nil
}

func (s *Store) user(ctx context.Context, q querier, name string) (opinion.User, error) {
	notFound := opinion.Errorf(opinion.CodeNotFound, "there is no user of that name")
	if named("user.name", name) != nil {
		return opinion.User{}, notFound
	}
	u, err := scanUser(q.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE name = $1", name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return opinion.User{}, notFound
	}
	return u, err
}

// Users implements opinion.Store. They come in the order of their making.
func (s *Store) Users(ctx context.Context, a opinion.Actor) ([]opinion.User, error) {
	if err := mayAdminister(a); err != nil {
		return nil, err
	}
	list, err := queryAll(ctx, s.db.Read, scanUser, "SELECT "+userColumns+" FROM users ORDER BY created_at, name")
	if err != nil {
		return nil, fmt.Errorf("list users: %w", s.fault(ctx, err))
	}
	return list, nil
}

// DisableUser implements opinion.Store. Disabling a disabled user changes nothing.
func (s *Store) DisableUser(ctx context.Context, a opinion.Actor, name string, at time.Time) error {
	if err := first(mayAdminister(a), instantOf("at", at)); err != nil {
		return err
	}
	return s.change(ctx, "disable user", func(t *tx) error {
		u, err := s.user(ctx, t, name)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "UPDATE users SET disabled = 1 WHERE name = $1 AND disabled = 0", u.Name)
		if err != nil || n == 0 {
			return err
		}
		if _, err := t.exec(ctx, "DELETE FROM sessions WHERE user_name = $1", u.Name); err != nil {
			return err
		}
		return t.note(at, a, "user.disable", "user:"+u.Name, nil)
	})
}

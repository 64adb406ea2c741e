package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

func signedOut() error {
	return opinion.Errorf(opinion.CodeUnauthorized, "nobody is signed in, or the session has ended: sign in again")
}

// AddSession implements opinion.Store. It is refused with CodeUnauthorized for a user who
// does not exist or is disabled. It also removes sessions that have expired by then.
func (s *Store) AddSession(ctx context.Context, n opinion.Session) error {
	if err := first(instantOf("session.created_at", n.CreatedAt), instantOf("session.expires_at", n.ExpiresAt)); err != nil {
		return err
	}
	if !sha256Hex.MatchString(n.TokenHash) {
		return invalid("session.token_hash", "is not a SHA-256 in lower-case hex")
	}
	return s.change(ctx, "add session", func(t *tx) error {
		u, err := s.user(ctx, t, n.User)
		if opinion.CodeOf(err) == opinion.CodeNotFound || (err == nil && u.Disabled) {
			return signedOut()
		}
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, "DELETE FROM sessions WHERE expires_at <= $1", stamp(n.CreatedAt)); err != nil {
			return err
		}
		added, err := t.exec(ctx, `INSERT INTO sessions (token_hash, user_name, created_at, expires_at)
			VALUES ($1,$2,$3,$4) ON CONFLICT (token_hash) DO NOTHING`,
			n.TokenHash, u.Name, stamp(n.CreatedAt), stamp(n.ExpiresAt))
		if err != nil {
			return err
		}
		if added == 0 {
			return opinion.Errorf(opinion.CodeConflict, "there is a session with this token already")
		}
		return t.note(n.CreatedAt, opinion.Actor{Name: u.Name, Role: u.Role}, "user.sign_in", "user:"+u.Name, nil)
	})
}

// Session implements opinion.Store.
func (s *Store) Session(ctx context.Context, tokenHash string, now time.Time) (opinion.Session, opinion.User, error) {
	if !sha256Hex.MatchString(tokenHash) {
		return opinion.Session{}, opinion.User{}, signedOut()
	}
	var created, expires int64
	n := opinion.Session{TokenHash: tokenHash}
	u, err := scanUser(func(dest ...any) error {
		return s.db.Read.QueryRowContext(ctx,
			`SELECT s.created_at, s.expires_at, u.name, u.role, u.unit, u.password_hash, u.disabled, u.created_at
			 FROM sessions s JOIN users u ON u.name = s.user_name
			 WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled = 0`,
			tokenHash, stamp(now)).Scan(append([]any{&created, &expires}, dest...)...)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return opinion.Session{}, opinion.User{}, signedOut()
	}
	if err != nil {
		return opinion.Session{}, opinion.User{}, fmt.Errorf("read session: %w", s.fault(ctx, err))
	}
	n.User, n.CreatedAt, n.ExpiresAt = u.Name, instant(created), instant(expires)
	return n, u, nil
}

// EndSession implements opinion.Store. Ending a session that is not there changes nothing.
func (s *Store) EndSession(ctx context.Context, tokenHash string) error {
	if !sha256Hex.MatchString(tokenHash) {
		return nil
	}
	return s.change(ctx, "end session", func(t *tx) error {
		var a opinion.Actor
		err := t.QueryRowContext(ctx,
			`SELECT u.name, u.role FROM sessions s JOIN users u ON u.name = s.user_name WHERE s.token_hash = $1`,
			tokenHash).Scan(&a.Name, &a.Role)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "DELETE FROM sessions WHERE token_hash = $1", tokenHash)
		if err != nil || n == 0 {
			return err
		}
		return t.note(s.o.Now(), a, "user.sign_out", "user:"+a.Name, nil)
	})
}

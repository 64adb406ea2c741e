package relational

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/huiying/huiying/opinion"
)

// secretSize is the size of a secret in bytes.
const secretSize = 32

// Secret implements opinion.Store. Instances that ask at once get the same secret.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	if err := named("secret", name); err != nil {
		return nil, err
	}
	value, err := readSecret(ctx, s.db.Read, name)
	if errors.Is(err, sql.ErrNoRows) {
		return s.makeSecret(ctx, name)
	}
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", s.fault(ctx, err))
	}
	return value, nil
}

func (s *Store) makeSecret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, secretSize)
	rand.Read(fresh)
	var value []byte
	err := s.change(ctx, "make secret", func(t *tx) error {
		now := s.o.Now()
		n, err := t.exec(ctx, `INSERT INTO secrets (name, value, created_at) VALUES ($1,$2,$3)
			ON CONFLICT (name) DO NOTHING`, name, hex.EncodeToString(fresh), stamp(now))
		if err != nil {
			return err
		}
		if value, err = readSecret(ctx, t, name); err != nil || n == 0 {
			return err
		}
		return t.note(now, opinion.System, "secret.make", "secret:"+name, nil)
	})
	return value, err
}

func readSecret(ctx context.Context, q querier, name string) ([]byte, error) {
	var text string
	if err := q.QueryRowContext(ctx, "SELECT value FROM secrets WHERE name = $1", name).Scan(&text); err != nil {
		return nil, err
	}
	value, err := hex.DecodeString(text)
	if err != nil || len(value) != secretSize {
		return nil, fmt.Errorf("the stored secret %q is damaged: restore it from a backup", name)
	}
	return value, nil
}

// Progress implements opinion.Store. It is empty for a job that has set none.
func (s *Store) Progress(ctx context.Context, job string) (string, error) {
	if err := named("job", job); err != nil {
		return "", err
	}
	var value string
	err := s.db.Read.QueryRowContext(ctx, "SELECT value FROM progress WHERE job = $1", job).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read progress: %w", s.fault(ctx, err))
	}
	return value, nil
}

// SetProgress implements opinion.Store. It is the one change without a ledger entry: a
// resume point is nothing that somebody could dispute, and a long job sets thousands.
func (s *Store) SetProgress(ctx context.Context, job, value string) error {
	if err := named("job", job); err != nil {
		return err
	}
	if len(value) > maxProgress || !utf8.ValidString(value) || strings.IndexByte(value, 0) >= 0 {
		return invalid("value", "must be UTF-8 without NUL, of at most %d bytes", maxProgress)
	}
	return s.change(ctx, "set progress", func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO progress (job, value, updated_at) VALUES ($1,$2,$3)
			ON CONFLICT (job) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
			job, value, stamp(s.o.Now()))
		return err
	})
}

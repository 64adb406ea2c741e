package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

// AddKey implements opinion.Store. A key with a known ID or secret is CodeConflict.
func (s *Store) AddKey(ctx context.Context, a opinion.Actor, k opinion.Key) error {
	if err := first(mayAdminister(a), named("key.id", k.ID), instantOf("key.created_at", k.CreatedAt)); err != nil {
		return err
	}
	if !sourceName.MatchString(k.Source) {
		return invalid("key.source", "is %q: give 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit", k.Source)
	}
	if !sha256Hex.MatchString(k.SecretHash) {
		return invalid("key.secret_hash", "is not a SHA-256 in lower-case hex")
	}
	if k.RevokedAt != nil {
		return invalid("key.revoked_at", "is set: a new key cannot be revoked yet")
	}
	return s.change(ctx, "add key", func(t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO push_keys (id, source, secret_hash, created_at)
			VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`, k.ID, k.Source, k.SecretHash, stamp(k.CreatedAt))
		if err != nil {
			return err
		}
		if n == 0 {
			return opinion.Errorf(opinion.CodeConflict, "there is a key %q already: make another one", k.ID)
		}
		return t.note(k.CreatedAt, a, "key.add", "key:"+k.ID, map[string]string{"source": k.Source})
	})
}

const keyColumns = "id, source, secret_hash, created_at, revoked_at"

func scanKey(scan func(...any) error) (opinion.Key, error) {
	var k opinion.Key
	var created int64
	var revoked sql.NullInt64
	err := scan(&k.ID, &k.Source, &k.SecretHash, &created, &revoked)
	k.CreatedAt, k.RevokedAt = instant(created), instantOrNil(revoked)
	return k, err
}

// Key implements opinion.Store.
func (s *Store) Key(ctx context.Context, secretHash string) (opinion.Key, error) {
	wrong := opinion.Errorf(opinion.CodeUnauthorized, "the push key is wrong or revoked")
	if !sha256Hex.MatchString(secretHash) {
		return opinion.Key{}, wrong
	}
	k, err := scanKey(s.db.Read.QueryRowContext(ctx,
		"SELECT "+keyColumns+" FROM push_keys WHERE secret_hash = $1 AND revoked_at IS NULL", secretHash).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return opinion.Key{}, wrong
	}
	if err != nil {
		return opinion.Key{}, fmt.Errorf("read key: %w", s.fault(ctx, err))
	}
	return k, nil
}

// Keys implements opinion.Store. They come in the order of their making, revoked ones too.
func (s *Store) Keys(ctx context.Context, a opinion.Actor) ([]opinion.Key, error) {
	if err := mayAdminister(a); err != nil {
		return nil, err
	}
	list, err := queryAll(ctx, s.db.Read, scanKey, "SELECT "+keyColumns+" FROM push_keys ORDER BY created_at, id")
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", s.fault(ctx, err))
	}
	return list, nil
}

// RevokeKey implements opinion.Store. Revoking a revoked key changes nothing.
func (s *Store) RevokeKey(ctx context.Context, a opinion.Actor, id string, at time.Time) error {
	if err := first(mayAdminister(a), named("key.id", id), instantOf("at", at)); err != nil {
		return err
	}
	return s.change(ctx, "revoke key", func(t *tx) error {
		var known int
		err := t.QueryRowContext(ctx, "SELECT 1 FROM push_keys WHERE id = $1", id).Scan(&known)
		if errors.Is(err, sql.ErrNoRows) {
			return opinion.Errorf(opinion.CodeNotFound, "there is no key %q", id)
		}
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "UPDATE push_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, stamp(at))
		if err != nil || n == 0 {
			return err
		}
		return t.note(at, a, "key.revoke", "key:"+id, nil)
	})
}

package ingest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// secretName is the store's secret from which the pseudonym keys are derived.
const secretName = "pseudonym"

// maxPseudonymKeys bounds the derived keys that are kept; more are derived again.
const maxPseudonymKeys = 1024

// pseudonymKey returns the key of a source. Sources have keys of their own, so that
// the same name at two sources gives two pseudonyms that nobody can join.
func (in *Intake) pseudonymKey(ctx context.Context, source string) ([]byte, error) {
	in.secretMu.Lock()
	defer in.secretMu.Unlock()
	if key := in.keys[source]; key != nil {
		return key, nil
	}
	if in.secret == nil {
		secret, err := in.store.Secret(ctx, secretName)
		if err != nil {
			return nil, fmt.Errorf("read the pseudonym secret: %w", err)
		}
		in.secret = secret
	}
	if len(in.keys) >= maxPseudonymKeys {
		clear(in.keys)
	}
	key := sign(in.secret, source)
	in.keys[source] = key
	return key, nil
}

// pseudonym is the first 16 hex digits of HMAC-SHA256(key of the source, author).
func pseudonym(key []byte, author string) string {
	if author == "" {
		return ""
	}
	return hex.EncodeToString(sign(key, author)[:8])
}

func sign(key []byte, s string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(s))
	return m.Sum(nil)
}

package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"github.com/huiying/huiying/opinion"
)

// The bounds of a password: code points at least, bytes at most (bcrypt reads no more).
const (
	MinPassword = 10
	MaxPassword = 72
)

// passwordCost is bcrypt's cost: about a fifth of a second on one core of 2026.
const passwordCost = 12

// nobodysHash is compared with when there is no such user, so that a wrong name takes as
// long as a wrong password. It is the hash of 32 random bytes that were thrown away.
const nobodysHash = "$2a$12$0IJCh.Ja71kGiux3mdIr8OEE2BTp/sbYJ48v3JSCr4fSlzYYNZF5K"

// CheckPassword tells whether a password may be a user's. Its error is *opinion.Error with
// CodeInvalid and the field "password".
func CheckPassword(user, password string) error {
	reason, why := passwordFault(user, password)
	if reason == "" {
		return nil
	}
	e := opinion.Errorf(opinion.CodeInvalid, "%s", why)
	e.Field = "password"
	return e
}

// passwordFault returns the reason in the catalogue and the English message, or "".
func passwordFault(user, password string) (reason, why string) {
	params := map[string]string{"least": fmt.Sprint(MinPassword), "most": fmt.Sprint(MaxPassword)}
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		reason = "password_characters"
	case utf8.RuneCountInString(password) < MinPassword:
		reason = "password_short"
	case len(password) > MaxPassword:
		reason = "password_long"
	case user != "" && strings.Contains(strings.ToLower(password), strings.ToLower(user)):
		reason = "password_is_name"
	default:
		return "", ""
	}
	return reason, message(1, reason, params)
}

// HashPassword checks a password and returns what the Store keeps of it (User.PasswordHash).
// It takes about a fifth of a second on purpose. Its errors are those of CheckPassword.
func HashPassword(user, password string) (string, error) {
	if err := CheckPassword(user, password); err != nil {
		return "", err
	}
	b, err := bcrypt.GenerateFromPassword([]byte(password), passwordCost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return string(b), nil
}

// NewKey makes a push key for a source. It returns the secret, which is shown once and
// never kept, and the Key for Store.AddKey. The ID is the secret's beginning.
func NewKey(source string, at time.Time) (string, opinion.Key) {
	secret := keyPrefix + newToken()
	return secret, opinion.Key{ID: secret[:keyIDLength], Source: source, SecretHash: Digest(secret), CreatedAt: at}
}

// keyPrefix makes a leaked key recognisable to scanners of secrets.
const (
	keyPrefix   = "hyk_"
	keyIDLength = len(keyPrefix) + 8
)

// Digest is what the Store keeps of a token or a key's secret: SHA-256 in lower-case hex.
// The secrets have 256 random bits, so that no salt or slow hash is needed.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// tokenLength is the length of a token: 32 bytes in unpadded base 64.
const tokenLength = 43

func newToken() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

// matchesPassword compares in a time that does not depend on what is compared.
func matchesPassword(hash, password string) bool {
	if hash == "" {
		hash = nobodysHash
	}
	short := password[:min(len(password), MaxPassword)]
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(short)) == nil && len(password) <= MaxPassword
}

package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// secretPrefix marks a secret of the Standard Webhooks specification.
const secretPrefix = "whsec_"

// The shortest and longest keys that the specification allows, in bytes.
const minKey, maxKey = 24, 64

// Key is the symmetric key of one receiver.
type Key []byte

// ParseSecret reads a secret as the specification writes it: "whsec_" and 24 to 64 bytes
// in base 64.
func ParseSecret(secret string) (Key, error) {
	encoded, ok := strings.CutPrefix(strings.TrimSpace(secret), secretPrefix)
	if !ok {
		return nil, opinion.Errorf(opinion.CodeInvalid, "a webhook secret starts with %q; make one with: echo %s$(openssl rand -base64 32)", secretPrefix, secretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, opinion.Errorf(opinion.CodeInvalid, "the webhook secret is no base 64 after %q", secretPrefix)
	}
	if len(key) < minKey || len(key) > maxKey {
		return nil, opinion.Errorf(opinion.CodeInvalid, "the webhook secret holds %d bytes; use %d to %d", len(key), minKey, maxKey)
	}
	return key, nil
}

// Sign returns the value of the header webhook-signature: "v1," and the base 64 of
// HMAC-SHA256 over "<id>.<timestamp>.<body>", with the timestamp in Unix seconds.
func (k Key) Sign(id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, k)
	fmt.Fprintf(mac, "%s.%s.", id, strconv.FormatInt(at.Unix(), 10))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// newSecret makes a secret: "whsec_" and base64, as the scheme has it.
func newSecret() secret.Text {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // It never fails.
	return secret.Text(secretPrefix + base64.StdEncoding.EncodeToString(random))
}

// sign is the header webhook-signature: of each secret the version "v1", a comma and the HMAC-SHA256 of id, time and body in base64;
// a space between them.
func sign(secrets []secret.Text, id string, at time.Time, body []byte) (string, error) {
	signatures := make([]string, len(secrets))
	for i, each := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(each.Reveal(), secretPrefix))
		if err != nil {
			return "", errors.New("a signing secret is not base64") // The cause might quote it.
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " "), nil
}

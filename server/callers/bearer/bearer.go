// Package bearer checks the JSON Web Tokens of callers: their signature by a key of the issuer, issuer, audience and time. What is
// left is the subject. Who that is and what it may do is package callers'.
//
// The algorithms are pinned by the operator, and are such that a public key verifies. Nothing that a token says chooses an
// algorithm, an address or a key that is not the issuer's. No error quotes a token.
package bearer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// algorithms are those of which the operator can choose.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

const (
	// tokenBytesMax bounds a token.
	tokenBytesMax = 16 << 10
	// leeway is by how much the issuer's clock may differ from ours.
	leeway = time.Minute
)

// Config configures a [Verifier].
type Config struct {
	// Issuer is the "iss" of all tokens, an https address.
	Issuer string
	// Audience is what "aud" must contain: the name of this service at the issuer.
	Audience string
	// Algorithms are the accepted ones, such as RS256.
	Algorithms []string
	// Claim is the claim that says who the caller is, such as "sub".
	Claim string
	// KeysURL is where the issuer's keys are; empty to read it from the issuer's /.well-known/openid-configuration.
	KeysURL string
	// HTTP is the client for the issuer; nil for one of its own.
	HTTP *http.Client
	// Log receives failures to get the keys; nil for none.
	Log *slog.Logger
}

// Verifier checks tokens. It is safe for concurrent use.
type Verifier struct {
	config     Config
	algorithms []jose.SignatureAlgorithm
	keys       *keySet
}

// New returns a verifier. It does not ask the issuer yet.
func New(c Config) (*Verifier, error) {
	v := &Verifier{config: c}
	for _, name := range c.Algorithms {
		algorithm := jose.SignatureAlgorithm(name)
		if !slices.Contains(algorithms, algorithm) {
			return nil, fmt.Errorf("%q is none of %v", name, algorithms)
		}
		v.algorithms = append(v.algorithms, algorithm)
	}
	if len(v.algorithms) == 0 {
		return nil, errors.New("no algorithm is given")
	}
	if c.Log == nil {
		v.config.Log = slog.New(slog.DiscardHandler)
	}
	v.keys = newKeySet(v.config)
	return v, nil
}

// Close ends the questions to the issuer.
func (v *Verifier) Close() {
	v.keys.stop()
	v.keys.wg.Wait()
}

// IsToken reports whether a credential has the form of a token: three parts. No API key has it.
func IsToken(credential secret.Text) bool { return strings.Count(credential.Reveal(), ".") == 2 }

// Subject is who a token speaks of. The fault is CallerUnauthenticated, or CallerCheckUnavailable while the issuer's keys are not
// known.
func (v *Verifier) Subject(ctx context.Context, token secret.Text) (string, error) {
	if len(token) > tokenBytesMax {
		return "", refused("it is longer than %d bytes", tokenBytesMax)
	}
	parsed, err := jwt.ParseSigned(token.Reveal(), v.algorithms)
	if err != nil || len(parsed.Headers) != 1 {
		return "", refused("it cannot be read, or is signed by another algorithm than %v", v.algorithms)
	}
	header := parsed.Headers[0]
	keys, err := v.keys.find(ctx, header.KeyID)
	if err != nil {
		return "", err
	}
	for _, key := range keys {
		var claims jwt.Claims
		var all map[string]any
		if key.Algorithm != "" && key.Algorithm != header.Algorithm || parsed.Claims(key.Key, &claims, &all) != nil {
			continue
		}
		return v.subject(claims, all)
	}
	return "", refused("it is not signed by a key of %s", v.config.Issuer)
}

// subject checks what a token of the issuer says.
func (v *Verifier) subject(claims jwt.Claims, all map[string]any) (string, error) {
	if claims.Expiry == nil {
		return "", refused("it has no end: exp is missing")
	}
	err := claims.ValidateWithLeeway(jwt.Expected{Issuer: v.config.Issuer, AnyAudience: jwt.Audience{v.config.Audience}, Time: time.Now()}, leeway)
	switch {
	case errors.Is(err, jwt.ErrExpired):
		return "", refused("it has expired")
	case errors.Is(err, jwt.ErrInvalidAudience):
		return "", refused("it is not for this service: aud lacks %s", v.config.Audience)
	case err != nil:
		return "", refused("it is of another issuer, or not valid yet")
	}
	who, _ := all[v.config.Claim].(string)
	if who == "" {
		return "", refused("its claim %s says nobody", v.config.Claim)
	}
	return who, nil
}

func refused(format string, args ...any) error {
	return fault.New(fault.CallerUnauthenticated, "the token is refused: %s", fmt.Sprintf(format, args...))
}

// keysOf reads a set of keys, and leaves out what cannot verify a signature: what is of an unknown type, private, symmetric, or for
// encryption.
func keysOf(text []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, errors.New("is no set of keys")
	}
	var keys []jose.JSONWebKey
	for _, one := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(one) != nil || !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
			continue
		}
		if keys = append(keys, key); len(keys) == keysMax {
			break
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("has no key that verifies signatures")
	}
	return keys, nil
}

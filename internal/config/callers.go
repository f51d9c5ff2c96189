package config

import (
	"fmt"
	"math"
)

// ClientKeyEnv is the variable with the API key that client commands send. It is not a setting of the service.
const ClientKeyEnv = envPrefix + "API_KEY"

// The variables by which client commands and the packages in clients/ speak TLS: see clients/BEHAVIOURS.md.
const (
	ClientTLSEnv     = envPrefix + "TLS"
	ClientCAEnv      = envPrefix + "CA"
	ClientCertEnv    = envPrefix + "CERT"
	ClientCertKeyEnv = envPrefix + "CERT_KEY"
)

// clientVariables lists the variables by which the commands and the packages in clients/ reach a server. None is a setting of
// the service.
func clientVariables() []string {
	return []string{ClientKeyEnv, ClientTLSEnv, ClientCAEnv, ClientCertEnv, ClientCertKeyEnv}
}

// Callers has the settings of authentication. Without API keys every client that reaches the service may use it.
type Callers struct {
	KeysFile      string  `name:"api-keys-file" placeholder:"FILE" help:"YAML or JSON list of API keys by their hashes, as zhaohuo keys new writes them. Set: a caller without a good key is refused. Changes are noticed without a restart."`
	Keys          KeyList `name:"api-keys" placeholder:"LIST" help:"Such a list itself instead of a file, for example [{name: shop, sha256: 9f86…, weight: 2}]."`
	APIs          string  `name:"call-apis-file" placeholder:"FILE" help:"YAML or JSON list of the APIs of 1688 that callers without an API key may call by name, for example [{api: com.alibaba.product:alibaba.category.get-1, kind: read, cache: 10m}]. Changes are noticed without a restart. Unset: none; the built-in sandbox allows all that it serves. The entry of an API key has a list of its own, under apis."`
	JWTIssuer     string  `name:"jwt-issuer" placeholder:"URL" help:"Who issues JSON Web Tokens (OIDC) to callers, as in their iss. Set: a caller whose token's subject has an entry in the list of API keys needs no API key."`
	JWTAudience   string  `name:"jwt-audience" placeholder:"NAME" help:"What the aud of callers' tokens must contain: the name of this service at the issuer."`
	JWTAlgorithms string  `name:"jwt-algorithms" default:"RS256,ES256" placeholder:"LIST" help:"Algorithms that may sign callers' tokens, comma-separated: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA."`
	JWTClaim      string  `name:"jwt-claim" default:"sub" placeholder:"NAME" help:"Claim that says who the caller is, as an entry's subject."`
	JWTKeysURL    string  `name:"jwt-keys-url" placeholder:"URL" help:"Where the issuer's keys (JWKS) are. Unset: where the issuer's .well-known/openid-configuration says."`
	Rate          float64 `name:"caller-rate" default:"0" placeholder:"N" help:"Most requests a second of each caller: an API key that has no rate of its own, or an IP address where there are no keys. 0 is no limit."`
}

// Known reports whether callers are known by keys.
func (c Callers) Known() bool { return c.KeysFile != "" || c.Keys != "" }

// KeyList is the entries of API keys. They should be hashes, but one may be a key by mistake, so the list is not shown.
type KeyList string

// String hides the list.
func (k KeyList) String() string {
	if k == "" {
		return ""
	}
	return "[redacted]"
}

// checkCallers refuses two lists of keys.
func (l *Loaded) checkCallers() error {
	c := l.Callers
	if c.Keys != "" && c.KeysFile != "" {
		return fmt.Errorf("%s and %s are both set: remove one", l.Named("api-keys"), l.Named("api-keys-file"))
	}
	switch {
	case c.JWTIssuer == "":
		for name, value := range map[string]string{"jwt-audience": c.JWTAudience, "jwt-keys-url": c.JWTKeysURL} {
			if value != "" {
				return l.refuse(name, "needs %s too", l.Named("jwt-issuer"))
			}
		}
	case c.JWTAudience == "":
		return l.refuse("jwt-issuer", "needs %s too: a token for another service must not do here", l.Named("jwt-audience"))
	case !c.Known():
		return l.refuse("jwt-issuer", "needs %s too: it says who the callers are", l.Named("api-keys-file"))
	}
	if math.IsNaN(c.Rate) || c.Rate < 0 || c.Rate > 1e6 {
		return l.refuse("caller-rate", "must be 0 (no limit) to 1000000 but is %v", c.Rate)
	}
	return nil
}

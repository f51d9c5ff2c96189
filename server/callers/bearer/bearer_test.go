package bearer_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers/bearer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	issuer   = "https://login.example.com"
	audience = "zhaohuo"
)

// provider is an issuer: the transport of a client answers as its server would, so that time can be a fake clock.
type provider struct {
	mu   sync.Mutex
	keys map[string]*ecdsa.PrivateKey
	// more are further keys of the set, as JSON.
	more   []string
	down   bool
	naming string
	asked  map[string]int
}

func newProvider(t *testing.T, ids ...string) *provider {
	t.Helper()
	p := &provider{keys: map[string]*ecdsa.PrivateKey{}, naming: issuer, asked: map[string]int{}}
	for _, id := range ids {
		p.keys[id] = newKey(t)
	}
	return p
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[r.URL.Path]++
	answer := func(code int, value any) (*http.Response, error) {
		text, err := json.Marshal(value)
		return &http.Response{StatusCode: code, Body: io.NopCloser(bytes.NewReader(text)), Header: http.Header{}, Request: r, ContentLength: int64(len(text))}, err
	}
	switch {
	case p.down:
		return answer(http.StatusServiceUnavailable, nil)
	case r.URL.Path == "/.well-known/openid-configuration":
		return answer(http.StatusOK, map[string]string{"issuer": p.naming, "jwks_uri": issuer + "/keys"})
	}
	var all []json.RawMessage
	for id, key := range p.keys {
		text, err := json.Marshal(jose.JSONWebKey{Key: key.Public(), KeyID: id, Use: "sig", Algorithm: "ES256"})
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	for _, one := range p.more {
		all = append(all, json.RawMessage(one))
	}
	return answer(http.StatusOK, map[string]any{"keys": all})
}

func (p *provider) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// questions is how often the keys were asked for.
func (p *provider) questions() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked["/keys"]
}

func (p *provider) verifier(t *testing.T) *bearer.Verifier {
	t.Helper()
	v, err := bearer.New(bearer.Config{
		Issuer: issuer, Audience: audience, Algorithms: []string{"ES256", "RS256"}, Claim: "sub", HTTP: &http.Client{Transport: p},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sign signs claims with a key; by an algorithm that the key can do.
func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims map[string]any) secret.Text {
	t.Helper()
	options := &jose.SignerOptions{}
	if id != "" {
		options = options.WithHeader("kid", id)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return secret.Text(token)
}

// claims are good ones with changes; nil removes a claim.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{"iss": issuer, "aud": []string{"other", audience}, "sub": "CANARY-shop", "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func TestTokens(t *testing.T) {
	p := newProvider(t, "a", "b")
	shared := base64.RawURLEncoding.EncodeToString([]byte("a symmetric key in the set"))
	p.more = []string{`{"kty":"oct","kid":"oct","k":"` + shared + `"}`, `{"kty":"of the future","kid":"new"}`}
	v := p.verifier(t)
	defer v.Close()
	public, err := x509.MarshalPKIXPublicKey(p.keys["a"].Public())
	if err != nil {
		t.Fatal(err)
	}
	inPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	good := sign(t, jose.ES256, p.keys["a"], "a", claims(nil)).Reveal()
	parts := strings.Split(good, ".")
	head := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	own := newKey(t)
	ownInHead, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: own, KeyID: "a"}}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := jwt.Signed(ownInHead).Claims(claims(nil)).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, test := range map[string]struct {
		token secret.Text
		ok    bool
	}{
		"good":                             {secret.Text(good), true},
		"another key":                      {sign(t, jose.ES256, p.keys["b"], "b", claims(nil)), true},
		"no key id":                        {sign(t, jose.ES256, p.keys["b"], "", claims(nil)), true},
		"audience as text":                 {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"aud": audience})), true},
		"a clock that is half a minute on": {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"nbf": now.Add(30 * time.Second).Unix()})), true},
		"expired half a minute ago":        {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"exp": now.Add(-30 * time.Second).Unix()})), true},

		"expired":                        {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"exp": now.Add(-2 * time.Minute).Unix()})), false},
		"no end":                         {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"exp": nil})), false},
		"not yet":                        {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"nbf": now.Add(2 * time.Minute).Unix()})), false},
		"for another service":            {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"aud": []string{"other"}})), false},
		"for nobody":                     {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"aud": nil})), false},
		"of another issuer":              {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"iss": issuer + "/other"})), false},
		"of no issuer":                   {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"iss": nil})), false},
		"of nobody":                      {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"sub": nil})), false},
		"of a number":                    {sign(t, jose.ES256, p.keys["a"], "a", claims(map[string]any{"sub": 7})), false},
		"of a foreign key":               {sign(t, jose.ES256, own, "a", claims(nil)), false},
		"of a foreign key in its head":   {secret.Text(embedded), false},
		"of the other key":               {sign(t, jose.ES256, p.keys["b"], "a", claims(nil)), false},
		"HS256 with the public key":      {sign(t, jose.HS256, inPEM, "a", claims(nil)), false},
		"HS256 with the key's bytes":     {sign(t, jose.HS256, public, "a", claims(nil)), false},
		"HS256 with a key of the set":    {sign(t, jose.HS256, []byte("a symmetric key in the set......"), "oct", claims(nil)), false},
		"unsigned":                       {secret.Text(head(`{"alg":"none"}`) + "." + parts[1] + "."), false},
		"unsigned, as none of the cases": {secret.Text(head(`{"alg":"nOnE","kid":"a"}`) + "." + parts[1] + "."), false},
		"another alg over its signature": {secret.Text(head(`{"alg":"RS256","kid":"a"}`) + "." + parts[1] + "." + parts[2]), false},
		"critical":                       {secret.Text(head(`{"alg":"ES256","kid":"a","crit":["x"],"x":1}`) + "." + parts[1] + "." + parts[2]), false},
		"changed":                        {secret.Text(parts[0] + "." + head(`{"iss":"`+issuer+`","aud":"zhaohuo","sub":"CANARY-shop","exp":9999999999}`) + "." + parts[2]), false},
		"cut":                            {secret.Text(good[:len(good)-4]), false},
		"nothing":                        {"..", false},
		"long":                           {secret.Text(good + strings.Repeat("A", 16<<10)), false},
	} {
		got, err := v.Subject(t.Context(), test.token)
		if !bearer.IsToken(test.token) || (err == nil) != test.ok || test.ok && got != "CANARY-shop" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil && (fault.KindOf(err) != fault.CallerUnauthenticated || strings.Contains(err.Error(), "CANARY")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := p.questions(); n != 1 {
		t.Errorf("the keys were asked for %d times", n)
	}
}

// TestAnUnknownKeyIsAskedForSeldom: a caller who names keys that are not there causes two questions a minute, however many tokens it
// sends, and nobody else waits for them.
func TestAnUnknownKeyIsAskedForSeldom(t *testing.T) {
	p := newProvider(t, "a")
	synctest.Test(t, func(t *testing.T) {
		v := p.verifier(t)
		defer v.Close()
		good, forged := sign(t, jose.ES256, p.keys["a"], "a", claims(nil)), newKey(t)
		for range 60 { // Ten minutes.
			for i := range 20 {
				token := sign(t, jose.ES256, forged, "forged"+string(rune('a'+i)), claims(nil))
				if _, err := v.Subject(t.Context(), token); fault.KindOf(err) != fault.CallerUnauthenticated {
					t.Fatal(err)
				}
				if _, err := v.Subject(t.Context(), good); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(10 * time.Second)
			synctest.Wait()
		}
		if n := p.questions(); n < 15 || n > 21 {
			t.Errorf("%d questions in ten minutes", n)
		}
	})
}

// TestKeysAreRotated: a new key is known when it is used first, a withdrawn one is refused after a quarter of an hour, and while the
// issuer does not answer the known keys are good for a day.
func TestKeysAreRotated(t *testing.T) {
	p := newProvider(t, "old")
	old, next := p.keys["old"], newKey(t)
	synctest.Test(t, func(t *testing.T) {
		v := p.verifier(t)
		defer v.Close()
		kind := func(key *ecdsa.PrivateKey, id string) string {
			_, err := v.Subject(t.Context(), sign(t, jose.ES256, key, id, claims(nil)))
			synctest.Wait()
			if err == nil {
				return "OK"
			}
			return fault.KindOf(err).String()
		}
		expect := func(step, wantOld, wantNew string) {
			t.Helper()
			if gotOld, gotNew := kind(old, "old"), kind(next, "new"); gotOld != wantOld || gotNew != wantNew {
				t.Errorf("%s: the old key %s, the new one %s", step, gotOld, gotNew)
			}
		}
		const refused, unknown = "CALLER_UNAUTHENTICATED", "CALLER_CHECK_UNAVAILABLE"
		p.set(func() { p.down = true })
		expect("the issuer does not answer", unknown, unknown)
		p.set(func() { p.down = false })
		time.Sleep(30 * time.Second)
		expect("it answers", "OK", refused)
		p.set(func() { p.keys["new"] = next })
		time.Sleep(30 * time.Second)
		expect("a new key", "OK", "OK")
		p.set(func() { delete(p.keys, "old") })
		time.Sleep(15*time.Minute + time.Second)
		kind(next, "new") // The keys are old: they are asked for, and nobody waits.
		expect("the old key is withdrawn", refused, "OK")
		p.set(func() { p.down = true })
		time.Sleep(24*time.Hour - time.Minute)
		expect("the issuer is down for a day", refused, "OK")
		time.Sleep(time.Hour)
		expect("and longer", unknown, unknown)
		p.set(func() { p.down, p.naming = false, issuer+"/other" })
		time.Sleep(time.Minute)
		expect("another issuer answers at its address", unknown, unknown)
	})
}

func TestAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		issuer: true, "http://127.0.0.1:8080/keys": true, "http://localhost/x": true, "http://login.example.com": false, "login.example.com": false,
		"https://user@login.example.com": false, "https://login.example.com/#x": false, "file:///etc/passwd": false, "": false,
	} {
		if err := bearer.CheckURL(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

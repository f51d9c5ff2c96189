package callers

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Options are the parameters of [Open]. Path or Text is set.
type Options struct {
	// Path is the keys file, which is reread every second.
	Path string
	// Text is the content of a keys file. It does not change.
	Text string
	// Log receives reloads and errors of the file; nil for none.
	Log *slog.Logger
	// Account reports whether an account of this name is there; nil if entries may name any. An entry that names another one
	// is an error, as one that cannot be read is.
	Account func(name string) bool
	// Tokens checks the JSON Web Tokens of callers; nil if none are accepted.
	Tokens Tokens
	// Certificates is true if callers send certificates that TLS verifies.
	Certificates bool
	// Metrics gets a gauge for an invalid file; nil for none.
	Metrics prometheus.Registerer
}

// Tokens says whom a JSON Web Token speaks of. Its fault is CallerUnauthenticated, or CallerCheckUnavailable.
type Tokens interface {
	Subject(ctx context.Context, token secret.Text) (string, error)
}

// Credentials are what a request carries to say who sends it.
type Credentials struct {
	// Key is an API key or a JSON Web Token; empty for none.
	Key secret.Text
	// Certificate are the names in the client certificate that TLS verified; none without one.
	Certificate []string
}

// Keyring holds the valid keys. It is safe for concurrent use.
type Keyring struct {
	*list[Entry]

	tokens Tokens

	changing sync.Mutex
	paused   atomic.Pointer[map[string]paused.Span]
}

// Open reads the keys. An error names file and line.
func Open(o Options) (*Keyring, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	keys, err := openList(listOptions[Entry]{
		path: o.Path, text: []byte(o.Text), parse: o.parse, metrics: o.Metrics,
		gauge: prometheus.GaugeOpts{
			Name: "zhaohuo_api_keys_broken", Help: "1 while the keys file cannot be read, and the keys that were read before are in force.",
		},
		applied: func(keys int) { o.Log.Info("API keys were read again", "keys", keys) },
		failed: func(err error) {
			o.Log.Error("the API keys were not read again; those read before are in force", "file", o.Path, "cause", err.Error())
		},
	})
	if err != nil {
		return nil, err
	}
	o.Log.Info("API keys", "keys", len(keys.all()))
	k := &Keyring{list: keys, tokens: o.Tokens}
	k.paused.Store(&map[string]paused.Span{})
	return k, nil
}

// parse reads entries and checks their accounts.
func (o Options) parse(text []byte) ([]Entry, error) {
	entries, err := Parse(text)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch {
		case e.Subject != "" && o.Tokens == nil:
			return nil, fmt.Errorf("%s is known by the subject of a token, which needs the setting jwt-issuer", e.Name)
		case e.Certificate != "" && !o.Certificates:
			return nil, fmt.Errorf("%s is known by its certificate, which needs the setting tls-client-ca", e.Name)
		case o.Account == nil:
			continue
		}
		for name := range strings.SplitSeq(e.Accounts, ",") {
			if e.Accounts != "" && !o.Account(name) {
				return nil, fmt.Errorf("%s is pinned to the account %s, which the setting accounts does not have", e.Name, name)
			}
		}
	}
	return entries, nil
}

// Named is the entry of a caller: one of its entries, if it has several; false for a caller that has none.
func (k *Keyring) Named(name string) (Entry, bool) {
	for _, e := range k.all() {
		if e.Name == name {
			e.Pause = k.Pauses()[name]
			return e, true
		}
	}
	return Entry{}, false
}

// Identify returns the entry of who sends a request. A key or token decides; the certificate counts for a request without one.
// Anything else is a fault of kind CallerUnauthenticated, or CallerCheckUnavailable while tokens cannot be checked.
func (k *Keyring) Identify(ctx context.Context, c Credentials) (Entry, error) {
	if c.Key.Empty() {
		return k.byCertificate(c.Certificate)
	}
	// An API key has no dots, and one that has is known by its hash before it is taken for a token.
	if k.tokens == nil || strings.Count(c.Key.Reveal(), ".") != 2 {
		return k.Find(c.Key)
	}
	if entry, ok := find(k.all(), c.Key); ok {
		return k.valid(entry)
	}
	subject, err := k.tokens.Subject(ctx, c.Key)
	if err != nil {
		return Entry{}, err
	}
	for _, e := range k.all() {
		if e.Subject == subject {
			return k.valid(e)
		}
	}
	return Entry{}, fault.New(fault.CallerUnauthenticated, "nobody here is known by the subject of this token")
}

// byCertificate returns the only caller that a certificate names.
func (k *Keyring) byCertificate(names []string) (Entry, error) {
	if len(names) == 0 {
		return Entry{}, fault.New(fault.CallerUnauthenticated, "an API key is wanted: authorization: Bearer KEY, or x-api-key: KEY")
	}
	var found Entry
	for _, e := range k.all() {
		switch {
		case e.Certificate == "" || !slices.Contains(names, e.Certificate):
			continue
		case found.Name != "" && found.Name != e.Name:
			return Entry{}, fault.New(fault.CallerUnauthenticated, "the certificate names several callers")
		}
		if found.Name == "" || found.expired() {
			found = e
		}
	}
	if found.Name == "" {
		return Entry{}, fault.New(fault.CallerUnauthenticated, "nobody here is known by a name of this certificate; an API key is wanted otherwise")
	}
	return k.valid(found)
}

// expired reports whether the entry has ended.
func (e Entry) expired() bool { return !e.Expires.IsZero() && !time.Now().Before(e.Expires) }

// valid is the entry, with the caller's pause, if it has not ended.
func (k *Keyring) valid(e Entry) (Entry, error) {
	if e.expired() {
		return Entry{}, fault.New(fault.CallerUnauthenticated, "the API key of %s has expired", e.Name)
	}
	e.Pause = k.Pauses()[e.Name]
	return e, nil
}

// Find returns the entry of a currently valid key. Anything else is a fault of kind CallerUnauthenticated.
func (k *Keyring) Find(key secret.Text) (Entry, error) {
	entry, ok := find(k.all(), key)
	if !ok {
		return Entry{}, fault.New(fault.CallerUnauthenticated, "the API key is not known")
	}
	return k.valid(entry)
}

// find compares with every entry completely, so that its duration reveals neither how close a guess is nor which entry
// it matches.
func find(entries []Entry, key secret.Text) (Entry, bool) {
	hash := HashOf(key)
	found := -1
	for i := range entries {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], entries[i].Hash[:]), i, found)
	}
	if found < 0 {
		return Entry{}, false
	}
	return entries[found], true
}

package bearer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

const (
	// keysMax bounds the keys of an issuer, because a token without a key id is tried with each.
	keysMax = 32
	// keysFor is how long keys are used without asking. keysMost is how long while the issuer does not answer: a key that was
	// withdrawn must not be accepted for ever.
	keysFor  = 15 * time.Minute
	keysMost = 24 * time.Hour
	// askEvery is the shortest time between two questions to the issuer, whatever tokens arrive.
	askEvery   = 30 * time.Second
	askTimeout = 5 * time.Second
	// answerBytesMax bounds an answer of the issuer.
	answerBytesMax = 1 << 20
)

// keySet are the issuer's keys. They are got when the first token comes, when they are old, and when a token names a key that is
// not there, but never more often than askEvery.
type keySet struct {
	config Config
	http   *http.Client
	ctx    context.Context // of the questions to the issuer
	stop   context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex
	keys []jose.JSONWebKey
	// at is when the keys were got, asked when they were asked for last.
	at, asked time.Time
	// asking is closed when the present question is answered; nil if there is none.
	asking chan struct{}
}

func newKeySet(c Config) *keySet {
	s := &keySet{config: c, http: c.HTTP}
	if s.http == nil {
		s.http = &http.Client{}
	}
	client := *s.http
	client.Timeout = askTimeout
	// The issuer's own addresses answer. A redirect would lead anywhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.http = &client
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// find returns the keys of an id, or all keys for a token without one. It waits for the issuer only if it must.
func (s *keySet) find(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	keys, age, asking := s.look(id)
	if asking != nil && (len(keys) == 0 || age > keysMost) {
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, fault.Ended(ctx, "while the issuer's keys were got")
		}
		keys, age, _ = s.look(id)
	}
	switch {
	case age > keysMost:
		return nil, fault.New(fault.CallerCheckUnavailable, "the keys of %s are not known", s.config.Issuer).WithRetryAfter(askEvery)
	case len(keys) == 0:
		return nil, refused("%s has no such key", s.config.Issuer)
	}
	return keys, nil
}

// look returns the keys of an id, how old all keys are, and what to wait for to get newer ones; nil for nothing.
func (s *keySet) look(id string) (keys []jose.JSONWebKey, age time.Duration, asking <-chan struct{}) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	age = keysMost + 1
	if !s.at.IsZero() {
		age = now.Sub(s.at)
	}
	for _, key := range s.keys {
		if id == "" || key.KeyID == id {
			keys = append(keys, key)
		}
	}
	if s.asking == nil && s.ctx.Err() == nil && (age > keysFor || len(keys) == 0) && (s.asked.IsZero() || now.Sub(s.asked) >= askEvery) {
		s.asked, s.asking = now, make(chan struct{})
		s.wg.Go(s.ask) // No caller's end ends it: others wait for it.
	}
	if s.asking == nil {
		return keys, age, nil
	}
	return keys, age, s.asking
}

// ask gets the keys. If that fails, the known ones stay.
func (s *keySet) ask() {
	ctx, cancel := context.WithTimeout(s.ctx, 2*askTimeout)
	defer cancel()
	keys, err := s.get(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.ctx.Err() == nil {
		s.config.Log.Error("the keys that sign callers' tokens cannot be got", "issuer", s.config.Issuer, "cause", err.Error())
	}
	if err == nil {
		s.keys, s.at = keys, time.Now()
	}
	close(s.asking)
	s.asking = nil
}

func (s *keySet) get(ctx context.Context) ([]jose.JSONWebKey, error) {
	address := s.config.KeysURL
	if address == "" {
		text, err := s.read(ctx, strings.TrimSuffix(s.config.Issuer, "/")+"/.well-known/openid-configuration")
		if err != nil {
			return nil, err
		}
		var about struct {
			Issuer string `json:"issuer"`
			Keys   string `json:"jwks_uri"`
		}
		if err := json.Unmarshal(text, &about); err != nil || about.Issuer != s.config.Issuer {
			return nil, errors.New("the configuration at the issuer's address is of another issuer")
		}
		if err := CheckURL(about.Keys); err != nil {
			return nil, fmt.Errorf("the address of its keys %w", err)
		}
		address = about.Keys
	}
	text, err := s.read(ctx, address)
	if err != nil {
		return nil, err
	}
	keys, err := keysOf(text)
	if err != nil {
		return nil, fmt.Errorf("what %s answers %w", address, err)
	}
	return keys, nil
}

func (s *keySet) read(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := s.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers with HTTP %d", address, response.StatusCode)
	}
	return boundedio.ReadBody(response, answerBytesMax)
}

// CheckURL returns what is wrong with the address of an issuer or of its keys; nil for nothing. Only an address of this machine may
// be without TLS.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return errors.New("must be an https address")
	case u.Scheme == "https", u.Scheme == "http" && publicnet.Loopback(u.Hostname()):
		return nil
	default:
		return errors.New("must be an https address")
	}
}

// Package sandbox emulates the 1688 open platform: an http.Handler that speaks both dialects of its gateway over a
// catalogue of invented goods, with its own check of signature, time, token, permission, rate and quota.
//
// It lets the full path of signing, HTTP and decoding run without credentials, and can produce every error of the platform.
// It never imports the adapter, so that it does not repeat a mistake there. The packages are access (who may call, and
// when), wire (one HTTP exchange), aopwire and topwire (the dialects), market (queries of the catalogue), gallery and
// picture (pictures of products), drift (prices that move), pusher (messages that they moved), uploads (buyers' photos), faultword (how callers request errors) and catalog (the
// products). It never dials out: it only knows the URLs of its own pictures. Only a
// pusher does, which its owner starts. Every answer has the header MarkHeader, so that
// made-up products never pass for real.
package sandbox

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// MarkHeader is set to "true" on every answer of a sandbox.
const MarkHeader = "Zhaohuo-Sandbox"

// StatsPath answers GET with Stats as JSON.
const StatsPath = "/sandbox/stats"

// Sandbox is the emulated platform. It is safe for concurrent use; apps, permissions and tokens may change while it serves.
type Sandbox struct {
	config  Config
	backend *wire.Backend
	aop     *aopwire.Dialect
	top     *topwire.Dialect

	requests atomic.Int64
	closing  chan struct{}
	close    sync.Once
}

// New checks the configuration and sets the platform up.
func New(config Config) (*Sandbox, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	g, err := access.New(config.Apps, config.Limits)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	closing := make(chan struct{})
	return &Sandbox{
		config: config,
		backend: &wire.Backend{
			Access: g, Book: new(access.Book), Goods: config.Catalogue, Flaky: new(wire.Flaky), Follows: new(wire.Follows), Undelivered: new(wire.Undelivered), Closing: closing,
			Gallery: config.Pictures,
			Photos:  uploads.NewReader(config.ImageBytes), Uploads: uploads.NewStore(config.ImagesKept, config.ImageLife),
		},
		aop: aopwire.New(aopwire.Options{
			ClockTolerance: config.AOPTolerance, Latency: config.Latency,
			TokenLife: config.TokenLife, RefreshLife: config.RefreshLife,
		}),
		top: topwire.New(topwire.Options{
			Shape: config.TOPShape, ClockTolerance: config.TOPTolerance, AnyZone: config.TOPAnyZone,
			Tutorial: config.TOPTutorial, Latency: config.Latency,
		}),
		closing: closing,
	}, nil
}

// ServeHTTP answers either dialect, pictures, offer pages and the statistics.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(MarkHeader, "true")
	w.Header().Set("Date", s.config.Clock().UTC().Format(http.TimeFormat))
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, aopwire.Prefix):
		s.exchange(w, r, s.aop.Serve)
	case path == topwire.Path:
		s.exchange(w, r, s.top.Serve)
	case path == aopwire.AuthorizePath:
		s.aop.Authorize(w, r, s.backend.Access, s.config.Clock())
	case path == StatsPath && r.Method == http.MethodGet:
		writeBody(w, wire.JSON(http.StatusOK, s.Stats()))
	case strings.HasPrefix(path, "/img/") && s.config.Pictures != nil:
		s.config.Pictures.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/offer/"):
		s.offerPage(w, r)
	default:
		http.Error(w, "SANDBOX: nothing is served here; see "+aopwire.Prefix+"… and "+topwire.Path, http.StatusNotFound)
	}
}

// exchange answers one request of a dialect and records it in the statistics.
func (s *Sandbox) exchange(w http.ResponseWriter, r *http.Request, serve func(*wire.Exchange)) {
	arrived := s.backend.Book.Arrive(s.config.Clock)
	x := &wire.Exchange{
		W: w, R: r, Backend: s.backendAt(arrived),
		Arrived:   arrived,
		RequestID: fmt.Sprintf("sandbox-%08d", s.requests.Add(1)),
		Base:      s.base(r),
		Origin:    origin(r),
	}
	defer func() { s.backend.Book.Leave(x.Code, r.Context().Err() != nil) }()
	serve(x)
}

// backendAt is the backend with the goods as they are at a time. One request sees one step of their drift.
func (s *Sandbox) backendAt(at time.Time) *wire.Backend {
	if s.config.Drift == 0 {
		return s.backend
	}
	now := *s.backend
	now.GoodsAt = func(past time.Time) market.Catalogue {
		return drift.Goods(s.backend.Goods, drift.Step(past, s.config.Drift))
	}
	step := drift.Step(at, s.config.Drift)
	now.Goods = drift.Goods(now.Goods, step)
	if now.Gallery != nil {
		now.Gallery = drift.Pictures(now.Gallery, step)
	}
	return &now
}

// base is the origin of links, without a slash at the end.
func (s *Sandbox) base(r *http.Request) string {
	if s.config.PublicURL != "" {
		return s.config.PublicURL
	}
	return origin(r)
}

func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// offerPage is the page that the links of offers lead to.
func (s *Sandbox) offerPage(w http.ResponseWriter, r *http.Request) {
	name, isPage := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/offer/"), ".html")
	id, err := strconv.ParseInt(name, 10, 64)
	if !isPage || err != nil {
		http.NotFound(w, r)
		return
	}
	offer, ok := s.config.Catalogue.Offer(id)
	if !ok {
		http.NotFound(w, r)
		return
	}
	page := fmt.Sprintf("<!DOCTYPE html>\n<meta charset=utf-8><title>SANDBOX %d</title>\n<h1>SANDBOX: these goods are invented</h1>\n<p>%s</p>\n<p>%s</p>\n",
		id, html.EscapeString(offer.Title), html.EscapeString(offer.TitleEN))
	writeBody(w, wire.Body{Status: http.StatusOK, ContentType: "text/html; charset=utf-8", Bytes: []byte(page)})
}

func writeBody(w http.ResponseWriter, b wire.Body) {
	w.Header().Set("Content-Type", b.ContentType)
	w.WriteHeader(b.Status)
	_, _ = w.Write(b.Bytes)
}

// Stats returns what has reached the platform so far.
func (s *Sandbox) Stats() Stats { return s.backend.Book.Read() }

// Permit allows or forbids an app to call an API ("namespace:name", or a TOP method).
func (s *Sandbox) Permit(appKey, api string, allowed bool) {
	s.backend.Access.Permit(appKey, api, allowed)
}

// IssueToken issues a user token to an app, or changes when one expires.
func (s *Sandbox) IssueToken(appKey string, t Token) { s.backend.Access.IssueToken(appKey, t) }

// RevokeToken revokes a token or refresh token.
func (s *Sandbox) RevokeToken(appKey, token string) { s.backend.Access.Revoke(appKey, token) }

// RenewPackage sets the calls left in an app's paid package for an API.
func (s *Sandbox) RenewPackage(appKey, api string, calls int) {
	s.backend.Access.Renew(appKey, api, calls)
}

// ForgetFlaky makes every flaky question fail again from the start.
func (s *Sandbox) ForgetFlaky() { s.backend.Flaky.Forget() }

// ForgetImages drops all uploaded photos, so that their ids are unknown.
func (s *Sandbox) ForgetImages() { s.backend.Uploads.ForgetAll() }

// RefuseImages answers the next n uploads with the id "0", whatever they contain.
func (s *Sandbox) RefuseImages(n int) { s.backend.Uploads.Refuse(n) }

// Close ends every answer that is being delayed. It does not wait for their handlers.
func (s *Sandbox) Close() error {
	s.close.Do(func() { close(s.closing) })
	return nil
}

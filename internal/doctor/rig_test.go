package doctor_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	appKey    = "1000000"
	appSecret = "test123"
	goodToken = "f14da3b8-b0b1-4f73-a5de-9bed637e0188"
)

// noGoods is a catalogue that must not be used: an examination that searches panics.
type noGoods struct{ market.Catalogue }

// noPictures makes the sandbox offer the search by picture, which must not be used either.
type noPictures struct{ sandbox.Pictures }

// bed is one case: a platform, and the settings to reach it. Each case changes some of it.
type bed struct {
	dialect string
	// config is that of the sandbox. platform is set by admit.
	config   sandbox.Config
	platform *sandbox.Sandbox
	url      string
	// own means that the address is that of the sandbox.
	own bool

	aop       aop.Config
	top       top.Config
	appKey    string
	appSecret secret.Text
	tokens    upstream.Tokens
	// tokenStore may be nil.
	tokenStore doctor.TokenStore
	// pushes may be nil.
	pushes    func() doctor.PushState
	quota     upstream.Quota
	transport *http.Transport
	timeout   time.Duration
	// probes replaces those of the dialect.
	probes []upstream.Probe
	// treat changes the sandbox before the examination.
	treat func(*sandbox.Sandbox)
	// outside serves instead of the sandbox.
	outside http.Handler
	// green gives every answer the status HTTP 200, and counts the answers.
	green *answers
}

func newBed(dialect string) *bed {
	return &bed{
		dialect: dialect,
		config: sandbox.Config{
			Apps:      []sandbox.App{{Key: appKey, Secret: appSecret, Tokens: []sandbox.Token{{Value: goodToken}}}},
			Catalogue: noGoods{}, Pictures: noPictures{},
		},
		appKey: appKey, appSecret: appSecret, tokens: &tokens{held: goodToken},
		transport: &http.Transport{OnProxyConnectResponse: upstream.CheckProxyAnswer}, timeout: 10 * time.Second,
	}
}

// admit starts what is examined, unless the case has its own address.
func (b *bed) admit(t *testing.T) {
	t.Helper()
	t.Cleanup(b.transport.CloseIdleConnections)
	handler := b.outside
	if handler == nil {
		platform, err := sandbox.New(b.config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = platform.Close() })
		if b.treat != nil {
			b.treat(platform)
		}
		b.platform, handler = platform, platform
	}
	if b.green != nil {
		handler = b.green.all(handler)
	}
	if b.url == "" {
		server := httptest.NewServer(handler)
		t.Cleanup(func() {
			if b.platform != nil {
				_ = b.platform.Close() // It may be delaying answers.
			}
			server.Close()
		})
		b.url, b.own = server.URL, true
	}
	if b.quota == nil {
		limiter, err := quota.Open(t.Context(), quota.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = limiter.Close() })
		b.quota = limiter
	}
}

func (b *bed) speak() *upstream.Dialect {
	if b.dialect == "top" {
		b.top.URL = b.url + "/router/rest"
		return top.New(b.top)
	}
	b.aop.BaseURL = b.url
	return aop.New(b.aop)
}

func (b *bed) examine(ctx context.Context, t *testing.T) (*zhaohuov1.DiagnoseResponse, error) {
	t.Helper()
	b.admit(t)
	dialect := b.speak()
	client := upstream.New(upstream.Options{
		Dialect: dialect, AppKey: b.appKey, AppSecret: b.appSecret, Tokens: b.tokens, Quota: b.quota,
		HTTP: &http.Client{Transport: b.transport}, AttemptTimeout: b.timeout, AnswerBytesMax: 1 << 20,
		Backoff: upstream.Backoff{Attempts: 3},
	})
	t.Cleanup(client.Close)
	examination := dialect.Examination
	if b.probes != nil {
		examination.Probes = b.probes
	}
	return doctor.New(doctor.Options{
		Prober: client, Examination: examination, Tokens: b.tokens, TokenStore: b.tokenStore, Pushes: b.pushes, QPS: 4, Daily: 100,
	}).Diagnose(ctx, &zhaohuov1.DiagnoseRequest{})
}

// says is a probe of the sandbox with a fault word in the search text.
func says(dialect, word string) upstream.Probe {
	if dialect == "top" {
		return upstream.Probe{Call: upstream.Call{API: top.MethodProductSearch, Params: []upstream.Param{{Name: "q", Value: word}}}}
	}
	return upstream.Probe{Call: upstream.Call{
		API:    aop.DefaultMethods().KeywordSearch.String(),
		Params: []upstream.Param{{Name: "offerQueryParam", Value: fmt.Sprintf(`{"keyword":%q}`, word)}},
	}}
}

// tokens holds a token, and another one that a renewal returns. Empty means none.
type tokens struct {
	mu         sync.Mutex
	held, next secret.Text
	err        error
}

func (s *tokens) Token(context.Context) (secret.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held, s.err
}

func (s *tokens) Renew(context.Context, secret.Text) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == "" {
		return fault.New(fault.UpstreamTokenInvalid, "no newer token")
	}
	s.held, s.next = s.next, ""
	return nil
}

// barred is a quota that grants no permit.
type barred struct{ kind fault.Kind }

func (b barred) Acquire(context.Context, upstream.PermitRequest) (upstream.Permit, error) {
	return nil, fault.New(b.kind, "no turn").WithSubject("app_key/calls")
}

// lines are findings in short form; equal findings of permissions are one line: "CHECK VERDICT DIAGNOSIS [subject] [reason codes]".
func lines(answer *zhaohuov1.DiagnoseResponse, hide ...string) []string {
	var all []string
	for _, f := range answer.GetFindings() {
		verdict := strings.TrimPrefix(f.GetVerdict().String(), "DIAGNOSIS_VERDICT_")
		what := strings.TrimPrefix(f.GetDiagnosis().String(), "DIAGNOSIS_CODE_")
		line := strings.TrimPrefix(f.GetCheck().String(), "DIAGNOSIS_CHECK_") + " " + verdict
		if what != verdict {
			line += " " + what
		}
		ordinary := f.GetCheck() == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK || f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK || f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED
		if f.GetSubject() != "" && !ordinary && !slices.Contains(hide, f.GetSubject()) {
			line += " " + f.GetSubject()
		}
		if f.GetReason() != zhaohuov1.ErrorReason_ERROR_REASON_UNSPECIFIED {
			line += " " + strings.TrimPrefix(f.GetReason().String(), "ERROR_REASON_")
		}
		for _, code := range []string{f.GetUpstreamCode(), f.GetUpstreamSubCode()} {
			if code != "" {
				line += " " + code
			}
		}
		if len(all) == 0 || all[len(all)-1] != line {
			all = append(all, line)
		}
	}
	return all
}

// well is the examination without a failure, in which the given lines replace those of their checks.
func well(dialect string, but ...string) []string {
	all := []string{
		"NETWORK OK REACHED", "CLOCK OK CLOCK_RIGHT", "APP_KEY OK APP_KEY_KNOWN", "SIGNATURE OK SIGNATURE_RIGHT",
		"TOKEN OK TOKEN_ACCEPTED", "PERMISSION OK PERMITTED", "LIMITS OK WITHIN_LIMITS",
	}
	if dialect == "top" {
		all[5] += "_PRESUMABLY"
	}
	for i := range all {
		check, _, _ := strings.Cut(all[i], " ")
		for _, b := range but {
			if strings.HasPrefix(b, check+" ") {
				all[i] = b
			}
		}
	}
	return all
}

// skippedAfter are the lines without a failure up to a check, then the failure, then the skipped checks.
func skippedAfter(dialect, failure string) []string {
	all := well(dialect, failure)
	at := slices.Index(all, failure)
	for i := at + 1; i < len(all); i++ {
		check, _, _ := strings.Cut(all[i], " ")
		all[i] = check + " SKIPPED"
	}
	return all
}

func mistrusted(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func silent(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func proxied(t *testing.T, b *bed, proxy string) {
	t.Helper()
	address, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	b.transport.Proxy = http.ProxyURL(address)
}

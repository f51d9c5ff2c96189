package upstream_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"go.uber.org/goleak"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The headers in which the test's wire sends what a real one signs.
const (
	headerToken = "Test-Token"
	headerTime  = "Test-Time"
)

// plainWire sends token and time in headers. It opens a body of {"kind":…,"after_ms":…} as the fault of that kind.
type plainWire struct{ url string }

func (w plainWire) NewRequest(ctx context.Context, call upstream.Call, cred upstream.Credential, now time.Time) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/"+call.API, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set(headerToken, cred.AccessToken.Reveal())
	request.Header.Set(headerTime, now.UTC().Format(time.RFC3339Nano))
	return request, nil
}

func (plainWire) Open(_ upstream.Call, _ int, body []byte) (gjson.Result, error) {
	if !gjson.ValidBytes(body) {
		return gjson.Result{}, fault.New(fault.UpstreamUnavailable, "no JSON")
	}
	answer := gjson.ParseBytes(body)
	for _, kind := range fault.Kinds() {
		if kind.String() == answer.Get("kind").String() {
			return gjson.Result{}, fault.New(kind, "as the test wants").WithRetryAfter(time.Duration(answer.Get("after_ms").Int()) * time.Millisecond)
		}
	}
	return answer, nil
}

// respond answers with a kind of fault, or with success for "".
func respond(w http.ResponseWriter, kind string, after time.Duration) {
	body := `{"page":7}`
	if kind != "" {
		body = `{"kind":"` + kind + `","after_ms":` + strconv.FormatInt(after.Milliseconds(), 10) + `}`
	}
	_, _ = w.Write([]byte(body)) // The client may have left already.
}

// plainDialect has keyword search only. The answer has the page of the payload.
func plainDialect(url string) *upstream.Dialect {
	return &upstream.Dialect{
		Wire: plainWire{url},
		KeywordSearch: upstream.Operation[*zhaohuov1.KeywordSearchRequest, *zhaohuov1.KeywordSearchResponse]{
			Encode: func(q *zhaohuov1.KeywordSearchRequest) (upstream.Call, error) {
				if q.GetKeyword() == "" {
					return upstream.Call{}, fault.Invalid("keyword", "string.min_len", "must be there")
				}
				return upstream.Call{API: "test.search"}, nil
			},
			Decode: func(_ *zhaohuov1.KeywordSearchRequest, payload gjson.Result) (*zhaohuov1.KeywordSearchResponse, error) {
				page := payload.Get("page")
				if !page.Exists() {
					return nil, fault.New(fault.UpstreamAnswerUnreadable, "no page")
				}
				return &zhaohuov1.KeywordSearchResponse{Page: int32(page.Int())}, nil
			},
		},
	}
}

// tokens provides the first token, and the next one after each renewal. A renewal fails if there is no next one.
type tokens struct {
	mu       sync.Mutex
	left     []secret.Text
	rejected []secret.Text
	err      error
}

func (s *tokens) Token(context.Context) (secret.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || len(s.left) == 0 {
		return "", s.err
	}
	return s.left[0], nil
}

func (s *tokens) Renew(_ context.Context, rejected secret.Text) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, rejected)
	if len(s.left) < 2 {
		return fault.New(fault.UpstreamTokenInvalid, "no newer token")
	}
	s.left = s.left[1:]
	return nil
}

// quota gives permits that call its functions, and records requests and outcomes. The zero value permits every attempt.
type quota struct {
	acquire, commit func(context.Context) error

	mu        sync.Mutex
	asked     []upstream.PermitRequest
	committed int
	sent      int
	outcomes  []error
}

func (q *quota) Acquire(ctx context.Context, ask upstream.PermitRequest) (upstream.Permit, error) {
	q.mu.Lock()
	q.asked = append(q.asked, ask)
	q.mu.Unlock()
	if q.acquire != nil {
		if err := q.acquire(ctx); err != nil {
			return nil, err
		}
	}
	return (*permit)(q), nil
}

// permit is a permit of a quota.
type permit quota

func (p *permit) Commit(ctx context.Context) error {
	if p.commit != nil {
		if err := p.commit(ctx); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.committed++
	return nil
}

func (*permit) Account() string { return "" }

func (*permit) PassOver(error) bool { return false }

func (p *permit) Sent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent++
}

func (p *permit) Done(outcome error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcomes = append(p.outcomes, outcome)
}

// options are those of a client with three quick attempts at url.
func options(url string, transport http.RoundTripper) upstream.Options {
	return upstream.Options{
		Dialect:        plainDialect(url),
		Tokens:         &tokens{},
		Quota:          &quota{},
		HTTP:           &http.Client{Transport: transport},
		AttemptTimeout: 10 * time.Second,
		AnswerBytesMax: 1 << 20,
		Backoff:        upstream.Backoff{Attempts: 3, First: time.Millisecond, Max: 2 * time.Millisecond},
	}
}

// serve starts a real server on loopback and returns the options of a client of it.
func serve(t *testing.T, handler http.HandlerFunc) upstream.Options {
	t.Helper()
	server := httptest.NewServer(handler)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return options(server.URL, transport)
}

// simulate starts a server that is reached through pipes and returns the options of a client of it. It works inside a
// bubble of testing/synctest.
func simulate(t *testing.T, handler http.HandlerFunc) upstream.Options {
	t.Helper()
	listener := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return options("http://pipe.test", transport)
}

// pipes is a listener for connections within the process.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, distant := net.Pipe()
	select {
	case p.waiting <- distant:
		return near, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.waiting:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// ask makes one keyword search with a new client.
func ask(ctx context.Context, o upstream.Options) (*zhaohuov1.KeywordSearchResponse, error) {
	client := upstream.New(o)
	defer client.Close()
	return client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"})
}

// wantFault compares a failure's kind and its number of calls.
func wantFault(t *testing.T, err error, kind fault.Kind, calls int) {
	t.Helper()
	_ = failure(t, err, kind, calls)
}

// failure is wantFault, and returns the fault.
func failure(t *testing.T, err error, kind fault.Kind, calls int) *fault.Fault {
	t.Helper()
	f, ok := fault.As(err)
	if !ok {
		t.Fatalf("got %v, want %s", err, kind)
	}
	if f.Kind != kind || fault.CallsOf(f) != calls || f.Meta[fault.MetaUpstreamAPI] != "test.search" {
		t.Fatalf("got %v with %v (cause %v), want %s after %d calls of test.search", f, f.Meta, f.Cause(), kind, calls)
	}
	return f
}

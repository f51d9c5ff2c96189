package upstream_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// scripted is a platform that answers each request, after it has read all of it, by the next step of a script.
type scripted struct {
	mu      sync.Mutex
	steps   []http.HandlerFunc
	arrived int
}

func (s *scripted) play(steps ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps, s.arrived = steps, 0
}

func (s *scripted) arrivals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	s.mu.Lock()
	step := s.steps[min(s.arrived, len(s.steps)-1)]
	s.arrived++
	s.mu.Unlock()
	step(w, r)
}

func saying(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // The client may have left already.
	}
}

// cut ends the connection without an answer; over HTTP/2 the stream.
func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// doors are the two dialects, with what each says.
type door struct {
	dialect                              func(url string) *upstream.Dialect
	api, throttled, token, refused, ours string
}

func doors() map[string]door {
	return map[string]door{
		"aop": {
			dialect: func(url string) *upstream.Dialect { return aop.New(aop.Config{BaseURL: url}) },
			api:     "com.alibaba.product:alibaba.product.follow.crossborder-1", throttled: `{"error_code":"gw.QosAppFrequencyLimit"}`,
			token: `{"error_code":"401"}`, refused: `{"code":500,"message":"no"}`, ours: `{"error_code":"gw.ISPInvokeTimeout"}`,
		},
		"top": {
			dialect: func(url string) *upstream.Dialect { return top.New(top.Config{URL: url}) },
			api:     "alibaba.product.follow", throttled: `{"error_response":{"code":7}}`,
			token: `{"error_response":{"code":27}}`, refused: `{"x_response":{"result":{"success":false,"code":"500","message":"no"}}}`,
			ours: `{"error_response":{"code":15,"sub_code":"isp.remote-service-timeout"}}`,
		},
	}
}

const done = `{"code":0,"message":"success","id":1234567890123456789,"price":0.10}`

func (d door) options(url string, transport http.RoundTripper) upstream.Options {
	o := options(url, transport)
	o.Dialect, o.AppKey, o.AppSecret = d.dialect(url), "1000000", "test123"
	o.Tokens, o.AttemptTimeout, o.AnswerBytesMax = &tokens{left: []secret.Text{"one", "two", "three"}}, 5*time.Second, 1<<10
	return o
}

func (d door) write(ctx context.Context, o upstream.Options) (*zhaohuov1.CallResponse, error) {
	client := upstream.New(o)
	defer client.Close()
	return client.CallOnce(ctx, &zhaohuov1.CallRequest{Api: d.api, Parameters: map[string]string{"productId": "1"}})
}

// TestWriteWithALostAnswer: whatever becomes of the answer to a call that may have been done, the call arrives once, over HTTP/1 and
// HTTP/2. What the platform refused before it acted is repeated.
func TestWriteWithALostAnswer(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		platform := &scripted{}
		server := httptest.NewUnstartedServer(platform)
		server.EnableHTTP2 = http2
		server.Config.ErrorLog = nil
		if http2 {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		transport := server.Client().Transport.(*http.Transport)
		for dialect, d := range doors() {
			for _, test := range []struct {
				name    string
				steps   []http.HandlerFunc
				want    fault.Kind // Internal for success
				arrived int
			}{
				{"done", []http.HandlerFunc{saying(200, done)}, fault.Internal, 1},
				{"cut", []http.HandlerFunc{cut}, fault.CallMayHaveArrived, 1},
				{"reset", []http.HandlerFunc{reset}, fault.CallMayHaveArrived, 1},
				{"late", []http.HandlerFunc{hang}, fault.CallMayHaveArrived, 1},
				{"half an answer", []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Length", "100")
					_, _ = io.WriteString(w, done[:10])
				}}, fault.CallMayHaveArrived, 1},
				{"too much", []http.HandlerFunc{saying(200, `"`+strings.Repeat("x", 2000)+`"`)}, fault.CallMayHaveArrived, 1},
				{"no JSON", []http.HandlerFunc{saying(200, "<html>")}, fault.CallMayHaveArrived, 1},
				{"null", []http.HandlerFunc{saying(200, "null")}, fault.CallMayHaveArrived, 1},
				{"500", []http.HandlerFunc{saying(500, "")}, fault.CallMayHaveArrived, 1},
				{"502", []http.HandlerFunc{saying(502, "<html>")}, fault.CallMayHaveArrived, 1},
				{"a throttle of a server in between", []http.HandlerFunc{saying(429, "{}")}, fault.CallMayHaveArrived, 1},
				{"a login of a server in between", []http.HandlerFunc{saying(401, "{}")}, fault.CallMayHaveArrived, 1},
				{"a redirect", []http.HandlerFunc{saying(307, "")}, fault.CallMayHaveArrived, 1},
				{"the service behind is late", []http.HandlerFunc{saying(200, d.ours)}, fault.CallMayHaveArrived, 1},
				{"refused for good", []http.HandlerFunc{saying(200, d.refused)}, fault.UpstreamRefused, 1},
				{"throttled, then done", []http.HandlerFunc{saying(400, d.throttled), saying(200, done)}, fault.Internal, 2},
				{"throttled to the end", []http.HandlerFunc{saying(400, d.throttled)}, fault.UpstreamThrottled, 3},
				{"throttled, then cut", []http.HandlerFunc{saying(400, d.throttled), cut}, fault.CallMayHaveArrived, 2},
				{"an old token, then done", []http.HandlerFunc{saying(400, d.token), saying(200, done)}, fault.Internal, 2},
			} {
				t.Run(name+" "+dialect+" "+test.name, func(t *testing.T) {
					o := d.options(server.URL, transport)
					if test.name == "late" {
						o.AttemptTimeout = 50 * time.Millisecond
					}
					// A used connection is there, which a transport may take for broken.
					platform.play(saying(200, done))
					if _, err := d.write(t.Context(), o); err != nil {
						t.Fatal(err)
					}
					platform.play(test.steps...)
					got, err := d.write(t.Context(), o)
					if kind := fault.KindOf(err); (err == nil) != (test.want == fault.Internal) || err != nil && kind != test.want {
						t.Errorf("%v, want %s", err, test.want)
					}
					if err == nil && got.GetJson() != done {
						t.Errorf("answer %s, want it as it was written", got.GetJson())
					}
					if n := platform.arrivals(); n != test.arrived {
						t.Errorf("arrived %d times, want %d", n, test.arrived)
					}
					if f, ok := fault.As(err); ok && (f.RetryAfter != 0 && f.Kind == fault.CallMayHaveArrived || fault.CallsOf(f) != test.arrived) {
						t.Errorf("%d calls, retry after %v", fault.CallsOf(f), f.RetryAfter)
					}
				})
			}
		}
		transport.CloseIdleConnections()
	}
}

// TestWriteOfACallerWhoLeaves: the caller is not told that nothing happened.
func TestWriteOfACallerWhoLeaves(t *testing.T) {
	d := doors()["aop"]
	ctx, leave := context.WithCancel(t.Context())
	o := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		leave()
		<-r.Context().Done()
	})
	_, err := d.write(ctx, d.options(aopURL(o), o.HTTP.Transport))
	if fault.KindOf(err) != fault.CallMayHaveArrived {
		t.Error(err)
	}
}

func aopURL(o upstream.Options) string { return o.Dialect.Wire.(plainWire).url }

// TestWriteThatWasNotSent is repeated: nothing was written.
func TestWriteThatWasNotSent(t *testing.T) {
	d := doors()["aop"]
	dialled := 0
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		dialled++
		return nil, net.UnknownNetworkError("none")
	}}
	_, err := d.write(t.Context(), d.options("http://127.0.0.1:1", transport))
	if fault.KindOf(err) != fault.UpstreamUnavailable || fault.CallsOf(err) != 0 || dialled != 3 {
		t.Errorf("%v after %d calls and %d dials", err, fault.CallsOf(err), dialled)
	}
}

// TestReadIsRepeated: the same loss is none for a call that changes nothing.
func TestReadIsRepeated(t *testing.T) {
	d, platform := doors()["aop"], &scripted{}
	o := serve(t, platform.ServeHTTP)
	platform.play(cut, saying(200, done))
	client := upstream.New(d.options(aopURL(o), o.HTTP.Transport))
	defer client.Close()
	got, err := client.Call(t.Context(), &zhaohuov1.CallRequest{Api: d.api})
	if err != nil || got.GetJson() != done || got.GetMeta().GetUpstreamCalls() != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestWriteArrivesOnce: for any sequence of answers and losses, each arrival but the last was refused by the platform itself.
func TestWriteArrivesOnce(t *testing.T) {
	platform := &scripted{}
	o := serve(t, platform.ServeHTTP)
	url := aopURL(o)
	rapid.Check(t, func(t *rapid.T) {
		d := doors()[rapid.SampledFrom([]string{"aop", "top"}).Draw(t, "dialect")]
		words := map[string]http.HandlerFunc{
			"done": saying(200, done), "cut": cut, "reset": reset, "500": saying(500, ""), "429": saying(429, "{}"), "no JSON": saying(200, "<"),
			"behind": saying(200, d.ours), "refused": saying(200, d.refused), "throttled": saying(400, d.throttled), "token": saying(400, d.token),
		}
		names := make([]string, 0, len(words))
		for name := range words {
			names = append(names, name)
		}
		slices.Sort(names)
		said := rapid.SliceOfN(rapid.SampledFrom(append(names, "throttled", "token")), 4, 4).Draw(t, "said")
		steps := make([]http.HandlerFunc, len(said))
		for i, name := range said {
			steps[i] = words[name]
		}
		platform.play(steps...)
		_, err := d.write(context.Background(), d.options(url, o.HTTP.Transport))
		n := platform.arrivals()
		if n == 0 || n > 3 {
			t.Fatalf("%d arrivals", n)
		}
		for _, name := range said[:n-1] {
			if name != "throttled" && name != "token" {
				t.Fatalf("%q was followed by another arrival", name)
			}
		}
		lost := !slices.Contains([]string{"done", "refused", "throttled", "token"}, said[n-1])
		if (fault.KindOf(err) == fault.CallMayHaveArrived) != lost || (err == nil) != (said[n-1] == "done") {
			t.Fatalf("the last was %q: %v", said[n-1], err)
		}
	})
}

// TestCallRefusesWhatItSetsItself: a caller chooses neither credentials nor another API.
func TestCallRefusesWhatItSetsItself(t *testing.T) {
	for dialect, names := range map[string][]string{
		"aop": {"access_token", "_aop_signature", "_aop_timestamp", "_AOP_datePattern", "Access_Token", "sign", "session", "app_key"},
		"top": {"method", "app_key", "session", "timestamp", "v", "format", "sign", "sign_method", "METHOD", "access_token"},
	} {
		d := doors()[dialect]
		for _, name := range names {
			_, err := d.dialect("").CallAPI.Encode(&zhaohuov1.CallRequest{Api: d.api, Parameters: map[string]string{name: "x", "productId": "1"}})
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.InvalidField || len(f.Fields) != 1 || f.Fields[0].Path != "parameters["+name+"]" {
				t.Errorf("%s %s: %v", dialect, name, err)
			}
		}
		for _, api := range []string{"", "a/b", "x:y", "../param2/1/system:oauth2-1", "a:b%2fc-1", "method=x", "a b.c"} {
			if _, err := d.dialect("").CallAPI.Encode(&zhaohuov1.CallRequest{Api: api}); fault.KindOf(err) != fault.InvalidField {
				t.Errorf("%s: the API %q: %v", dialect, api, err)
			}
		}
	}
}

// TestCallHidesSecrets: an answer that quotes our secrets does not carry them out.
func TestCallHidesSecrets(t *testing.T) {
	d := doors()["aop"]
	o := serve(t, saying(200, `{"code":0,"message":"secret test123 and token token-of-ours"}`))
	with := d.options(aopURL(o), o.HTTP.Transport)
	with.Tokens = &tokens{left: []secret.Text{"token-of-ours"}}
	got, err := d.write(t.Context(), with)
	if err != nil || strings.Contains(got.GetJson(), "test123") || strings.Contains(got.GetJson(), "token-of-ours") {
		t.Errorf("%v, %v", got, err)
	}
}

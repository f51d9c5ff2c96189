package baddays_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// The certificates that the upstream presents.
const (
	valid     = "valid"
	expired   = "expired"
	otherName = "of another name"
	untrusted = "not trusted"
)

// rig is a service with everything it needs behind a proxy: the sandbox over TLS and HTTP/2, Redis and PostgreSQL.
type rig struct {
	*service

	upstream, redis, postgres *link
	sandbox                   *process.Sandbox
	front                     *httptest.Server
	shown                     atomic.Pointer[tls.Certificate]
	certificates              map[string]*tls.Certificate
	// product is the first answer to each question.
	product string
	// watch is the id of the only price watch.
	watch string
	asked atomic.Int64
}

func newRig(t *testing.T) *rig {
	t.Helper()
	x, redis := startToxiproxy(t), redistest.Start(t)
	w := &rig{sandbox: process.OpenSandbox(t, 1000), certificates: map[string]*tls.Certificate{}}
	authorities := w.openFront(t)
	database, err := url.Parse(cluster.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(database.Query().Get("host"), ".s.PGSQL."+database.Query().Get("port"))
	w.upstream = x.link(t, "upstream", w.front.Listener.Addr().String())
	w.redis = x.link(t, "redis", redis.Addr)
	w.postgres = x.link(t, "postgres", relay(t, socket))
	timeout := callTimeoutShort
	if *full {
		timeout = callTimeout
	}
	w.service = serve(t, map[string]string{
		"ZHAOHUO_APP_KEY": process.SandboxKey, "ZHAOHUO_APP_SECRET": process.SandboxSecret, "ZHAOHUO_DIALECT": "aop",
		"ZHAOHUO_UPSTREAM_URL": w.upstream.origin(), "SSL_CERT_FILE": authorities, "ZHAOHUO_UPSTREAM_QPS": "500",
		"ZHAOHUO_UPSTREAM_TIMEOUT": (timeout / 2).String(), "ZHAOHUO_DEFAULT_TIMEOUT": timeout.String(),
		"ZHAOHUO_REDIS_URL": "redis://" + w.redis.addr,
		"ZHAOHUO_STORE":     "postgres://postgres@" + w.postgres.addr + database.Path + "?sslmode=disable",
		"ZHAOHUO_DATA_DIR":  t.TempDir(),
	})
	process.Eventually(t, "a question is answered", func() bool {
		got := w.search(t, 0)
		w.product = got.first
		return got.status == http.StatusOK && got.first != ""
	})
	watch := `{"priceWatch":{"products":{"ids":["` + w.product + `"]},"interval":"3600s"}}`
	response, err := w.HTTP.Post(w.URL+"/v1/priceWatches", "application/json", strings.NewReader(watch))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if made, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v: HTTP %d: %s", err, response.StatusCode, made)
	} else {
		w.watch = gjson.GetBytes(made, "priceWatch.id").String()
	}
	return w
}

// openFront serves the sandbox over TLS, and returns the file of the authorities that the service trusts.
func (w *rig) openFront(t *testing.T) (authorities string) {
	t.Helper()
	var trusted []byte
	for kind, change := range map[string]func(*x509.Certificate){
		valid:     nil,
		expired:   func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) },
		otherName: func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} },
		untrusted: nil,
	} {
		cert, key, err := certificate.Write(t.TempDir(), change)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		w.certificates[kind] = &pair
		if text, err := os.ReadFile(cert); err != nil {
			t.Fatal(err)
		} else if kind != untrusted {
			trusted = append(trusted, text...)
		}
	}
	target, err := url.Parse(w.sandbox.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	inside := httputil.NewSingleHostReverseProxy(target)
	inside.Transport = transport
	inside.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // It is killed: no HTTP 502.
	w.front = httptest.NewUnstartedServer(inside)
	w.front.EnableHTTP2 = true
	w.front.Config.ErrorLog = nil
	w.shown.Store(w.certificates[valid])
	w.front.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: []tls.Certificate{*w.shown.Load()}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}, nil
	}}
	w.front.StartTLS()
	t.Cleanup(func() {
		w.front.Close()
		transport.CloseIdleConnections()
	})
	authorities = filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(authorities, trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	return authorities
}

// present has the upstream present another certificate from now on.
func (w *rig) present(kind string) {
	w.shown.Store(w.certificates[kind])
	w.front.CloseClientConnections()
}

// search asks for goods; each question of another number is a new one, and all have one answer.
func (w *rig) search(t *testing.T, question int64) answer {
	t.Helper()
	query := url.Values{"keyword": {"耳机"}, "pageSize": {"1"}, "priceMax": {fmt.Sprint(100000 + question)}}
	return w.read(t, "/v1/products:keywordSearch?"+query.Encode(), "products.0.id")
}

// read reads a path with the deadline. It is an error of the test when there is no answer at all.
func (w *rig) read(t *testing.T, path, first string) answer {
	t.Helper()
	response, err := w.HTTP.Get(w.URL + path)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return answer{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !json.Valid(body) {
		t.Errorf("%s: %v: %.300s", path, err, body)
	}
	parsed := gjson.ParseBytes(body)
	return answer{
		response.StatusCode, parsed.Get("details.#(reason).reason").String(), parsed.Get(first).String(), parsed.Get("meta.upstreamCalls").Int(),
	}
}

func (w *rig) questions() []kindOfQuestion {
	return []kindOfQuestion{
		{"stored", func(t *testing.T) answer { t.Helper(); return w.search(t, 0) }, w.product, true},
		{"new", func(t *testing.T) answer { t.Helper(); return w.search(t, w.asked.Add(1)) }, w.product, false},
		{"watches", func(t *testing.T) answer { t.Helper(); return w.read(t, "/v1/priceWatches", "priceWatches.0.id") }, w.watch, false},
	}
}

// askDuring asks each kind of question until ctx ends, and judges each answer.
func (w *rig) askDuring(ctx context.Context, t *testing.T, fault string) []*tally {
	t.Helper()
	kinds := w.questions()
	tallies := make([]*tally, len(kinds))
	var asking sync.WaitGroup
	for i, kind := range kinds {
		y := &tally{refused: map[string]int{}}
		tallies[i] = y
		asking.Go(func() {
			for {
				began := time.Now()
				got := kind.ask(t)
				took := time.Since(began)
				y.slowest = max(y.slowest, took)
				switch {
				case got.status == http.StatusOK && got.first == kind.want:
					y.right++
				case !kind.always && got.status >= 500 && slices.Contains(errorsAllowed(), got.reason), !kind.always && got.reason == "QUOTA_WAIT_TOO_LONG":
					y.refused[got.reason]++
				default:
					t.Errorf("%s: a %s question: %+v", fault, kind.name, got)
				}
				if *full && took > callTimeout+late {
					t.Errorf("%s: a %s question took %v", fault, kind.name, took)
				}
				if !pause.For(ctx, 50*time.Millisecond) {
					return
				}
			}
		})
	}
	asking.Wait()
	return tallies
}

// settled waits until all of the service's connections are used.
func (w *rig) settled(t *testing.T) {
	t.Helper()
	for range 5 {
		for _, kind := range w.questions() {
			process.Eventually(t, "before any fault, a question is answered: "+kind.name, func() bool {
				got := kind.ask(t)
				return got.status == http.StatusOK && got.first == kind.want
			})
		}
	}
}

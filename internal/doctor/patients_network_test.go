package doctor_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func page(status int, location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if location != "" {
			w.Header().Set("Location", location)
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<html><h1>Welcome to Hotel Wi-Fi</h1></html>"))
	}
}

func networkPatients() []patient {
	lost := func(name, diagnosis, reason string, calls int32, sick func(*testing.T, *bed)) patient {
		inAOP, inTOP := both(func(string) []string {
			return []string{
				"NETWORK FAILED " + diagnosis + " " + reason, "CLOCK SKIPPED", "APP_KEY SKIPPED", "SIGNATURE SKIPPED", "TOKEN SKIPPED",
				"PERMISSION SKIPPED", "LIMITS SKIPPED",
			}
		})
		return patient{name: name, sick: sick, aop: inAOP, top: inTOP, calls: [2]int32{calls, calls}}
	}
	outside := func(h http.HandlerFunc) func(*testing.T, *bed) {
		return func(_ *testing.T, b *bed) { b.outside = h }
	}
	const down = "UPSTREAM_UNAVAILABLE"
	all := []patient{
		lost("nothing listens", "CONNECTION_REFUSED", down, 0, func(t *testing.T, b *bed) { b.url = silent(t) }),
		lost("no such name", "NAME_NOT_RESOLVED", "UPSTREAM_HOST_UNKNOWN", 0, func(_ *testing.T, b *bed) { b.url = "http://nowhere.invalid" }),
		lost("a captive portal", "NOT_THE_UPSTREAM", down, 1, outside(page(200, ""))),
		lost("a captive portal that redirects", "NOT_THE_UPSTREAM", "UPSTREAM_API_UNKNOWN", 1, outside(page(302, "http://login.invalid/"))),
		lost("another server", "NOT_THE_UPSTREAM", "UPSTREAM_API_UNKNOWN", 1, outside(page(404, ""))),
		lost("a page without end", "NOT_THE_UPSTREAM", "UPSTREAM_ANSWER_TOO_LARGE", 1, outside(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat(" ", 2<<20)))
		})),
		lost("a balancer without servers", "UPSTREAM_DOWN", down, 1, outside(page(502, ""))),
		lost("a certificate nobody vouches for", "TLS_FAILED", "UPSTREAM_CERTIFICATE_INVALID", 0, func(t *testing.T, b *bed) { b.url = mistrusted(t) }),
		lost("no TLS at all", "TLS_FAILED", "UPSTREAM_API_UNKNOWN", 0, func(t *testing.T, b *bed) {
			server := httptest.NewUnstartedServer(page(200, ""))
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
			server.Start()
			t.Cleanup(server.Close)
			b.url = "https" + strings.TrimPrefix(server.URL, "http")
		}),
		lost("a proxy that is not there", "PROXY_FAILED", down, 0, func(t *testing.T, b *bed) { proxied(t, b, silent(t)) }),
		lost("a proxy whose name is not known", "PROXY_FAILED", "UPSTREAM_HOST_UNKNOWN", 0, func(t *testing.T, b *bed) { proxied(t, b, "http://proxy.invalid:3128") }),
		lost("a proxy that opens no tunnel", "PROXY_FAILED", down, 0, func(t *testing.T, b *bed) {
			proxy := httptest.NewServer(page(403, ""))
			t.Cleanup(proxy.Close)
			proxied(t, b, proxy.URL)
			b.url = "https://gw.invalid"
		}),
		lost("a proxy that wants a password", "PROXY_FAILED", down, 1, func(t *testing.T, b *bed) {
			proxy := httptest.NewServer(page(407, ""))
			t.Cleanup(proxy.Close)
			proxied(t, b, proxy.URL)
		}),
		lost("no answer", "TIMED_OUT", "UPSTREAM_TIMEOUT", 1, func(_ *testing.T, b *bed) {
			b.timeout = 50 * time.Millisecond
			b.outside = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm() // Only then does net/http notice that the caller leaves.
				<-r.Context().Done()
			})
		}),
		lost("a connection that breaks", "CONNECTION_BROKEN", down, 1, outside(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		})),
		lost("an answer cut off", "CONNECTION_BROKEN", down, 1, outside(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		})),
	}
	return append(all, unsteadyPatients()...)
}

func unsteadyPatients() []patient {
	return []patient{
		{
			name: "one call lost among others", calls: [2]int32{3, 3},
			sick: func(_ *testing.T, b *bed) {
				b.probes = []upstream.Probe{says(b.dialect, ""), {Call: says(b.dialect, "sandbox:reset").Call}}
				if b.dialect == "top" {
					b.probes = append(b.probes, upstream.Probe{Call: upstream.Call{API: top.MethodProductGet}})
				}
				b.probes[1].Call.API = map[string]string{"aop": aop.DefaultMethods().ListSellerProducts.String(), "top": top.MethodSellerProducts}[b.dialect]
			},
			aop: append(append(well("aop", "NETWORK WARNING UNSTEADY UPSTREAM_UNAVAILABLE")[:6],
				"PERMISSION UNKNOWN HIDDEN_BY_FAILURE "+aop.DefaultMethods().ListSellerProducts.String()+" UPSTREAM_UNAVAILABLE"), "LIMITS OK WITHIN_LIMITS"),
			top: func() []string {
				all := between("top", "PERMISSION UNKNOWN HIDDEN_BY_FAILURE "+top.MethodSellerProducts+" UPSTREAM_UNAVAILABLE")
				all[0] = "NETWORK WARNING UNSTEADY UPSTREAM_UNAVAILABLE"
				return all
			}(),
		},
		{
			name: "a network that goes away", dialect: "aop", calls: [2]int32{3},
			sick: func(_ *testing.T, b *bed) {
				b.probes = []upstream.Probe{says("aop", "sandbox:reset"), says("aop", "sandbox:reset"), says("aop", "")}
			},
			aop: []string{
				"NETWORK FAILED CONNECTION_BROKEN UPSTREAM_UNAVAILABLE", "CLOCK OK CLOCK_RIGHT", "APP_KEY OK APP_KEY_KNOWN",
				"SIGNATURE OK SIGNATURE_RIGHT", "TOKEN SKIPPED", "PERMISSION SKIPPED", "LIMITS SKIPPED",
			},
		},
	}
}

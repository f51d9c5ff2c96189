package upstream_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

type refusedKey struct{}

// TestRefusedCommitWritesNothing: when the permit refuses at the last moment, nothing is written, over HTTP/1 and HTTP/2,
// on new and on reused connections. Many callers search at once, so that refusals and writes are concurrent.
func TestRefusedCommitWritesNothing(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			var arrived, protocol atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived.Add(1)
				protocol.Store(int64(r.ProtoMajor))
				respond(w, "", 0)
			}))
			server.EnableHTTP2 = http2
			if http2 {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			q := &quota{commit: func(ctx context.Context) error {
				if ctx.Value(refusedKey{}) != nil {
					return fault.New(fault.QuotaWaitTooLong, "not now")
				}
				return nil
			}}
			o := options(server.URL, server.Client().Transport)
			o.Quota = q
			const callers, calls = 16, 30
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for range calls {
						if _, err := ask(t.Context(), o); err != nil {
							t.Error(err)
						}
						// It gets a connection that has just been used.
						_, err := ask(context.WithValue(t.Context(), refusedKey{}, true), o)
						if f, ok := fault.As(err); !ok || f.Kind != fault.QuotaWaitTooLong || fault.CallsOf(f) != 0 {
							t.Errorf("refused: %v", err)
						}
					}
				})
			}
			wg.Wait()
			if spoke := protocol.Load() == 2; spoke != http2 {
				t.Errorf("the server was called over HTTP/%d", protocol.Load())
			}
			if n := arrived.Load(); n != callers*calls || q.committed != callers*calls || q.sent != callers*calls {
				t.Errorf("%d requests arrived, %d were committed and %d reported as written, want %d", n, q.committed, q.sent, callers*calls)
			}
		})
	}
}

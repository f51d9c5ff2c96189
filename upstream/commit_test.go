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

// TestRefusedDepartureWritesNothing: a turn that refuses at the last moment keeps the request from the wire, whichever
// protocol the connection speaks and whether it is new or kept. Many ask at once, so that whoever writes runs beside
// whoever refuses.
func TestRefusedDepartureWritesNothing(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			var arrived, protocol atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived.Add(1)
				protocol.Store(int64(r.ProtoMajor))
				says(w, "", 0)
			}))
			server.EnableHTTP2 = http2
			if http2 {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			q := &quota{depart: func(ctx context.Context) error {
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
						// It meets a connection that has just been used.
						_, err := ask(context.WithValue(t.Context(), refusedKey{}, true), o)
						if f, ok := fault.As(err); !ok || f.Kind != fault.QuotaWaitTooLong || fault.CallsOf(f) != 0 {
							t.Errorf("refused: %v", err)
						}
					}
				})
			}
			wg.Wait()
			if spoke := protocol.Load() == 2; spoke != http2 {
				t.Errorf("the server was spoken to in HTTP/%d", protocol.Load())
			}
			if n := arrived.Load(); n != callers*calls || q.departed != callers*calls {
				t.Errorf("%d arrived and %d departed, want %d", n, q.departed, callers*calls)
			}
		})
	}
}

package upstream_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// TestRefusedDepartureWritesNothing: a turn that refuses at the last moment keeps the request from the wire, whichever
// protocol the connection speaks and whether it is new or kept.
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
			server.StartTLS()
			defer server.Close()
			refuse := false
			q := &quota{depart: func(context.Context) error {
				if refuse {
					return fault.New(fault.QuotaWaitTooLong, "not now")
				}
				return nil
			}}
			o := options(server.URL, server.Client().Transport)
			o.Quota = q
			for i := range 200 {
				refuse = i%2 == 1 // Each refusal meets a connection that has just been used.
				before := arrived.Load()
				_, err := ask(t.Context(), o)
				if !refuse {
					if err != nil {
						t.Fatal(err)
					}
					continue
				}
				wantFault(t, err, fault.QuotaWaitTooLong, 0)
				if arrived.Load() != before {
					t.Fatal("a refused request reached the upstream")
				}
			}
			if spoke := protocol.Load() == 2; spoke != http2 {
				t.Errorf("the server was spoken to in HTTP/%d", protocol.Load())
			}
			if n := arrived.Load(); n != 100 || q.departed != 100 {
				t.Errorf("%d arrived and %d departed, want 100", n, q.departed)
			}
		})
	}
}

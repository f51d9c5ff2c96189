package killed_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// receiver takes what is sent to webhooks. It counts how often each message came.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	times map[string]int
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{times: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.times[q.Header.Get("webhook-id")]++
	}))
	t.Cleanup(r.Close)
	return r
}

func (w *world) lastEvent(t *testing.T) int64 {
	t.Helper()
	id, err := w.store.LastEventID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// delivered waits until the receiver has all events up to the id last. It fails if that takes longer than takenOver after the time
// since, or if an event has no delivery.
func (w *world) delivered(t *testing.T, last int64, since time.Time) {
	t.Helper()
	found, sent := map[string]bool{}, map[string]bool{}
	for {
		waiting := 0
		for n := range watches {
			for _, d := range w.deliveries(t, watchID(n)) {
				id := d.ID()
				if d.EventID > last {
					continue
				}
				found[id] = true
				if d.State != zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED {
					waiting++
					continue
				}
				sent[id] = true
			}
		}
		if waiting == 0 {
			break
		}
		if time.Since(since) > takenOver || !pause.For(t.Context(), 100*time.Millisecond) {
			t.Fatalf("%d of the events up to %d were not sent within %v", waiting, last, time.Since(since))
		}
	}
	if int64(len(found)) != last {
		t.Errorf("%d of %d events have a delivery", len(found), last)
	}
	w.receiver.mu.Lock()
	defer w.receiver.mu.Unlock()
	twice := 0
	for id := range sent {
		switch n := w.receiver.times[id]; {
		case n == 0:
			t.Errorf("%s is told to be delivered and was not", id)
		case n > 1:
			twice++
		}
	}
	t.Logf("%d messages, %d of them more than once", len(sent), twice)
}

func (w *world) deliveries(t *testing.T, id string) []store.Delivery {
	t.Helper()
	all, err := w.store.Deliveries(t.Context(), id, 0, store.DeliveryCursor{}, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

//go:build unix

package webhook_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
)

var cluster *postgres.Cluster

func TestMain(m *testing.M) {
	code, err := postgres.Run(func(c *postgres.Cluster) int {
		cluster = c
		return m.Run()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // This is a main.
}

// onBoth runs a test on a new SQLite file and on a new PostgreSQL database.
func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "pricewatch.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, cluster.Database(t)) })
}

// message is a request that a target got.
type message struct {
	header http.Header
	body   []byte
}

func (m message) id() string { return m.header.Get("webhook-id") }

// target is a receiver on loopback.
type target struct {
	*httptest.Server
	mu       sync.Mutex
	messages []message
	// answer answers the request with that number, from 1. Nil: 204.
	answer func(w http.ResponseWriter, r *http.Request, number int)
}

func startTarget(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, number int)) *target {
	t.Helper()
	to := &target{answer: answer}
	to.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s, %v", r.Method, err)
		}
		to.mu.Lock()
		to.messages = append(to.messages, message{r.Header, body})
		number, answer := len(to.messages), to.answer
		to.mu.Unlock()
		if answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, r, number)
	}))
	t.Cleanup(to.Close)
	return to
}

// set replaces the answer.
func (to *target) set(answer func(w http.ResponseWriter, r *http.Request, number int)) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.answer = answer
}

func (to *target) got() []message {
	to.mu.Lock()
	defer to.mu.Unlock()
	return append([]message(nil), to.messages...)
}

// host is what the operator allows.
func (to *target) host() string { return strings.TrimPrefix(to.URL, "http://") }

func answering(status int) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) }
}

// rig is a store with a deliverer on a clock that stands still.
type rig struct {
	*webhook.Deliverer
	clock time.Time
	due   time.Time
	counts
}

// counts is what the deliverer reported of messages, and delays how late they were sent for the first time.
type counts struct {
	delivered, retried, dead, disabled int
	delays                             []time.Duration
}

type counting struct{ *counts }

func (c counting) Begun(delay time.Duration) { c.delays = append(c.delays, delay) }
func (c counting) Delivered()                { c.delivered++ }
func (c counting) Retried()                  { c.retried++ }
func (c counting) Dead(messages int)         { c.dead += messages }
func (c counting) Disabled()                 { c.disabled++ }

// counted checks the counts.
func (r *rig) counted(t *testing.T, delivered, retried, dead, disabled int, delays ...time.Duration) {
	t.Helper()
	want := counts{delivered, retried, dead, disabled, delays}
	if fmt.Sprint(want) != fmt.Sprint(r.counts) {
		t.Errorf("counted %+v, want %+v", r.counts, want)
	}
}

func newRig(t *testing.T, url string, o webhook.Options) *rig {
	t.Helper()
	r := &rig{clock: time.Now().UTC().Truncate(time.Millisecond)}
	r.due = r.clock
	now := func() time.Time { return r.clock }
	s, err := store.Open(t.Context(), store.Options{URL: url, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if o.Secrets, err = webhook.NewSecrets("app secret"); err != nil {
		t.Fatal(err)
	}
	o.Store, o.Now, o.Log, o.Metrics = s, now, slog.New(slog.NewTextHandler(t.Output(), nil)), counting{&r.counts}
	r.Deliverer = webhook.New(o)
	return r
}

// watch creates a watch with webhooks to the addresses.
func (r *rig) watch(t *testing.T, id string, addresses ...string) *store.Watch {
	t.Helper()
	w := &store.Watch{ID: id, Owner: "shop", Definition: &zhaohuov1.PriceWatch{DisplayName: "保温杯"}}
	for _, address := range addresses {
		w.Webhooks = append(w.Webhooks, r.Secrets.NewWebhook(address))
	}
	if err := r.Store.CreateWatch(t.Context(), w, nil, 0); err != nil {
		t.Fatal(err)
	}
	return w
}

// events has an observation of the watch report that many events.
func (r *rig) events(t *testing.T, id string, n int) {
	t.Helper()
	w, err := r.Store.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	r.due = r.due.Add(time.Minute)
	tick := store.Tick{Watch: w, Observation: &zhaohuov1.PriceObservation{DueTime: timestamppb.New(r.due)}}
	for range n {
		tick.Events = append(tick.Events, &zhaohuov1.PriceEvent{
			Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL, Time: timestamppb.New(r.due), ProductId: "610947572360", Title: "保温杯 <316>",
		})
	}
	err = r.Store.InTx(t.Context(), func(tx *sql.Tx) error {
		stored, err := r.Store.FinishTick(t.Context(), tx, tick)
		if err == nil && !stored {
			t.Error("the observation is not stored")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// due is what the store has sent next: the webhooks that are claimed at the clock's time.
func (r *rig) claimed(t *testing.T) []string {
	t.Helper()
	var ids []string
	err := r.Store.InTx(t.Context(), func(tx *sql.Tx) error {
		var err error
		ids, err = r.Store.ClaimWebhooks(t.Context(), tx, r.clock, time.Minute, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// send delivers what is due to a webhook, and has the store look at it again.
func (r *rig) send(t *testing.T, id string) {
	t.Helper()
	if err := r.Deliver(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.InTx(t.Context(), func(tx *sql.Tx) error { return r.Store.SettleWebhook(t.Context(), tx, id) }); err != nil {
		t.Fatal(err)
	}
}

// deliveries are those of a watch, the oldest event first.
func (r *rig) deliveries(t *testing.T, id string) []store.Delivery {
	t.Helper()
	all, err := r.Store.Deliveries(t.Context(), id, 0, store.DeliveryCursor{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// only is the one delivery of a watch.
func (r *rig) only(t *testing.T, id string) store.Delivery {
	t.Helper()
	all := r.deliveries(t, id)
	if len(all) != 1 {
		t.Fatalf("%d deliveries", len(all))
	}
	return all[0]
}

const (
	pending   = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_PENDING
	delivered = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED
	dead      = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DEAD
)

// update changes the watch's webhooks as an owner does.
func (r *rig) update(t *testing.T, id string, change func(*store.Watch)) *store.Watch {
	t.Helper()
	w, err := r.Store.UpdateWatch(context.WithoutCancel(t.Context()), "shop", id, func(w *store.Watch) ([]byte, bool, error) {
		change(w)
		return nil, false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

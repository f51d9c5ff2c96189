//go:build unix

package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// rising is an observer whose prices rise with each observation, so that each but a watch's first is an event.
type rising struct {
	mu    sync.Mutex
	price int64
}

// Observe implements [engine.Observer].
func (r *rising) Observe(context.Context, *store.Watch, []byte, time.Time) (*zhaohuov1.PriceObservation, error) {
	r.mu.Lock()
	r.price++
	price := &money.Money{CurrencyCode: "CNY", Units: r.price}
	r.mu.Unlock()
	return &zhaohuov1.PriceObservation{
		FetchTime: timestamppb.Now(), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 1, ProductCount: 1,
		Statistics: &zhaohuov1.PriceStatistics{Min: price, Q1: price, Median: price, Q3: price, Max: price},
		Products: []*zhaohuov1.ObservedPrice{{
			ProductId: "600000000001", Title: "杯子", Price: price, PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
		}},
	}, nil
}

// TestTargetsThatHang: more of them than there are workers do not keep the events of others from being sent.
func TestTargetsThatHang(t *testing.T) {
	end := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-end:
		case <-r.Context().Done():
		}
	}))
	defer hanging.Close()
	defer close(end)
	took := make(chan string, 100)
	good := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { took <- r.Header.Get("webhook-id") }))
	defer good.Close()

	s, err := store.Open(t.Context(), store.Options{URL: filepath.Join(t.TempDir(), "prices.db"), Migrate: engine.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	secrets, err := webhook.NewSecrets("app secret")
	if err != nil {
		t.Fatal(err)
	}
	deliverer := webhook.New(webhook.Options{
		Store: s, Secrets: secrets, Log: log, Timeout: time.Second,
		Hosts: []string{strings.TrimPrefix(hanging.URL, "http://"), strings.TrimPrefix(good.URL, "http://")},
	})
	e, err := engine.New(engine.Options{Store: s, Observer: &rising{}, Deliverer: deliverer, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	const watches = 30
	for n := range watches {
		w := &store.Watch{ID: fmt.Sprintf("watch-%02d", n), Definition: &zhaohuov1.PriceWatch{
			Target:     &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"600000000001"}}},
			Interval:   durationpb.New(time.Hour),
			Conditions: []*zhaohuov1.PriceCondition{{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE}},
		}}
		to := hanging.URL
		if n == watches-1 {
			to = good.URL
		}
		w.Webhooks = []store.Webhook{deliverer.NewWebhook(to)}
		if err := s.CreateWatch(t.Context(), w, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := e.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	for n := range watches {
		for range 2 {
			if _, err := e.RunNow(t.Context(), fmt.Sprintf("watch-%02d", n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	select {
	case <-took:
	case <-time.After(time.Minute):
		t.Fatal("the event was not sent")
	}
	awaitState(t, s, "watch-29", zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED)
	if len(took) != 0 {
		t.Errorf("the event was sent %d times more", len(took))
	}
}

// awaitState waits until the one delivery of a watch is in a state.
func awaitState(t *testing.T, s *store.Store, id string, want zhaohuov1.WebhookDeliveryState) {
	t.Helper()
	for pause.For(t.Context(), 20*time.Millisecond) {
		all, err := s.Deliveries(t.Context(), id, 0, store.DeliveryCursor{}, 10)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		if all[0].State == want {
			return
		}
	}
}

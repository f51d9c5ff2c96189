//go:build unix

package pricewatch_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// rising is an observer whose prices rise with each observation.
type rising struct {
	mu    sync.Mutex
	price int64
}

// Observe implements [engine.Observer].
func (r *rising) Observe(context.Context, *store.Watch, []byte, time.Time) (*zhaohuov1.PriceObservation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.price++
	price := &money.Money{CurrencyCode: "CNY", Units: r.price}
	return &zhaohuov1.PriceObservation{
		FetchTime: timestamppb.Now(), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 1, ProductCount: 1,
		Statistics: &zhaohuov1.PriceStatistics{Min: price, Q1: price, Median: price, Q3: price, Max: price},
		Products: []*zhaohuov1.ObservedPrice{{
			ProductId: "610947572360", Title: "保温杯", Price: price, PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
		}},
	}, nil
}

// serve runs a service with an engine, which may send to the host.
func serve(t *testing.T, host string) *pricewatch.Service {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: filepath.Join(t.TempDir(), "prices.db"), Migrate: engine.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := webhook.NewSecrets("app secret")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	webhooks := webhook.New(webhook.Options{Store: s, Secrets: secrets, Log: log, Hosts: []string{host}})
	e, err := engine.New(engine.Options{Store: s, Observer: &rising{}, Deliverer: webhooks, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := e.Stop(ctx); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return pricewatch.New(pricewatch.Options{Store: s, Engine: e, Webhooks: webhooks})
}

// accepted takes any definition.
func accepted(*zhaohuov1.PriceWatch, bool) error { return nil }

func hooked(urls ...string) *zhaohuov1.PriceWatch {
	w := &zhaohuov1.PriceWatch{
		Target:     &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"610947572360"}}},
		Conditions: []*zhaohuov1.PriceCondition{{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE}},
	}
	for _, url := range urls {
		w.Webhooks = append(w.Webhooks, &zhaohuov1.PriceWebhook{Url: url, SigningSecret: "whsec_mine", Id: "wh_mine"})
	}
	return w
}

// TestWebhookFromCreationToRedelivery: the secret is given once and signs what is sent; what was sent is listed and sent again.
func TestWebhookFromCreationToRedelivery(t *testing.T) {
	type message struct {
		header http.Header
		body   []byte
	}
	messages := make(chan message, 100)
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		messages <- message{r.Header, body}
	}))
	defer target.Close()
	s := serve(t, strings.TrimPrefix(target.URL, "http://"))
	ctx := t.Context()
	made, err := s.Create(ctx, "shop", hooked(target.URL), nil)
	if err != nil {
		t.Fatal(err)
	}
	id, hook := made.GetId(), made.GetWebhooks()[0]
	if !strings.HasPrefix(hook.GetSigningSecret(), "whsec_") || hook.GetSigningSecret() == "whsec_mine" || !strings.HasPrefix(hook.GetId(), "wh_") || hook.GetId() == "wh_mine" ||
		hook.GetState() != zhaohuov1.PriceWebhookState_PRICE_WEBHOOK_STATE_ACTIVE {
		t.Errorf("%v", hook)
	}
	read, err := s.Get(ctx, "shop", id)
	if err != nil || read.GetWebhooks()[0].GetSigningSecret() != "" || read.GetWebhooks()[0].GetId() != hook.GetId() {
		t.Errorf("%v, %v", read, err)
	}
	for range 2 {
		if _, err := s.Run(ctx, "shop", id); err != nil {
			t.Fatal(err)
		}
	}
	first := <-messages
	checkSigned(t, first.header, first.body, hook.GetSigningSecret(), true)
	rotated, err := s.RotateSecret(ctx, "shop", &zhaohuov1.RotateWebhookSecretRequest{Id: id, WebhookId: hook.GetId()})
	if err != nil || rotated.GetWebhook().GetSigningSecret() == "" || rotated.GetWebhook().GetSigningSecret() == hook.GetSigningSecret() {
		t.Fatalf("%v, %v", rotated, err)
	}
	delivery := awaitDelivered(t, s, id)
	if delivery.GetId() != first.header.Get("webhook-id") || delivery.GetEventId() == "" || delivery.GetHttpStatus() != 200 || delivery.GetLastAttemptTime() == nil {
		t.Errorf("%v", delivery)
	}
	for _, bad := range []string{"other", ""} {
		_, err := s.Redeliver(ctx, bad, &zhaohuov1.RedeliverWebhookRequest{Id: delivery.GetId()})
		wantFault(t, err, fault.WebhookDeliveryNotFound)
		_, err = s.Deliveries(ctx, bad, &zhaohuov1.ListWebhookDeliveriesRequest{Id: id})
		wantFault(t, err, fault.PriceWatchNotFound)
		_, err = s.RotateSecret(ctx, bad, &zhaohuov1.RotateWebhookSecretRequest{Id: id, WebhookId: hook.GetId()})
		wantFault(t, err, fault.PriceWatchNotFound)
	}
	if _, err := s.Redeliver(ctx, "shop", &zhaohuov1.RedeliverWebhookRequest{Id: delivery.GetId()}); err != nil {
		t.Fatal(err)
	}
	repeated := <-messages
	if repeated.header.Get("webhook-id") != delivery.GetId() || string(repeated.body) != string(first.body) {
		t.Errorf("%v %s", repeated.header, repeated.body)
	}
	for _, key := range []string{hook.GetSigningSecret(), rotated.GetWebhook().GetSigningSecret()} {
		checkSigned(t, repeated.header, repeated.body, key, true)
	}
	checkSigned(t, first.header, first.body, rotated.GetWebhook().GetSigningSecret(), false)
	awaitDelivered(t, s, id)
}

// awaitDelivered waits until the one delivery of the watch is delivered.
func awaitDelivered(t *testing.T, s *pricewatch.Service, id string) *zhaohuov1.WebhookDelivery {
	t.Helper()
	for {
		page, err := s.Deliveries(t.Context(), "shop", &zhaohuov1.ListWebhookDeliveriesRequest{
			Id: id, State: zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.GetDeliveries()) == 1 {
			return page.GetDeliveries()[0]
		}
		if !pause.For(t.Context(), 10*time.Millisecond) {
			t.Fatal("the test ended")
		}
	}
}

func checkSigned(t *testing.T, header http.Header, body []byte, key string, want bool) {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(body, header); (err == nil) != want {
		t.Errorf("%s: %v", header.Get("webhook-signature"), err)
	}
}

func wantFault(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != want {
		t.Errorf("%v, want %v", err, want)
	}
}

// TestWebhooksAreReplacedByAddress: one whose address stays keeps its id and its secret; bad addresses are refused by their place.
func TestWebhooksAreReplacedByAddress(t *testing.T) {
	s := serve(t, "receiver:8080")
	ctx := t.Context()
	made, err := s.Create(ctx, "shop", hooked("https://a.example/", "http://receiver:8080/b"), nil)
	if err != nil {
		t.Fatal(err)
	}
	change := func(urls ...string) (*zhaohuov1.PriceWatch, error) {
		return s.Update(ctx, "shop", pricewatch.Change{ID: made.GetId(), Fields: []string{"webhooks"}, Values: hooked(urls...), Check: accepted})
	}
	changed, err := change("http://receiver:8080/b", "https://c.example/")
	if err != nil {
		t.Fatal(err)
	}
	kept, added := changed.GetWebhooks()[0], changed.GetWebhooks()[1]
	if kept.GetId() != made.GetWebhooks()[1].GetId() || kept.GetSigningSecret() != "" || added.GetSigningSecret() == "" || changed.GetEtag() == made.GetEtag() {
		t.Errorf("%v", changed.GetWebhooks())
	}
	for address, field := range map[string]string{
		"http://c.example/": "price_watch.webhooks[1].url", "https://127.0.0.1/": "price_watch.webhooks[1].url", "https://a.example/": "price_watch.webhooks[1].url",
	} {
		_, err := change("https://a.example/", address)
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.InvalidField || f.Fields[0].Path != field {
			t.Errorf("%s: %v", address, err)
		}
	}
	renamed, err := s.Update(ctx, "shop", pricewatch.Change{
		ID: made.GetId(), Fields: []string{"display_name"}, Values: &zhaohuov1.PriceWatch{DisplayName: "杯"}, Check: accepted,
	})
	if err != nil || len(renamed.GetWebhooks()) != 2 {
		t.Errorf("%v, %v", renamed, err)
	}
	if none, err := change(); err != nil || len(none.GetWebhooks()) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	all, err := s.List(ctx, "shop", &zhaohuov1.ListPriceWatchesRequest{})
	if err != nil || len(all.GetPriceWatches()) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

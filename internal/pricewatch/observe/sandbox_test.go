package observe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	sandboxed "github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// stepLength is how long a step of the sandbox's drift is here.
const stepLength = 10 * time.Second

// market is the real sandbox with a clock of the test's, asked by the real client.
type market struct {
	at     time.Time
	offers []*catalog.Offer
	client *upstream.Client
}

// KeywordSearch and ImageSearch are the searcher of the comparison.
func (m *market) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return m.client.KeywordSearch(ctx, q)
}

func (m *market) ImageSearch(context.Context, *zhaohuov1.ImageSearchRequest, combo.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	return nil, fault.New(fault.UnsupportedByDialect, "no search by image here")
}

// ComparePrices is the strategy itself over the client.
func (m *market) ComparePrices(ctx context.Context, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	return combo.ComparePrices(ctx, combo.Ports{Searcher: m, Products: m.client, Source: sandbox}, q)
}

func openMarket(t *testing.T) *market {
	t.Helper()
	var offers []*catalog.Offer
	for _, o := range catalog.Embedded()[:400] { // Enough for some that go away, and quick to index.
		if o.Status == "published" && o.PriceFen != nil {
			offers = append(offers, o)
		}
	}
	goods, err := catalog.New(offers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = goods.Close() })
	m := &market{at: now(), offers: offers}
	platform, err := sandboxed.New(sandboxed.Config{
		Apps: []sandboxed.App{{Key: "1000000", Secret: "made up", SingleUser: true}}, Catalogue: goods,
		Drift: stepLength, Clock: func() time.Time { return m.at },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform)
	t.Cleanup(func() { _ = platform.Close(); server.Close() })
	permits := quota.New(limiter.NewLocal(limiter.Limits{}, limiter.NewLedger()), limiter.Limits{}, quota.Options{})
	t.Cleanup(func() { _ = permits.Close() })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	m.client = upstream.New(upstream.Options{
		Dialect: aop.New(aop.Config{BaseURL: server.URL, Limits: upstream.Limits{PageSizeMax: 50, Window: 2000}}),
		AppKey:  "1000000", AppSecret: "made up", Tokens: oauth.NewStatic(""), Quota: permits,
		HTTP: &http.Client{Transport: transport}, AttemptTimeout: time.Minute, AnswerBytesMax: 1 << 22,
		Backoff: upstream.Backoff{Attempts: 1}, Sandbox: true,
	})
	t.Cleanup(m.client.Close)
	return m
}

func (m *market) observer() *observe.Observer {
	return observe.New(observe.Options{Products: m.client, Comparer: m, Source: sandbox, Now: func() time.Time { return m.at }})
}

// drifting are offers without prices by quantity, the first of which goes away and comes back.
func (m *market) drifting(t *testing.T, n int) []*catalog.Offer {
	t.Helper()
	var away, others []*catalog.Offer
	for _, o := range m.offers {
		goes := false
		for step := range int64(drift.Cycle) {
			goes = goes || drift.Of(o.ID, step).Away
		}
		switch {
		case len(o.Tiers) > 0:
		case goes:
			away = append(away, o)
		default:
			others = append(others, o)
		}
	}
	if len(away) == 0 || len(others) < n-1 {
		t.Fatalf("%d offers that go away, and %d others", len(away), len(others))
	}
	return append(away[:1], others[:n-1]...)
}

// A cycle of the sandbox's drift, observed through signed calls, is what the schedule says, and its events are those of the
// schedule too.
func TestAWatchOfTheSandboxSeesItsDrift(t *testing.T) {
	m := openMarket(t)
	watched := m.drifting(t, 3)
	watch := byIDs(0)
	for _, o := range watched {
		watch.GetProducts().Ids = append(watch.GetProducts().Ids, strconv.FormatInt(o.ID, 10))
	}
	kinds := []zhaohuov1.PriceEventKind{
		zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE,
		zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK,
	}
	for _, kind := range kinds {
		watch.Conditions = append(watch.Conditions, &zhaohuov1.PriceCondition{Kind: kind})
	}
	events := map[zhaohuov1.PriceEventKind]int{}
	wanted := map[zhaohuov1.PriceEventKind]int{}
	last := map[int64]int64{}
	var memory []byte
	for range 2 * drift.Cycle {
		step := drift.Step(m.at, stepLength)
		o, err := m.observer().Observe(t.Context(), watch, nil)
		if err != nil {
			t.Fatal(err)
		}
		if o.GetSource() != sandbox || int(o.GetUpstreamCalls()) != len(watched) || len(o.GetUnseen()) != 0 {
			t.Errorf("%v from %v, %d calls, unseen %v", o.GetFetchTime(), o.GetSource(), o.GetUpstreamCalls(), o.GetUnseen())
		}
		got := map[string]string{}
		for _, p := range o.GetProducts() {
			amount, _ := money.Of(p.GetPrice())
			got[p.GetProductId()] = amount.String()
		}
		for _, of := range watched {
			state, id := drift.Of(of.ID, step), strconv.FormatInt(of.ID, 10)
			want := (money.Amount(state.Fen(*of.PriceFen)) * money.Fen).String()
			if state.Away {
				want = ""
			}
			if got[id] != want {
				t.Errorf("step %d: %s costs %q, want %q", step, id, got[id], want)
			}
			count(wanted, last, of, state)
		}
		o.WatchId, o.DueTime = "w", timestamppb.New(m.at)
		found, next, err := judge.Judge(watch, memory, o)
		if err != nil {
			t.Fatal(err)
		}
		memory = next
		for _, e := range found {
			events[e.GetKind()]++
		}
		m.at = m.at.Add(stepLength)
	}
	for _, kind := range kinds {
		if events[kind] != wanted[kind] || events[kind] == 0 {
			t.Errorf("%d events of %v, want %d", events[kind], kind, wanted[kind])
		}
	}
}

// count counts the events that the schedule makes; last is each offer's last price, below zero while it is away.
func count(wanted map[zhaohuov1.PriceEventKind]int, last map[int64]int64, o *catalog.Offer, s drift.State) {
	before, known := last[o.ID]
	price := s.Fen(*o.PriceFen)
	switch {
	case s.Away && before > 0:
		wanted[zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE]++
		last[o.ID] = -before
		return
	case s.Away:
		return
	case before < 0:
		wanted[zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK]++
		before = -before
	}
	last[o.ID] = price
	switch {
	case known && price < before:
		wanted[zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL]++
	case known && price > before:
		wanted[zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE]++
	}
}

func TestAComparisonOfTheSandboxSeesItsDrift(t *testing.T) {
	m := openMarket(t)
	watch := &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: m.offers[0].CategoryName}}}
	byID := map[string]*catalog.Offer{}
	for _, o := range m.offers {
		byID[strconv.FormatInt(o.ID, 10)] = o
	}
	medians := map[string]bool{}
	for range drift.Cycle / 2 {
		step := drift.Step(m.at, stepLength)
		o, err := m.observer().Observe(t.Context(), watch, nil)
		if err != nil || len(o.GetProducts()) < 3 || o.GetSource() != sandbox {
			t.Fatal(o, err)
		}
		for _, p := range o.GetProducts() {
			state, of := drift.Of(byID[p.GetProductId()].ID, step), byID[p.GetProductId()]
			if amount, _ := money.Of(p.GetPrice()); state.Away || amount != money.Amount(state.Fen(*of.PriceFen))*money.Fen {
				t.Errorf("step %d: %s costs %s, is away: %v", step, p.GetProductId(), amount, state.Away)
			}
			if p.GetPriceBasis() == 0 || p.GetUnpriced() != 0 {
				t.Errorf("%v", p)
			}
		}
		median, _ := money.Of(o.GetStatistics().GetMedian())
		medians[median.String()] = true
		m.at = m.at.Add(2 * stepLength)
	}
	if len(medians) < 3 {
		t.Errorf("the median moved between %d values only", len(medians))
	}
}

package app

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/pusher"
)

// pushStep is how long a step of the drift is in tests of pushes. Their clock goes on by whole steps.
const pushStep = time.Hour

// pushing is a sandbox whose clock a test sets, and a service that it pushes to.
type pushing struct {
	*running
	platform *sandbox.Sandbox
	step     atomic.Int64
	product  int64
	id       string // of the product
	watches  zhaohuov1.PriceWatchServiceClient
}

func startPushing(t *testing.T, before ...string) *pushing {
	t.Helper()
	p := &pushing{}
	goods := sharedGoods(t)
	var err error
	p.platform, err = sandbox.New(sandbox.Config{
		Apps: []sandbox.App{{Key: "k", Secret: "CANARY-secret", SingleUser: true}}, Catalogue: goods.catalogue, Pictures: goods.pictures, Drift: pushStep,
		Clock: func() time.Time { return time.Unix(0, p.step.Load()*int64(pushStep)).Add(time.Minute) },
	})
	if err != nil {
		t.Fatal(err)
	}
	// What could not be delivered before the service was there.
	for _, text := range before {
		if !p.platform.StoreUndelivered("k", text) {
			t.Fatal(text)
		}
	}
	served := httptest.NewServer(p.platform)
	t.Cleanup(served.Close)
	p.running = start(t, settings(t, config.Environ{
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "CANARY-secret", "ZHAOHUO_TOKEN_MODE": "none",
	}, "--upstream-url="+served.URL, "--data-dir="+t.TempDir(), "--watch-interval-min=1s", "--push-path=/push/1688"), false)
	p.watches = zhaohuov1.NewPriceWatchServiceClient(outside(t, p.App))
	found, err := zhaohuov1.NewSearchServiceClient(p.Conn()).KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "保温杯", PageSize: proto.Int32(1)})
	if err != nil || len(found.GetProducts()) == 0 {
		t.Fatalf("%v, %v", found, err)
	}
	p.id = found.GetProducts()[0].GetId()
	if p.product, err = strconv.ParseInt(p.id, 10, 64); err != nil {
		t.Fatal(err)
	}
	// Begin where the price is that of the catalogue, and the product is not away in the next steps.
	for p.step.Store(1000 * drift.Cycle); drift.Of(p.product, p.step.Load()).Percent != 100 || drift.Of(p.product, p.step.Load()+2).Percent != 97; {
		p.step.Add(1)
	}
	return p
}

// sender pushes to the service as the platform does.
func (p *pushing) sender(t *testing.T, appSecret string) *pusher.Pusher {
	t.Helper()
	s, err := pusher.New(pusher.Options{
		URL: "http://" + p.HTTPAddr().String() + "/push/1688", AppKey: "k", AppSecret: appSecret, Products: []int64{p.product}, Drift: pushStep,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// detail asks for the product in English, as no watch does.
func (p *pushing) detail(t *testing.T) *zhaohuov1.GetProductResponse {
	t.Helper()
	got, err := zhaohuov1.NewProductServiceClient(p.Conn()).GetProduct(t.Context(), &zhaohuov1.GetProductRequest{Id: p.id, LanguageCode: "en"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// observed are the watch's observations.
func (p *pushing) observed(t *testing.T, id string) []*zhaohuov1.PriceObservation {
	t.Helper()
	got, err := p.watches.ListPriceObservations(t.Context(), &zhaohuov1.ListPriceObservationsRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetObservations()
}

// counted is the value of a counter with a label of that value; empty for one without labels.
func (p *pushing) counted(t *testing.T, name, label string) float64 {
	t.Helper()
	families, err := p.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("there is no %s %s", name, label)
	return 0
}

// TestPushedPriceIsObserved: a price moves, 1688 pushes it, and the watch has it long before its interval; a stored detail is asked for
// anew. A push with another signature causes nothing, and a message that is sent more often is taken once.
func TestPushedPriceIsObserved(t *testing.T) {
	p := startPushing(t)
	info, err := zhaohuov1.NewInfoServiceClient(p.Conn()).GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
	if o := info.GetPushes(); err != nil || !o.GetEnabled() || o.GetPath() != "/push/1688" || len(o.GetTopics()) != 11 {
		t.Errorf("%v, %v", o, err)
	}
	watch := create(t, p.watches, &zhaohuov1.PriceWatch{
		Interval: durationpb.New(24 * time.Hour),
		Target:   &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{p.id}}},
	})
	eventually(t, p.running, "the first observation", func() bool { return len(p.observed(t, watch.GetId())) == 1 })
	first := p.observed(t, watch.GetId())[0]
	before := p.detail(t)
	if repeated := p.detail(t); repeated.GetMeta().GetServedFrom() != zhaohuov1.ServedFrom_SERVED_FROM_CACHE {
		t.Errorf("the detail is not stored: %v", repeated.GetMeta())
	}
	from := p.step.Load()
	to := p.step.Add(2)
	if confirmed, err := p.sender(t, "another").Changes(t.Context(), from, to); confirmed != 0 || err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("with another secret %d were confirmed, %v", confirmed, err)
	}
	if kept := p.detail(t); kept.GetMeta().GetServedFrom() != zhaohuov1.ServedFrom_SERVED_FROM_CACHE || len(p.observed(t, watch.GetId())) != 1 {
		t.Errorf("a push with a wrong signature had an effect: %v", kept.GetMeta())
	}
	if confirmed, err := p.sender(t, "CANARY-secret").Changes(t.Context(), from, to); confirmed != 2 || err != nil {
		t.Errorf("%d were confirmed, %v", confirmed, err)
	}
	pushed := time.Now()
	eventually(t, p.running, "the observation after the push", func() bool { return len(p.observed(t, watch.GetId())) == 2 })
	t.Logf("observed %s after the push", time.Since(pushed).Round(time.Millisecond))
	second := p.observed(t, watch.GetId())[0]
	if !second.GetDueTime().AsTime().After(first.GetDueTime().AsTime()) {
		second = p.observed(t, watch.GetId())[1]
	}
	if proto.Equal(first.GetStatistics().GetMin(), second.GetStatistics().GetMin()) || second.GetStatistics().GetMin() == nil {
		t.Errorf("the price was %v and is %v", first.GetStatistics().GetMin(), second.GetStatistics().GetMin())
	}
	after := p.detail(t)
	if after.GetMeta().GetServedFrom() != zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM || proto.Equal(before.GetProduct(), after.GetProduct()) {
		t.Errorf("the detail after the push: %v", after.GetMeta())
	}
	if confirmed, err := p.sender(t, "CANARY-secret").Changes(t.Context(), from, to); confirmed != 2 || err != nil {
		t.Errorf("replayed, %d were confirmed, %v", confirmed, err)
	}
	for outcome, want := range map[string]float64{"bad_signature": 2, "taken": 1, "duplicate": 3, "unknown_app": 0} {
		if got := p.counted(t, "zhaohuo_pushes_total", outcome); got != want {
			t.Errorf("%s: %v, want %v", outcome, got, want)
		}
	}
	if got := p.counted(t, "zhaohuo_push_watches_total", ""); got != 1 {
		t.Errorf("%v watches became due", got)
	}
	if got := p.counted(t, "zhaohuo_cache_forgotten_total", "GetProduct"); got != 1 {
		t.Errorf("%v stored answers were forgotten", got)
	}
	if strings.Contains(p.log.String(), "CANARY") {
		t.Error("a secret is in the log")
	}
	diagnosis, err := zhaohuov1.NewInfoServiceClient(p.Conn()).Diagnose(t.Context(), &zhaohuov1.DiagnoseRequest{})
	if err != nil {
		t.Fatal(err)
	}
	last := diagnosis.GetFindings()[len(diagnosis.GetFindings())-1]
	if last.GetDiagnosis() != zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_ARRIVE || last.GetSubject() != "/push/1688" || last.GetLastPushTime().AsTime().Before(pushed.Add(-time.Second)) {
		t.Errorf("the doctor says %v", last)
	}
	if err := p.end(t); err != nil {
		t.Error(err)
	}
}

// TestPushesThatWereNotDelivered: what 1688 could not push while the service was away is asked for at start and confirmed, at two calls of
// the lowest class. The doctor's calls and those of callers are not held up by it.
func TestPushesThatWereNotDelivered(t *testing.T) {
	p := startPushing(t,
		`{"msgId":7,"type":"FENXIAO_PRICE_CHANGE","appKey":"k","userInfo":"b2b-1","gmtBorn":1715184000000,"data":{"productId":"620201390233"}}`,
		`{"msgId":8,"type":"ORDER_PAY","appKey":"k","userInfo":"b2b-1","gmtBorn":1715184000001,"data":{}}`)
	eventually(t, p.running, "what was not delivered is confirmed", func() bool { return len(p.platform.Undelivered("k")) == 0 })
	eventually(t, p.running, "the catch-up ends", func() bool { return p.counted(t, "zhaohuo_push_catch_ups_total", "done") == 1 })
	for outcome, want := range map[string]float64{"taken": 1, "other_topic": 1, "duplicate": 0} {
		if got := p.counted(t, "zhaohuo_push_undelivered_total", outcome); got != want {
			t.Errorf("%s: %v, want %v", outcome, got, want)
		}
	}
	served := p.platform.Stats()
	for _, api := range []string{"cn.alibaba.open:push.query.messageList", "cn.alibaba.open:push.message.confirm"} {
		if served.APIs[api] != 1 {
			t.Errorf("%s was called %d times", api, served.APIs[api])
		}
	}
	if err := p.end(t); err != nil {
		t.Error(err)
	}
}

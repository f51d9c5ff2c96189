package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// watchServer serves watches that a test gives it, and keeps what was created.
type watchServer struct {
	searchServer
	zhaohuov1.UnimplementedPriceWatchServiceServer

	mu      sync.Mutex
	created *zhaohuov1.PriceWatch
	deleted []string
	watches []*zhaohuov1.PriceWatch
	// history has the oldest observation first.
	history []*zhaohuov1.PriceObservation
	trend   *zhaohuov1.QueryPriceTrendResponse
	// streams are what a stream sends, one call after the other, before it ends with lost.
	streams [][]*zhaohuov1.StreamPriceEventsResponse
	// after is what each stream was asked to begin after.
	after []string
}

func (w *watchServer) CreatePriceWatch(_ context.Context, q *zhaohuov1.CreatePriceWatchRequest) (*zhaohuov1.CreatePriceWatchResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.created = q.GetPriceWatch()
	answer := &zhaohuov1.PriceWatch{}
	text, err := protojson.Marshal(q.GetPriceWatch())
	if err == nil {
		err = protojson.Unmarshal(text, answer)
	}
	answer.Id, answer.State = "pw_1", zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE
	if image := answer.GetComparison().GetImage(); image != nil {
		answer.ImageSizeBytes = int64(len(image.GetContent()))
		answer.GetComparison().Image = nil
	}
	return &zhaohuov1.CreatePriceWatchResponse{PriceWatch: answer}, err
}

func (w *watchServer) find(id string) (*zhaohuov1.PriceWatch, error) {
	for _, one := range w.watches {
		if one.GetId() == id {
			return one, nil
		}
	}
	return nil, status.Error(codes.NotFound, "there is no such price watch")
}

func (w *watchServer) GetPriceWatch(_ context.Context, q *zhaohuov1.GetPriceWatchRequest) (*zhaohuov1.GetPriceWatchResponse, error) {
	found, err := w.find(q.GetId())
	return &zhaohuov1.GetPriceWatchResponse{PriceWatch: found}, err
}

func (w *watchServer) PausePriceWatch(_ context.Context, q *zhaohuov1.PausePriceWatchRequest) (*zhaohuov1.PausePriceWatchResponse, error) {
	found, err := w.find(q.GetId())
	return &zhaohuov1.PausePriceWatchResponse{PriceWatch: found}, err
}

func (w *watchServer) ResumePriceWatch(_ context.Context, q *zhaohuov1.ResumePriceWatchRequest) (*zhaohuov1.ResumePriceWatchResponse, error) {
	found, err := w.find(q.GetId())
	return &zhaohuov1.ResumePriceWatchResponse{PriceWatch: found}, err
}

func (w *watchServer) DeletePriceWatch(_ context.Context, q *zhaohuov1.DeletePriceWatchRequest) (*zhaohuov1.DeletePriceWatchResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deleted = append(w.deleted, q.GetId())
	return &zhaohuov1.DeletePriceWatchResponse{}, nil
}

func (w *watchServer) ListPriceWatches(_ context.Context, q *zhaohuov1.ListPriceWatchesRequest) (*zhaohuov1.ListPriceWatchesResponse, error) {
	if q.GetPageToken() == "" && len(w.watches) > 1 {
		return &zhaohuov1.ListPriceWatchesResponse{PriceWatches: w.watches[:1], NextPageToken: "1"}, nil
	}
	return &zhaohuov1.ListPriceWatchesResponse{PriceWatches: w.watches[min(1, len(w.watches)):]}, nil
}

func (w *watchServer) RunPriceWatch(context.Context, *zhaohuov1.RunPriceWatchRequest) (*zhaohuov1.RunPriceWatchResponse, error) {
	return &zhaohuov1.RunPriceWatchResponse{Observation: w.history[len(w.history)-1]}, nil
}

func (w *watchServer) QueryPriceTrend(context.Context, *zhaohuov1.QueryPriceTrendRequest) (*zhaohuov1.QueryPriceTrendResponse, error) {
	return w.trend, nil
}

func (w *watchServer) ListPriceObservations(_ context.Context, q *zhaohuov1.ListPriceObservationsRequest) (*zhaohuov1.ListPriceObservationsResponse, error) {
	answer := &zhaohuov1.ListPriceObservationsResponse{}
	for i, o := range w.history {
		switch {
		case q.GetStartTime() != nil && o.GetDueTime().AsTime().Before(q.GetStartTime().AsTime()):
		case q.GetPageToken() == "" && i > 0 && q.GetStartTime() == nil: // A page has one observation, so that there are several.
			answer.NextPageToken = "more"
		case q.GetPageToken() == "" || i > 0:
			answer.Observations = append(answer.Observations, o)
		}
	}
	return answer, nil
}

func (w *watchServer) serve(t *testing.T) string {
	t.Helper()
	addr, _ := openSearch(t, w)
	return addr
}

// atHour is a time of a test.
func atHour(n int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour))
}

func TestWatchAdd(t *testing.T) {
	photo := filepath.Join(t.TempDir(), "cup.jpg")
	if err := os.WriteFile(photo, []byte("a photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	products := func(quantity int64, ids ...string) *zhaohuov1.PriceWatch_Products {
		return &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: ids, Quantity: quantity}}
	}
	comparison := func(q *zhaohuov1.ComparePricesRequest) *zhaohuov1.PriceWatch_Comparison {
		return &zhaohuov1.PriceWatch_Comparison{Comparison: q}
	}
	kinds := func(all ...zhaohuov1.PriceEventKind) []*zhaohuov1.PriceCondition {
		conditions := make([]*zhaohuov1.PriceCondition, len(all))
		for i, kind := range all {
			conditions[i] = &zhaohuov1.PriceCondition{Kind: kind}
		}
		return conditions
	}
	gone, back := zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK
	hour := durationpb.New(time.Hour)
	six := int32(6)
	for line, want := range map[string]*zhaohuov1.PriceWatch{
		"https://detail.1688.com/offer/620201390233.html 610947572360 --quantity 100": {
			Target: products(100, "620201390233", "610947572360"), Interval: hour, Conditions: kinds(priceFell, priceRose, gone, back),
		},
		photo + " --every 30m --falls 5% --name cup --calls-per-day 50": {
			DisplayName: "cup", Interval: durationpb.New(30 * time.Minute), UpstreamCallsPerDay: 50,
			Target: comparison(&zhaohuov1.ComparePricesRequest{
				Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: []byte("a photo")}},
			}),
			Conditions: []*zhaohuov1.PriceCondition{{Kind: priceFell, LeastChange: &zhaohuov1.PriceCondition_Ratio{Ratio: 0.05}}},
		},
		"保温杯 不锈钢 --min-price 10 --max-price 99.90 --filter ships-in-24h --details 3 --max-calls 6 --every 2d --only-failing": {
			Interval: durationpb.New(48 * time.Hour),
			Target: comparison(&zhaohuov1.ComparePricesRequest{
				Keyword: "保温杯 不锈钢", PriceMin: "10", PriceMax: "99.90", DetailOffers: 3, MaxUpstreamCalls: &six,
				Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_24H},
			}),
		},
		"610947572360 --falls 0.50 --rises any --below 9.90 --above 20 --lowest-in 30d --new-cheapest --suppliers --median 2.5% --gone --webhook https://hooks.example.com/a,b": {
			Webhooks: []*zhaohuov1.PriceWebhook{{Url: "https://hooks.example.com/a,b"}},
			Interval: hour, Target: products(0, "610947572360"), Conditions: []*zhaohuov1.PriceCondition{
				{Kind: priceFell, LeastChange: &zhaohuov1.PriceCondition_Amount{Amount: "0.50"}},
				{Kind: priceRose},
				{Kind: medianMoved, LeastChange: &zhaohuov1.PriceCondition_Ratio{Ratio: 0.025}},
				{Kind: priceFell, Baseline: zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE, ReferencePrice: "9.90"},
				{Kind: priceRose, Baseline: zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE, ReferencePrice: "20"},
				{Kind: priceFell, Baseline: zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST, Window: durationpb.New(720 * time.Hour)},
				{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST},
				{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_APPEARED},
				{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_LEFT},
				{Kind: gone},
				{Kind: back},
			},
		},
	} {
		w := &watchServer{}
		got := run(t, nil, append(append([]string{"watch", "add"}, strings.Fields(line)...), "--addr", w.serve(t))...)
		if got.code != 0 || !strings.HasPrefix(got.stdout, "price watch    pw_1\n") || !strings.HasSuffix(got.stdout, "what happens: zhaohuo watch tail pw_1\nthe prices: zhaohuo watch show pw_1\n") {
			t.Errorf("%s: %+v", line, got)
		}
		if diff := cmp.Diff(want, w.created, protocmp.Transform()); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
}

func TestWatchMistakes(t *testing.T) {
	for line, want := range map[string]string{
		"add":                                  "give what to watch: ids of products or links to them, an image (a file, an address or an image id), or words",
		"add 610947572360 保温杯":                 "保温杯: products by id and other goods are watched apart: add two price watches",
		"add 610947572360 --max-price 9":       "products are watched by their ids as they are: leave out --min-price, --max-price, --category, --sort, --filter, --facet, --categories, --sales, --region-opp, --details and --max-calls",
		"add 保温杯 --falls much":                 "--falls: \"much\" is no change of a price: give 5% or 0.50 (yuan), or any",
		"add 保温杯 --falls=-5%":                  "--falls: \"-5%\" is no change of a price: give 5% or 0.50 (yuan), or any",
		"add 保温杯 --below 9.9.0":                "--below: \"9.9.0\" is no price in yuan, such as 9.90",
		"add 保温杯 --every soon":                 "--every: \"soon\" is no time such as 30m, 6h or 7d",
		"add 保温杯 --gone --only-failing":        "--only-failing does not go with other conditions",
		"tail --all --after 7":                 "--all and --after do not go together",
		"export pw_1 -o prices.doc":            "-o prices.doc: give csv, ndjson, or a file whose name ends in .csv, .xlsx, .ndjson or .jsonl",
		"export pw_1 --since long":             "--since: \"long\" is no time such as 2027-01-31T00:00:00+08:00 or 7d (ago)",
		"list --addr none":                     "--addr is none, but a price watch needs a server that keeps running: start it with `zhaohuo serve` and leave out --addr none",
		"add https://m.1688.com/winport/x.htm": "https://m.1688.com/winport/x.htm: the link names no product: open it in a browser and copy the address of the product's page, such as https://detail.1688.com/offer/620201390233.html",
	} {
		if got := run(t, nil, append([]string{"watch"}, strings.Fields(line)...)...); got != (outcome{exitUsage, "", "error: " + want + "\n"}) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

// TestWatchNeedsAServer: where no server answers, none is begun within the command.
func TestWatchNeedsAServer(t *testing.T) {
	want := "error: no server answers at " + nobody + ", and a price watch needs one that keeps running: start it with `zhaohuo serve`, or name another with --addr\n"
	for _, line := range []string{"list", "show x", "tail", "add 保温杯", "export x"} {
		if got := runBeside(t, nobody, nil, append([]string{"watch"}, strings.Fields(line)...)...); got != (outcome{exitLater, "", want}) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestWatchRemoveAsks(t *testing.T) {
	w := &watchServer{watches: []*zhaohuov1.PriceWatch{{Id: "pw_1", DisplayName: "保温杯"}}}
	addr := w.serve(t)
	answer := func(text string) outcome {
		var stdout, stderr strings.Builder
		code := Run(t.Context(), Process{
			goods: service.Goods(t), Version: "v1.2.3", Args: []string{"zhaohuo", "watch", "rm", "pw_1", "--addr", addr}, Stdin: strings.NewReader(text), Stdout: &stdout, Stderr: &stderr,
		})
		return outcome{code, stdout.String(), stderr.String()}
	}
	question := "delete 保温杯 (pw_1) with its history? [y/N] "
	for _, no := range []string{"", "n\n", "\n", "delete\n"} {
		if got := answer(no); got != (outcome{exitUsage, "", question + "error: nothing was deleted: answer y, or give --yes\n"}) || len(w.deleted) != 0 {
			t.Errorf("%q: %+v", no, got)
		}
	}
	if got := answer("y\n"); got != (outcome{0, "保温杯 (pw_1) is deleted\n", question}) {
		t.Errorf("%+v", got)
	}
	if got := run(t, nil, "watch", "rm", "pw_1", "--yes", "--addr", addr); got != (outcome{0, "保温杯 (pw_1) is deleted\n", ""}) || len(w.deleted) != 2 {
		t.Errorf("%+v", got)
	}
	if got := run(t, nil, "watch", "rm", "pw_9", "--yes", "--addr", addr); got.code != exitRefused {
		t.Errorf("%+v", got)
	}
}

func TestWatchList(t *testing.T) {
	w := &watchServer{watches: []*zhaohuov1.PriceWatch{
		{
			Id: "pw_2", DisplayName: "杯子", Interval: durationpb.New(30 * time.Minute), State: zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE,
			WaitingFor: zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA, UpstreamCallsToday: 12,
			Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "保温杯", PriceMax: "30"}},
			LastObservation: &zhaohuov1.PriceObservation{
				DueTime: atHour(1), ProductCount: 7, Statistics: &zhaohuov1.PriceStatistics{Min: yuan(9, 500_000_000), Median: yuan(12, 0)},
			},
		},
		{
			Id: "pw_1", Interval: durationpb.New(24 * time.Hour), State: zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_PAUSED,
			Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"610947572360"}, Quantity: 100}},
		},
	}}
	got := run(t, nil, "watch", "list", "--addr", w.serve(t))
	want := "ID    NAME  WATCHES                                    EVERY  STATE                    OBSERVED             GOODS  LOWEST  MEDIAN  CALLS TODAY\n" +
		"pw_2  杯子  words 保温杯, up to ¥30               30 minutes  active, waits for quota  " + localTime(atHour(1).AsTime()) + "      7   ¥9.50     ¥12           12\n" +
		"pw_1  -     1 product: 610947572360, at a quant…       24 h   paused                   -                        -       -       -            0\n2 price watches\n"
	if got.code != 0 || got.stdout != want {
		t.Errorf("%+v\nwant\n%s", got, want)
	}
}

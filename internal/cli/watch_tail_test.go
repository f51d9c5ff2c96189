package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func (w *watchServer) StreamPriceEvents(q *zhaohuov1.StreamPriceEventsRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamPriceEventsResponse]) error {
	w.mu.Lock()
	n := len(w.after)
	w.after = append(w.after, q.GetAfterEventId())
	w.mu.Unlock()
	if n >= len(w.streams) {
		return status.Error(codes.NotFound, "there is no such price watch")
	}
	for _, message := range w.streams[n] {
		if err := stream.Send(message); err != nil {
			return err
		}
	}
	return status.Error(codes.Unavailable, "the server stops")
}

func heartbeat(id string) *zhaohuov1.StreamPriceEventsResponse {
	return &zhaohuov1.StreamPriceEventsResponse{Content: &zhaohuov1.StreamPriceEventsResponse_HeartbeatAfterEventId{HeartbeatAfterEventId: id}}
}

func happened(e *zhaohuov1.PriceEvent) *zhaohuov1.StreamPriceEventsResponse {
	e.WatchId, e.WatchDisplayName, e.Time = "pw_1", "杯", atHour(1)
	return &zhaohuov1.StreamPriceEventsResponse{Content: &zhaohuov1.StreamPriceEventsResponse_Event{Event: e}}
}

// fall is an event with an id.
func fall(id string) *zhaohuov1.StreamPriceEventsResponse {
	change := -0.05
	exact := zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	return happened(&zhaohuov1.PriceEvent{
		Id: id, Kind: priceFell, ProductId: "610947572360", Title: "保温杯", SupplierName: "厂", ChangeRatio: &change,
		Before: &zhaohuov1.PricePoint{Price: yuan(10, 0), PriceBasis: exact}, After: &zhaohuov1.PricePoint{Price: yuan(9, 500_000_000), PriceBasis: exact},
	})
}

// TestTailGoesOn: a stream that ends is opened again after the last event, and after the last heartbeat where there was none.
func TestTailGoesOn(t *testing.T) {
	w := &watchServer{streams: [][]*zhaohuov1.StreamPriceEventsResponse{{heartbeat("4"), fall("5")}, {heartbeat("8")}, {fall("9"), fall("10")}}}
	got := run(t, nil, "watch", "tail", "pw_1", "--json", "--count", "3", "--addr", w.serve(t))
	var ids []string
	for line := range strings.SplitSeq(strings.TrimSpace(got.stdout), "\n") {
		var event struct{ ID, Kind string }
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Kind != "PRICE_EVENT_KIND_PRICE_FELL" {
			t.Fatalf("%v in %+v", err, got)
		}
		ids = append(ids, event.ID)
	}
	if got.code != 0 || strings.Join(ids, " ") != "5 9 10" || strings.Join(w.after, " ") != " 5 8" {
		t.Errorf("%+v; begun after %q", got, w.after)
	}
	if n := strings.Count(got.stderr, "connecting again, to go on after event "); n != 2 || strings.Count(got.stderr, "connected again\n") != 2 {
		t.Errorf("stderr:\n%s", got.stderr)
	}
}

// TestTailEnds: what no waiting mends ends the command.
func TestTailEnds(t *testing.T) {
	w := &watchServer{streams: [][]*zhaohuov1.StreamPriceEventsResponse{{heartbeat("4")}}}
	addr := w.serve(t)
	for _, args := range [][]string{{"--all"}, {"--after", "7"}} {
		if got := run(t, nil, append([]string{"watch", "tail", "pw_9", "--addr", addr}, args...)...); got.code != exitRefused || !strings.Contains(got.stderr, "NOT_FOUND") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if strings.Join(w.after, " ") != "0 4 7" {
		t.Errorf("begun after %q", w.after)
	}
}

// TestEventLines: each event says its prices with what they hold for.
func TestEventLines(t *testing.T) {
	moved := 0.25
	list, low := zhaohuov1.PriceBasis_PRICE_BASIS_LIST, zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
	w := &watchServer{streams: [][]*zhaohuov1.StreamPriceEventsResponse{{
		fall("1"),
		happened(&zhaohuov1.PriceEvent{
			Id: "2", Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST, ProductId: "7",
			Before: &zhaohuov1.PricePoint{Price: yuan(10, 0), PriceBasis: list, ProductId: "8"}, After: &zhaohuov1.PricePoint{Price: yuan(9, 0), PriceBasis: low, ProductId: "7"},
		}),
		happened(&zhaohuov1.PriceEvent{Id: "3", Kind: medianMoved, ChangeRatio: &moved, Before: &zhaohuov1.PricePoint{Price: yuan(8, 0)}, After: &zhaohuov1.PricePoint{Price: yuan(10, 0)}}),
		happened(&zhaohuov1.PriceEvent{Id: "4", Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE, ProductId: "7", Before: &zhaohuov1.PricePoint{Price: yuan(9, 0), PriceBasis: list}}),
		happened(&zhaohuov1.PriceEvent{Id: "5", Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_FAILING, Error: status.New(codes.Unavailable, "1688 is \x1b[31mdown").Proto()}),
	}}}
	got := run(t, nil, "watch", "tail", "-n", "5", "--addr", w.serve(t))
	begin := localTime(atHour(1).AsTime()) + "  杯  "
	want := begin + "price fell  ¥10 → ¥9.50 (exact), -5.0 %  610947572360 保温杯  厂\n" +
		begin + "new cheapest  ¥10 (list price, 8) → ¥9 (from, of a range, 7)  7\n" +
		begin + "median moved  ¥8 → ¥10, +25.0 %\n" +
		begin + "product gone  ¥9 (list price) → -  7\n" +
		begin + "watch failing  1688 is [31mdown\n"
	if got != (outcome{0, want, ""}) {
		t.Errorf("%+v\nwant\n%s", got, want)
	}
}

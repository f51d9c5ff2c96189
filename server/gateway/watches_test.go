package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// watches keeps the questions about watches, and streams events that the test gives it.
type watches struct {
	zhaohuov1.UnimplementedPriceWatchServiceServer

	mu    sync.Mutex
	asked []proto.Message
	// events is how many events there are: 1, 2, …
	events int64
	// end ends a stream after its events; nil has it stay until the caller leaves.
	end error
}

func (w *watches) note(q proto.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, proto.Clone(q))
}

// take gives the questions since the last take.
func (w *watches) take() []proto.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.asked
	w.asked = nil
	return all
}

func (w *watches) GetPriceWatch(_ context.Context, q *zhaohuov1.GetPriceWatchRequest) (*zhaohuov1.GetPriceWatchResponse, error) {
	w.note(q)
	return &zhaohuov1.GetPriceWatchResponse{PriceWatch: &zhaohuov1.PriceWatch{Id: q.GetId(), Etag: "v1"}}, nil
}

func (w *watches) UpdatePriceWatch(_ context.Context, q *zhaohuov1.UpdatePriceWatchRequest) (*zhaohuov1.UpdatePriceWatchResponse, error) {
	w.note(q)
	return &zhaohuov1.UpdatePriceWatchResponse{PriceWatch: &zhaohuov1.PriceWatch{Id: q.GetId(), Etag: "v2"}}, nil
}

func (w *watches) DeletePriceWatch(_ context.Context, q *zhaohuov1.DeletePriceWatchRequest) (*zhaohuov1.DeletePriceWatchResponse, error) {
	w.note(q)
	return &zhaohuov1.DeletePriceWatchResponse{}, nil
}

func (w *watches) PausePriceWatch(_ context.Context, q *zhaohuov1.PausePriceWatchRequest) (*zhaohuov1.PausePriceWatchResponse, error) {
	w.note(q)
	return &zhaohuov1.PausePriceWatchResponse{}, nil
}

func (w *watches) QueryPriceTrend(_ context.Context, q *zhaohuov1.QueryPriceTrendRequest) (*zhaohuov1.QueryPriceTrendResponse, error) {
	w.note(q)
	return &zhaohuov1.QueryPriceTrendResponse{}, nil
}

func (w *watches) StreamPriceEvents(q *zhaohuov1.StreamPriceEventsRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamPriceEventsResponse]) error {
	w.note(q)
	after, _ := strconv.ParseInt(q.GetAfterEventId(), 10, 64)
	err := stream.Send(&zhaohuov1.StreamPriceEventsResponse{
		Content: &zhaohuov1.StreamPriceEventsResponse_HeartbeatAfterEventId{HeartbeatAfterEventId: strconv.FormatInt(after, 10)},
	})
	for id := after + 1; err == nil && id <= w.events; id++ {
		err = stream.Send(&zhaohuov1.StreamPriceEventsResponse{
			Content: &zhaohuov1.StreamPriceEventsResponse_Event{Event: &zhaohuov1.PriceEvent{Id: strconv.FormatInt(id, 10), Title: "耳机\n无线"}},
		})
	}
	if err != nil || w.end != nil {
		return fmt.Errorf("%w", w.end)
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}

// startWatches serves watches behind the chain and the gateway.
func startWatches(t *testing.T, w zhaohuov1.PriceWatchServiceServer) *rig {
	t.Helper()
	return startWatchesWith(t, interceptor.Config{RequestBytesMax: bytesMax}, w)
}

// startWatchesWith is startWatches with a chain of the test's own.
func startWatchesWith(t *testing.T, links interceptor.Config, w zhaohuov1.PriceWatchServiceServer) *rig {
	t.Helper()
	chain, err := interceptor.New(links)
	if err != nil {
		t.Fatal(err)
	}
	rpcs := grpc.NewServer(chain.ServerOptions()...)
	zhaohuov1.RegisterPriceWatchServiceServer(chain.Registrar(rpcs), w)
	conn := inside(t, rpcs)
	handler, err := gateway.New(gateway.Config{Conn: chain.Local(conn), RequestBytesMax: bytesMax})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		web.CloseClientConnections()
		web.Close()
	})
	return &rig{url: web.URL, conn: conn, http: client}
}

// sse is one block of an event stream.
type sse struct{ id, event, data, comment, retry string }

// readSSE reads one block.
func readSSE(t *testing.T, from *bufio.Reader) sse {
	t.Helper()
	var block sse
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream ended after %+v: %v", block, err)
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			return block
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			block.id = value
		case "event":
			block.event = value
		case "data":
			block.data += value
		case "retry":
			block.retry = value
		case "":
			block.comment = value
		default:
			t.Fatalf("an unknown line %q", line)
		}
	}
}

// openEvents asks for server-sent events; headers are pairs.
func (r *rig) openEvents(ctx context.Context, t *testing.T, target string, headers ...string) (*http.Response, *bufio.Reader) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Accept-Encoding", "gzip")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response, bufio.NewReader(response.Body)
}

// TestServerSentEventsResume cuts a stream after some events and goes on as an EventSource does: with the id of the last one, at
// the same address.
func TestServerSentEventsResume(t *testing.T) {
	w := &watches{events: 3}
	r := startWatches(t, w)
	ctx, cut := context.WithCancel(t.Context())
	response, body := r.openEvents(ctx, t, "/v1/priceEvents:stream?afterEventId=0")
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" ||
		response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	if got, want := readSSE(t, body), (sse{comment: "heartbeat", retry: "2000", id: "0"}); got != want {
		t.Errorf("the first block is %+v, want %+v", got, want)
	}
	for _, id := range []string{"1", "2"} {
		got := readSSE(t, body)
		var event struct{ ID, Title string }
		if err := json.Unmarshal([]byte(got.data), &event); err != nil || got.id != id || got.event != "priceEvent" || event.ID != id || event.Title != "耳机\n无线" {
			t.Errorf("%+v: %v; want event %s", got, err, id)
		}
	}
	cut()
	_, body = r.openEvents(t.Context(), t, "/v1/priceEvents:stream?afterEventId=0", "Last-Event-ID", "2")
	if got := readSSE(t, body); got.id != "2" {
		t.Errorf("the stream goes on after %q, want 2", got.id)
	}
	if got := readSSE(t, body); got.id != "3" {
		t.Errorf("the next event is %q, want 3", got.id)
	}
}

// TestServerSentEventsTellAFailure: before the first message it is an HTTP error, after it an event of its own name.
func TestServerSentEventsTellAFailure(t *testing.T) {
	r := startWatches(t, &watches{events: 1, end: fault.New(fault.ServerDraining, "later")})
	_, body := r.openEvents(t.Context(), t, "/v1/priceEvents:stream?afterEventId=0")
	readSSE(t, body)
	readSSE(t, body)
	got := readSSE(t, body)
	if got.event != "streamError" || !strings.Contains(got.data, "SERVER_DRAINING") || got.id != "" {
		t.Errorf("%+v", got)
	}
	if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
		t.Errorf("after the failure: %q, %v", rest, err)
	}
	refused := r.do(t, http.MethodGet, "/v1/priceEvents:stream", nil, "Accept", "text/event-stream", "Last-Event-ID", "x")
	if _, reason, fields := refused.read(t); refused.code != http.StatusBadRequest || reason != "INVALID_FIELD" || fields[0] != "after_event_id STRING_EVENT_ID" {
		t.Errorf("a bad id: %d %s %v", refused.code, reason, fields)
	}
}

// TestPriceEventsAreNDJSONByDefault: only who names the media type gets server-sent events.
func TestPriceEventsAreNDJSONByDefault(t *testing.T) {
	r := startWatches(t, &watches{events: 1, end: fault.New(fault.ServerDraining, "later")})
	for _, accept := range []string{"", "*/*", "application/json", "text/event-stream;q=0"} {
		got := r.do(t, http.MethodGet, "/v1/priceEvents:stream?afterEventId=0", nil, "Accept", accept)
		lines := strings.Split(strings.TrimSpace(string(got.body)), "\n")
		if got.header.Get("Content-Type") != "application/x-ndjson" || len(lines) != 3 || !slices.Contains(got.header.Values("Vary"), "Accept") {
			t.Errorf("Accept %q: %v\n%s", accept, got.header, got.body)
		}
	}
	w := &watches{}
	r = startWatches(t, w)
	head := r.do(t, http.MethodHead, "/v1/priceEvents:stream", nil, "Accept", "text/event-stream")
	if head.code != http.StatusOK || head.header.Get("Content-Type") != "text/event-stream" || w.take() != nil {
		t.Errorf("HEAD: %d %v", head.code, head.header)
	}
}

// TestWatchesOverREST: every method and custom verb reaches its RPC with what the request says, once.
func TestWatchesOverREST(t *testing.T) {
	w := &watches{}
	r := startWatches(t, w)
	update := &zhaohuov1.UpdatePriceWatchRequest{
		Id: "pw_1", PriceWatch: &zhaohuov1.PriceWatch{DisplayName: "杯"}, Etag: "v1",
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"display_name", "upstream_calls_per_day"}},
	}
	for name, test := range map[string]struct {
		method, path, body string
		want               proto.Message
	}{
		"get":             {"GET", "/v1/priceWatches/pw_1", "", &zhaohuov1.GetPriceWatchRequest{Id: "pw_1"}},
		"escaped":         {"GET", "/v1/priceWatches/a%2Fb%20c", "", &zhaohuov1.GetPriceWatchRequest{Id: "a/b c"}},
		"with a colon":    {"GET", "/v1/priceWatches/a:b", "", &zhaohuov1.GetPriceWatchRequest{Id: "a:b"}},
		"update":          {"PATCH", "/v1/priceWatches/pw_1", `{"priceWatch":{"displayName":"杯"},"updateMask":"displayName,upstreamCallsPerDay","etag":"v1"}`, update},
		"delete":          {"DELETE", "/v1/priceWatches/pw_1", "", &zhaohuov1.DeletePriceWatchRequest{Id: "pw_1"}},
		"delete, escaped": {"DELETE", "/v1/priceWatches/a%2Fb", "", &zhaohuov1.DeletePriceWatchRequest{Id: "a/b"}},
		"pause":           {"POST", "/v1/priceWatches/pw_1:pause", "", &zhaohuov1.PausePriceWatchRequest{Id: "pw_1"}},
		"pause, JSON":     {"POST", "/v1/priceWatches/pw_1:pause", "{}", &zhaohuov1.PausePriceWatchRequest{Id: "pw_1"}},
		"trend": {
			"GET", "/v1/priceWatches/pw_1:queryTrend?productIds=1&productIds=2&resolution=PRICE_RESOLUTION_DAY", "",
			&zhaohuov1.QueryPriceTrendRequest{Id: "pw_1", ProductIds: []string{"1", "2"}, Resolution: zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY},
		},
	} {
		got := r.do(t, test.method, test.path, strings.NewReader(test.body), "Content-Type", "application/json")
		if got.code != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.code, got.body)
		}
		if diff := cmp.Diff([]proto.Message{test.want}, w.take(), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for target, want := range map[string]string{
		"/v1/priceWatches/pw_1": "GET, HEAD, PATCH, DELETE, OPTIONS", "/v1/priceWatches": "GET, HEAD, POST, OPTIONS",
		"/v1/priceEvents:stream": "GET, HEAD, OPTIONS",
	} {
		if got := r.do(t, http.MethodOptions, target, nil); got.header.Get("Allow") != want {
			t.Errorf("OPTIONS %s: Allow %q, want %q", target, got.header.Get("Allow"), want)
		}
	}
}

// TestWatchesRefuseOverREST: nothing that a request says is dropped.
func TestWatchesRefuseOverREST(t *testing.T) {
	w := &watches{}
	r := startWatches(t, w)
	for name, test := range map[string]struct {
		method, path, body, reason, field string
	}{
		"parameter of a patch":   {"PATCH", "/v1/priceWatches/a?etag=v1", `{}`, "UNKNOWN_FIELD", "etag UNKNOWN_FIELD"},
		"parameter of a delete":  {"DELETE", "/v1/priceWatches/a?force=true", "", "UNKNOWN_FIELD", "force UNKNOWN_FIELD"},
		"body of a delete":       {"DELETE", "/v1/priceWatches/a", `{}`, "MALFORMED_REQUEST", ""},
		"the path's own field":   {"PATCH", "/v1/priceWatches/a", `{"id":"b","priceWatch":{},"updateMask":"interval"}`, "UNKNOWN_FIELD", "id UNKNOWN_FIELD"},
		"the same for a verb":    {"POST", "/v1/priceWatches/a:run", `{"id":"a"}`, "UNKNOWN_FIELD", "id UNKNOWN_FIELD"},
		"an unknown field":       {"PATCH", "/v1/priceWatches/a", `{"priceWatch":{"name":"x"}}`, "UNKNOWN_FIELD", "price_watch.name UNKNOWN_FIELD"},
		"no mask":                {"PATCH", "/v1/priceWatches/a", `{"priceWatch":{}}`, "INVALID_FIELD", "update_mask REQUIRED"},
		"a parameter of the run": {"POST", "/v1/priceWatches/a:run?x=1", "", "UNKNOWN_FIELD", "x UNKNOWN_FIELD"},
		"the id as a parameter":  {"GET", "/v1/priceWatches/a?id=b", "", "UNKNOWN_FIELD", "id UNKNOWN_FIELD"},
	} {
		got := r.do(t, test.method, test.path, strings.NewReader(test.body), "Content-Type", "application/json")
		_, reason, fields := got.read(t)
		if reason != test.reason || test.field != "" && (len(fields) != 1 || fields[0] != test.field) || w.take() != nil {
			t.Errorf("%s: %d %s %v", name, got.code, reason, fields)
		}
	}
}

// TestOnlyAGetIsConditional: a deletion is no answer that a caller can have already.
func TestOnlyAGetIsConditional(t *testing.T) {
	w := &watches{}
	r := startWatches(t, w)
	got := r.do(t, http.MethodDelete, "/v1/priceWatches/a", nil, "If-None-Match", "*")
	if got.code != http.StatusOK || got.header.Get("ETag") != "" || len(w.take()) != 1 {
		t.Errorf("DELETE: %d %v", got.code, got.header)
	}
	first := r.do(t, http.MethodGet, "/v1/priceWatches/a", nil)
	if repeated := r.do(t, http.MethodGet, "/v1/priceWatches/a", nil, "If-None-Match", first.header.Get("ETag")); repeated.code != http.StatusNotModified {
		t.Errorf("GET: %d %v", repeated.code, repeated.header)
	}
}

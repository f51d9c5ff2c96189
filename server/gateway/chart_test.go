package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// trends answers every question about a trend alike.
type trends struct {
	watches
	answer *zhaohuov1.QueryPriceTrendResponse
	err    error
}

func (s *trends) QueryPriceTrend(_ context.Context, q *zhaohuov1.QueryPriceTrendRequest) (*zhaohuov1.QueryPriceTrendResponse, error) {
	s.note(q)
	if s.err != nil {
		return nil, fmt.Errorf("%w", s.err)
	}
	return s.answer, nil
}

func trendOf(name string) *zhaohuov1.QueryPriceTrendResponse {
	at := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	answer := &zhaohuov1.QueryPriceTrendResponse{WatchDisplayName: name, Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX}
	for i := range int64(3) {
		price := &moneypb.Money{CurrencyCode: "CNY", Units: 20 + i}
		answer.Points = append(answer.Points, &zhaohuov1.PriceTrendPoint{
			Time: timestamppb.New(at.Add(time.Duration(i) * time.Hour)), Min: price, Q1: price, Median: price, Q3: price, Max: price, ObservationCount: 1,
		})
	}
	return answer
}

// TestChart: the picture of a trend is SVG in which the watch's name is only text, and no script runs in it.
func TestChart(t *testing.T) {
	s := &trends{answer: trendOf(`<script>alert(1)</script> 保温杯 "&`)}
	r := startWatches(t, s)
	got := r.do(t, "GET", "/v1/priceWatches/a%2Fb/chart.svg?startTime=2026-11-01T00:00:00Z&productIds=1&productIds=2", nil)
	if got.code != 200 || got.header.Get("Content-Type") != "image/svg+xml" || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %v %s", got.code, got.header, got.body)
	}
	policy := got.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script-src") {
		t.Errorf("policy %q", policy)
	}
	svg := string(got.body)
	if !strings.HasPrefix(svg, "<svg ") || strings.Contains(svg, "<script") || !strings.Contains(svg, `&lt;script&gt;alert(1)&lt;/script&gt; 保温杯 "&amp;</text>`) {
		t.Errorf("%s", svg)
	}
	want := []proto.Message{&zhaohuov1.QueryPriceTrendRequest{
		Id: "a/b", StartTime: &timestamppb.Timestamp{Seconds: 1793491200}, ProductIds: []string{"1", "2"},
	}}
	if diff := cmp.Diff(want, s.take(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if got := r.do(t, "GET", "/v1/priceWatches/a%2Fb/chart.svg?startTime=2026-11-01T00:00:00Z&productIds=1&productIds=2", nil, "If-None-Match", got.header.Get("Etag")); got.code != 304 {
		t.Errorf("the same picture again: %d", got.code)
	}
	if got := r.do(t, "HEAD", "/v1/priceWatches/a/chart.svg", nil); got.code != 200 || len(got.body) != 0 || got.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("HEAD: %d %v", got.code, got.header)
	}
	for language, want := range map[string]string{"zh-CN,en;q=0.5": "沙箱：商品均为虚构", "en": "SANDBOX: these goods are made up", "": "SANDBOX: these goods are made up"} {
		if got := r.do(t, "GET", "/v1/priceWatches/a/chart.svg", nil, "Accept-Language", language); !strings.Contains(string(got.body), want) {
			t.Errorf("%q: no %q in %s", language, want, got.body)
		}
	}
}

// TestChartRefuses: the picture's route fails as the route of the trend does.
func TestChartRefuses(t *testing.T) {
	s := &trends{err: fault.New(fault.PriceWatchNotFound, "there is no price watch a")}
	r := startWatches(t, s)
	for name, test := range map[string]struct {
		method, path, reason string
		code                 int
	}{
		"no such watch":     {"GET", "/v1/priceWatches/a/chart.svg", "PRICE_WATCH_NOT_FOUND", 404},
		"unknown parameter": {"GET", "/v1/priceWatches/a/chart.svg?width=9", "UNKNOWN_FIELD", 400},
		"the id again":      {"GET", "/v1/priceWatches/a/chart.svg?id=b", "UNKNOWN_FIELD", 400},
		"no time":           {"GET", "/v1/priceWatches/a/chart.svg?startTime=yesterday", "MALFORMED_REQUEST", 400},
		"no product":        {"GET", "/v1/priceWatches/a/chart.svg?productIds=x", "INVALID_FIELD", 400},
		"another method":    {"POST", "/v1/priceWatches/a/chart.svg", "METHOD_NOT_ALLOWED", 405},
		"another picture":   {"GET", "/v1/priceWatches/a/chart.png", "ROUTE_NOT_FOUND", 404},
	} {
		got := r.do(t, test.method, test.path, nil)
		if _, reason, _ := got.read(t); got.code != test.code || reason != test.reason {
			t.Errorf("%s: %d %s", name, got.code, reason)
		}
	}
	if got := r.do(t, "OPTIONS", "/v1/priceWatches/a/chart.svg", nil); got.code != 204 || got.header.Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("OPTIONS: %d %q", got.code, got.header.Get("Allow"))
	}
}

// TestChartNeedsAKey: where callers need a key, the picture does too.
func TestChartNeedsAKey(t *testing.T) {
	key, entry := callers.Mint(callers.Entry{Name: "shop"})
	ring, err := callers.Open(callers.Options{Text: entry.YAML()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	r := startWatchesWith(t, interceptor.Config{RequestBytesMax: bytesMax, Keys: ring}, &trends{answer: trendOf("x")})
	got := r.do(t, "GET", "/v1/priceWatches/a/chart.svg", nil)
	if _, reason, _ := got.read(t); got.code != 401 || reason != "CALLER_UNAUTHENTICATED" {
		t.Errorf("without a key: %d %s", got.code, reason)
	}
	if got := r.do(t, "GET", "/v1/priceWatches/a/chart.svg", nil, "X-Api-Key", key.Reveal()); got.code != 200 || got.header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("with a key: %d %v", got.code, got.header)
	}
}

package gateway_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// keyed starts the gateway with two keys, the second of which has a very low rate, and records the demand that reaches
// the upstream.
func keyed(t *testing.T, demand *upstream.Demand, log *bytes.Buffer) (r *rig, shop, cron secret.Text) {
	t.Helper()
	shop, shopEntry := callers.Mint(callers.Entry{Name: "shop", Weight: 3})
	cron, cronEntry := callers.Mint(callers.Entry{Name: "cron", Rate: 0.001})
	ring, err := callers.Open(callers.Options{Text: shopEntry.YAML() + cronEntry.YAML()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ring.Close)
	all := slog.New(slog.NewTextHandler(log, nil))
	r = startWith(t, interceptor.Config{RequestBytesMax: bytesMax, Keys: ring, Log: all},
		&searcher{answer: func(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			*demand = upstream.DemandOf(ctx)
			return &zhaohuov1.KeywordSearchResponse{}, nil
		}}, func(c *gateway.Config) { c.Log = all })
	return r, shop, cron
}

func TestKeysOverREST(t *testing.T) {
	var demand upstream.Demand
	var log bytes.Buffer
	r, key, _ := keyed(t, &demand, &log)
	shop := upstream.Demand{Caller: "shop", Weight: 3}
	for name, test := range map[string]struct {
		headers []string
		want    upstream.Demand
		code    int
	}{
		"bearer":           {[]string{"Authorization", "Bearer " + key.Reveal()}, shop, 200},
		"its own header":   {[]string{"X-Api-Key", key.Reveal()}, shop, 200},
		"batch":            {[]string{"X-Api-Key", key.Reveal(), "X-Zhaohuo-Class", "batch"}, upstream.Demand{Class: upstream.Batch, Caller: "shop", Weight: 3}, 200},
		"another class":    {[]string{"X-Api-Key", key.Reveal(), "X-Zhaohuo-Class", "first"}, upstream.Demand{}, 400},
		"nothing":          {nil, upstream.Demand{}, 401},
		"wrong key":        {[]string{"X-Api-Key", "zhk_CANARY"}, upstream.Demand{}, 401},
		"wrong bearer":     {[]string{"Authorization", "Bearer zhk_CANARY"}, upstream.Demand{}, 401},
		"no text":          {[]string{"X-Api-Key", "zhk_\xe9CANARY"}, upstream.Demand{}, 401},
		"as metadata":      {[]string{"Grpc-Metadata-X-Api-Key", key.Reveal()}, upstream.Demand{}, 401},
		"forged by a name": {[]string{"X-Zhaohuo-Caller", "shop", "Grpc-Metadata-X-Zhaohuo-Caller", "shop"}, upstream.Demand{}, 401},
	} {
		demand = upstream.Demand{}
		got := r.do(t, "GET", path+"?keyword=a", nil, test.headers...)
		if got.code != test.code {
			t.Errorf("%s: %d %s; want %d", name, got.code, got.body, test.code)
		}
		if diff := cmp.Diff(test.want, demand); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		challenge := ""
		if test.code == 401 {
			challenge = `Bearer realm="zhaohuo"`
			if _, reason, _ := got.read(t); reason != "CALLER_UNAUTHENTICATED" {
				t.Errorf("%s: reason %q", name, reason)
			}
		}
		if got := got.header.Get("Www-Authenticate"); got != challenge {
			t.Errorf("%s: challenge %q, want %q", name, got, challenge)
		}
	}
	got := r.do(t, "POST", "/v1/products:uploadImageSearch", strings.NewReader("picture"), "Content-Type", "image/jpeg")
	if _, reason, _ := got.read(t); got.code != 401 || reason != "CALLER_UNAUTHENTICATED" {
		t.Errorf("upload: %d %s", got.code, got.body)
	}
	got = r.do(t, "GET", "/v1/products:streamKeywordSearch?keyword=a", nil)
	if _, reason, _ := got.read(t); got.code != 401 || reason != "CALLER_UNAUTHENTICATED" {
		t.Errorf("stream: %d %s", got.code, got.body)
	}
	if text := log.String(); strings.Contains(text, "CANARY") || strings.Contains(text, key.Reveal()) {
		t.Errorf("the log contains a key:\n%s", text)
	}
}

func TestRateOverREST(t *testing.T) {
	var demand upstream.Demand
	var log bytes.Buffer
	r, _, key := keyed(t, &demand, &log)
	if got := r.do(t, "GET", path+"?keyword=a", nil, "X-Api-Key", key.Reveal()); got.code != 200 {
		t.Fatalf("%d %s", got.code, got.body)
	}
	got := r.do(t, "GET", path+"?keyword=a", nil, "X-Api-Key", key.Reveal())
	if _, reason, _ := got.read(t); got.code != 429 || reason != "CALLER_RATE_LIMITED" {
		t.Errorf("%d %s", got.code, got.body)
	}
	// A thousand seconds, minus the elapsed ones.
	if wait := got.header.Get("Retry-After"); len(wait) < 3 || (wait != "1000" && wait[0] != '9') {
		t.Errorf("Retry-After %q", wait)
	}
}

// TestForgedAddressesOverREST: without keys the caller is the address of the connection, whatever headers say.
func TestForgedAddressesOverREST(t *testing.T) {
	var demand upstream.Demand
	r := start(t, &searcher{answer: func(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		demand = upstream.DemandOf(ctx)
		return &zhaohuov1.KeywordSearchResponse{}, nil
	}}, nil)
	for _, header := range []string{interceptor.CallerAddressKey, "Grpc-Metadata-" + interceptor.CallerAddressKey, "X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		if got := r.do(t, "GET", path+"?keyword=a", nil, header, "203.0.113.9:1"); got.code != 200 || demand.Caller != "127.0.0.1" {
			t.Errorf("%s: %d, caller %q", header, got.code, demand.Caller)
		}
	}
}

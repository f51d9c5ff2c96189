package interceptor_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// ring is keys in clear, for tests only.
type ring map[secret.Text]callers.Entry

func (r ring) Identify(_ context.Context, c callers.Credentials) (callers.Entry, error) {
	entry, ok := r[c.Key]
	if c.Key.Empty() {
		return callers.Entry{}, fault.New(fault.CallerUnauthenticated, "an API key is wanted: authorization: Bearer KEY, or x-api-key: KEY")
	}
	if !ok {
		return callers.Entry{}, fault.New(fault.CallerUnauthenticated, "the API key is not known")
	}
	return entry, nil
}

const shopKey, cronKey = "zhk_CANARY-shop", "zhk_CANARY-cron"

func keys() ring {
	return ring{shopKey: {Name: "shop", Weight: 3, Accounts: "main,second"}, cronKey: {Name: "cron", Weight: 1, Rate: 2}}
}

// seen is what a handler knows about its caller.
type seen struct {
	Name, Address string
	Demand        upstream.Demand
	Credentials   []string
}

// watched is a service that records what its handlers see.
func watched(to *seen) *service {
	see := func(ctx context.Context) {
		*to = seen{
			Name: interceptor.CallerName(ctx), Address: interceptor.CallerAddress(ctx), Demand: upstream.DemandOf(ctx),
			Credentials: append(metadata.ValueFromIncomingContext(ctx, "authorization"), metadata.ValueFromIncomingContext(ctx, "x-api-key")...),
		}
	}
	return &service{
		search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			see(ctx)
			return answer(ctx, q)
		},
		talk: func(ss grpc.ServerStream) error {
			see(ss.Context())
			return nil
		},
	}
}

func TestAuthentication(t *testing.T) {
	var got seen
	r := start(t, interceptor.Config{Keys: keys()}, watched(&got))
	shop := seen{Name: "shop", Address: "127.0.0.1", Demand: upstream.Demand{Caller: "shop", Weight: 3, Accounts: "main,second"}}
	const none = "an API key is wanted: authorization: Bearer KEY, or x-api-key: KEY"
	for name, test := range map[string]struct {
		metadata []string
		detail   string
	}{
		"bearer":               {[]string{"authorization", "Bearer " + shopKey}, ""},
		"any case":             {[]string{"authorization", "bEARER  " + shopKey}, ""},
		"header of its own":    {[]string{"x-api-key", shopKey}, ""},
		"the same in both":     {[]string{"x-api-key", shopKey, "authorization", "Bearer " + shopKey}, ""},
		"a proxy's credential": {[]string{"x-api-key", shopKey, "authorization", "Basic Q0FOQVJZ"}, ""},
		"nothing":              {nil, none},
		"another scheme":       {[]string{"authorization", "Basic Q0FOQVJZ"}, none},
		"no scheme":            {[]string{"authorization", shopKey}, none},
		"no key":               {[]string{"authorization", "Bearer ", "x-api-key", " "}, none},
		"wrong key":            {[]string{"x-api-key", "zhk_CANARY"}, "the API key is not known"},
		"a name":               {[]string{"x-api-key", "shop"}, "the API key is not known"},
		"two keys":             {[]string{"x-api-key", shopKey, "authorization", "Bearer " + cronKey}, "the request carries more than one API key"},
		"two keys of a kind":   {[]string{"x-api-key", shopKey, "x-api-key", cronKey}, "the request carries more than one API key"},
	} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), test.metadata...)
		for transport, call := range map[string]func() error{
			"unary": func() error {
				_, err := ask(ctx, r.outside, words())
				return err
			},
			"stream": func() error {
				if err := talk(ctx, t, r.outside); !errors.Is(err, io.EOF) {
					return err
				}
				return nil
			},
		} {
			got = seen{}
			err := call()
			if test.detail == "" {
				if diff := cmp.Diff(shop, got); err != nil || diff != "" {
					t.Errorf("%s, %s: %v; the handler saw (-want +got):\n%s", name, transport, err, diff)
				}
				continue
			}
			st := status.Convert(err)
			if st.Code() != codes.Unauthenticated || rpcerr.Reason(st) != "CALLER_UNAUTHENTICATED" || st.Message() != test.detail {
				t.Errorf("%s, %s: %v", name, transport, err)
			}
			if diff := cmp.Diff(seen{}, got); diff != "" {
				t.Errorf("%s, %s: a handler ran", name, transport)
			}
		}
	}
	if text := r.log.text(); strings.Contains(text, "CANARY") || strings.Contains(text, "Q0FOQVJZ") {
		t.Errorf("the log contains a credential:\n%s", text)
	}
}

// TestAuthenticationComesBeforeTheRequest: a caller without a key learns neither which requests are valid nor which
// RPCs exist.
func TestAuthenticationComesBeforeTheRequest(t *testing.T) {
	r := start(t, interceptor.Config{Keys: keys(), RequestBytesMax: 1 << 10}, &service{search: answer})
	for name, call := range map[string]func() error{
		"invalid": func() error {
			_, err := ask(t.Context(), r.outside, &zhaohuov1.KeywordSearchRequest{})
			return err
		},
		"too large": func() error {
			_, err := ask(t.Context(), r.outside, &zhaohuov1.KeywordSearchRequest{Keyword: strings.Repeat("x", 1<<11)})
			return err
		},
		"no such RPC": func() error {
			return r.outside.Invoke(t.Context(), "/zhaohuo.v1.SearchService/No", words(), &zhaohuov1.KeywordSearchResponse{})
		},
		// The in-memory connection is the gateway's: its requests come from outside too.
		"in memory": func() error {
			_, err := ask(t.Context(), r.inside, words())
			return err
		},
	} {
		if err := call(); status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := grpc_health_v1.NewHealthClient(r.outside).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Errorf("health: %v", err)
	}
}

func TestWithoutKeysCallersAreAddresses(t *testing.T) {
	var got seen
	r := start(t, interceptor.Config{}, watched(&got))
	for name, test := range map[string]struct {
		conn     *grpc.ClientConn
		metadata []string
		want     string
	}{
		"outside":         {r.outside, nil, "127.0.0.1"},
		"outside, forged": {r.outside, []string{interceptor.CallerAddressKey, "203.0.113.9:1", "x-forwarded-for", "203.0.113.9"}, "127.0.0.1"},
		"a useless key":   {r.outside, []string{"x-api-key", shopKey, "authorization", "Bearer " + shopKey}, "127.0.0.1"},
		"by the gateway":  {r.inside, []string{interceptor.CallerAddressKey, "203.0.113.9:1"}, "203.0.113.9"},
	} {
		if _, err := ask(metadata.AppendToOutgoingContext(t.Context(), test.metadata...), test.conn, words()); err != nil {
			t.Fatal(err)
		}
		want := seen{Address: test.want, Demand: upstream.Demand{Caller: test.want}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestClassIsLoweredAndNeverRaised(t *testing.T) {
	var got seen
	r := start(t, interceptor.Config{}, watched(&got))
	for _, test := range []struct {
		given []string
		want  upstream.Class
		ok    bool
	}{
		{nil, upstream.Interactive, true},
		{[]string{"interactive"}, upstream.Interactive, true},
		{[]string{"batch"}, upstream.Batch, true},
		{[]string{"batch", "interactive"}, upstream.Batch, true},
		{[]string{"urgent"}, upstream.Interactive, false},
		{[]string{"batch", ""}, upstream.Interactive, false},
	} {
		ctx := metadata.NewOutgoingContext(t.Context(), metadata.MD{interceptor.ClassHeader: test.given})
		_, err := ask(ctx, r.outside, words())
		if (err == nil) != test.ok || (test.ok && got.Demand.Class != test.want) || (!test.ok && rpcerr.Reason(status.Convert(err)) != "INVALID_FIELD") {
			t.Errorf("%q: class %v, %v; want %v, ok %v", test.given, got.Demand.Class, err, test.want, test.ok)
		}
	}
}

func TestClientRate(t *testing.T) {
	r := start(t, interceptor.Config{Keys: keys(), CallerRate: 3}, &service{search: answer})
	for _, test := range []struct {
		key       string
		taken     int
		waitAtMax time.Duration
	}{
		{cronKey, 2, 500 * time.Millisecond},
		{shopKey, 3, 334 * time.Millisecond},
	} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-api-key", test.key)
		// On a slow machine too, a request above the rate is refused.
		taken, began := 0, time.Now()
		var err error
		for err == nil && time.Since(began) < 20*time.Second {
			if _, err = ask(ctx, r.outside, words()); err == nil {
				taken++
			}
		}
		st := status.Convert(err)
		if st.Code() != codes.ResourceExhausted || rpcerr.Reason(st) != "CALLER_RATE_LIMITED" || taken < test.taken {
			t.Fatalf("%d accepted, then %v", taken, err)
		}
		var wait time.Duration
		var subject string
		for _, detail := range st.Details() {
			switch d := detail.(type) {
			case *errdetails.RetryInfo:
				wait = d.GetRetryDelay().AsDuration()
			case *errdetails.QuotaFailure:
				subject = d.GetViolations()[0].GetSubject()
			}
		}
		if wait <= 0 || wait > test.waitAtMax || "zhk_CANARY-"+subject != test.key {
			t.Errorf("RetryInfo %v, want up to %v; subject %q", wait, test.waitAtMax, subject)
		}
	}
}

func TestCallersInLogAndMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := start(t, interceptor.Config{Keys: keys(), Metrics: registry}, &service{search: answer})
	for _, key := range []string{shopKey, shopKey, "wrong"} {
		_, _ = ask(metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key), r.outside, words())
	}
	var who []string
	for _, entry := range r.log.entries(t) {
		address, _ := entry["address"].(string)
		who = append(who, entry["caller"].(string)+" "+address+" "+entry["code"].(string))
	}
	if diff := cmp.Diff([]string{"shop 127.0.0.1 OK", "shop 127.0.0.1 OK", "127.0.0.1  Unauthenticated"}, who); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	all, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range all {
		if family.GetName() != "zhaohuo_caller_requests_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			counts[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue()
		}
	}
	if diff := cmp.Diff(map[string]float64{"shop OK": 2, "ip Unauthenticated": 1}, counts); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

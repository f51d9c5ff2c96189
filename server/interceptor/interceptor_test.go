package interceptor_test

import (
	"context"
	"errors"
	"net/url"
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
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

func ask(ctx context.Context, conn *grpc.ClientConn, q *zhaohuov1.KeywordSearchRequest, options ...grpc.CallOption) (*zhaohuov1.KeywordSearchResponse, error) {
	return zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, q, options...)
}

func words() *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机"}
}

func TestRequestIDIsPassedOn(t *testing.T) {
	var seen string
	r := start(t, interceptor.Config{}, &service{search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		seen = interceptor.RequestIDFrom(ctx)
		if q.GetPage() == 2 {
			return nil, fault.New(fault.UpstreamTimeout, "")
		}
		return answer(ctx, q)
	}})
	for _, page := range []int32{1, 2} {
		for _, given := range []string{"id-1", "", "no good", strings.Repeat("x", 200)} {
			seen = ""
			var header metadata.MD
			ctx := t.Context()
			if given != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", given)
			}
			q := words()
			q.Page = proto.Int32(page)
			_, err := ask(ctx, r.outside, q, grpc.Header(&header))
			if (err != nil) != (page == 2) {
				t.Fatalf("page %d: %v", page, err)
			}
			got := header.Get("x-request-id")
			if len(got) != 1 || got[0] != seen || (given == "id-1") != (seen == given) || seen == "" {
				t.Errorf("given %q, the handler saw %q, the caller got %q", given, seen, got)
			}
		}
	}
}

func TestValidation(t *testing.T) {
	r := start(t, interceptor.Config{}, &service{search: answer})
	violation := func(field, reason, description string) *errdetails.BadRequest_FieldViolation {
		return &errdetails.BadRequest_FieldViolation{Field: field, Reason: reason, Description: description}
	}
	tests := map[string]struct {
		change func(q *zhaohuov1.KeywordSearchRequest)
		want   []*errdetails.BadRequest_FieldViolation
	}{
		"no keyword": {
			func(q *zhaohuov1.KeywordSearchRequest) { q.Keyword = "" },
			[]*errdetails.BadRequest_FieldViolation{violation("keyword", "KEYWORD_BLANK", "must have a character that is not white space")},
		},
		"white space": {
			func(q *zhaohuov1.KeywordSearchRequest) { q.Keyword = "\t " },
			[]*errdetails.BadRequest_FieldViolation{violation("keyword", "KEYWORD_BLANK", "must have a character that is not white space")},
		},
		"page and size": {
			func(q *zhaohuov1.KeywordSearchRequest) { q.Page, q.PageSize = proto.Int32(-1), proto.Int32(-5) },
			[]*errdetails.BadRequest_FieldViolation{
				violation("page", "INT32_PAGE_NUMBER", "must not be negative: pages count from 1, and 0 is the first one"),
				violation("page_size", "INT32_PAGE_SIZE", "must not be negative: 0 is the default size"),
			},
		},
		"an unknown filter": {
			func(q *zhaohuov1.KeywordSearchRequest) {
				q.Filters = []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_FREE_SHIPPING, 99}
			},
			[]*errdetails.BadRequest_FieldViolation{violation("filters[1]", "ENUM_DEFINED_ONLY", "value must be one of the defined enum values")},
		},
		"a price that is none": {
			func(q *zhaohuov1.KeywordSearchRequest) { q.PriceMin = "-1" },
			[]*errdetails.BadRequest_FieldViolation{violation("price_min", "STRING_YUAN", "must be a price in yuan, such as 99.90")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := words()
			test.change(q)
			_, err := ask(t.Context(), r.outside, q)
			st := status.Convert(err)
			if st.Code() != codes.InvalidArgument || rpcerr.Reason(st) != "INVALID_FIELD" {
				t.Fatalf("%v", err)
			}
			var got []*errdetails.BadRequest_FieldViolation
			for _, detail := range st.Details() {
				if bad, ok := detail.(*errdetails.BadRequest); ok {
					got = bad.GetFieldViolations()
				}
			}
			if diff := cmp.Diff(test.want, got, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := ask(t.Context(), r.outside, words()); err != nil {
		t.Errorf("a good request: %v", err)
	}
}

func TestErrorsAreSentAndLogged(t *testing.T) {
	secret := "https://gw.example/openapi?access_token=canary"
	tests := map[string]struct {
		fail   func() error
		code   codes.Code
		reason string
		text   string
		log    map[string]any
	}{
		"fault with a cause": {
			fail: func() error {
				return fault.New(fault.UpstreamUnavailable, "the connection failed").
					WithCause(&url.Error{Op: "Post", URL: secret, Err: errors.New("connection refused")})
			},
			code: codes.Unavailable, reason: "UPSTREAM_UNAVAILABLE", text: "the connection failed",
			log: map[string]any{"level": "WARN", "detail": "the connection failed", "cause": "connection refused"},
		},
		"plain": {
			fail: func() error { return errors.New("row 3 is missing") },
			code: codes.Internal, reason: "INTERNAL", text: "The service failed.",
			log: map[string]any{"level": "ERROR", "detail": "The service failed.", "cause": "row 3 is missing"},
		},
		"panic": {
			fail: func() error { panic("row 4 is missing") },
			code: codes.Internal, reason: "INTERNAL", text: "The service failed.",
			log: map[string]any{"level": "ERROR", "detail": "The service failed.", "panic": "row 4 is missing"},
		},
		"caller's mistake": {
			fail: func() error { return fault.Invalid("page", "WINDOW", "too far") },
			code: codes.InvalidArgument, reason: "INVALID_FIELD", text: "page: too far",
			log: map[string]any{"level": "INFO", "detail": "page: too far"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := start(t, interceptor.Config{}, &service{
				search: func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
					return nil, test.fail()
				},
				talk: func(grpc.ServerStream) error { return test.fail() },
			})
			ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "id-9")
			_, unary := ask(ctx, r.outside, words())
			streamed := talk(ctx, t, r.outside)
			for method, err := range map[string]error{"unary": unary, "stream": streamed} {
				st := status.Convert(err)
				if st.Code() != test.code || rpcerr.Reason(st) != test.reason || st.Message() != test.text {
					t.Errorf("%s: %v", method, err)
				}
			}
			for i, method := range []string{"/zhaohuo.v1.SearchService/KeywordSearch", "/test.Streams/Talk"} {
				want := map[string]any{
					"msg": "rpc", "method": method, "code": test.code.String(), "reason": test.reason,
					"request_id": "id-9", "caller": "127.0.0.1",
				}
				for key, value := range test.log {
					want[key] = value
				}
				entries := r.log.entries(t)
				if len(entries) != 2 {
					t.Fatalf("%d lines", len(entries))
				}
				stack, _ := entries[i]["stack"].(string)
				if (name == "panic") != strings.Contains(stack, "interceptor_test.go") {
					t.Errorf("stack: %s", stack)
				}
				delete(entries[i], "stack")
				if diff := cmp.Diff(want, entries[i]); diff != "" {
					t.Errorf("log (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// talk opens the test's stream, sends the messages, and returns how it ended.
func talk(ctx context.Context, t *testing.T, conn *grpc.ClientConn, say ...proto.Message) error {
	t.Helper()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/test.Streams/Talk")
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range say {
		if err := stream.SendMsg(msg); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	return stream.RecvMsg(&zhaohuov1.KeywordSearchResponse{})
}

func TestStreamsAreValidatedMessageByMessage(t *testing.T) {
	heard := 0
	r := start(t, interceptor.Config{RequestBytesMax: 500}, &service{talk: func(ss grpc.ServerStream) error {
		for {
			if err := ss.RecvMsg(&zhaohuov1.KeywordSearchRequest{}); err != nil {
				return err
			}
			heard++
		}
	}})
	for name, test := range map[string]struct {
		second *zhaohuov1.KeywordSearchRequest
		reason string
	}{
		"rule": {&zhaohuov1.KeywordSearchRequest{Keyword: "a", PageSize: proto.Int32(-1)}, "INVALID_FIELD"},
		"size": {&zhaohuov1.KeywordSearchRequest{Keyword: strings.Repeat("a", 501)}, "REQUEST_TOO_LARGE"},
	} {
		heard = 0
		st := status.Convert(talk(t.Context(), t, r.outside, words(), test.second))
		if rpcerr.Reason(st) != test.reason || heard != 1 {
			t.Errorf("%s: %v after %d messages", name, st, heard)
		}
	}
}

func TestSize(t *testing.T) {
	r := start(t, interceptor.Config{RequestBytesMax: 1000}, &service{search: answer})
	for size, want := range map[int]string{1000: "INVALID_FIELD", 1001: "REQUEST_TOO_LARGE"} {
		q := &zhaohuov1.KeywordSearchRequest{Keyword: strings.Repeat("a", size-3)}
		if proto.Size(q) != size {
			t.Fatalf("%d bytes, want %d", proto.Size(q), size)
		}
		_, err := ask(t.Context(), r.outside, q)
		if got := rpcerr.Reason(status.Convert(err)); got != want {
			t.Errorf("%d bytes: %s, want %s", size, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	r := start(t, interceptor.Config{}, &service{search: func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		return nil, fault.New(fault.UpstreamTimeout, "")
	}})
	ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", "zh-CN,zh;q=0.9")
	_, err := ask(ctx, r.outside, words())
	var got *errdetails.LocalizedMessage
	for _, detail := range status.Convert(err).Details() {
		if m, ok := detail.(*errdetails.LocalizedMessage); ok {
			got = m
		}
	}
	want := &errdetails.LocalizedMessage{Locale: "zh-CN", Message: "1688 未在规定时间内响应。请稍后重试。"}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCallerIsTrustedInMemoryOnly(t *testing.T) {
	var caller string
	var leaked []string
	see := func(ctx context.Context) {
		caller = interceptor.CallerAddress(ctx)
		leaked = metadata.ValueFromIncomingContext(ctx, interceptor.CallerAddressKey)
	}
	r := start(t, interceptor.Config{}, &service{
		search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			see(ctx)
			return answer(ctx, q)
		},
		talk: func(ss grpc.ServerStream) error {
			see(ss.Context())
			return nil
		},
	})
	for name, test := range map[string]struct {
		conn      *grpc.ClientConn
		forwarded string
		want      string
	}{
		"outside":               {r.outside, "", "127.0.0.1"},
		"outside, forged":       {r.outside, "203.0.113.9:1", "127.0.0.1"},
		"in memory":             {r.inside, "203.0.113.9:1", "203.0.113.9"},
		"in memory, version 6":  {r.inside, "[2001:db8::1]:443", "2001:db8::1"},
		"in memory, not told":   {r.inside, "", ""},
		"in memory, no address": {r.inside, "@", ""},
	} {
		ctx := t.Context()
		if test.forwarded != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, interceptor.CallerAddressKey, test.forwarded)
		}
		if _, err := ask(ctx, test.conn, words()); err != nil {
			t.Fatal(err)
		}
		if caller != test.want || leaked != nil {
			t.Errorf("%s: caller %q, want %q; metadata %q", name, caller, test.want, leaked)
		}
		caller = "nobody"
		_ = talk(ctx, t, test.conn)
		if caller != test.want {
			t.Errorf("%s, stream: caller %q, want %q", name, caller, test.want)
		}
	}
}

func TestUnknownRPC(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := start(t, interceptor.Config{Metrics: registry}, &service{search: answer})
	for _, method := range []string{"/zhaohuo.v1.SearchService/Nothing", "/no.Service/At.All"} {
		var header metadata.MD
		err := r.outside.Invoke(t.Context(), method, words(), &zhaohuov1.KeywordSearchResponse{}, grpc.Header(&header))
		st := status.Convert(err)
		if st.Code() != codes.Unimplemented || rpcerr.Reason(st) != "ROUTE_NOT_FOUND" || len(header.Get("x-request-id")) != 1 {
			t.Errorf("%s: %v, header %v", method, err, header)
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			unknown := metric.GetCounter().GetValue() != 0 || metric.GetHistogram().GetSampleCount() != 0
			for _, label := range metric.GetLabel() {
				unknown = unknown || label.GetName() == "grpc_method" && label.GetValue() == "Nothing"
			}
			if unknown {
				t.Errorf("unknown RPCs are counted in %s: %v", family.GetName(), metric)
			}
		}
	}
}

func TestHealthAndReflectionAreExempt(t *testing.T) {
	r := start(t, interceptor.Config{DefaultTimeout: time.Nanosecond}, &service{search: answer})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watch, err := grpc_health_v1.NewHealthClient(r.outside).Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	next := func() grpc_health_v1.HealthCheckResponse_ServingStatus {
		got, err := watch.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return got.GetStatus()
	}
	if got := next(); got != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("%s", got)
	}
	r.health.Shutdown()
	if got := next(); got != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("%s", got)
	}
	list, err := reflectionpb.NewServerReflectionClient(r.outside).ServerReflectionInfo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Send(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
	}); err != nil {
		t.Fatal(err)
	}
	services, err := list.Recv()
	if err != nil || len(services.GetListServicesResponse().GetService()) != 7 {
		t.Errorf("%v %v", services, err)
	}
	if got := r.log.entries(t); got != nil {
		t.Errorf("logged: %v", got)
	}
}

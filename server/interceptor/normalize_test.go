package interceptor_test

import (
	"context"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// TestWordsAreNormalized: the handler sees the same words however they were typed.
func TestWordsAreNormalized(t *testing.T) {
	var seen string
	r := start(t, interceptor.Config{}, &service{
		search: func(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			seen = q.GetKeyword()
			return &zhaohuov1.KeywordSearchResponse{}, nil
		},
	})
	for given, want := range map[string]string{
		"\u3000蓝牙\u00a0 耳机\u200b\n": "蓝牙 耳机",
		"Ｔ恤\ufeff ２０２６":             "T恤 2026",
		"cafe\u0301（杯）":             "café（杯）",
	} {
		if _, err := ask(t.Context(), r.outside, &zhaohuov1.KeywordSearchRequest{Keyword: given}); err != nil || seen != want {
			t.Errorf("%+q: the handler saw %+q (%v); want %+q", given, seen, err, want)
		}
	}
}

// TestBlankWords are refused with their field, even if the words are optional.
func TestBlankWords(t *testing.T) {
	r := start(t, interceptor.Config{}, &service{search: answer})
	search := zhaohuov1.NewSearchServiceClient(r.outside)
	combos := zhaohuov1.NewComboServiceClient(r.outside)
	hints := zhaohuov1.NewProductServiceClient(r.outside)
	for _, blank := range []string{" ", "\u3000", "\u00a0", "\u2003\u2028", "\u200b", "\ufeff\u200d\u2060", "\u3164"} {
		for field, call := range map[string]func(context.Context) error{
			"keyword": func(ctx context.Context) error {
				_, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: blank})
				return err
			},
			"keywords[1]": func(ctx context.Context) error {
				stream, err := search.BatchKeywordSearch(ctx, &zhaohuov1.BatchKeywordSearchRequest{Keywords: []string{"耳机", blank}})
				if err == nil {
					_, err = stream.Recv()
				}
				return err
			},
			"keyword of a stream": func(ctx context.Context) error {
				stream, err := search.StreamKeywordSearch(ctx, &zhaohuov1.StreamKeywordSearchRequest{Keyword: blank})
				if err == nil {
					_, err = stream.Recv()
				}
				return err
			},
			"keyword beside an image": func(ctx context.Context) error {
				_, err := search.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: "id"}}, Keyword: blank})
				return err
			},
			"seeds[0]": func(ctx context.Context) error {
				_, err := combos.ExpandSelection(ctx, &zhaohuov1.ExpandSelectionRequest{Seeds: []string{blank}})
				return err
			},
			"keyword of a comparison": func(ctx context.Context) error {
				_, err := combos.ComparePrices(ctx, &zhaohuov1.ComparePricesRequest{Keyword: blank})
				return err
			},
			"keyword of a seller": func(ctx context.Context) error {
				_, err := hints.ListSellerProducts(ctx, &zhaohuov1.ListSellerProductsRequest{SellerId: "b2b-1", Keyword: blank})
				return err
			},
		} {
			st := status.Convert(call(t.Context()))
			if st.Code() == codes.Unimplemented {
				t.Fatalf("%s: the chain accepted %+q", field, blank)
			}
			if st.Code() != codes.InvalidArgument || rpcerr.Reason(st) != "INVALID_FIELD" {
				t.Errorf("%s, %+q: %v", field, blank, st)
			}
		}
	}
}

// rawCodec sends bytes as they are.
type rawCodec struct{ encoding.CodecV2 }

func (c rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	if raw, ok := v.([]byte); ok {
		return mem.BufferSlice{mem.SliceBuffer(raw)}, nil
	}
	return c.CodecV2.Marshal(v)
}

// TestUndecodableRequests are the caller's mistake, and the refusal names the field.
func TestUndecodableRequests(t *testing.T) {
	r := start(t, interceptor.Config{}, &service{search: answer})
	text := func(number protowire.Number, s string) []byte {
		return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), s)
	}
	for name, c := range map[string]struct {
		method, field string
		body          []byte
	}{
		"text":           {"/zhaohuo.v1.SearchService/KeywordSearch", "keyword", text(1, "\xff\xfe")},
		"text of a list": {"/zhaohuo.v1.ComboService/ExpandSelection", "seeds", append(text(1, "ok"), text(1, "a\xc3")...)},
		"text inside":    {"/zhaohuo.v1.ComboService/FindSource", "image.url", text(2, string(text(1, "\x80")))},
		"no message":     {"/zhaohuo.v1.SearchService/KeywordSearch", "", []byte{0xff, 0xff}},
		"cut off":        {"/zhaohuo.v1.SearchService/KeywordSearch", "", []byte{0x0a, 0x7f, 'x'}},
	} {
		err := r.outside.Invoke(t.Context(), c.method, c.body, &zhaohuov1.KeywordSearchResponse{},
			grpc.ForceCodecV2(rawCodec{encoding.GetCodecV2(grpcproto.Name)}))
		st := status.Convert(err)
		if st.Code() != codes.InvalidArgument || rpcerr.Reason(st) != "MALFORMED_REQUEST" {
			t.Errorf("%s: %v", name, err)
		}
		var fields []string
		for _, violation := range violations(st) {
			fields = append(fields, violation.GetField())
		}
		if c.field != "" && (len(fields) != 1 || fields[0] != c.field) || c.field == "" && len(fields) != 0 {
			t.Errorf("%s: fields %q; want %q", name, fields, c.field)
		}
	}
}

// violations are the fields that an error names.
func violations(st *status.Status) []*errdetails.BadRequest_FieldViolation {
	for _, detail := range st.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			return bad.GetFieldViolations()
		}
	}
	return nil
}

package interceptor_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// TestPagesAndLanguagesAreNormalized: the handler sees defaults as unset, sizes capped and languages without region.
func TestPagesAndLanguagesAreNormalized(t *testing.T) {
	var seen *zhaohuov1.KeywordSearchRequest
	r := start(t, interceptor.Config{}, &service{
		search: func(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			seen = q
			return &zhaohuov1.KeywordSearchResponse{}, nil
		},
	})
	type request = zhaohuov1.KeywordSearchRequest
	for name, c := range map[string]struct{ given, want *request }{
		"zeros":      {&request{Page: proto.Int32(0), PageSize: proto.Int32(0)}, &request{}},
		"too large":  {&request{PageSize: proto.Int32(51)}, &request{PageSize: proto.Int32(50)}},
		"the most":   {&request{Page: proto.Int32(3), PageSize: proto.Int32(50)}, &request{Page: proto.Int32(3), PageSize: proto.Int32(50)}},
		"region":     {&request{LanguageCode: "zh-CN"}, &request{LanguageCode: "zh"}},
		"script":     {&request{LanguageCode: "zh-Hant-TW"}, &request{LanguageCode: "zh"}},
		"case":       {&request{LanguageCode: "PT-br"}, &request{LanguageCode: "pt"}},
		"underscore": {&request{LanguageCode: "en_US"}, &request{LanguageCode: "en"}},
		"old code":   {&request{LanguageCode: "in"}, &request{LanguageCode: "id"}},
	} {
		c.given.Keyword, c.want.Keyword = "杯", "杯"
		if _, err := ask(t.Context(), r.outside, c.given); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, seen, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, q := range []*request{
		{Page: proto.Int32(-1)},
		{PageSize: proto.Int32(-1)},
		{LanguageCode: "tlh"},
		{LanguageCode: "german"},
		{LanguageCode: "und-CN"},
		{LanguageCode: "zh-CN-x-" + "aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"},
	} {
		q.Keyword = "杯"
		if _, err := ask(t.Context(), r.outside, q); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: %v", q, err)
		}
	}
}

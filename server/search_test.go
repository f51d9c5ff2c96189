package server_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// asked is a searcher that records the question.
type asked struct {
	upstream.Searcher

	questions []*zhaohuov1.KeywordSearchRequest
	err       error
}

func (a *asked) KeywordSearch(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	a.questions = append(a.questions, q)
	return &zhaohuov1.KeywordSearchResponse{Page: q.GetPage()}, a.err
}

func TestSearchFillsInDefaults(t *testing.T) {
	for name, test := range map[string]struct {
		given, want *zhaohuov1.KeywordSearchRequest
	}{
		"nothing given": {
			&zhaohuov1.KeywordSearchRequest{Keyword: "a"},
			&zhaohuov1.KeywordSearchRequest{Keyword: "a", Page: proto.Int32(1), PageSize: proto.Int32(20)},
		},
		"all given": {
			&zhaohuov1.KeywordSearchRequest{Keyword: "a", Page: proto.Int32(3), PageSize: proto.Int32(50), PriceMin: "1", PriceMax: "1.00"},
			&zhaohuov1.KeywordSearchRequest{Keyword: "a", Page: proto.Int32(3), PageSize: proto.Int32(50), PriceMin: "1", PriceMax: "1.00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			searcher := &asked{}
			before := proto.CloneOf(test.given)
			got, err := server.NewSearch(searcher, aopOffers(), upstream.Limits{PageSizeMax: 50, Window: 2000}, server.Photos{}).
				KeywordSearch(t.Context(), test.given)
			if err != nil || got.GetPage() != test.want.GetPage() {
				t.Fatalf("%v %v", got, err)
			}
			if diff := cmp.Diff([]*zhaohuov1.KeywordSearchRequest{test.want}, searcher.questions, protocmp.Transform()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, test.given, protocmp.Transform()); diff != "" {
				t.Errorf("the caller's request was changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSearchRefusesWithoutAsking(t *testing.T) {
	for name, test := range map[string]struct {
		q     *zhaohuov1.KeywordSearchRequest
		kind  fault.Kind
		field fault.Field
	}{
		"page beyond the window": {
			&zhaohuov1.KeywordSearchRequest{Page: proto.Int32(101)}, fault.InvalidField,
			fault.Field{Path: "page", Rule: "WINDOW", Why: "begins at item 2001, but only the first 2000 items of a search can be paged to"},
		},
		"page at the end of int32": {
			&zhaohuov1.KeywordSearchRequest{Page: proto.Int32(1<<31 - 1), PageSize: proto.Int32(50)}, fault.InvalidField,
			fault.Field{Path: "page", Rule: "WINDOW", Why: "begins at item 107374182301, but only the first 2000 items of a search can be paged to"},
		},
		"prices upside down": {
			&zhaohuov1.KeywordSearchRequest{PriceMin: "10", PriceMax: "9.99"}, fault.InvalidField,
			fault.Field{Path: "price_min", Rule: "PRICE_RANGE", Why: "must not be above price_max (9.99)"},
		},
		"prices by value, not by text": {
			&zhaohuov1.KeywordSearchRequest{PriceMin: "100", PriceMax: "99"}, fault.InvalidField,
			fault.Field{Path: "price_min", Rule: "PRICE_RANGE", Why: "must not be above price_max (99)"},
		},
		"a price that is none": {
			&zhaohuov1.KeywordSearchRequest{PriceMin: "1", PriceMax: "x"}, fault.InvalidField,
			fault.Field{Path: "price_max", Rule: "DECIMAL", Why: "must be a decimal in yuan"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			searcher := &asked{}
			test.q.Keyword = "a"
			_, err := server.NewSearch(searcher, aopOffers(), upstream.Limits{PageSizeMax: 50, Window: 2000}, server.Photos{}).
				KeywordSearch(t.Context(), test.q)
			f, ok := fault.As(err)
			if !ok || f.Kind != test.kind {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff([]fault.Field{test.field}, f.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if searcher.questions != nil {
				t.Errorf("asked %v", searcher.questions)
			}
		})
	}
	last := &zhaohuov1.KeywordSearchRequest{Keyword: "a", Page: proto.Int32(100)}
	if _, err := server.NewSearch(&asked{}, aopOffers(), upstream.Limits{Window: 2000}, server.Photos{}).KeywordSearch(t.Context(), last); err != nil {
		t.Errorf("the last page of the window: %v", err)
	}
}

// TestSearchRefusesWhatTheDialectLacks: the table has tests of its own. Here it is checked before anything else.
func TestSearchRefusesWhatTheDialectLacks(t *testing.T) {
	q := &zhaohuov1.KeywordSearchRequest{Keyword: "a", Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC}
	for dialect, offered := range map[*capability.Table]bool{
		aopOffers(): true, topOffers(): false,
	} {
		searcher := &asked{}
		_, err := server.NewSearch(searcher, dialect, upstream.Limits{Window: 2000}, server.Photos{}).KeywordSearch(t.Context(), q)
		if offered {
			if err != nil || len(searcher.questions) != 1 {
				t.Errorf("%s: %v", dialect, err)
			}
			continue
		}
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.UnsupportedByDialect || f.Fields[0].Path != "sort" || searcher.questions != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
}

func TestSearchPassesFaultsUp(t *testing.T) {
	want := errors.New("as it is")
	_, err := server.NewSearch(&asked{err: want}, aopOffers(), upstream.Limits{Window: 2000}, server.Photos{}).
		KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "a"})
	if !errors.Is(err, want) {
		t.Errorf("%v", err)
	}
}

func TestInfo(t *testing.T) {
	about := &zhaohuov1.GetServerInfoResponse{Version: "v1", Mode: zhaohuov1.ServerMode_SERVER_MODE_SANDBOX}
	info := server.NewInfo(server.InfoParts{About: about})
	about.Version = "changed later"
	got, err := info.GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := &zhaohuov1.GetServerInfoResponse{Version: "v1", Mode: zhaohuov1.ServerMode_SERVER_MODE_SANDBOX}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// paging is an upstream that answers its calls with these bodies in order, and each further one with the last.
func paging(t *testing.T, bodies ...string) (url string, calls *atomic.Int64) {
	t.Helper()
	calls = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1))
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, bodies[min(n, len(bodies))-1])
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// bareLists are a full page of two goods and an empty list, by dialect. Nothing beside the list says how many there are.
var bareLists = map[string][][2]string{
	"top": {
		{`{"products":[{"productId":1},{"productId":2}]}`, `{"products":[]}`},
		{`{"result":[{"productId":1},{"productId":2}]}`, `{"result":[]}`},
	},
	"aop": {{
		`{"result":{"success":true,"code":"200","result":{"data":[{"offerId":1},{"offerId":2}]}}}`,
		`{"result":{"success":true,"code":"200","result":{"data":[]}}}`,
	}},
}

func pagingService(t *testing.T, dialect, url string) *running {
	t.Helper()
	if dialect == "top" {
		url += "/router/rest"
	}
	return start(t, settings(t, config.Environ{
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_DIALECT": dialect, "ZHAOHUO_UPSTREAM_URL": url,
		"ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_UPSTREAM_ATTEMPTS": "1",
	}), true)
}

// TestABareEmptyPageAfterGoodsEndsAStream: an empty list with nothing beside it is the end of the list after a page with goods.
func TestABareEmptyPageAfterGoodsEndsAStream(t *testing.T) {
	for dialect, lists := range bareLists {
		for _, list := range lists {
			t.Run(dialect+" "+list[1], func(t *testing.T) {
				url, calls := paging(t, list[0], list[1])
				r := pagingService(t, dialect, url)
				stream, err := zhaohuov1.NewSearchServiceClient(r.Conn()).StreamKeywordSearch(t.Context(),
					&zhaohuov1.StreamKeywordSearchRequest{Keyword: "杯", PageSize: proto.Int32(2)})
				if err != nil {
					t.Fatal(err)
				}
				var ids []string
				var last *zhaohuov1.StreamKeywordSearchResponse
				for {
					m, err := stream.Recv()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatalf("after %v: %v", ids, err)
					}
					for _, p := range m.GetProducts() {
						ids = append(ids, p.GetId())
					}
					last = m
				}
				if !slices.Equal(ids, []string{"1", "2"}) || last.GetEndReason() != zhaohuov1.StreamEndReason_STREAM_END_REASON_EMPTY_PAGE || last.Total != nil || calls.Load() != 2 {
					t.Errorf("goods %v, last %v, %d calls", ids, last, calls.Load())
				}
				if err := r.end(t); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestABareEmptyFirstPageIsUnreadable: on the first page it may be anything. It is no answer, and nothing is stored.
func TestABareEmptyFirstPageIsUnreadable(t *testing.T) {
	for dialect, lists := range bareLists {
		for _, list := range lists {
			t.Run(dialect+" "+list[1], func(t *testing.T) {
				url, calls := paging(t, list[1])
				r := pagingService(t, dialect, url)
				for range 2 {
					answer, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones())
					if got := rpcerr.Reason(status.Convert(err)); got != "UPSTREAM_ANSWER_UNREADABLE" {
						t.Errorf("%v, %v", answer, err)
					}
				}
				if calls.Load() != 2 {
					t.Errorf("%d calls: an unreadable answer was stored", calls.Load())
				}
				if err := r.end(t); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

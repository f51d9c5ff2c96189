package batch_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// halfway is a token of a batch that was cut off after this many results.
func halfway(t testing.TB, q *request, results int) string {
	t.Helper()
	cut := errors.New("cut")
	token := ""
	err := batch.New(batch.Config{Searcher: deep(40)}).Keywords(t.Context(), q, "", func(m *message) error {
		token = m.GetResumeToken()
		if m.GetResult() != nil {
			results--
		}
		if results == 0 {
			return cut
		}
		return nil
	})
	if !errors.Is(err, cut) {
		t.Fatal(err)
	}
	return token
}

func TestTokenOfAnotherRequest(t *testing.T) {
	of := func(change func(*request)) *request {
		q := &request{Keywords: []string{"a", "b", "c"}, Pages: proto.Int32(4), PageSize: proto.Int32(20), PriceMin: "1"}
		change(q)
		return q
	}
	token := halfway(t, of(func(*request) {}), 5)
	for name, test := range map[string]struct {
		change func(*request)
		taken  bool
	}{
		"the same":                      {func(*request) {}, true},
		"defaults left out":             {func(q *request) { q.PageSize = nil }, true},
		"another spelling of a keyword": {func(q *request) { q.Keywords[0] = " a " }, true},
		"a keyword repeated":            {func(q *request) { q.Keywords = append(q.Keywords, "a") }, true},
		"a keyword more":                {func(q *request) { q.Keywords = append(q.Keywords, "d") }, false},
		"another order":                 {func(q *request) { q.Keywords = []string{"b", "a", "c"} }, false},
		"more pages":                    {func(q *request) { q.Pages = proto.Int32(5) }, false},
		"smaller pages":                 {func(q *request) { q.PageSize = proto.Int32(10) }, false},
		"another bound":                 {func(q *request) { q.PriceMin = "2" }, false},
		"the other bound":               {func(q *request) { q.PriceMin, q.PriceMax = "", "1" }, false},
		"a filter": {func(q *request) {
			q.Filters = []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_FREE_SHIPPING}
		}, false},
		"another language": {func(q *request) { q.LanguageCode = "en" }, false},
		"raw":              {func(q *request) { q.IncludeRaw = true }, false},
		"staleness":        {func(q *request) { q.MaxStaleness = durationpb.New(0) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			q := of(test.change)
			q.ResumeToken = token
			_, err := collect(t.Context(), batch.New(batch.Config{Searcher: deep(40)}), q)
			if taken := err == nil; taken != test.taken || err != nil && fault.KindOf(err) != fault.ResumeTokenInvalid {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestTokenIsPinned: the format is stable, since callers use tokens after the service is updated.
func TestTokenIsPinned(t *testing.T) {
	const want = "AoNSwQ5DuB1QgAnfXbI2g877-LSU3jMBBAECBGA6iA"
	q := &request{Keywords: []string{"蓝牙耳机", "b"}, Pages: proto.Int32(2), Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC}
	now := func() time.Time { return time.Date(2026, 5, 1, 8, 0, 0, 123456789, time.UTC) }
	all, err := collect(t.Context(), batch.New(batch.Config{Width: 1, Every: time.Hour, Searcher: deep(40), Now: now}), q)
	if err != nil {
		t.Fatal(err)
	}
	if got := all[3].GetResumeToken(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestTokenIsSmall: the token of the largest batch fits in a request (its field takes 65,536 bytes), whatever its state.
func TestTokenIsSmall(t *testing.T) {
	q := &request{Pages: proto.Int32(40)}
	for i := range 10_000 {
		q.Keywords = append(q.Keywords, fmt.Sprint("k", i))
	}
	longest := 0
	// Every other keyword ends early or fails, so that no two neighbours are equal.
	search := searcher(func(_ context.Context, q *question) (*answer, error) {
		var n int32
		_, _ = fmt.Sscanf(q.GetKeyword(), "k%d", &n)
		return pageOf(q, 1+n%2), nil
	})
	err := batch.New(batch.Config{Searcher: search}).Keywords(t.Context(), q, "", func(m *message) error {
		longest = max(longest, len(m.GetResumeToken()))
		return nil
	})
	if err != nil || longest > 26_720 {
		t.Errorf("%v: %d bytes", err, longest)
	}
}

// FuzzToken: only issued tokens are accepted, and no text does harm.
func FuzzToken(f *testing.F) {
	of := func() *request { return &request{Keywords: []string{"a", "b", "c", "d"}, Pages: proto.Int32(3)} }
	for n := 1; n < 12; n++ {
		f.Add(halfway(f, of(), n))
	}
	f.Add("")
	f.Add("AAAA")
	f.Add("AYNSwQ5DuB1QgAnfXbI2g84BBAEC93krPw") // of an earlier version
	f.Add(base64.RawURLEncoding.EncodeToString(make([]byte, 64)))
	f.Fuzz(func(t *testing.T, token string) {
		q := of()
		q.ResumeToken = token
		all, err := collect(t.Context(), batch.New(batch.Config{Searcher: deep(40)}), q)
		if err != nil {
			if fault.KindOf(err) != fault.ResumeTokenInvalid || len(all) != 0 {
				t.Fatalf("%v after %d messages", err, len(all))
			}
			return
		}
		// Whatever the token says is done, all is done in the end.
		last := all[len(all)-1].GetProgress()
		if last.GetDone() != last.GetTotal() || last.GetTotal() > 12 || int(last.GetTotal()-all[0].GetProgress().GetDone()) != len(described(all)) {
			t.Fatalf("%v to %v in %d results", all[0], last, len(described(all)))
		}
	})
}

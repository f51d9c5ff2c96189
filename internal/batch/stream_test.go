package batch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// page is an answer with these products; next 0 is the last page.
type page struct {
	ids     []string
	total   *int64
	next    int32
	cut     bool
	failure error
}

// script answers page by page.
func script(pages []page, asked *int) searcher {
	return func(_ context.Context, q *question) (*answer, error) {
		*asked++
		p := pages[q.GetPage()-1]
		if p.failure != nil {
			return nil, p.failure
		}
		a := &answer{Page: q.GetPage(), EffectivePageSize: min(q.GetPageSize(), 2), NextPage: p.next, Total: p.total, Truncated: p.cut}
		for _, id := range p.ids {
			a.Products = append(a.Products, &zhaohuov1.Product{Id: id})
		}
		return a, nil
	}
}

func TestStreamEndReasons(t *testing.T) {
	broken := fault.New(fault.UpstreamUnavailable, "")
	four, six, none, eight := proto.Int64(4), proto.Int64(6), proto.Int64(0), proto.Int64(8)
	for name, test := range map[string]struct {
		pages []page
		most  *int32
		// want are the messages: goods, or the reason.
		want  []string
		asked int
		err   error
	}{
		"at the total": {
			[]page{{ids: []string{"1", "2"}, total: six, next: 2}, {ids: []string{"3", "4"}, total: six, next: 3}, {ids: []string{"5", "6"}, total: six}},
			nil,
			[]string{"[1 2]", "[3 4]", "[5 6]", "TOTAL"},
			3, nil,
		},
		"at an empty page": {
			[]page{{ids: []string{"1", "2"}, next: 2}, {}},
			nil,
			[]string{"[1 2]", "EMPTY_PAGE"},
			2, nil,
		},
		"with nothing found": {[]page{{total: none}}, nil, []string{"EMPTY_PAGE"}, 1, nil},
		"at a short page":    {[]page{{ids: []string{"1", "2"}, next: 2}, {ids: []string{"3"}}}, nil, []string{"[1 2]", "[3]", "LAST_PAGE"}, 2, nil},
		"at a repeated page, where nobody says that more remain": {
			[]page{{ids: []string{"1", "2"}, next: 2}, {ids: []string{"2", "1"}, next: 3}},
			nil,
			[]string{"[1 2]", "REPEATED_PAGE"},
			2, nil,
		},
		"at the third repeated page in a row, while more remain": {
			[]page{
				{ids: []string{"1", "2"}, total: eight, next: 2},
				{ids: []string{"2", "1"}, total: eight, next: 3},
				{ids: []string{"1", "2"}, total: eight, next: 4},
				{ids: []string{"1", "1"}, total: eight, next: 5},
			},
			nil,
			[]string{"[1 2]", "REPEATED_PAGE"},
			4, nil,
		},
		"at the total, after repeated pages": {
			[]page{
				{ids: []string{"1", "2"}, total: four, next: 2},
				{ids: []string{"2", "1"}, total: four, next: 3},
				{ids: []string{"1", "2"}, total: four},
				{ids: []string{"3", "4"}, total: four},
			},
			nil,
			[]string{"[1 2]", "[3 4]", "TOTAL"},
			4, nil,
		},
		"at an empty page, after a repeated one": {
			[]page{{ids: []string{"1", "2"}, total: six, next: 2}, {ids: []string{"2", "1"}, total: six, next: 3}, {total: six}},
			nil,
			[]string{"[1 2]", "EMPTY_PAGE"},
			3, nil,
		},
		"at a repeated page, where all that remained is gone": {
			[]page{{ids: []string{"1", "2"}, total: six, next: 2}, {ids: []string{"2", "1"}, total: proto.Int64(2)}},
			nil,
			[]string{"[1 2]", "TOTAL"},
			2, nil,
		},
		"at the window, which a repeated page fills": {
			[]page{
				{ids: []string{"1", "2"}, total: eight, next: 2},
				{ids: []string{"3", "4"}, total: eight, next: 3},
				{ids: []string{"5", "6"}, total: eight, next: 4},
				{ids: []string{"5", "6"}, total: eight},
			},
			nil,
			[]string{"[1 2]", "[3 4]", "[5 6]", "WINDOW"},
			4, nil,
		},
		"at the window": {
			[]page{{ids: []string{"1", "2"}, next: 2}, {ids: []string{"3", "4"}, next: 3}, {ids: []string{"5", "6"}, next: 4}, {ids: []string{"7", "8"}}},
			nil,
			[]string{"[1 2]", "[3 4]", "[5 6]", "[7 8]", "WINDOW"},
			4, nil,
		},
		"at the window, which the upstream states as the total": {
			[]page{
				{ids: []string{"1", "2"}, total: eight, next: 2, cut: true},
				{ids: []string{"3", "4"}, total: eight, next: 3, cut: true},
				{ids: []string{"5", "6"}, total: eight, next: 4, cut: true},
				{ids: []string{"7", "8"}, total: eight, cut: true},
			},
			nil,
			[]string{"[1 2]", "[3 4]", "[5 6]", "[7 8]", "WINDOW"},
			4, nil,
		},
		"within a page, with enough": {
			[]page{{ids: []string{"1", "2"}, total: six, next: 2}, {ids: []string{"3", "4"}, total: six, next: 3}},
			proto.Int32(3),
			[]string{"[1 2]", "[3]", "MAX_RESULTS"},
			2, nil,
		},
		"after a page, with enough": {
			[]page{{ids: []string{"1", "2"}, total: six, next: 2}}, proto.Int32(2), []string{"[1 2]", "MAX_RESULTS"}, 1, nil,
		},
		"with enough, which is all": {
			[]page{{ids: []string{"1", "2"}, total: proto.Int64(2)}}, proto.Int32(2), []string{"[1 2]", "TOTAL"}, 1, nil,
		},
		"with no product twice": {
			[]page{{ids: []string{"1", "2"}, next: 2}, {ids: []string{"2", "3"}, next: 3}, {ids: []string{"4", "4"}}},
			nil,
			[]string{"[1 2]", "[3]", "[4]", "LAST_PAGE"},
			3, nil,
		},
		"not before all are there, whatever came twice": {
			[]page{
				{ids: []string{"1", "1", "2"}, total: proto.Int64(5), next: 2},
				{ids: []string{"3", "3", "4"}, total: proto.Int64(5), next: 3},
				{ids: []string{"5"}, total: proto.Int64(5)},
			},
			nil,
			[]string{"[1 2]", "[3 4]", "[5]", "TOTAL"},
			3, nil,
		},
		"with an error, after what was found": {
			[]page{{ids: []string{"1", "2"}, next: 2}, {failure: broken}}, nil, []string{"[1 2]"}, 2, broken,
		},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			var got []string
			r := batch.New(batch.Config{Searcher: script(test.pages, &asked), Window: 8})
			q := &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a", PageSize: proto.Int32(2), MaxResults: test.most}
			err := r.Stream(t.Context(), q, func(m *zhaohuov1.StreamKeywordSearchResponse) error {
				if end := m.GetEndReason(); end != 0 {
					got = append(got, end.String()[len("STREAM_END_REASON_"):])
					return nil
				}
				var ids []string
				for _, p := range m.GetProducts() {
					ids = append(ids, p.GetId())
				}
				got = append(got, fmt.Sprint(ids))
				return nil
			})
			if !errors.Is(err, test.err) || asked != test.asked {
				t.Errorf("%v, asked %d", err, asked)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestStreamSumsMetaOfItsPages: the last message has the oldest time, the least fresh source and the sum of calls.
func TestStreamSumsMetaOfItsPages(t *testing.T) {
	at := func(s int64) *timestamppb.Timestamp { return timestamppb.New(time.Unix(s, 0)) }
	metas := []*zhaohuov1.AnswerMeta{
		{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: at(30), UpstreamCalls: 2},
		{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_CACHE, FetchTime: at(10)},
		{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: at(40), UpstreamCalls: 1},
	}
	r := batch.New(batch.Config{Window: 2000, Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
		a := pageOf(q, 3)
		a.Meta = metas[q.GetPage()-1]
		return a, nil
	})})
	var last *zhaohuov1.StreamKeywordSearchResponse
	err := r.Stream(t.Context(), &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a"}, func(m *zhaohuov1.StreamKeywordSearchResponse) error {
		last = m
		return nil
	})
	want := &zhaohuov1.StreamKeywordSearchResponse{
		Page: 3, EndReason: zhaohuov1.StreamEndReason_STREAM_END_REASON_LAST_PAGE,
		Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_CACHE, FetchTime: at(10), UpstreamCalls: 3},
	}
	if diff := cmp.Diff(want, last, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestStreamStopsWithItsReader(t *testing.T) {
	asked := 0
	gone := errors.New("gone")
	r := batch.New(batch.Config{Window: 2000, Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
		asked++
		return pageOf(q, 40), nil
	})})
	err := r.Stream(t.Context(), &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a"}, func(*zhaohuov1.StreamKeywordSearchResponse) error { return gone })
	if !errors.Is(err, gone) || asked != 1 {
		t.Errorf("%v, asked %d", err, asked)
	}
}

// TestStreamWaitsWhileTheQueueIsFull: a stream waits for the queue as a batch does, and does not end halfway.
func TestStreamWaitsWhileTheQueueIsFull(t *testing.T) {
	for name, timeout := range map[string]time.Duration{"and goes on": time.Minute, "while its caller does": 7 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refused := 0
				r := batch.New(batch.Config{Window: 2000, Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
					if q.GetPage() == 2 && refused < 2 {
						refused++
						return nil, fault.New(fault.QuotaQueueFull, "").WithRetryAfter(5 * time.Second)
					}
					return pageOf(q, 2), nil
				})})
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				began := time.Now()
				pages := 0
				err := r.Stream(ctx, &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a"}, func(*zhaohuov1.StreamKeywordSearchResponse) error {
					pages++
					return nil
				})
				took, enough := time.Since(began), timeout > 10*time.Second
				if enough && (err != nil || took != 10*time.Second || pages != 3) {
					t.Errorf("%v after %v, %d messages", err, took, pages)
				}
				if !enough && (!errors.Is(err, context.DeadlineExceeded) || took != timeout || pages != 1) {
					t.Errorf("%v after %v, %d messages", err, took, pages)
				}
			})
		})
	}
}

package pricewatch

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// queued is an idle engine with observations in its queue.
type queued struct {
	idle

	open map[string]engine.OpenTick
}

func (q queued) OpenTicks(context.Context) (map[string]engine.OpenTick, error) { return q.open, nil }

// TestOverview: watches of all owners by state and owner, those that are overdue or fail, and what is due with its cost.
func TestOverview(t *testing.T) {
	s := newService(t)
	now := s.Now()
	s.Engine = queued{newIdle(), map[string]engine.OpenTick{
		"b1": {Due: now.Add(-2 * time.Hour)}, "b3": {Due: now.Add(-3 * time.Hour), Running: true}, "a2": {Due: now.Add(-time.Hour)},
	}}
	for _, w := range []struct {
		id, owner string
		interval  time.Duration
		next      time.Duration // from now
		paused    bool
		// products are the watched ones. observed: it has an observation, which stored answers made free. failed: that one failed, and one
		// before did not.
		products         int
		observed, failed bool
		waits            zhaohuov1.PriceWatchWait
	}{
		{"a1", "a", time.Hour, 10 * time.Minute, false, 2, true, false, waitsForNothing},
		{"a2", "a", time.Hour, 0, true, 1, false, false, waitsForNothing},
		{"a3", "a", 6 * time.Hour, 30 * time.Minute, false, 1, true, true, waitsForNothing},
		{"b1", "b", 12 * time.Hour, 5 * time.Minute, false, 1, false, false, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA},
		{"b2", "b", 2 * time.Hour, -time.Minute, false, 1, false, false, waitsForNothing},
		{"b3", "b", 24 * time.Hour, 3 * time.Hour, false, 1, false, false, waitsForNothing},
		{"c1", "", 24 * time.Hour, 23 * time.Hour, false, 5, true, false, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY},
	} {
		made := &store.Watch{ID: w.id, Owner: w.owner, Paused: w.paused, CreateTime: day, Definition: &zhaohuov1.PriceWatch{
			DisplayName: "name of " + w.id, Interval: durationpb.New(w.interval),
			Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: slices.Repeat([]string{"1"}, w.products)}},
		}}
		if !w.paused {
			made.NextDue = now.Add(w.next)
		}
		if err := s.Store.CreateWatch(t.Context(), made, nil, 0); err != nil {
			t.Fatal(err)
		}
		if w.observed {
			keep(t, s, w.id, &zhaohuov1.PriceObservation{DueTime: timestamppb.New(day), ProductCount: 1})
		}
		if w.failed {
			failed := rpcerr.Status(fault.New(fault.UpstreamTimeout, "late"), "").Proto()
			keep(t, s, w.id, &zhaohuov1.PriceObservation{DueTime: timestamppb.New(day.Add(time.Hour)), Error: failed})
		}
		if err := s.Store.SetWaiting(t.Context(), w.id, w.waits); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Overview(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(d)) }
	want := &zhaohuov1.GetWatchOverviewResponse{
		Counts: &zhaohuov1.WatchCounts{ActiveWatches: 5, PausedWatches: 1, FailingWatches: 1, OverdueWatches: 2, PostponedWatches: 1},
		Callers: []*zhaohuov1.CallerWatches{
			{Caller: "a", Counts: &zhaohuov1.WatchCounts{ActiveWatches: 1, PausedWatches: 1, FailingWatches: 1}},
			{Caller: "b", Counts: &zhaohuov1.WatchCounts{ActiveWatches: 3, OverdueWatches: 2}},
			{Counts: &zhaohuov1.WatchCounts{ActiveWatches: 1, PostponedWatches: 1}},
		},
		Overdue: []*zhaohuov1.WatchSummary{
			{Id: "b1", Caller: "b", DisplayName: "name of b1", DueTime: at(-2 * time.Hour), WaitingFor: zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA, NextDueTime: at(5 * time.Minute)},
			{Id: "b2", Caller: "b", DisplayName: "name of b2", DueTime: at(-time.Minute), WaitingFor: zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER},
		},
		Failures: []*zhaohuov1.WatchFailure{{
			Reason: zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_TIMEOUT, Message: got.GetFailures()[0].GetMessage(), WatchCount: 1,
			Watches: []*zhaohuov1.WatchSummary{{
				Id: "a3", Caller: "a", DisplayName: "name of a3", LastObservationTime: timestamppb.New(day.Add(time.Hour)), LastSuccessTime: timestamppb.New(day),
				NextDueTime: at(30 * time.Minute),
			}},
		}},
		// a1, a3, b1 twice (what is overdue, and the next one), b2.
		NextHour: &zhaohuov1.WatchForecast{EndTime: at(time.Hour), Observations: 5, UpstreamCalls: 2 + 1 + 2 + 1},
		// a1 24 times for 2 calls each, a3 4 times, b1 3 times, b2 13 times, b3 once, c1 once for 5 calls.
		RestOfDay: &zhaohuov1.WatchForecast{EndTime: at(24 * time.Hour), Observations: 46, UpstreamCalls: 48 + 4 + 3 + 13 + 1 + 5},
		NextDay:   &zhaohuov1.WatchForecast{EndTime: at(24 * time.Hour), Observations: 46, UpstreamCalls: 48 + 4 + 3 + 13 + 1 + 5},
		Webhooks:  &zhaohuov1.WebhookBacklog{},
	}
	if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" || got.GetFailures()[0].GetMessage() == "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if one, err := s.Overview(t.Context(), 1); err != nil || len(one.GetOverdue()) != 1 || one.GetOverdue()[0].GetId() != "b1" || one.GetCounts().GetOverdueWatches() != 2 {
		t.Errorf("lists of one: %v, %v", one, err)
	}
}

// TestForecastCountsCallsWithoutStoredAnswers: what an observation may cost is a matter of the watch's question, not of the answers that
// happened to be stored when it was observed last.
func TestForecastCountsCallsWithoutStoredAnswers(t *testing.T) {
	words := func(q *zhaohuov1.ComparePricesRequest) *zhaohuov1.PriceWatch {
		q.Keyword = "伞"
		return &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: q}}
	}
	products := &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"1", "2", "3"}}}}
	for name, test := range map[string]struct {
		watch *zhaohuov1.PriceWatch
		last  *zhaohuov1.PriceObservation
		calls int64
	}{
		"products, not observed yet":     {products, nil, 3},
		"products, all answers stored":   {products, &zhaohuov1.PriceObservation{ProductCount: 3}, 3},
		"products, some answers stored":  {products, &zhaohuov1.PriceObservation{ProductCount: 3, UpstreamCalls: 1}, 3},
		"products, asked anew":           {products, &zhaohuov1.PriceObservation{ProductCount: 3, UpstreamCalls: 3}, 3},
		"products, with retries":         {products, &zhaohuov1.PriceObservation{ProductCount: 3, UpstreamCalls: 5}, 3},
		"products, failed before a call": {products, &zhaohuov1.PriceObservation{Error: &spb.Status{Code: 14}}, 3},
		"a comparison, answers stored":   {words(&zhaohuov1.ComparePricesRequest{MaxUpstreamCalls: proto.Int32(4)}), &zhaohuov1.PriceObservation{ProductCount: 9}, 4},
		"a comparison, by default":       {words(&zhaohuov1.ComparePricesRequest{}), nil, int64(combo.ComparePricesCalls(&zhaohuov1.ComparePricesRequest{}))},
	} {
		now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
		test.watch.Interval = durationpb.New(time.Hour)
		o := &overview{now: now, ahead: []*zhaohuov1.WatchForecast{{EndTime: timestamppb.New(now.Add(2 * time.Hour))}}}
		o.forecast(&store.Watch{Definition: test.watch, NextDue: now.Add(time.Minute), Last: test.last}, false)
		if got := o.ahead[0]; got.GetObservations() != 2 || got.GetUpstreamCalls() != 2*test.calls || test.calls == 0 {
			t.Errorf("%s: %v, want 2 observations for %d calls each", name, got, test.calls)
		}
	}
}

// keep stores an observation.
func keep(t *testing.T, s *Service, id string, o *zhaohuov1.PriceObservation) {
	t.Helper()
	w, err := s.Store.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Store.InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := s.Store.FinishTick(t.Context(), tx, store.Tick{Watch: w, Observation: o})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWorst: of any items the list has the first ones in order, and never more.
func TestWorst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, size := rapid.SliceOf(rapid.IntRange(0, 20)).Draw(t, "items"), rapid.IntRange(1, 5).Draw(t, "size")
		var list []int
		for _, item := range items {
			if list = worst(list, item, size, cmp.Compare[int]); len(list) > size {
				t.Fatalf("%d items", len(list))
			}
		}
		slices.Sort(items)
		if want := items[:min(len(items), size)]; !slices.Equal(list, want) {
			t.Errorf("%v, want %v", list, want)
		}
	})
}

package pricewatch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	observation "github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

const (
	overviewDefault = 10
	// callersMax is how many callers an overview has.
	callersMax = 100
)

// overview is what is seen of all watches, one after the other. It keeps counts and the worst watches, and so needs no more memory
// for more watches.
type overview struct {
	now     time.Time
	size    int
	open    map[string]engine.OpenTick
	all     *zhaohuov1.WatchCounts
	callers map[string]*zhaohuov1.WatchCounts
	overdue []overdueWatch
	failing map[zhaohuov1.ErrorReason]*failure
	// ahead are the times that are looked ahead, each with its forecast.
	ahead []*zhaohuov1.WatchForecast
}

// overdueWatch is a watch whose observation has not begun, with the time since when it is due.
type overdueWatch struct {
	*store.Watch
	since time.Time
}

// failure are the watches that fail for one reason, those of the latest observations.
type failure struct {
	count  int64
	latest []*store.Watch
}

// Overview counts the watches of all owners, and lists those that are overdue or fail, up to size of each kind; 10 for 0.
// It reads all watches once. Quota is left to the caller.
func (s *Service) Overview(ctx context.Context, size int32) (*zhaohuov1.GetWatchOverviewResponse, error) {
	if size <= 0 {
		size = overviewDefault
	}
	now := s.Now()
	open, err := s.Engine.OpenTicks(ctx)
	if err != nil {
		return nil, err
	}
	o := &overview{
		now: now, size: int(size), open: open, all: &zhaohuov1.WatchCounts{},
		callers: map[string]*zhaohuov1.WatchCounts{}, failing: map[zhaohuov1.ErrorReason]*failure{},
	}
	for _, end := range []time.Time{now.Add(time.Hour), chinaday.Next(now), now.Add(24 * time.Hour)} {
		o.ahead = append(o.ahead, &zhaohuov1.WatchForecast{EndTime: timestamppb.New(end)})
	}
	if err := s.Store.EachWatch(ctx, o.add); err != nil {
		return nil, err
	}
	answer := &zhaohuov1.GetWatchOverviewResponse{Counts: o.all, NextHour: o.ahead[0], RestOfDay: o.ahead[1], NextDay: o.ahead[2]}
	answer.Callers, answer.FurtherCallers = o.byCaller()
	for _, w := range o.overdue {
		answer.Overdue = append(answer.Overdue, o.summary(w.Watch))
	}
	if answer.Failures, err = s.failures(ctx, o); err != nil {
		return nil, err
	}
	answer.Webhooks, err = s.webhookBacklog(ctx, o.size)
	return answer, err
}

// add takes a watch in.
func (o *overview) add(w *store.Watch) {
	if o.callers[w.Owner] == nil {
		o.callers[w.Owner] = &zhaohuov1.WatchCounts{}
	}
	since, overdue := o.overdueSince(w)
	for _, counts := range []*zhaohuov1.WatchCounts{o.all, o.callers[w.Owner]} {
		switch stateOf(w) {
		case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_PAUSED:
			counts.PausedWatches++
		case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_FAILING:
			counts.FailingWatches++
		case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_NOTHING_FOUND:
			counts.EmptyWatches++
		default:
			counts.ActiveWatches++
		}
		switch {
		case overdue:
			counts.OverdueWatches++
		case o.postponed(w):
			counts.PostponedWatches++
		}
	}
	if overdue {
		o.overdue = worst(o.overdue, overdueWatch{w, since}, o.size, func(a, b overdueWatch) int {
			return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.ID, b.ID))
		})
	}
	if stateOf(w) == zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_FAILING {
		reason := reasonOf(w)
		if o.failing[reason] == nil {
			o.failing[reason] = &failure{}
		}
		f := o.failing[reason]
		f.count++
		f.latest = worst(f.latest, w, o.size, func(a, b *store.Watch) int {
			return cmp.Or(b.Last.GetDueTime().AsTime().Compare(a.Last.GetDueTime().AsTime()), cmp.Compare(a.ID, b.ID))
		})
	}
	o.forecast(w, overdue)
}

// worst puts an item into a list that is in order and has at most size items.
func worst[T any](list []T, item T, size int, order func(a, b T) int) []T {
	if len(list) == size && order(item, list[size-1]) > 0 {
		return list
	}
	at, _ := slices.BinarySearchFunc(list, item, order)
	list = slices.Insert(list, at, item)
	return list[:min(len(list), size)]
}

// overdueSince is since when a watch is due that no observation has begun of; false if it is not overdue.
func (o *overview) overdueSince(w *store.Watch) (time.Time, bool) {
	tick, open := o.open[w.ID]
	switch {
	case w.Paused || tick.Running:
		return time.Time{}, false
	case open && !tick.Due.After(o.now):
		return tick.Due, true
	case !w.NextDue.IsZero() && !w.NextDue.After(o.now):
		return w.NextDue, true
	}
	return time.Time{}, false
}

// postponed reports whether a watch waits for the next day without a place in the queue.
func (o *overview) postponed(w *store.Watch) bool {
	_, open := o.open[w.ID]
	return !w.Paused && !open && w.WaitingFor == zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY && w.NextDue.After(o.now)
}

// forecast adds the observations of a watch that are due until each end. The one that is overdue has a place in the queue, or is still
// to get it: then NextDue is the one after it, or itself.
func (o *overview) forecast(w *store.Watch, overdue bool) {
	if w.Paused || w.NextDue.IsZero() {
		return
	}
	// Not the calls of the last observation: those that stored answers spared then may have to be made.
	calls := int64(observation.Calls(w.Definition))
	next := w.NextDue
	for _, ahead := range o.ahead {
		n := int64(0)
		if overdue && next.After(o.now) {
			n++
		}
		if end := ahead.GetEndTime().AsTime(); next.Before(end) {
			// Of several slots that were missed only one is observed.
			n += 1 + int64(end.Sub(later(next, o.now)))/int64(max(store.Interval(w.Definition), time.Second))
		}
		ahead.Observations += n
		ahead.UpstreamCalls += n * calls
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// byCaller are the counts of the callers with the most watches, and how many more callers there are.
func (o *overview) byCaller() ([]*zhaohuov1.CallerWatches, int32) {
	var all []*zhaohuov1.CallerWatches
	for _, name := range slices.Sorted(maps.Keys(o.callers)) {
		all = append(all, &zhaohuov1.CallerWatches{Caller: name, Counts: o.callers[name]})
	}
	slices.SortStableFunc(all, func(a, b *zhaohuov1.CallerWatches) int {
		return cmp.Compare(watchesOf(b.GetCounts()), watchesOf(a.GetCounts()))
	})
	shown := all[:min(len(all), callersMax)]
	return shown, int32(len(all) - len(shown))
}

func watchesOf(c *zhaohuov1.WatchCounts) int64 {
	return c.GetActiveWatches() + c.GetPausedWatches() + c.GetFailingWatches() + c.GetEmptyWatches()
}

// summary is a watch as operators see it.
func (o *overview) summary(w *store.Watch) *zhaohuov1.WatchSummary {
	shown := &zhaohuov1.WatchSummary{Id: w.ID, Caller: w.Owner, DisplayName: w.Definition.GetDisplayName(), LastObservationTime: w.Last.GetDueTime()}
	if since, overdue := o.overdueSince(w); overdue {
		shown.DueTime, shown.WaitingFor = timestamppb.New(since), w.WaitingFor
		if w.WaitingFor == waitsForNothing {
			shown.WaitingFor = zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER
		}
	}
	if w.NextDue.After(o.now) {
		shown.NextDueTime = timestamppb.New(w.NextDue)
	}
	return shown
}

// reasonOf is the reason of a watch's last observation, which failed.
func reasonOf(w *store.Watch) zhaohuov1.ErrorReason {
	return rpcerr.Enum(rpcerr.Reason(status.FromProto(w.Last.GetError())))
}

// failures are the watches that fail, by reason.
func (s *Service) failures(ctx context.Context, o *overview) ([]*zhaohuov1.WatchFailure, error) {
	var all []*zhaohuov1.WatchFailure
	for _, reason := range slices.Sorted(maps.Keys(o.failing)) {
		f := o.failing[reason]
		one := &zhaohuov1.WatchFailure{Reason: reason, WatchCount: f.count, Message: f.latest[0].Last.GetError().GetMessage()}
		for _, w := range f.latest {
			shown := o.summary(w)
			at, err := s.Store.LastSuccess(ctx, w.ID)
			if err != nil {
				return nil, err
			}
			shown.LastSuccessTime = fields.Time(at)
			one.Watches = append(one.Watches, shown)
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b *zhaohuov1.WatchFailure) int { return cmp.Compare(b.GetWatchCount(), a.GetWatchCount()) })
	return all, nil
}

// webhookBacklog is what is to be sent to webhooks.
func (s *Service) webhookBacklog(ctx context.Context, size int) (*zhaohuov1.WebhookBacklog, error) {
	counts, err := s.Store.WebhookState(ctx)
	if err != nil {
		return nil, err
	}
	failing, err := s.Store.FailingWebhooks(ctx, size)
	if err != nil {
		return nil, err
	}
	backlog := &zhaohuov1.WebhookBacklog{
		Webhooks: counts.Webhooks, FailingWebhooks: counts.Failing, DisabledWebhooks: counts.Disabled,
		PendingDeliveries: counts.Pending, FailingDeliveries: counts.Tried, OldestPendingTime: fields.Time(counts.OldestPending),
	}
	for _, w := range failing {
		backlog.Failing = append(backlog.Failing, &zhaohuov1.FailingWebhook{
			Id: w.ID, WatchId: w.WatchID, Caller: w.Owner, Host: w.Host, FailingSinceTime: fields.Time(w.Since), FailedAttempts: w.Failures,
			NextAttemptTime: fields.Time(w.Next), PendingDeliveries: w.Pending, LastFailure: w.Failure,
		})
	}
	return backlog, nil
}

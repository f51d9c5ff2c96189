package cache

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// questionMessage is a request of the contract.
type questionMessage interface {
	proto.Message
	GetMaxStaleness() *durationpb.Duration
}

// pictureFields are the fields of an image search that name the image. [upstream.Picture] carries it instead.
func pictureFields() []protoreflect.Name {
	return []protoreflect.Name{"image"}
}

// question is one caller's question.
type question struct {
	kind Kind
	key  Key
	// topic is what it is about.
	topic topic
	photo upstream.Photo
	// calls counts the upstream calls made for this caller.
	calls *upstream.CallCount
	ask   fetchFunc
}

// served is an answer, and what its meta says, ready to be returned.
type served struct {
	stored *stored
	from   zhaohuov1.ServedFrom
	calls  int32
	by     By
}

// meta is the answer's meta. Sandbox answers stay marked as sandbox answers.
func (s served) meta() *zhaohuov1.AnswerMeta {
	e := s.stored.entry
	return &zhaohuov1.AnswerMeta{Source: e.source(), ServedFrom: s.from, FetchTime: timestamppb.New(e.at()), UpstreamCalls: s.calls}
}

// repeats reports whether the meta is that of everybody who is answered from the cache without a call.
func (s served) repeats() bool {
	return s.from == zhaohuov1.ServedFrom_SERVED_FROM_CACHE && s.calls == 0
}

// subject is the part of a question that is not in its message.
type subject struct {
	extra string
	// photo is nil where the question has none.
	photo upstream.Photo
}

// withoutPhoto adapts a call that takes no photo.
func withoutPhoto[Q, A any](next func(context.Context, Q) (A, error)) func(context.Context, Q, upstream.Photo) (A, error) {
	return func(ctx context.Context, q Q, _ upstream.Photo) (A, error) { return next(ctx, q) }
}

// store stores an answer, unless answers of its kind are not stored.
func (c *Cache) store(key Key, e entry, life Life) *stored {
	if life.retention() <= 0 {
		return &stored{entry: e}
	}
	return c.tiers.put(key, e)
}

// storeNotFound stores that the product does not exist, in place of any earlier answer.
func (c *Cache) storeNotFound(key Key, err error, life Life) {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.ProductNotFound || life.NotFound <= 0 {
		return
	}
	if e, err := encodeNotFound(f, life, c.config.Now()); err == nil {
		c.tiers.put(key, e)
	}
}

// resolve returns a stored answer that the policy accepts, or fetches one.
func (c *Cache) resolve(ctx context.Context, q question, w policy) (served, error) {
	life := c.lives[q.kind]
	old, freshness, by := c.find(ctx, q, life, w)
	switch {
	case freshness == refreshable:
		c.refresh(ctx, q, old)
		fallthrough
	case freshness == fresh:
		return q.served(old, zhaohuov1.ServedFrom_SERVED_FROM_CACHE, by), nil
	case freshness == stale && old.backsOff(c.config.Now()):
		return q.served(old, zhaohuov1.ServedFrom_SERVED_FROM_STALE, ByStale), nil
	case ctx.Err() != nil: // A caller who left while the store was read needs no answer.
		return served{}, gone(ctx)
	case freshness == unusable:
		old = nil
	}
	var accept accepts
	if w.lookup() {
		accept = func(e entry) bool { return judge(e, life, w, c.config.Now()) >= refreshable && !c.forgotten(q, e) }
	}
	got, err := c.fetch(ctx, q, accept, old != nil)
	if err == nil {
		return got, nil
	}
	if old == nil || !staleAllowed(err) {
		return served{}, err
	}
	old.backOff(c.config.Now().Add(c.config.RetryPause))
	return q.served(old, zhaohuov1.ServedFrom_SERVED_FROM_STALE, ByStale), nil
}

// find returns the best stored answer, in memory or in the store, and its freshness.
func (c *Cache) find(ctx context.Context, q question, life Life, w policy) (*stored, freshness, By) {
	if !w.lookup() {
		return nil, unusable, ByNobody
	}
	h, freshness, by := c.findStored(ctx, q.key, life, w)
	if freshness != unusable && c.wasForgotten(ctx, q, h.entry) {
		c.config.Observer.Forgotten(q.kind)
		return nil, unusable, ByNobody
	}
	return h, freshness, by
}

// findStored is find without a look at what was forgotten. Its policy looks up.
func (c *Cache) findStored(ctx context.Context, key Key, life Life, w policy) (*stored, freshness, By) {
	now := c.config.Now()
	h := c.tiers.inProcess(key)
	accept := judge(h.entryOrNil(), life, w, now)
	if accept >= refreshable && c.tiers.changes.confirmed(h) {
		return h, accept, ByMemory
	}
	// Another process may have fetched it since: the store may be newer than memory.
	fromStore, removed := c.tiers.compare(ctx, key)
	switch {
	case removed:
		return nil, unusable, ByNobody
	case fromStore != nil && (h == nil || fromStore.entry.at().After(h.entry.at())):
		return fromStore, judge(fromStore.entry, life, w, now), ByStore
	}
	return h, accept, ByMemory
}

// served adds what the meta says.
func (q question) served(h *stored, from zhaohuov1.ServedFrom, by By) served {
	return served{stored: h, from: from, calls: int32(q.calls.Calls()), by: by}
}

// staleAllowed reports whether the upstream failed for now, so that a stale answer is better than none. Mistakes of the
// caller, and faults that an operator must mend, are returned instead.
func staleAllowed(err error) bool {
	if errors.Is(err, errUseStale) {
		return true
	}
	kind := fault.KindOf(err)
	switch kind {
	case fault.UpstreamAnswerUnreadable, fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable, fault.UpstreamCallsPaused:
		return true
	}
	switch kind.Retry() {
	case fault.RetryTransient, fault.RetryThrottle, fault.RetryQuota:
		return true
	}
	return false
}

// joinRetriesMax bounds how often a caller retries after a joined call failed.
const joinRetriesMax = 3

// errUseStale: the caller has a stale answer and must return it now.
var errUseStale = errors.New("the upstream took too long")

// fetch fetches the answer, together with all callers of an equal question, unless an acceptable answer has just
// arrived. A caller with a stale answer stops waiting shortly before its deadline, while it can still return that.
func (c *Cache) fetch(ctx context.Context, q question, accept accepts, fallback bool) (served, error) {
	ask := c.shared(q.kind, q.key, accept, q.ask)
	staleNow, stop := staleTimer(ctx, fallback)
	defer stop()
	for n := 1; ; n++ {
		var there *stored
		waiter := c.questions.Join(ctx, q.key, q.photo, func() upstream.Work[outcome] {
			// A call that ended a moment ago has left its answer in memory.
			if h := c.tiers.inProcess(q.key); accept.match(h.entryOrNil()) {
				there = h
				return nil
			}
			return withDemand(ask)
		})
		var out outcome
		first := waiter == nil || waiter.First()
		switch {
		case there != nil:
			return q.served(there, zhaohuov1.ServedFrom_SERVED_FROM_CACHE, ByMemory), nil
		case waiter == nil: // The cache is closed.
			out = ask(ctx, q.photo)
		default:
			var ok bool
			if out, ok = waiter.Await(ctx, staleNow); !ok {
				return served{}, q.leftEarly(ctx)
			}
		}
		if out.err != nil {
			if !first && n < joinRetriesMax && upstream.CutShort(ctx, out.err, out.demand) {
				continue
			}
			return served{}, q.failed(out.err)
		}
		if out.by == ByStore && !first && !accept.match(out.stored.entry) && ctx.Err() == nil {
			continue // It was fresh enough for the earlier callers, but not for this one.
		}
		return q.fromOutcome(out, first), nil
	}
}

// leftEarly is why a caller stopped waiting for the outcome.
func (q question) leftEarly(ctx context.Context) error {
	if ctx.Err() == nil {
		return errUseStale
	}
	return q.failed(gone(ctx))
}

// failed adds to a failure what it cost this caller.
func (q question) failed(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithCalls(q.calls.Calls())
}

// fromOutcome is an outcome as returned to one of the callers.
func (q question) fromOutcome(out outcome, first bool) served {
	switch {
	case out.by == ByStore:
		return q.served(out.stored, zhaohuov1.ServedFrom_SERVED_FROM_CACHE, ByStore)
	case out.by == "" && first:
		return q.served(out.stored, zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, ByUpstream)
	default:
		return q.served(out.stored, zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, ByTwin)
	}
}

func gone(ctx context.Context) error { return fault.Ended(ctx, "during the upstream call") }

// staleTimer fires when a caller with a stale answer should return it: a tenth of its time before its deadline, at most
// a quarter of a second.
func staleTimer(ctx context.Context, fallback bool) (<-chan time.Time, func()) {
	end, bounded := ctx.Deadline()
	if !fallback || !bounded {
		return nil, func() {}
	}
	left := time.Until(end)
	timer := time.NewTimer(left - min(left/10, 250*time.Millisecond))
	return timer.C, func() { timer.Stop() }
}

// refresh renews a fresh answer in the background: once for all callers, in the lowest class, and at most RefreshMax at
// a time. No waiting caller pays for it. Another process may have renewed it already. A photo is released when its
// caller is answered, so an answer to a photo is not renewed. A caller who bounds its calls causes none beyond the bound.
func (c *Cache) refresh(ctx context.Context, q question, old *stored) {
	asker := upstream.DemandOf(ctx)
	if q.photo != nil || asker.Bounded {
		return
	}
	select {
	case c.refreshing <- struct{}{}:
	default:
		return
	}
	if now := c.config.Now(); !old.renew(now, now.Add(c.config.RefreshTimeout)) {
		<-c.refreshing
		return
	}
	base := upstream.WithDemand(context.WithoutCancel(ctx), upstream.Demand{
		Class: upstream.Batch, Caller: asker.Caller, Weight: asker.Weight, Accounts: asker.Accounts, Day: asker.Day,
	})
	started := c.workers.start(func(closing context.Context) {
		defer func() { <-c.refreshing }()
		ctx, cancel := context.WithTimeout(base, c.config.RefreshTimeout)
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		renewed := func(e entry) bool {
			return judge(e, c.lives[q.kind], policy{}, c.config.Now()) == fresh && !c.forgotten(q, e)
		}
		if fromStore := c.tiers.fromStore(ctx, q.key); renewed(fromStore.entryOrNil()) {
			return
		}
		ctx, q.calls = upstream.WithCallCount(ctx)
		_, err := c.fetch(ctx, q, renewed, false)
		c.config.Observer.Refreshed(q.kind, err)
	})
	if !started {
		<-c.refreshing
	}
}

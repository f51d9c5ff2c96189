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
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// questionMessage is a request of the contract.
type questionMessage interface {
	proto.Message
	GetMaxStaleness() *durationpb.Duration
}

// pictureFields are those of an image search that name the picture: [upstream.Picture] tells it instead.
func pictureFields() []protoreflect.Name {
	return []protoreflect.Name{"image_url", "image_content", "image_id"}
}

// served is an answer on its way to the one who asked.
type served struct {
	held  *held
	meta  *zhaohuov1.AnswerMeta
	by    By
	calls int
}

// answer is the one way all questions go: kept, being asked, or asked. beside is what the question is about beside
// its message.
func answer[Q questionMessage, A answerMessage](
	ctx context.Context, c *Cache, f form, beside string, q Q, next func(context.Context, Q) (A, error),
) (A, error) {
	var none A
	w := wishOf(ctx, q.GetMaxStaleness())
	q = tidied(q, f)
	key, err := keyOf(c.prefix, f, beside, q)
	if err != nil {
		return none, fault.New(fault.Internal, "").WithCause(err)
	}
	life := c.lives[f.kind]
	ask := func(ctx context.Context) outcome {
		a, err := next(ctx, q)
		if err != nil {
			c.keepNotFound(key, err, life)
			return outcome{err: err, calls: fault.CallsOf(err)}
		}
		e, err := encodeAnswer(a, life, c.config.Now())
		if err != nil {
			return outcome{err: fault.New(fault.Internal, "").WithCause(err), calls: int(a.GetMeta().GetUpstreamCalls())}
		}
		return outcome{held: c.keep(key, e, life), calls: int(a.GetMeta().GetUpstreamCalls())}
	}
	got, err := c.resolve(ctx, f.kind, key, w, ask)
	if err == nil {
		a, broken := decodeAnswer[A](got.held.entry, got.meta)
		if broken == nil || fault.KindOf(broken) == fault.ProductNotFound {
			c.config.Observer.Answered(f.kind, got.by)
			return a, broken
		}
		// What a store gave back is no answer: whoever wrote it, it does not count.
		c.shelf.memory.Invalidate(key)
		if got, err = c.resolve(ctx, f.kind, key, wish{said: true}, ask); err == nil {
			c.config.Observer.Answered(f.kind, got.by)
			return decodeAnswer[A](got.held.entry, got.meta)
		}
	}
	c.config.Observer.Answered(f.kind, ByNobody)
	return none, err
}

// keep keeps an answer, unless its kind is not to be kept.
func (c *Cache) keep(key Key, e entry, life Life) *held {
	if life.keep() <= 0 {
		return &held{entry: e}
	}
	return c.shelf.keep(key, e)
}

// keepNotFound remembers that there is no such product, in place of what was known of it before.
func (c *Cache) keepNotFound(key Key, err error, life Life) {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.ProductNotFound || life.NotFound <= 0 {
		return
	}
	if e, err := encodeNotFound(f, life, c.config.Now()); err == nil {
		c.shelf.keep(key, e)
	}
}

// resolve finds an answer that is good enough for the wish, or asks.
func (c *Cache) resolve(ctx context.Context, kind Kind, key Key, w wish, ask asking) (served, error) {
	life := c.lives[kind]
	old, worth, by := c.find(ctx, key, life, w)
	switch {
	case worth == ripe:
		c.refresh(ctx, kind, key, old, ask)
		fallthrough
	case worth == fresh:
		return served{held: old, meta: metaOf(old.entry, zhaohuov1.Source_SOURCE_CACHE, 0), by: by}, nil
	case worth == stale && old.rests(c.config.Now()):
		return c.late(old, 0), nil
	case ctx.Err() != nil: // Who left while the store was read is not asked for.
		return served{}, gone(ctx)
	case worth == useless:
		old = nil
	}
	var good taste
	if w.lookup() {
		good = func(e entry) bool { return judge(e, life, w, c.config.Now()) >= ripe }
	}
	got, err := c.fetch(ctx, key, good, c.once(kind, key, good, ask), old != nil)
	if err == nil {
		return got, nil
	}
	if old == nil || !forgivable(err) {
		return served{}, err
	}
	old.rest(c.config.Now().Add(c.config.RetryPause))
	return c.late(old, got.calls), nil
}

// find is the best answer there is, in memory or in the store, and what it is worth.
func (c *Cache) find(ctx context.Context, key Key, life Life, w wish) (*held, worth, By) {
	if !w.lookup() {
		return nil, useless, ByNobody
	}
	now := c.config.Now()
	h := c.shelf.near(key)
	good := judge(h.entryOrNil(), life, w, now)
	if good >= ripe {
		return h, good, ByMemory
	}
	// Another process may have asked since: the store may know better than memory.
	if far := c.shelf.far(ctx, key); far != nil && (h == nil || far.entry.at().After(h.entry.at())) {
		return far, judge(far.entry, life, w, now), ByStore
	}
	return h, good, ByMemory
}

// late is an answer past its time.
func (c *Cache) late(old *held, calls int) served {
	return served{held: old, meta: metaOf(old.entry, zhaohuov1.Source_SOURCE_STALE, calls), by: ByStale}
}

// metaOf tells how an answer came about. Made-up goods stay made-up however they came.
func metaOf(e entry, source zhaohuov1.Source, calls int) *zhaohuov1.AnswerMeta {
	if e.source() == zhaohuov1.Source_SOURCE_SANDBOX {
		source = zhaohuov1.Source_SOURCE_SANDBOX
	}
	return &zhaohuov1.AnswerMeta{Source: source, FetchedAt: timestamppb.New(e.at()), UpstreamCalls: int32(calls)}
}

// forgivable tells whether the upstream could not answer now, so that an answer past its time is better than none.
// What the caller did wrong and what an operator must put right is told instead.
func forgivable(err error) bool {
	if errors.Is(err, errImpatient) {
		return true
	}
	kind := fault.KindOf(err)
	switch kind {
	case fault.UpstreamAnswerUnreadable, fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable:
		return true
	}
	switch kind.Retry() {
	case fault.RetryTransient, fault.RetryThrottle, fault.RetryQuota:
		return true
	}
	return false
}

// joinsMax bounds how often one who waited with others for nothing begins anew.
const joinsMax = 3

// errImpatient: the caller has an answer that is past its time and must have one now.
var errImpatient = errors.New("the upstream took too long")

// fetch asks, together with everybody who asks the same, unless an answer to its taste has just come. Of all who wait
// one is told the cost. One who has an answer to fall back to leaves shortly before its deadline, while it can still be
// given.
func (c *Cache) fetch(ctx context.Context, key Key, good taste, ask asking, fallback bool) (served, error) {
	recent := func() *held {
		if h := c.shelf.near(key); good.likes(h.entryOrNil()) {
			return h
		}
		return nil
	}
	hurry, stop := patience(ctx, fallback)
	defer stop()
	spent := 0
	for n := 1; ; n++ {
		f, there := c.flights.join(ctx, key, recent, ask)
		switch {
		case there != nil:
			return served{held: there, meta: metaOf(there.entry, zhaohuov1.Source_SOURCE_CACHE, spent), by: ByMemory}, nil
		case f == nil: // The cache is closed.
			out := ask(ctx)
			return c.landed(out, out.calls, ByUpstream)
		}
		if err := f.await(ctx, hurry); err != nil {
			return served{calls: spent}, err
		}
		if f.paid.CompareAndSwap(false, true) {
			spent += f.calls
		}
		if f.err != nil && !f.first && n < joinsMax && f.hasty(ctx) {
			continue
		}
		if f.by == ByStore && !f.first && !good.likes(f.held.entry) && ctx.Err() == nil {
			continue // It was good enough for those before, and is older than this one's question.
		}
		return c.landed(f.outcome, spent, f.answeredBy())
	}
}

// landed is an outcome in the words of one who waited for it.
func (c *Cache) landed(out outcome, calls int, by By) (served, error) {
	if out.err != nil {
		err := out.err
		if f, ok := fault.As(err); ok && f.Calls != nil {
			err = f.WithCalls(calls)
		}
		return served{calls: calls}, err
	}
	source := zhaohuov1.Source_SOURCE_LIVE
	if by == ByStore {
		source = zhaohuov1.Source_SOURCE_CACHE
	}
	return served{held: out.held, meta: metaOf(out.held.entry, source, calls), by: by, calls: calls}, nil
}

func gone(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New(fault.DeadlineExceeded, "the deadline ended while the upstream was being asked").WithCause(ctx.Err())
	}
	return fault.New(fault.CallerGone, "the caller left").WithCause(ctx.Err())
}

// patience fires when a caller with an answer to fall back to should take it: a tenth of its time before its deadline,
// at most a quarter of a second.
func patience(ctx context.Context, fallback bool) (<-chan time.Time, func()) {
	end, bounded := ctx.Deadline()
	if !fallback || !bounded {
		return nil, func() {}
	}
	left := time.Until(end)
	timer := time.NewTimer(left - min(left/10, 250*time.Millisecond))
	return timer.C, func() { timer.Stop() }
}

// refresh renews a fresh answer in the background: once for everybody, in the lowest class, and only as many at a
// time as there is room for. Another process may have done it already. A photo is gone when its caller is answered, so
// what was found by one is not renewed.
func (c *Cache) refresh(ctx context.Context, kind Kind, key Key, old *held, ask asking) {
	if photoOf(ctx) != nil {
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
	base := context.WithoutCancel(ctx)
	started := c.crew.start(func(closing context.Context) {
		defer func() { <-c.refreshing }()
		ctx, cancel := context.WithTimeout(base, c.config.RefreshTimeout)
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		renewed := func(e entry) bool { return judge(e, c.lives[kind], wish{}, c.config.Now()) == fresh }
		if far := c.shelf.far(ctx, key); renewed(far.entryOrNil()) {
			return
		}
		ctx = upstream.WithDemand(ctx, upstream.DemandOf(ctx).Lowered(upstream.Batch))
		_, err := c.fetch(ctx, key, renewed, c.once(kind, key, renewed, ask), false)
		c.config.Observer.Refreshed(kind, err)
	})
	if !started {
		<-c.refreshing
	}
}

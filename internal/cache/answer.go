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

// pictureFields are those of an image search that say where the image is: [upstream.Picture] says it instead.
func pictureFields() []protoreflect.Name {
	return []protoreflect.Name{"image"}
}

// question is one caller's question.
type question struct {
	kind  Kind
	key   Key
	photo upstream.Photo
	// bill is what was spent on it in the caller's name.
	bill *upstream.CallCount
	ask  asking
}

// served is an answer on its way to the one who asked.
type served struct {
	held *held
	meta *zhaohuov1.AnswerMeta
	by   By
}

// subject is what a question is about beside its message.
type subject struct {
	beside string
	// photo is nil where the question is not about one.
	photo upstream.Photo
}

// plainly is a way to ask that knows no photos.
func plainly[Q, A any](next func(context.Context, Q) (A, error)) func(context.Context, Q, upstream.Photo) (A, error) {
	return func(ctx context.Context, q Q, _ upstream.Photo) (A, error) { return next(ctx, q) }
}

// answer is the one way all questions go: kept, being asked, or asked. Each caller is told what was spent in its name.
func answer[Q questionMessage, A answerMessage](
	ctx context.Context, c *Cache, f form, about subject, q Q, next func(context.Context, Q, upstream.Photo) (A, error),
) (A, error) {
	var none A
	w := wishOf(ctx, q.GetMaxStaleness())
	q = tidied(q, f)
	key, err := keyOf(c.prefix, f, about.beside, q)
	if err != nil {
		return none, fault.New(fault.Internal, "").WithCause(err)
	}
	life := c.lives[f.kind]
	ask := func(ctx context.Context, photo upstream.Photo) outcome {
		a, err := next(ctx, q, photo)
		if err != nil {
			c.keepNotFound(key, err, life)
			return outcome{err: err}
		}
		e, err := encodeAnswer(a, life, c.config.Now())
		if err != nil {
			return outcome{err: fault.New(fault.Internal, "").WithCause(err)}
		}
		return outcome{held: c.keep(key, e, life)}
	}
	ctx, bill := upstream.WithCallCount(ctx)
	to := question{kind: f.kind, key: key, photo: about.photo, bill: bill, ask: ask}
	got, err := c.resolve(ctx, to, w)
	if err == nil {
		a, broken := decodeAnswer[A](got.held.entry, got.meta)
		if broken == nil || fault.KindOf(broken) == fault.ProductNotFound {
			c.config.Observer.Answered(f.kind, got.by)
			return a, broken
		}
		// What a store gave back is no answer: whoever wrote it, it does not count.
		c.shelf.memory.Invalidate(key)
		if got, err = c.resolve(ctx, to, wish{said: true}); err == nil {
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
func (c *Cache) resolve(ctx context.Context, q question, w wish) (served, error) {
	life := c.lives[q.kind]
	old, worth, by := c.find(ctx, q.key, life, w)
	switch {
	case worth == ripe:
		c.refresh(ctx, q, old)
		fallthrough
	case worth == fresh:
		return q.served(old, zhaohuov1.AnswerSource_ANSWER_SOURCE_CACHE, by), nil
	case worth == stale && old.rests(c.config.Now()):
		return q.served(old, zhaohuov1.AnswerSource_ANSWER_SOURCE_STALE, ByStale), nil
	case ctx.Err() != nil: // Who left while the store was read is not asked for.
		return served{}, gone(ctx)
	case worth == useless:
		old = nil
	}
	var good taste
	if w.lookup() {
		good = func(e entry) bool { return judge(e, life, w, c.config.Now()) >= ripe }
	}
	got, err := c.fetch(ctx, q, good, old != nil)
	if err == nil {
		return got, nil
	}
	if old == nil || !forgivable(err) {
		return served{}, err
	}
	old.rest(c.config.Now().Add(c.config.RetryPause))
	return q.served(old, zhaohuov1.AnswerSource_ANSWER_SOURCE_STALE, ByStale), nil
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

// served is an answer with how it came about. Made-up goods stay made-up however they came.
func (q question) served(h *held, source zhaohuov1.AnswerSource, by By) served {
	if h.entry.source() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
		source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	}
	meta := &zhaohuov1.AnswerMeta{Source: source, FetchedAt: timestamppb.New(h.entry.at()), UpstreamCalls: int32(q.bill.Calls())}
	return served{held: h, meta: meta, by: by}
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

// fetch asks, together with everybody who asks the same, unless an answer to its taste has just come. One who has an
// answer to fall back to leaves shortly before its deadline, while it can still be given.
func (c *Cache) fetch(ctx context.Context, q question, good taste, fallback bool) (served, error) {
	ask := c.once(q.kind, q.key, good, q.ask)
	hurry, stop := patience(ctx, fallback)
	defer stop()
	for n := 1; ; n++ {
		var there *held
		place := c.questions.Join(ctx, q.key, q.photo, func() upstream.Work[outcome] {
			// The answer of an asking that ended a moment ago is there without asking.
			if h := c.shelf.near(q.key); good.likes(h.entryOrNil()) {
				there = h
				return nil
			}
			return withDemand(ask)
		})
		var out outcome
		first := place == nil || place.First()
		switch {
		case there != nil:
			return q.served(there, zhaohuov1.AnswerSource_ANSWER_SOURCE_CACHE, ByMemory), nil
		case place == nil: // The cache is closed.
			out = ask(ctx, q.photo)
		default:
			var ok bool
			if out, ok = place.Await(ctx, hurry); !ok {
				return served{}, q.left(ctx)
			}
		}
		if out.err != nil {
			if !first && n < joinsMax && upstream.CutShort(ctx, out.err, out.demand) {
				continue
			}
			return served{}, q.failed(out.err)
		}
		if out.by == ByStore && !first && !good.likes(out.held.entry) && ctx.Err() == nil {
			continue // It was good enough for those before, and is older than this one's question.
		}
		return q.landed(out, first), nil
	}
}

// left is why a caller did not wait for the outcome.
func (q question) left(ctx context.Context) error {
	if ctx.Err() == nil {
		return errImpatient
	}
	return q.failed(gone(ctx))
}

// failed is a failure with what it cost this caller.
func (q question) failed(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithCalls(q.bill.Calls())
}

// landed is an outcome in the words of one who waited for it.
func (q question) landed(out outcome, first bool) served {
	switch {
	case out.by == ByStore:
		return q.served(out.held, zhaohuov1.AnswerSource_ANSWER_SOURCE_CACHE, ByStore)
	case out.by == "" && first:
		return q.served(out.held, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ByUpstream)
	default:
		return q.served(out.held, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ByTwin)
	}
}

func gone(ctx context.Context) error { return fault.Ended(ctx, "while the upstream was being asked") }

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
// time as there is room for. Nobody who waits pays for it. Another process may have done it already. A photo is gone when
// its caller is answered, so what was found by one is not renewed.
func (c *Cache) refresh(ctx context.Context, q question, old *held) {
	if q.photo != nil {
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
	asker := upstream.DemandOf(ctx)
	base := upstream.WithDemand(context.WithoutCancel(ctx), upstream.Demand{Class: upstream.Batch, Caller: asker.Caller, Weight: asker.Weight})
	started := c.crew.start(func(closing context.Context) {
		defer func() { <-c.refreshing }()
		ctx, cancel := context.WithTimeout(base, c.config.RefreshTimeout)
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		renewed := func(e entry) bool { return judge(e, c.lives[q.kind], wish{}, c.config.Now()) == fresh }
		if far := c.shelf.far(ctx, q.key); renewed(far.entryOrNil()) {
			return
		}
		ctx, q.bill = upstream.WithCallCount(ctx)
		_, err := c.fetch(ctx, q, renewed, false)
		c.config.Observer.Refreshed(q.kind, err)
	})
	if !started {
		<-c.refreshing
	}
}

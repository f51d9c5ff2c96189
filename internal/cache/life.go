package cache

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Kind is a kind of question: the name of its RPC.
type Kind string

// The kinds.
const (
	KeywordSearch       Kind = "KeywordSearch"
	ImageSearch         Kind = "ImageSearch"
	GetProduct          Kind = "GetProduct"
	ListSellerProducts  Kind = "ListSellerProducts"
	ListSearchFacets    Kind = "ListSearchFacets"
	ListTopKeywords     Kind = "ListTopKeywords"
	ListRelatedProducts Kind = "ListRelatedProducts"
	FindCategories      Kind = "FindCategories"
	GetCategory         Kind = "GetCategory"
	EstimateFreight     Kind = "EstimateFreight"
	ListTopProducts     Kind = "ListTopProducts"
	GetProductTrends    Kind = "GetProductTrends"

	// Call is an API called by its name. It has no lifetime of its own: each question says how old its answer may be.
	Call Kind = "Call"
)

// callLife keeps answers for as long as any question may accept them.
func callLife() Life { return Life{Fresh: 24 * time.Hour} }

// Kinds returns every kind whose lifetime can be configured.
func Kinds() []Kind {
	return []Kind{
		KeywordSearch, ImageSearch, GetProduct, ListSellerProducts, ListSearchFacets, ListTopKeywords, ListRelatedProducts,
		FindCategories, GetCategory,
		EstimateFreight,
		ListTopProducts, GetProductTrends,
	}
}

// Life is how long answers of one kind are used. All ages count from when the upstream gave the answer.
type Life struct {
	// Fresh is the age up to which an answer is returned without a call.
	Fresh time.Duration
	// Refresh is the age from which a fresh answer is also renewed in the background when it is requested, so that
	// later callers need not wait. 0: never.
	Refresh time.Duration
	// Stale is the age up to which an answer is returned when the upstream fails. 0: never.
	Stale time.Duration
	// NotFound is how long it is stored that a product does not exist. 0: not at all.
	NotFound time.Duration
}

// retention is how long an answer is stored.
func (l Life) retention() time.Duration { return max(l.Fresh, l.Stale) }

// LifeOf returns a life with the given fresh time: renewed in its last fifth, stale for a day, and not-found stored for
// a minute.
func LifeOf(fresh time.Duration) Life {
	return Life{Fresh: fresh, Refresh: fresh / 5 * 4, Stale: max(24*time.Hour, fresh), NotFound: time.Minute}
}

// DefaultLife is the life of kinds that are not configured.
func DefaultLife(kind Kind) Life {
	switch kind {
	case ListSearchFacets, ListRelatedProducts, EstimateFreight:
		return LifeOf(time.Hour)
	case ListTopKeywords, ListTopProducts, GetProductTrends:
		return LifeOf(6 * time.Hour)
	case FindCategories, GetCategory:
		return LifeOf(24 * time.Hour)
	default:
		return LifeOf(10 * time.Minute)
	}
}

// policy is what a caller accepts.
type policy struct {
	// max is the maximum age, where limited. It decides alone: an answer up to that age is returned without a call,
	// also beyond its Fresh time, and an older one is not returned even when the upstream fails. 0 always calls; a call
	// in progress is still joined, since its answer is not there yet.
	max     time.Duration
	limited bool
	// since, where hasSince, is from when on answers count as fresh, whatever max says: they were fetched for this
	// caller.
	since    time.Time
	hasSince bool
}

// policyOf is the policy that the field max_staleness and ctx define.
func policyOf(ctx context.Context, field *durationpb.Duration) policy {
	var w policy
	if field != nil {
		w.max, w.limited = max(field.AsDuration(), 0), true
	}
	w.since = upstream.DemandOf(ctx).Since
	w.hasSince = !w.since.IsZero()
	return w
}

// lookup reports whether stored answers are of use.
func (w policy) lookup() bool { return !w.limited || w.max > 0 || w.hasSince }

// owns reports whether the answer was fetched for this caller.
func (w policy) owns(e entry) bool { return w.hasSince && !e.at().Before(w.since) }

// freshness is what a stored answer may be used for.
type freshness uint8

// The levels of freshness, in ascending order.
const (
	// unusable: it must not be returned.
	unusable freshness = iota
	// stale: it may be returned when the upstream fails.
	stale
	// refreshable: it may be returned, and is due for renewal.
	refreshable
	// fresh: it may be returned.
	fresh
)

// judge returns an entry's freshness for a caller's policy.
func judge(e entry, life Life, w policy, now time.Time) freshness {
	if e == nil || now.After(e.until()) {
		return unusable
	}
	age, known := e.age(now)
	if known && w.owns(e) {
		return fresh
	}
	limit := freshLimit(e, life, w)
	switch {
	case known && limit > 0 && age <= limit:
		if !e.notFound() && !w.limited && life.Refresh > 0 && age >= life.Refresh {
			return refreshable
		}
		return fresh
	case e.notFound() || w.limited || age > life.Stale || life.Stale <= 0:
		return unusable
	}
	return stale
}

// freshLimit is the age up to which the entry is returned without a call.
func freshLimit(e entry, life Life, w policy) time.Duration {
	switch {
	case e.notFound() && w.limited:
		return min(life.NotFound, w.max)
	case e.notFound():
		return life.NotFound
	case w.limited:
		return w.max
	default:
		return life.Fresh
	}
}

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
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		KeywordSearch, ImageSearch, GetProduct, ListSellerProducts, ListSearchFacets, ListTopKeywords, ListRelatedProducts,
	}
}

// Life is how long answers of one kind are good for. All ages count from when the upstream gave the answer.
type Life struct {
	// Fresh is up to which age an answer is given without asking.
	Fresh time.Duration
	// Refresh is the age from which a fresh answer is also renewed in the background when it is asked for, so that
	// those who come after Fresh need not wait. 0: never.
	Refresh time.Duration
	// Stale is up to which age an answer is given when the upstream cannot answer. 0: never.
	Stale time.Duration
	// NotFound is for how long it is remembered that the upstream knows no such product. 0: not at all.
	NotFound time.Duration
}

// keep is for how long an answer is kept.
func (l Life) keep() time.Duration { return max(l.Fresh, l.Stale) }

// LifeOf is a life with an answer fresh for so long, renewed in the last fifth of that, given for a day when the
// upstream cannot answer, and a not-found remembered for a minute.
func LifeOf(fresh time.Duration) Life {
	return Life{Fresh: fresh, Refresh: fresh / 5 * 4, Stale: max(24*time.Hour, fresh), NotFound: time.Minute}
}

// DefaultLife is the life of answers of a kind that is given none.
func DefaultLife(kind Kind) Life {
	switch kind {
	case ListSearchFacets, ListRelatedProducts:
		return LifeOf(time.Hour)
	case ListTopKeywords:
		return LifeOf(6 * time.Hour)
	default:
		return LifeOf(10 * time.Minute)
	}
}

// wish is what a caller says about the age of answers.
type wish struct {
	// max is how old an answer may be, where said. Then it decides alone: an answer of at most that age is given without
	// asking, also beyond its Fresh time, and an older one not even when the upstream fails. 0 is always to ask; a
	// question that is being asked already is waited for all the same, since its answer is not there yet.
	max  time.Duration
	said bool
	// since, where own, is from when answers are the caller's own: they are as good as new, beside all that max says.
	since time.Time
	own   bool
}

// wishOf is what the question's field max_staleness says, and what ctx says of the caller's own answers.
func wishOf(ctx context.Context, field *durationpb.Duration) wish {
	var w wish
	if field != nil {
		w.max, w.said = max(field.AsDuration(), 0), true
	}
	w.since = upstream.DemandOf(ctx).Since
	w.own = !w.since.IsZero()
	return w
}

// lookup tells whether kept answers matter at all.
func (w wish) lookup() bool { return !w.said || w.max > 0 || w.own }

// owns tells whether the answer is the caller's own.
func (w wish) owns(e entry) bool { return w.own && !e.at().Before(w.since) }

// worth is what a kept answer is good for.
type worth uint8

// The worths, in their order.
const (
	// useless: it may not be given.
	useless worth = iota
	// stale: it may be given when the upstream cannot answer.
	stale
	// ripe: it may be given, and wants to be renewed.
	ripe
	// fresh: it may be given.
	fresh
)

// judge says what an entry of a life is good for, to a caller with a wish.
func judge(e entry, life Life, w wish, now time.Time) worth {
	if e == nil || now.After(e.until()) {
		return useless
	}
	age, known := e.age(now)
	if known && w.owns(e) {
		return fresh
	}
	limit := freshLimit(e, life, w)
	switch {
	case known && limit > 0 && age <= limit:
		if !e.notFound() && !w.said && life.Refresh > 0 && age >= life.Refresh {
			return ripe
		}
		return fresh
	case e.notFound() || w.said || age > life.Stale || life.Stale <= 0:
		return useless
	}
	return stale
}

// freshLimit is up to which age the entry is given without asking.
func freshLimit(e entry, life Life, w wish) time.Duration {
	switch {
	case e.notFound() && w.said:
		return min(life.NotFound, w.max)
	case e.notFound():
		return life.NotFound
	case w.said:
		return w.max
	default:
		return life.Fresh
	}
}

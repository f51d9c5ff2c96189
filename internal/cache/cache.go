// Package cache stores the upstream's answers and coalesces equal questions.
//
// [Wrap] stands between callers and the upstream. A question is brought into its canonical form ([Key]). A fresh answer
// is returned from memory or from a [Store] (disk or Redis). A question in progress is joined. A stale answer is
// returned when the upstream fails. Failures are not stored, except that a product was not found, for a short while. A
// failing store is skipped and fails no question. Processes that share a store coalesce equal questions between them,
// where the store is a [Leaser].
//
// The package knows no dialect and no limits. It stores neither photos nor what callers may see; of photos it stores
// the upstream's ids ([PhotoIDs]).
package cache

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Upstream is what can be wrapped, and what comes out of it.
type Upstream interface {
	upstream.Searcher
	upstream.Products
}

// Config configures a [Cache]. The zero value keeps 64 MiB of answers in memory.
type Config struct {
	Scope Scope
	// MemoryBytes bounds the answers in memory; 64 MiB by default.
	MemoryBytes int64
	// Store stores answers beyond memory; nil for none. The cache closes it.
	Store Store
	// StoreTimeout is how long a read of the store may take; 250 ms by default.
	StoreTimeout time.Duration
	// LeaseTime is how long a silent process that holds a lease keeps the others from calling; 3 s by default. It
	// applies where the Store is a [Leaser].
	LeaseTime time.Duration
	// WaitingBytes bounds the answers queued for the store; 32 MiB by default. Answers over it are not stored.
	WaitingBytes int
	// Lives are the lifetimes of answers by kind; [DefaultLife] for the other kinds.
	Lives map[Kind]Life
	// RetryPause is how long after a failure stale answers are returned without another call; 1 s by default.
	RetryPause time.Duration
	// RefreshTimeout bounds a renewal in the background; 30 s by default. RefreshMax is how many there may be at
	// once; 8 by default.
	RefreshTimeout time.Duration
	RefreshMax     int
	Observer       Observer
	Log            *slog.Logger
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// storeTimeout is the default timeout of a read from the store.
const storeTimeout = 250 * time.Millisecond

// Cache returns stored answers, or fetches them. It is safe for concurrent use.
type Cache struct {
	next   Upstream
	config Config
	prefix []byte
	lives  map[Kind]Life
	// lastAny is the key of anything, the others are those of the topics.
	lastAny, lastAll, lastProduct, lastKeyword, lastShown Key
	// forgetting is held while something is forgotten, so that what was forgotten last is also stored last.
	forgetting sync.Mutex

	workers    *workers
	tiers      *tiers
	guard      *guard  // nil without a store
	writer     *writer // nil without a store
	leases     *leases // nil without a store that replicas share
	questions  *upstream.Shared[Key, outcome]
	refreshing chan struct{}
	// counts has a count for each way to an answer. The map does not change.
	counts map[By]*atomic.Int64
}

var _ Upstream = (*Cache)(nil)

// Wrap puts a cache before next. It fails only for invalid bounds. [Cache.Close] must be called.
func Wrap(next Upstream, config Config) (*Cache, error) {
	config.MemoryBytes = cmp.Or(config.MemoryBytes, 64<<20)
	config.StoreTimeout = cmp.Or(config.StoreTimeout, storeTimeout)
	config.LeaseTime = cmp.Or(config.LeaseTime, 3*time.Second)
	config.WaitingBytes = cmp.Or(config.WaitingBytes, 32<<20)
	config.RetryPause = cmp.Or(config.RetryPause, time.Second)
	config.RefreshTimeout = cmp.Or(config.RefreshTimeout, 30*time.Second)
	config.RefreshMax = cmp.Or(config.RefreshMax, 8)
	if config.MemoryBytes < 0 || config.WaitingBytes < 0 || config.RefreshMax < 0 || config.LeaseTime < 0 {
		return nil, errors.New("the bounds of a cache cannot be negative")
	}
	if config.Observer == nil {
		config.Observer = unobserved{}
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Cache{
		next: next, config: config, prefix: config.Scope.prefix(), lives: map[Kind]Life{}, counts: map[By]*atomic.Int64{},
		workers: newWorkers(), refreshing: make(chan struct{}, config.RefreshMax),
	}
	for _, by := range Ways() {
		c.counts[by] = new(atomic.Int64)
	}
	for _, kind := range Kinds() {
		life, ok := config.Lives[kind]
		if !ok {
			life = DefaultLife(kind)
		}
		c.lives[kind] = life
	}
	c.lives[Call] = callLife()
	for topic, key := range map[string]*Key{
		anything: &c.lastAny, everything: &c.lastAll, aboutProduct: &c.lastProduct, aboutKeyword: &c.lastKeyword, aboutShown: &c.lastShown,
	} {
		*key = c.forgottenKey(topic, "")
	}
	c.questions = newQuestions(c.workers, config.Log)
	if config.Store != nil {
		c.guard = newGuard(config.Store, config.StoreTimeout, config.Observer, c.workers)
		c.leases = newLeases(c.guard)
		c.writer = newWriter(c.guard, config.WaitingBytes, config.Observer)
	}
	var err error
	if c.tiers, err = newTiers(config.MemoryBytes, c.guard, c.writer); err != nil {
		return c, err
	}
	c.tiers.changes.watch(config.Store, c.workers, config.Observer)
	return c, nil
}

// KeywordSearch implements [upstream.Searcher].
func (c *Cache) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return answer(ctx, c, form{kind: KeywordSearch, defaults: listDefaults(20)}, subject{}, q, withoutPhoto(c.next.KeywordSearch))
}

// ImageSearch implements [upstream.Searcher]. Photos are identified by their content, other pictures by their address.
// The photo is not read after ImageSearch returns.
func (c *Cache) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, picture upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	about, ok := subjectOf(picture)
	if !ok {
		return c.next.ImageSearch(ctx, q, picture)
	}
	return answer(ctx, c, imageForm(), about, q, c.searchBy(picture))
}

func imageForm() form {
	return form{kind: ImageSearch, defaults: listDefaults(20), excluded: pictureFields()}
}

// subjectOf identifies a picture; false for one without an identity, which is never coalesced.
func subjectOf(picture upstream.Picture) (subject, bool) {
	if picture.Photo == nil {
		return subject{extra: "url:" + picture.URL}, picture.URL != ""
	}
	return subject{extra: "photo:" + picture.Key, photo: picture.Photo}, picture.Key != ""
}

// searchBy asks about a picture with the photo that is given, which may be that of another caller.
func (c *Cache) searchBy(picture upstream.Picture) func(context.Context, *zhaohuov1.ImageSearchRequest, upstream.Photo) (*zhaohuov1.ImageSearchResponse, error) {
	return func(ctx context.Context, q *zhaohuov1.ImageSearchRequest, photo upstream.Photo) (*zhaohuov1.ImageSearchResponse, error) {
		shared := picture
		shared.Photo = photo
		return c.next.ImageSearch(ctx, q, shared)
	}
}

// GetProduct implements [upstream.Products].
func (c *Cache) GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	return answer(ctx, c, form{kind: GetProduct}, subject{}, q, withoutPhoto(c.next.GetProduct))
}

// ListSellerProducts implements [upstream.Products].
func (c *Cache) ListSellerProducts(ctx context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	return answer(ctx, c, form{kind: ListSellerProducts, defaults: listDefaults(20)}, subject{}, q, withoutPhoto(c.next.ListSellerProducts))
}

// ListSearchFacets implements [upstream.Products].
func (c *Cache) ListSearchFacets(ctx context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	return answer(ctx, c, form{kind: ListSearchFacets}, subject{}, q, withoutPhoto(c.next.ListSearchFacets))
}

// ListTopKeywords implements [upstream.Products].
func (c *Cache) ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	return answer(ctx, c, form{kind: ListTopKeywords}, subject{}, q, withoutPhoto(c.next.ListTopKeywords))
}

// ListRelatedProducts implements [upstream.Products].
func (c *Cache) ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	return answer(ctx, c, form{kind: ListRelatedProducts, defaults: listDefaults(10)}, subject{}, q, withoutPhoto(c.next.ListRelatedProducts))
}

// FindCategories implements [upstream.Products].
func (c *Cache) FindCategories(ctx context.Context, q *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	return answer(ctx, c, form{kind: FindCategories}, subject{}, q, withoutPhoto(c.next.FindCategories))
}

// GetCategory implements [upstream.Products].
func (c *Cache) GetCategory(ctx context.Context, q *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error) {
	return answer(ctx, c, form{kind: GetCategory}, subject{}, q, withoutPhoto(c.next.GetCategory))
}

// EstimateFreight implements [upstream.Products].
func (c *Cache) EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	return answer(ctx, c, form{kind: EstimateFreight}, subject{}, q, withoutPhoto(c.next.EstimateFreight))
}

// Call answers a read of any API by its name. It asks by next. q says how old a stored answer may be.
func (c *Cache) Call(ctx context.Context, q *zhaohuov1.CallRequest, next func(context.Context, *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error)) (*zhaohuov1.CallResponse, error) {
	return answer(ctx, c, form{kind: Call}, subject{}, q, withoutPhoto(next))
}

// ListTopProducts implements [upstream.Products].
func (c *Cache) ListTopProducts(ctx context.Context, q *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	return answer(ctx, c, form{kind: ListTopProducts}, subject{}, q, withoutPhoto(c.next.ListTopProducts))
}

// GetProductTrends implements [upstream.Products].
func (c *Cache) GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	return answer(ctx, c, form{kind: GetProductTrends}, subject{}, q, withoutPhoto(c.next.GetProductTrends))
}

// Flush waits until all earlier answers are stored, or have failed to be.
func (c *Cache) Flush(ctx context.Context) error {
	if c.writer == nil {
		return nil
	}
	return c.writer.flush(ctx)
}

// Close stops background work, stores queued answers until ctx ends, and closes the store. Later questions go to the
// upstream.
func (c *Cache) Close(ctx context.Context) error {
	c.questions.Stop()
	err := c.workers.stop(ctx)
	if c.writer != nil {
		err = errors.Join(err, c.writer.close(ctx), c.config.Store.Close())
	}
	return err
}

// Stats returns the cache's fill levels.
func (c *Cache) Stats() Stats {
	s := Stats{
		MemoryBytes: int64(c.tiers.memory.WeightedSize()), MemoryAnswers: c.tiers.memory.EstimatedSize(),
		Asking: c.questions.Len(), Answered: map[By]int64{},
	}
	for by, n := range c.counts {
		s.Answered[by] = n.Load()
	}
	if c.writer != nil {
		s.WaitingBytes = c.writer.waiting()
		s.StoreDown = !c.guard.reads.IsClosed()
	}
	return s
}

package cache_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	live   = zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM
	cached = zhaohuov1.ServedFrom_SERVED_FROM_CACHE
	late   = zhaohuov1.ServedFrom_SERVED_FROM_STALE
)

// platform is an upstream that numbers its answers, each of which costs a call. What it says can be set, and how: wait is
// called before a question leaves, say with the number when it has left.
type platform struct {
	cache.Upstream

	mu     sync.Mutex
	calls  int
	source zhaohuov1.AnswerSource
	now    func() time.Time
	wait   func(ctx context.Context) error
	say    func(ctx context.Context, n int) error
}

func newPlatform() *platform {
	return &platform{source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, now: time.Now}
}

func (p *platform) says(say func(ctx context.Context, n int) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say = say
}

func (p *platform) fails(kind fault.Kind) {
	p.says(func(ctx context.Context, _ int) error {
		_, _ = upstream.Charge(ctx) // The second of two calls. Without a budget none is refused.
		return fault.New(kind, "told so").WithSubject("it").WithCalls(2)
	})
}

func (p *platform) works() { p.says(nil) }

func (p *platform) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

func (p *platform) ask(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
	p.mu.Lock()
	p.calls++
	n, wait, say := p.calls, p.wait, p.say
	p.mu.Unlock()
	if wait != nil {
		if err := wait(ctx); err != nil {
			return 0, nil, err
		}
	}
	if _, err := upstream.Charge(ctx); err != nil {
		return 0, nil, fault.New(fault.BudgetExhausted, "")
	}
	if say != nil {
		if err := say(ctx, n); err != nil {
			return 0, nil, err
		}
	}
	return n, &zhaohuov1.AnswerMeta{Source: p.source, FetchTime: timestamppb.New(p.now()), UpstreamCalls: 1}, nil
}

func (p *platform) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	n, meta, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.KeywordSearchResponse{Products: goods(q.GetKeyword(), n), Page: q.GetPage(), Meta: meta}, nil
}

func (p *platform) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, picture upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	n, meta, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ImageSearchResponse{Products: goods(picture.Key+picture.URL, n), Page: q.GetPage(), Meta: meta}, nil
}

func (p *platform) GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	n, meta, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.GetProductResponse{Product: &zhaohuov1.ProductDetail{Summary: goods(q.GetId(), n)[0]}, Meta: meta}, nil
}

func (p *platform) ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	n, meta, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ListRelatedProductsResponse{Products: goods(q.GetId(), n), Meta: meta}, nil
}

func (p *platform) EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	n, meta, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.EstimateFreightResponse{Freight: &zhaohuov1.FreightQuote{ProductId: q.GetId(), Quantity: int64(n)}, Meta: meta}, nil
}

// call is an API called by its name.
func (p *platform) call(ctx context.Context, _ *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
	n, meta, err := p.ask(ctx)
	if err != nil {
		return nil, err
	}
	meta.ServedFrom = live // As the client does, for callers without a cache.
	return &zhaohuov1.CallResponse{Json: strconv.Itoa(n), Meta: meta}, nil
}

func goods(title string, n int) []*zhaohuov1.Product {
	return []*zhaohuov1.Product{{Id: strconv.Itoa(n), Title: title}}
}

// wrap builds a cache that the test closes.
func wrap(t testing.TB, next cache.Upstream, config cache.Config) *cache.Cache {
	t.Helper()
	c, err := cache.Wrap(next, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return c
}

func words(keyword string) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: keyword}
}

// got is what a search came to, in a line: the answer's number, where it came from and what it cost, or the fault.
type got struct {
	Number string
	From   zhaohuov1.ServedFrom
	Calls  int32
	Fault  string
}

func search(ctx context.Context, c *cache.Cache, q *zhaohuov1.KeywordSearchRequest) got {
	a, err := c.KeywordSearch(ctx, q)
	if err != nil {
		return got{Fault: fault.KindOf(err).String()}
	}
	return got{Number: a.GetProducts()[0].GetId(), From: a.GetMeta().GetServedFrom(), Calls: a.GetMeta().GetUpstreamCalls()}
}

func want(t testing.TB, what string, g, w got) {
	t.Helper()
	if g != w {
		t.Errorf("%s: got %+v, want %+v", what, g, w)
	}
}

// shelf is a store in a map, which can be told to fail or to hang.
type tiers struct {
	mu     sync.Mutex
	kept   map[cache.Key]cache.Item
	fail   error
	hang   chan struct{}
	gets   int
	pings  int
	closed bool
}

func newTiers() *tiers { return &tiers{kept: map[cache.Key]cache.Item{}} }

func (s *tiers) set(fail error, hang chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.hang = fail, hang
}

func (s *tiers) enter(count *int) error {
	s.mu.Lock()
	if count != nil {
		*count++
	}
	hang, fail := s.hang, s.fail
	s.mu.Unlock()
	if hang != nil {
		<-hang // Deaf to ctx, as a disk that hangs.
	}
	return fail
}

func (s *tiers) Get(_ context.Context, key cache.Key) ([]byte, error) {
	if err := s.enter(&s.gets); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[key].Value, nil
}

func (s *tiers) Put(_ context.Context, items []cache.Item) error {
	if err := s.enter(nil); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, item := range items {
		s.kept[item.Key] = item
	}
	return nil
}

func (s *tiers) Ping(context.Context) error { return s.enter(&s.pings) }

func (s *tiers) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *tiers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// counts is an observer that adds up.
type counts struct {
	mu       sync.Mutex
	answered map[cache.By]int
	failed   map[string]int
	waited   map[bool]int
	dropped  int
	// forgotten counts stored answers that were not used because their product was forgotten.
	forgotten int
}

func newCounts() *counts {
	return &counts{answered: map[cache.By]int{}, failed: map[string]int{}, waited: map[bool]int{}}
}

func (c *counts) Answered(_ cache.Kind, by cache.By) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered[by]++
}

func (c *counts) Refreshed(cache.Kind, error) {}

func (c *counts) Waited(_ cache.Kind, answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waited[answered]++
}

func (c *counts) StoreFailed(operation string, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed[operation]++
}

func (c *counts) Forgotten(cache.Kind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgotten++
}

func (c *counts) Dropped(answers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped += answers
}

func (c *counts) by(by cache.By) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answered[by]
}

// Package observe makes one observation of a price watch: it asks for the goods and says what each costs.
//
// It knows neither schedules nor stores, and nothing of earlier observations. Prices at a quantity, what they are known to
// hold for, and statistics are those of ComparePrices (internal/combo): there is one way to read a price.
package observe

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
)

// Products answers questions for products. GetProduct must return before ctx ends, and every failure as a fault; an answer
// must not be older than the tick that ctx is about.
type Products interface {
	GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error)
}

// Comparer compares prices. ComparePrices must return before ctx ends, and every failure as a fault; no answer in it may be
// older than the tick that ctx is about. The image of q, if there is one, is its content.
type Comparer interface {
	ComparePrices(ctx context.Context, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error)
}

// Options say what an observer works with. All must be set.
type Options struct {
	Products Products
	Comparer Comparer
	// Source is whether goods are real, for observations in which no answer says so.
	Source zhaohuov1.AnswerSource
	// Now tells the time, which is the time of answers that say only that there is no such product.
	Now func() time.Time
}

// Observer makes observations. It is safe for concurrent use.
type Observer struct{ options Options }

// New makes an observer.
func New(o Options) *Observer { return &Observer{o} }

// Calls is how many upstream calls an observation may cost, retries left out.
func Calls(watch *zhaohuov1.PriceWatch) int {
	if q := watch.GetComparison(); q != nil {
		return combo.ComparePricesCalls(q)
	}
	return len(watch.GetProducts().GetIds())
}

// Observe observes what a watch is about, once. Image is the content of the watch's image, empty for none. The caller sets
// `watch_id` and `due_time` of the observation.
//
// An error means that nothing could be observed. It is a fault of the answers; [fault.CallsOf] tells what they cost. A quota
// that gives no turn for a part is an error of the whole: the parts that were answered are there for the next attempt.
func (o *Observer) Observe(ctx context.Context, watch *zhaohuov1.PriceWatch, image []byte) (*zhaohuov1.PriceObservation, error) {
	if watch.GetComparison() != nil {
		return o.comparison(ctx, watch.GetComparison(), image)
	}
	return o.products(ctx, watch.GetProducts())
}

// sight is what was seen, before it is put in order.
type sight struct {
	observation *zhaohuov1.PriceObservation
	goods       []*zhaohuov1.Product
	prices      []money.Amount
}

func newSight() *sight { return &sight{observation: &zhaohuov1.PriceObservation{}} }

// answered takes over how an answer came about: made-up if one is, the oldest time.
func (s *sight) answered(source zhaohuov1.AnswerSource, fetched *timestamppb.Timestamp, calls int32) {
	o := s.observation
	o.Source = max(o.Source, source)
	o.UpstreamCalls += calls
	if fetched != nil && (o.FetchTime == nil || fetched.AsTime().Before(o.GetFetchTime().AsTime())) {
		o.FetchTime = fetched
	}
}

// add adds a product.
func (s *sight) add(product *zhaohuov1.Product, seen *zhaohuov1.ObservedPrice) {
	seen.ProductId, seen.Title, seen.SoldCount = product.GetId(), product.GetTitle(), product.SoldCount
	seen.SupplierId, seen.SupplierName = product.GetSupplier().GetId(), product.GetSupplier().GetName()
	seen.ImageUrl = product.GetImageUrl()
	s.goods = append(s.goods, product)
	s.observation.Products = append(s.observation.Products, seen)
	if price, ok := money.Of(seen.GetPrice()); ok {
		s.prices = append(s.prices, price)
	}
}

// unseen names what could not be seen.
func (s *sight) unseen(parts ...string) {
	s.observation.Unseen = append(s.observation.Unseen, parts...)
}

// finish is the observation, in order and with its statistics.
func (o *Observer) finish(s *sight) *zhaohuov1.PriceObservation {
	out := s.observation
	if out.Source == zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED {
		out.Source = o.options.Source
	}
	if out.FetchTime == nil {
		out.FetchTime = timestamppb.New(o.options.Now())
	}
	slices.SortFunc(out.GetProducts(), compareSeen)
	slices.Sort(out.Unseen)
	out.Unseen = slices.Compact(out.Unseen)
	out.ProductCount = int32(len(out.GetProducts()))
	if i := slices.IndexFunc(out.GetProducts(), func(p *zhaohuov1.ObservedPrice) bool { return p.GetImageUrl() != "" }); i >= 0 {
		out.ImageUrl = out.GetProducts()[i].GetImageUrl()
	}
	out.Statistics = combo.PricesOf(s.goods, 0, o.options.Now()).Statistics(s.prices)
	return out
}

// compareSeen puts the cheaper product first, ties by id, and those without a price last.
func compareSeen(a, b *zhaohuov1.ObservedPrice) int {
	x, known := money.Of(a.GetPrice())
	y, both := money.Of(b.GetPrice())
	if known != both {
		if known {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(len(a.GetProductId()), len(b.GetProductId())), strings.Compare(a.GetProductId(), b.GetProductId()))
}

// waits reports whether a failure is only that there is no turn now: nothing is known of the goods.
func waits(kind fault.Kind) bool {
	switch kind.Retry() {
	case fault.RetryLocal, fault.RetryThrottle, fault.RetryQuota:
		return true
	}
	return false
}

// atOnce has an answer that was made since the tick fell due, and none that was kept from before.
func atOnce() *durationpb.Duration { return &durationpb.Duration{} }

package observe

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
)

// comparison observes goods as ComparePrices finds them: with an image those that show the same, else those that the words
// find.
func (o *Observer) comparison(ctx context.Context, watched *zhaohuov1.ComparePricesRequest, image []byte) (*zhaohuov1.PriceObservation, error) {
	q := proto.CloneOf(watched)
	q.MaxStaleness = atOnce()
	q.Image = nil
	if len(image) > 0 {
		q.Image = &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: image}}
	}
	answer, err := o.options.Comparer.ComparePrices(ctx, q)
	if err != nil {
		return nil, err
	}
	s := newSight()
	meta := answer.GetMeta()
	s.answered(meta.GetSource(), meta.GetFetchTime(), meta.GetUpstreamCalls())
	goods := answer.GetSimilar()
	if q.Image != nil {
		goods = answer.GetSame()
	}
	unmeasured, err := s.failed(answer.GetPartialFailures(), goods == nil)
	if err != nil {
		return nil, withCalls(err, meta.GetUpstreamCalls())
	}
	unlooked := q.Image != nil && s.bounded(meta.GetNotes())
	add := func(p *zhaohuov1.Product, like *zhaohuov1.MeasuredLikeness, seen *zhaohuov1.ObservedPrice) {
		if like == nil && (unlooked || slices.Contains(unmeasured, p.GetId())) {
			return // Whether it shows the same cannot be said this time.
		}
		seen.ImageCompared = like != nil && q.Image != nil
		s.add(p, seen)
	}
	for _, offer := range goods.GetOffers() {
		seen := &zhaohuov1.ObservedPrice{
			Price: offer.GetPrice(), PriceBasis: offer.GetPriceBasis(), Tiers: offer.GetTiers(), MinOrderQuantity: offer.GetProduct().GetMinimumOrder(),
		}
		if tiers := offer.GetTiers(); len(tiers) > 0 {
			seen.MinOrderQuantity = max(seen.GetMinOrderQuantity(), tiers[0].GetMinQuantity())
		}
		add(offer.GetProduct(), offer.GetLikeness(), seen)
	}
	for _, p := range goods.GetUnpricedProducts() {
		add(p.GetProduct(), p.GetLikeness(), &zhaohuov1.ObservedPrice{Unpriced: p.GetReason(), MinOrderQuantity: p.GetProduct().GetMinimumOrder()})
	}
	return o.finish(s), nil
}

// failed reads the parts of an answer that failed. It gives the products whose image could not be compared, or why there is
// no observation: there is no turn for a part, or the goods cannot be told apart, or there are none (none is true then).
func (s *sight) failed(failures []*zhaohuov1.PartialFailure, none bool) (unmeasured []string, err error) {
	var search, other error
	for _, f := range failures {
		failure, kind := faultOf(f)
		step, of, _ := strings.Cut(f.GetStep(), " of ")
		switch {
		case waits(kind):
			return nil, failure
		case step == combo.LikenessStep && of != "":
			ids := strings.Split(of, ", ")
			if slices.Contains(ids, combo.CallersImage) {
				return nil, failure
			}
			unmeasured = append(unmeasured, ids...)
			s.unseen(ids...)
		case kind == fault.BudgetExhausted || kind == fault.UnsupportedByDialect:
			other = cmp.Or(other, error(failure)) // The question is such, at every observation.
		case step == combo.ImageStep || step == combo.KeywordStep:
			search = cmp.Or(search, error(failure))
			s.unseen(step)
		}
	}
	if none {
		return nil, cmp.Or(search, other, error(fault.New(fault.Internal, "the comparison has neither goods nor a failure")))
	}
	return unmeasured, nil
}

// bounded reads the bounds of comparing that an answer reached. Goods that show the same may then be missing. It reports whether
// some images were not compared at all.
func (s *sight) bounded(notes []*zhaohuov1.ComboNote) (unlooked bool) {
	for _, n := range notes {
		switch n.GetKind() {
		case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_IMAGES_BOUNDED:
			s.unseen(combo.LikenessStep)
			unlooked = true
		case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_PAIRS_BOUNDED:
			s.unseen(combo.LikenessStep)
		}
	}
	return unlooked
}

// faultOf is the fault behind a part that failed.
func faultOf(f *zhaohuov1.PartialFailure) (*fault.Fault, fault.Kind) {
	st := status.FromProto(f.GetStatus())
	kind := fault.Internal
	for _, k := range fault.Kinds() {
		if k.String() == rpcerr.Reason(st) {
			kind = k
		}
	}
	failure := fault.New(kind, "%s: %s", f.GetStep(), st.Message())
	if wait, ok := rpcerr.RetryAfter(st); ok {
		failure = failure.WithRetryAfter(wait)
	}
	return failure, kind
}

package offer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// promotion says whom the promotion prices of a product are for.
type promotion struct {
	// running is false where the upstream says that there is no promotion. Prices that it sends all the same do not hold.
	running bool
	kind    zhaohuov1.PriceKind
	// word is the upstream's own, for a kind that is not known.
	word *string
	end  *timestamppb.Timestamp
}

// plusWord is the upstream's word for the members of PLUS, alone or with a name: "plus", "plus-plus会员", "plus会员".
const plusWord = "plus"

// promotion reads whom the promotion is for. Without a type it is for everybody. A type that is not known may be for some
// buyers only, so its price does not count as everybody's.
func (r *reader) promotion() promotion {
	p := promotion{running: true, kind: zhaohuov1.PriceKind_PRICE_KIND_PROMOTION, end: r.time(fieldPromotionEnd)}
	if is := r.flag(fieldHasPromotion); is != nil {
		p.running = *is
	}
	if !r.has(fieldPromotionType) {
		return p
	}
	word := normal.Text(r.values[fieldPromotionType])
	switch {
	case word == "":
	case strings.HasPrefix(strings.ToLower(normal.Fold(word)), plusWord):
		p.kind = zhaohuov1.PriceKind_PRICE_KIND_PLUS
	default:
		p.kind, p.word = zhaohuov1.PriceKind_PRICE_KIND_UNSPECIFIED, &word
	}
	return p
}

// endOf is when a promotion's price ends; nil if there is no price.
func (p promotion) endOf(price *moneypb.Money) *timestamppb.Timestamp {
	if price == nil {
		return nil
	}
	return p.end
}

// kinds collects prices by kind.
type kinds struct {
	// promotion is the price for everybody during a promotion, which has a field of its own, and foreignPromotion the same in
	// the currency asked for.
	promotion, foreignPromotion *moneypb.Money
	others                      []*zhaohuov1.KindPrice
}

// promote adds a promotion's price, which is foreign in the currency asked for, under the kind of buyers that it is for.
func (k *kinds) promote(p promotion, price, foreign *moneypb.Money) {
	switch {
	case price == nil || !p.running:
	case p.kind == zhaohuov1.PriceKind_PRICE_KIND_PROMOTION:
		k.promotion, k.foreignPromotion = price, foreign
	default:
		k.put(&zhaohuov1.KindPrice{Kind: p.kind, Price: price, ForeignPrice: foreign, EndTime: p.end, KindText: p.word})
	}
}

// add adds a price, which is foreign in the currency asked for. Of two prices of one kind, the lower one is kept.
func (k *kinds) add(kind zhaohuov1.PriceKind, price, foreign *moneypb.Money) {
	if price != nil {
		k.put(&zhaohuov1.KindPrice{Kind: kind, Price: price, ForeignPrice: foreign})
	}
}

func (k *kinds) put(price *zhaohuov1.KindPrice) {
	at := slices.IndexFunc(k.others, func(p *zhaohuov1.KindPrice) bool { return p.GetKind() == price.GetKind() })
	if at < 0 {
		k.others = append(k.others, price)
		return
	}
	if kept := k.others[at]; lower(kept.GetPrice(), price.GetPrice()) == price.GetPrice() {
		kept.Price, kept.ForeignPrice = price.GetPrice(), price.GetForeignPrice()
	}
}

// gather adds the prices of a variant or of a price by quantity to those of the product. The lowest promotion counts wherever
// it was sent; of the other kinds, the product's own price does.
func (k *kinds) gather(promotion *moneypb.Money, others []*zhaohuov1.KindPrice) {
	k.promotion = lower(k.promotion, promotion)
	for _, other := range others {
		switch other.GetKind() {
		case zhaohuov1.PriceKind_PRICE_KIND_DROPSHIPPING_FREE_SHIPPING:
			continue // It would be free of shipping for that variant alone.
		case zhaohuov1.PriceKind_PRICE_KIND_RETAIL:
			if k.has(other.GetKind()) {
				continue
			}
		}
		k.put(proto.CloneOf(other))
	}
}

func (k *kinds) has(kind zhaohuov1.PriceKind) bool {
	return slices.ContainsFunc(k.others, func(p *zhaohuov1.KindPrice) bool { return p.GetKind() == kind })
}

// list lists the prices that have no field of their own, in the order of the enum.
func (k *kinds) list() []*zhaohuov1.KindPrice {
	slices.SortFunc(k.others, func(a, b *zhaohuov1.KindPrice) int { return cmp.Compare(a.GetKind(), b.GetKind()) })
	return k.others
}

// lower is the lower of two prices; nil is none.
func lower(a, b *moneypb.Money) *moneypb.Money {
	span := normal.Span{}
	span.Add(a)
	span.Add(b)
	return span.Low
}

// dropship sets the price of single pieces, if single pieces are sold. consignPrice is also sent for goods that are not sold
// singly, so it holds only for those that are.
func (r *reader) dropship(p *zhaohuov1.Product, prices *kinds, consigned bool) {
	tagged, known := r.tag(tagDropshipping)
	if known && !tagged {
		return
	}
	p.DropshippingPrice = r.single(fieldOnePiecePrice)
	if p.DropshippingPrice == nil && consigned {
		p.DropshippingPrice = r.single(fieldConsignPrice)
	}
	prices.add(zhaohuov1.PriceKind_PRICE_KIND_DROPSHIPPING_FREE_SHIPPING, r.freeOfShipping(p.GetDropshippingPrice()), nil)
}

// freeOfShipping is the price of a single piece with shipping included. The upstream usually flags that its price of a
// single piece includes it, and may send a price of its own instead of the flag.
func (r *reader) freeOfShipping(singlePiece *moneypb.Money) *moneypb.Money {
	sent := r.at(fieldFreePostage)
	is, known := normal.Bool(sent)
	if !known {
		if own := single(sent); own != nil {
			return own
		}
		is, _ = r.tag(tagFreePostage)
	}
	if is {
		return singlePiece
	}
	return nil
}

// single reads a price in yuan; of a range, the lower end. Nil is none.
func single(v gjson.Result) *moneypb.Money {
	if p := normal.Price(v); p.Known {
		return p.Low.Proto(money.CNY)
	}
	return nil
}

// priceOf splits a price in yuan into the fields of a product.
func priceOf(p normal.PriceRange) (low, high *moneypb.Money, text *string) {
	if !p.Known {
		return nil, nil, optional(p.Text)
	}
	if p.IsRange() {
		high = p.High.Proto(money.CNY)
	}
	return p.Low.Proto(money.CNY), high, nil
}

// foreign is a price in the currency asked for; of a range, the lower end. Nil is none.
func (r *reader) foreign(f field) *moneypb.Money {
	if r.Currency == "" {
		return nil
	}
	if p := normal.Price(r.at(f)); p.Known {
		return p.Low.Proto(r.Currency)
	}
	return nil
}

package judge

import (
	"cmp"
	"math/big"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// point is a price in one observation. Without a currency the price is not known.
type point struct {
	Due      int64                `json:"due"` // Unix milliseconds
	Nanos    money.Amount         `json:"nanos,omitempty"`
	Currency string               `json:"currency,omitempty"`
	Basis    zhaohuov1.PriceBasis `json:"basis,omitempty"`
}

// kind is what two prices must share to be compared.
type kind struct {
	basis    zhaohuov1.PriceBasis
	currency string
}

func (p point) kind() kind { return kind{p.Basis, p.Currency} }

// known reports whether there is a price.
func (p point) known() bool { return p.Currency != "" }

func (p point) proto() *zhaohuov1.PricePoint {
	out := &zhaohuov1.PricePoint{DueTime: timeOf(p.Due)}
	if p.known() {
		out.Price, out.PriceBasis = p.Nanos.Proto(p.Currency), p.Basis
	}
	return out
}

// pointOf is the price of a product in an observation; false where it is not known.
func pointOf(found *zhaohuov1.ObservedPrice, due int64) (point, bool) {
	if found.GetPrice() == nil {
		return point{Due: due}, false
	}
	return moneyPoint(found.GetPrice(), found.GetPriceBasis(), due), true
}

func moneyPoint(price *moneypb.Money, basis zhaohuov1.PriceBasis, due int64) point {
	nanos, _ := money.Of(price)
	return point{Due: due, Nanos: nanos, Currency: cmp.Or(price.GetCurrencyCode(), money.CNY), Basis: basis}
}

// changeRatio is the change as a part of the price before; nil where a price is not known, the price before is zero, or the
// two are not of one kind. The price that a condition gives has no basis and is of every kind.
func changeRatio(before, after *zhaohuov1.PricePoint) *float64 {
	old, ok := money.Of(before.GetPrice())
	now, both := money.Of(after.GetPrice())
	if !ok || !both || old == 0 || before.GetPrice().GetCurrencyCode() != after.GetPrice().GetCurrencyCode() {
		return nil
	}
	unspecified := zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED
	if before.GetPriceBasis() != after.GetPriceBasis() && before.GetPriceBasis() != unspecified {
		return nil
	}
	ratio, _ := new(big.Rat).SetFrac64(int64(now-old), int64(old)).Float64()
	return &ratio
}

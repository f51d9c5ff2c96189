package combo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

func cny(yuan string) *zhaohuov1.Product {
	amount, _ := money.Parse(yuan)
	return &zhaohuov1.Product{Price: amount.Proto(money.CNY)}
}

func TestPricesByQuantity(t *testing.T) {
	tiers := []tier{{from: 10, price: 300}, {from: 50, price: 200}, {from: 100, price: 250}}
	for quantity, want := range map[int64]money.Amount{1: 300, 10: 300, 49: 300, 50: 200, 99: 200, 100: 250, 9999: 250} {
		if got := stepAt(tiers, quantity).price; got != want {
			t.Errorf("at %d: %d, want %d", quantity, got, want)
		}
	}
	if got := lowestOf(tiers); got != 200 {
		t.Errorf("the lowest is %d", got)
	}
	steps := []*zhaohuov1.PriceTier{
		{MinQuantity: 50, Price: cny("2").GetPrice()},
		{MinQuantity: 0, Price: cny("3").GetPrice(), PromotionPrice: cny("2.50").GetPrice()},
		{MinQuantity: 60},
		{MinQuantity: 65, Price: cny("0").GetPrice()},
		{MinQuantity: 70, Price: money.Unit.Proto("USD")},
		{MinQuantity: 50, Price: cny("1.90").GetPrice(), PromotionPrice: cny("0").GetPrice()},
	}
	promotion := 250 * money.Fen
	want := []tier{{from: 1, price: 3 * money.Unit, promotion: &promotion}, {from: 50, price: 190 * money.Fen}}
	if diff := cmp.Diff(want, tiersOf(steps, money.CNY, false), cmp.AllowUnexported(tier{})); diff != "" {
		t.Errorf("tiersOf (-want +got):\n%s", diff)
	}
	for _, step := range tiersOf(steps, money.CNY, true) {
		if step.promotion != nil {
			t.Errorf("the promotion from %d on is over", step.from)
		}
	}
}

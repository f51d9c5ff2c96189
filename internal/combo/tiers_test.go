package combo

import (
	"slices"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

func cny(yuan string) *zhaohuov1.Product {
	amount, _ := money.Parse(yuan)
	return &zhaohuov1.Product{Price: amount.Proto(money.CNY)}
}

func TestPriceAt(t *testing.T) {
	tiers := []tier{{10, 300}, {50, 200}, {100, 250}}
	for quantity, want := range map[int64]money.Amount{0: 200, 1: 300, 10: 300, 49: 300, 50: 200, 99: 200, 100: 250, 9999: 250} {
		if got := priceAt(tiers, quantity); got != want {
			t.Errorf("at %d: %d, want %d", quantity, got, want)
		}
	}
	steps := []*zhaohuov1.PriceTier{
		{MinQuantity: 50, Price: cny("2").GetPrice()},
		{MinQuantity: 0, Price: cny("3").GetPrice()},
		{MinQuantity: 60},
		{MinQuantity: 70, Price: money.Unit.Proto("USD")},
		{MinQuantity: 50, Price: cny("1.90").GetPrice()},
	}
	if got := tiersOf(steps, money.CNY); !slices.Equal(got, []tier{{1, 3 * money.Unit}, {50, 190 * money.Fen}}) {
		t.Errorf("tiersOf = %v", got)
	}
}

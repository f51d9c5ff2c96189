package sandbox_test

import (
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// One umbrella is searched for at each step of a cycle and a little more.
func TestPricesMoveWithTheClock(t *testing.T) {
	const umbrella, fen, length = 700_000_000_003, 990, 10 * time.Second
	at := now
	c := config()
	c.Drift, c.Clock = length, func() time.Time { return at }
	p := serve(t, c)
	seen := map[string]bool{}
	for range drift.Cycle + 2 {
		want := market.Yuan(drift.Of(umbrella, drift.Step(at, length)).Fen(fen))
		got := text(dig(t, p.aop(t, keywordQuery, query("雨伞", nil)).decode(t), data+".0.priceInfo.price"))
		if got != want {
			t.Errorf("at %v it costs %s, want %s", at, got, want)
		}
		seen[got] = true
		at = at.Add(length)
	}
	if len(seen) != 11 {
		t.Errorf("%d prices in a cycle, want 11", len(seen))
	}
}

func TestWithoutDriftPricesStandStill(t *testing.T) {
	at := now
	c := config()
	c.Clock = func() time.Time { return at }
	p := serve(t, c)
	for range 3 {
		if got := text(dig(t, p.aop(t, keywordQuery, query("雨伞", nil)).decode(t), data+".0.priceInfo.price")); got != "9.90" {
			t.Errorf("at %v it costs %s", at, got)
		}
		at = at.Add(time.Hour)
	}
}

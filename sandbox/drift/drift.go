// Package drift moves the prices of the sandbox's goods on a fixed schedule, so that who watches prices sees them change.
//
// Time is cut into steps of one length, counted from the Unix epoch. What an offer costs in a step depends on its id and the
// number of the step alone: nothing is drawn, nothing is kept, and every process knows the same. Each offer goes through a
// cycle of 24 steps again and again, and begins it at a step of its own:
//
//	steps   price, of the one without drift
//	 0- 1   100 %
//	 2- 3    97 %
//	 4- 5    94 %
//	 6- 7    88 %
//	 8- 9    92 %
//	10-11    96 %
//	12-13   100 %
//	14-15   104 %
//	16-17   110 %
//	18-19   107 %
//	20-21   105 %
//	22-23   102 %
//
// An offer's prices all move together: its lowest and highest price, its prices by quantity, those of its variants, for
// single pieces and in promotions. They are rounded half up to the fen, and none falls to zero. Every eighth offer is away in
// the steps 9 to 11: no search finds it, and its details say that there is no such offer.
package drift

import (
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

const (
	// Cycle is how many steps a cycle has.
	Cycle = 24
	// awayFrom and awayTo are the first and the last step in which an offer is away, and awayEvery which offers ever are.
	awayFrom, awayTo = 9, 11
	awayEvery        = 8
)

// State is what drift makes of an offer in a step.
type State struct {
	// Percent is its price, of the price without drift.
	Percent int64
	// Away tells that it is not offered.
	Away bool
}

// Step is the number of the step at a time, if steps have a length above zero.
func Step(at time.Time, length time.Duration) int64 {
	return at.UnixNano() / int64(length)
}

// Of is the state of the offer with an id in a step.
func Of(id, step int64) State {
	mixed := mix(uint64(id))
	place := (step%Cycle + Cycle + int64(mixed%Cycle)) % Cycle
	percents := [Cycle / 2]int64{100, 97, 94, 88, 92, 96, 100, 104, 110, 107, 105, 102}
	return State{
		Percent: percents[place/2],
		Away:    mixed/Cycle%awayEvery == 0 && place >= awayFrom && place <= awayTo,
	}
}

// mix spreads ids, which stand in rows, over all numbers (the finishing steps of SplitMix64).
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// Fen is a price in the state: rounded half up, and never zero unless it was.
func (s State) Fen(price int64) int64 {
	if price <= 0 {
		return price
	}
	return max(1, (price*s.Percent+50)/100)
}

// Offer is an offer in a step; nil if it is away. The offer itself is not changed.
func Offer(o *catalog.Offer, step int64) *catalog.Offer {
	s := Of(o.ID, step)
	if s.Away {
		return nil
	}
	if s.Percent == 100 {
		return o
	}
	moved := *o
	for _, price := range []**int64{&moved.PriceFen, &moved.PriceMaxFen, &moved.DropshipFen, &moved.PromotionFen} {
		if *price != nil {
			*price = new(s.Fen(**price))
		}
	}
	if moved.PriceMaxFen != nil && moved.PriceFen != nil && *moved.PriceMaxFen <= *moved.PriceFen {
		moved.PriceMaxFen = nil // Rounding left one price of the range.
	}
	moved.Tiers = slices.Clone(o.Tiers)
	for i := range moved.Tiers {
		moved.Tiers[i].PriceFen = s.Fen(moved.Tiers[i].PriceFen)
	}
	moved.SKUs = slices.Clone(o.SKUs)
	for i := range moved.SKUs {
		moved.SKUs[i].PriceFen = s.Fen(moved.SKUs[i].PriceFen)
	}
	return &moved
}

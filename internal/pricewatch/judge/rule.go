package judge

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// rule is a condition, read once.
type rule struct {
	condition *zhaohuov1.PriceCondition
	// ratio and amount are the least change; at most one is set, and none means any change.
	ratio     *big.Rat
	amount    money.Amount
	reference money.Amount
	window    time.Duration
}

func readRules(conditions []*zhaohuov1.PriceCondition) ([]rule, error) {
	rules := make([]rule, len(conditions))
	for i, c := range conditions {
		r, err := readRule(c)
		if err != nil {
			return nil, fmt.Errorf("conditions[%d]: %w", i, err)
		}
		rules[i] = r
	}
	return rules, nil
}

func readRule(c *zhaohuov1.PriceCondition) (rule, error) {
	r := rule{condition: c, window: c.GetWindow().AsDuration()}
	var ok bool
	switch least := c.GetLeastChange().(type) {
	case *zhaohuov1.PriceCondition_Ratio:
		// The decimal number that was written, not the binary one nearest to it: else 9.50 would not be 5 % below 10.00.
		if r.ratio, ok = new(big.Rat).SetString(strconv.FormatFloat(least.Ratio, 'g', -1, 64)); !ok {
			return r, fmt.Errorf("ratio %v is not a number", least.Ratio)
		}
	case *zhaohuov1.PriceCondition_Amount:
		if r.amount, ok = money.Parse(least.Amount); !ok {
			return r, fmt.Errorf("amount %q is not an amount in yuan", least.Amount)
		}
	}
	if c.GetBaseline() == zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE {
		if r.reference, ok = money.Parse(c.GetReferencePrice()); !ok {
			return r, fmt.Errorf("reference_price %q is not an amount in yuan", c.GetReferencePrice())
		}
	}
	return r, nil
}

// reached reports whether a change from a price is above zero and at least the least change.
func (r rule) reached(from point, change money.Amount) bool {
	switch {
	case change <= 0:
		return false
	case r.ratio != nil:
		least := new(big.Rat).SetInt64(int64(from.Nanos))
		return new(big.Rat).SetInt64(int64(change)).Cmp(least.Mul(least, r.ratio)) >= 0
	case r.amount > 0:
		return from.Currency == money.CNY && change >= r.amount
	}
	return true
}

// beyond reports whether a price is beyond another one, in the direction of the rule, by the least change.
func (r rule) beyond(from, to point) bool {
	if r.condition.GetKind() == zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL {
		return r.reached(from, from.Nanos-to.Nanos)
	}
	return r.reached(from, to.Nanos-from.Nanos)
}

// moved reports whether a price is beyond another one in any direction.
func (r rule) moved(from, to point) bool {
	return r.reached(from, from.Nanos-to.Nanos) || r.reached(from, to.Nanos-from.Nanos)
}

// priceEvent reports whether a price is an event after a history of the same kind of prices, and what it is compared with.
func (r rule) priceEvent(h history, now point) (base point, is bool) {
	last, ok := h.last()
	if !ok {
		return point{}, false
	}
	switch r.condition.GetBaseline() {
	case zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE:
		base = point{Due: last.Due, Nanos: r.reference, Currency: money.CNY}
		return base, now.Currency == money.CNY && r.beyond(base, now) && !r.beyond(base, last)
	case zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST:
		base, ok = h.lowest(now.Due - r.window.Milliseconds())
		if !ok || !r.beyond(base, now) {
			return base, false
		}
		return base, r.condition.GetKind() == zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL || !r.wasAbove(h, last)
	}
	return last, r.beyond(last, now)
}

// wasAbove reports whether the last price was beyond the lowest one of its own window.
func (r rule) wasAbove(h history, last point) bool {
	base, ok := h[:len(h)-1].lowest(last.Due - r.window.Milliseconds())
	return ok && r.beyond(base, last)
}

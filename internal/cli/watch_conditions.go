package cli

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// watchConditions are what a watch reports.
type watchConditions struct {
	Falls       []string `name:"falls" placeholder:"CHANGE" help:"Report a price that falls by at least this since the observation before: 5%, 0.50 (yuan), or any."`
	Rises       []string `name:"rises" placeholder:"CHANGE" help:"Report a price that rises by at least this since the observation before: 5%, 0.50 (yuan), or any."`
	Below       []string `name:"below" placeholder:"YUAN" help:"Report a price that falls below this, such as 9.90."`
	Above       []string `name:"above" placeholder:"YUAN" help:"Report a price that rises above this."`
	Lowest      []string `name:"lowest-in" placeholder:"TIME" help:"Report a price that is lower than all prices of the product in this time before, 1h to 90d."`
	NewCheapest bool     `name:"new-cheapest" help:"Report another product that becomes the cheapest."`
	Suppliers   bool     `name:"suppliers" help:"Report suppliers that appear or leave."`
	Median      []string `name:"median" placeholder:"CHANGE" help:"Report a median of all prices that moves by at least this: 5%, 0.50 (yuan), or any."`
	Gone        bool     `name:"gone" help:"Report products that are gone, or back."`
	OnlyFailing bool     `name:"only-failing" help:"Report nothing but that the price watch fails or recovers, which is always reported. Without any condition: falls, rises, and products that are gone or back."`
}

const (
	priceFell   = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL
	priceRose   = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE
	medianMoved = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_MEDIAN_MOVED
)

// conditions reads the flags; without any, falls and rises of any size and goods that are gone or back are reported.
func (c watchConditions) conditions() ([]*zhaohuov1.PriceCondition, error) {
	var all []*zhaohuov1.PriceCondition
	add := func(kinds ...zhaohuov1.PriceEventKind) {
		for _, kind := range kinds {
			all = append(all, &zhaohuov1.PriceCondition{Kind: kind})
		}
	}
	for _, flag := range []struct {
		name  string
		texts []string
		kind  zhaohuov1.PriceEventKind
	}{{"--falls", c.Falls, priceFell}, {"--rises", c.Rises, priceRose}, {"--median", c.Median, medianMoved}} {
		for _, text := range flag.texts {
			one, err := changeOf(flag.name, text)
			if err != nil {
				return nil, err
			}
			one.Kind = flag.kind
			all = append(all, one)
		}
	}
	references, err := c.references()
	if err != nil {
		return nil, err
	}
	all = append(all, references...)
	if c.NewCheapest {
		add(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST)
	}
	if c.Suppliers {
		add(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_APPEARED, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_LEFT)
	}
	if c.Gone {
		add(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK)
	}
	switch {
	case c.OnlyFailing && len(all) > 0:
		return nil, usage("--only-failing does not go with other conditions")
	case len(all) == 0 && !c.OnlyFailing:
		add(priceFell, priceRose, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE, zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK)
	}
	return all, nil
}

// references are conditions with another baseline than the observation before.
func (c watchConditions) references() ([]*zhaohuov1.PriceCondition, error) {
	var all []*zhaohuov1.PriceCondition
	for _, flag := range []struct {
		name  string
		texts []string
		kind  zhaohuov1.PriceEventKind
	}{{"--below", c.Below, priceFell}, {"--above", c.Above, priceRose}} {
		for _, text := range flag.texts {
			if _, ok := money.Parse(text); !ok {
				return nil, usage("%s: %q is no price in yuan, such as 9.90", flag.name, text)
			}
			all = append(all, &zhaohuov1.PriceCondition{
				Kind: flag.kind, Baseline: zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE, ReferencePrice: text,
			})
		}
	}
	for _, text := range c.Lowest {
		window, err := spanOf("--lowest-in", text)
		if err != nil {
			return nil, err
		}
		all = append(all, &zhaohuov1.PriceCondition{
			Kind: priceFell, Baseline: zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST, Window: durationpb.New(window),
		})
	}
	return all, nil
}

// changeOf reads a least change: "5%", "0.50" or "any".
func changeOf(flag, text string) (*zhaohuov1.PriceCondition, error) {
	if text == "any" {
		return &zhaohuov1.PriceCondition{}, nil
	}
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		if n, err := strconv.ParseFloat(strings.TrimSpace(percent), 64); err == nil && n > 0 {
			return &zhaohuov1.PriceCondition{LeastChange: &zhaohuov1.PriceCondition_Ratio{Ratio: n / 100}}, nil
		}
	} else if _, ok := money.Parse(text); ok {
		return &zhaohuov1.PriceCondition{LeastChange: &zhaohuov1.PriceCondition_Amount{Amount: text}}, nil
	}
	return nil, usage("%s: %q is no change of a price: give 5%% or 0.50 (yuan), or any", flag, text)
}

// spanOf reads a time such as 30m, 6h, 1h30m or 7d.
func spanOf(flag, text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n > 0 && n < 100_000 {
			return time.Duration(n * float64(24*time.Hour)), nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, usage("%s: %q is no time such as 30m, 6h or 7d", flag, text)
}

// conditionText is a condition in words.
func (s *session) conditionText(c *zhaohuov1.PriceCondition) string {
	text := s.kindText(c.GetKind())
	switch c.GetBaseline() {
	case zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE:
		if c.GetKind() == priceRose {
			text = s.words.say("a price above ¥%s", c.GetReferencePrice())
		} else {
			text = s.words.say("a price below ¥%s", c.GetReferencePrice())
		}
	case zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST:
		text += s.words.say(", against the lowest of %s", spoken(c.GetWindow().AsDuration(), s.words))
	}
	switch least := c.GetLeastChange().(type) {
	case *zhaohuov1.PriceCondition_Ratio:
		text += s.words.say(" by %s", ratioText(least.Ratio))
	case *zhaohuov1.PriceCondition_Amount:
		text += s.words.say(" by %s", "¥"+least.Amount)
	}
	return text
}

// conditionsText is all that a watch reports, in words.
func (s *session) conditionsText(w *zhaohuov1.PriceWatch) string {
	texts := make([]string, 0, len(w.GetConditions()))
	for _, c := range w.GetConditions() {
		texts = append(texts, s.conditionText(c))
	}
	if len(texts) == 0 {
		return s.words.say("only that it fails or recovers")
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), "; ")
}

// ratioText is a change in percent with as many digits as it has.
func ratioText(ratio float64) string { return strconv.FormatFloat(100*ratio, 'g', 6, 64) + " %" }

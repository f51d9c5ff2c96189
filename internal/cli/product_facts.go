package cli

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// furtherFacts are facts that few products have. Those that are not known are left out, so that the sheet stays short.
func furtherFacts(p *zhaohuov1.ProductDetail, words phrases) [][2]string {
	summary, supplier := p.GetSummary(), p.GetSummary().GetSupplier()
	if supplier == nil {
		supplier = &zhaohuov1.Supplier{}
	}
	all := [][2]string{
		{"promotion ends", stampText(summary.GetPromotionEndTime())},
		{"other prices", otherPricesText(summary.GetOtherPrices(), words)},
		{"sold in 7 days", orEmpty(summary.WeeklySoldCount, func(n int64) string { return countText(&n, summary.GetWeeklySoldAtLeast()) })},
		{"repurchase", orEmpty(summary.RepurchaseRate, rateText)},
		{"service", serviceText(summary.GetServiceRates(), words)},
		{"seller is", strings.ReplaceAll(kindsText(supplier), ";", ", ")},
		{"seller scores", scoresText(supplier.GetScores(), words)},
		{"seller service", serviceText(supplier.GetServiceRates(), words)},
		{"trust pass", orEmpty(supplier.TrustPassYears, func(n int32) string { return words.say("%d years", n) })},
		{"mixed orders", mixedText(p.GetMixedOrder(), words)},
		{"invoices", strings.Join(summary.GetInvoiceTerms().GetTypes(), ", ")},
		{"certificates", certificatesText(p.GetCertificates())},
		{"cargo number", p.GetCargoNumber()},
		{"selling points", strings.Join(p.GetSellingPoints(), ", ")},
		{"listed", stampText(summary.GetCreateTime())},
		{"changed", stampText(summary.GetUpdateTime())},
	}
	var some [][2]string
	for _, fact := range all {
		if fact[1] != "" {
			some = append(some, fact)
		}
	}
	return some
}

// orEmpty writes a value; empty if there is none.
func orEmpty[T any](value *T, write func(T) string) string {
	if value == nil {
		return ""
	}
	return write(*value)
}

// stampText is a time as the user's clock shows it; empty if it is not known.
func stampText(at *timestamppb.Timestamp) string {
	if at == nil {
		return ""
	}
	return localTime(at.AsTime())
}

// rateText is a ratio in percent.
func rateText(ratio float64) string { return shareText(&ratio) }

// otherPricesText says whom each price is for.
func otherPricesText(prices []*zhaohuov1.KindPrice, words phrases) string {
	texts := make([]string, len(prices))
	for i, price := range prices {
		name := price.GetKindText()
		switch price.GetKind() {
		case zhaohuov1.PriceKind_PRICE_KIND_PLUS:
			name = words.say("members of PLUS")
		case zhaohuov1.PriceKind_PRICE_KIND_DROPSHIPPING_FREE_SHIPPING:
			name = words.say("dropshipping with shipping included")
		case zhaohuov1.PriceKind_PRICE_KIND_RETAIL:
			name = words.say("suggested for retail")
		}
		texts[i] = moneyText(price.GetPrice())
		if foreign := price.GetForeignPrice(); foreign != nil {
			texts[i] += " (" + moneyText(foreign) + ")"
		}
		texts[i] += " " + name
	}
	return strings.Join(texts, ", ")
}

// named is a value with the name that it has in a list of values.
type named struct{ name, value string }

func namedText(all ...named) string {
	var texts []string
	for _, n := range all {
		if n.value != "" {
			texts = append(texts, n.name+" "+n.value)
		}
	}
	return strings.Join(texts, ", ")
}

// serviceText lists the rates that are known; of two periods, the longer one.
func serviceText(r *zhaohuov1.ServiceRates, words phrases) string {
	either := func(month, week *float64) string {
		if month == nil {
			month = week
		}
		return orEmpty(month, rateText)
	}
	if r == nil {
		return ""
	}
	return namedText(
		named{words.say("picked up in 24 h"), either(r.MonthlyPickup24HRate, r.WeeklyPickup24HRate)},
		named{words.say("picked up in 48 h"), orEmpty(r.MonthlyPickup48HRate, rateText)},
		named{words.say("shipped late"), orEmpty(r.WeeklyDelayedShippingRate, rateText)},
		named{words.say("without fault"), either(r.MonthlyPerfectFulfillmentRate, r.WeeklyPerfectFulfillmentRate)},
		named{words.say("returned for quality"), orEmpty(r.MonthlyQualityReturnRate, rateText)},
		named{words.say("good ratings"), orEmpty(r.PositiveRatingRate, rateText)},
	)
}

func scoresText(s *zhaohuov1.SupplierScores, words phrases) string {
	if s == nil {
		return ""
	}
	score := func(value *float64) string {
		return orEmpty(value, func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) })
	}
	return namedText(
		named{words.say("overall"), score(s.Overall)},
		named{words.say("logistics"), score(s.Logistics)},
		named{words.say("disputes"), score(s.Disputes)},
		named{words.say("goods as offered"), score(s.Products)},
		named{words.say("after sales"), score(s.AfterSales)},
		named{words.say("answers"), score(s.Consultation)},
	)
}

// mixedText says from what amount or number of pieces on products can be mixed.
func mixedText(rule *zhaohuov1.MixedOrderRule, words phrases) string {
	if rule == nil {
		return ""
	}
	if rule.Accepted != nil && !rule.GetAccepted() {
		return words.say("not accepted")
	}
	amount, pieces := moneyText(rule.GetMinimumAmount()), countText(rule.MinimumQuantity, false)
	switch {
	case rule.MinimumAmount != nil && rule.MinimumQuantity != nil:
		return words.say("from %s or %s pieces", amount, pieces)
	case rule.MinimumAmount != nil:
		return words.say("from %s", amount)
	case rule.MinimumQuantity != nil:
		return words.say("from %s pieces", pieces)
	}
	return words.say("accepted")
}

func certificatesText(all []*zhaohuov1.ProductCertificate) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = strings.TrimSpace(c.GetName() + " " + c.GetCode())
	}
	return strings.Join(texts, ", ")
}

package cli

import (
	"strings"
	"time"

	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// kindText is what happened, in words.
func (s *session) kindText(k zhaohuov1.PriceEventKind) string {
	switch k {
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL:
		return s.words.say("price fell")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE:
		return s.words.say("price rose")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST:
		return s.words.say("new cheapest")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_APPEARED:
		return s.words.say("supplier appeared")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_LEFT:
		return s.words.say("supplier left")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_MEDIAN_MOVED:
		return s.words.say("median moved")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE:
		return s.words.say("product gone")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK:
		return s.words.say("product back")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_FAILING:
		return s.words.say("watch failing")
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_RECOVERED:
		return s.words.say("watch recovered")
	}
	return plainName(k.String(), "PRICE_EVENT_KIND_") // Of a newer server.
}

// eventLine is an event in one line: when, of which watch, what, the prices with what they hold for, and of which goods.
func (s *session) eventLine(e *zhaohuov1.PriceEvent) string {
	name := e.GetWatchDisplayName()
	if name == "" {
		name = e.GetWatchId()
	}
	parts := []string{localTime(e.GetTime().AsTime()), plain(name), s.kindText(e.GetKind())}
	if prices := s.changeText(e); prices != "" {
		parts = append(parts, prices)
	}
	if e.GetProductId() != "" {
		parts = append(parts, plain(strings.TrimSpace(e.GetProductId()+" "+e.GetTitle())))
	}
	if supplier := e.GetSupplierName(); supplier != "" {
		parts = append(parts, plain(supplier))
	} else if e.GetSupplierId() != "" {
		parts = append(parts, plain(e.GetSupplierId()))
	}
	if e.GetError() != nil {
		parts = append(parts, plain(status.FromProto(e.GetError()).Message()))
	}
	return strings.Join(parts, gap)
}

// changeText is the prices before and after, and what they hold for.
func (s *session) changeText(e *zhaohuov1.PriceEvent) string {
	before, after := s.pointText(e.GetBefore()), s.pointText(e.GetAfter())
	var text string
	switch {
	case before == "" && after == "":
		return ""
	case before == "":
		text = after
	case after == "":
		text = before + " → " + unknown
	default:
		if same := e.GetBefore().GetPriceBasis() == e.GetAfter().GetPriceBasis() && e.GetAfter().GetProductId() == ""; same {
			before = moneyText(e.GetBefore().GetPrice()) // What it holds for is said once.
		}
		text = before + " → " + after
	}
	if e.ChangeRatio != nil {
		sign := ""
		if e.GetChangeRatio() > 0 {
			sign = "+"
		}
		text += ", " + sign + percentText(e.GetChangeRatio())
	}
	return text
}

// pointText is a price with what it holds for; empty for none.
func (s *session) pointText(p *zhaohuov1.PricePoint) string {
	if p.GetPrice() == nil {
		return ""
	}
	text := moneyText(p.GetPrice())
	var about []string
	if p.GetPriceBasis() != zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED {
		about = append(about, s.basisText(p.GetPriceBasis()))
	}
	if p.GetProductId() != "" {
		about = append(about, plain(p.GetProductId()))
	}
	if len(about) > 0 {
		text += " (" + strings.Join(about, ", ") + ")"
	}
	return text
}

// localTime is a time as the user's clock shows it.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

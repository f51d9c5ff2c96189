package cli

import (
	"cmp"
	"strconv"
	"time"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// pieces is a quantity in words.
func (s *session) pieces(quantity int64) string {
	return counted(s.words, quantity, "piece", "pieces")
}

// buyersPrice says what one unit costs a buyer of a quantity (0: any), and how sure that is. "from" is written before a price
// that may not hold at the quantity.
func (s *session) buyersPrice(p *zhaohuov1.Product, price *moneypb.Money, basis zhaohuov1.PriceBasis, quantity int64) string {
	if price == nil {
		return cmp.Or(p.GetPriceText(), unknown)
	}
	amount := moneyText(price)
	at := s.pieces(quantity)
	switch basis {
	case zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY:
		return s.words.say("%s each at %s (exact)", amount, at)
	case zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION:
		return s.words.say("%s each at %s (promotion%s)", amount, at, s.promotionEnd(p))
	case zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS:
		if quantity > 0 {
			return s.words.say("%s each (price of the smallest order)", amount)
		}
		return s.words.say("from %s (lowest price by quantity)", amount)
	case zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE:
		if quantity > 0 {
			return s.words.say("from %s (lowest of a range; price at %s not known)", amount, at)
		}
		return s.words.say("from %s (lowest of a range)", amount)
	case zhaohuov1.PriceBasis_PRICE_BASIS_LIST:
		if quantity > 0 {
			return s.words.say("from %s (list price; price at %s not known)", amount, at)
		}
		return s.words.say("%s (list price)", amount)
	case zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED:
	}
	return amount
}

// likenessWords says what the likeness of two images is evidence of.
func (s *session) likenessWords(m *zhaohuov1.MeasuredLikeness) string {
	if m == nil {
		return unknown
	}
	value := strconv.FormatFloat(m.GetValue(), 'f', 2, 64)
	other := m.GetComparedWith()
	yours := other == "" || other == callersImage
	switch {
	case m.GetKind() == zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO || m.GetSameBytes():
		if yours {
			return s.words.say("same photo as yours (%s)", value)
		}
		return s.words.say("same photo as %s (%s)", other, value)
	case m.GetKind() == zhaohuov1.EvidenceKind_EVIDENCE_KIND_LOOKS_ALIKE:
		if yours {
			return s.words.say("looks like yours (%s), not proof", value)
		}
		return s.words.say("looks like %s (%s), not proof", other, value)
	case yours:
		return s.words.say("likeness to yours %s", value)
	}
	return s.words.say("likeness to %s %s", other, value)
}

// callersImage is how answers name the image of the request.
const callersImage = "caller"

// rankWords says why an offer is ranked before the next one.
func (s *session) rankWords(reason zhaohuov1.RankReason, quantity int64) string {
	switch reason {
	case zhaohuov1.RankReason_RANK_REASON_CAN_BE_BOUGHT:
		return s.words.say("it can be bought at this quantity, and the next one cannot")
	case zhaohuov1.RankReason_RANK_REASON_PRICE_HOLDS:
		return s.words.say("its price holds at %s; of the next one only a price \"from\" is known", s.pieces(quantity))
	case zhaohuov1.RankReason_RANK_REASON_LOWER_PRICE:
		return s.words.say("one piece costs less than at the next one")
	case zhaohuov1.RankReason_RANK_REASON_PRICE_KNOWN:
		return s.words.say("the price of the next one is not known")
	case zhaohuov1.RankReason_RANK_REASON_FACTORY:
		return s.words.say("at the same price as the next one, its supplier is a factory")
	case zhaohuov1.RankReason_RANK_REASON_SMALLER_ORDER:
		return s.words.say("at the same price as the next one, its smallest order is smaller")
	case zhaohuov1.RankReason_RANK_REASON_MORE_SOLD:
		return s.words.say("at the same price as the next one, more of it are sold")
	case zhaohuov1.RankReason_RANK_REASON_MORE_REPURCHASED:
		return s.words.say("at the same price as the next one, more buyers come back")
	case zhaohuov1.RankReason_RANK_REASON_LANDED_TOTAL_KNOWN:
		return s.words.say("what it costs with freight is known, and not of the next one")
	case zhaohuov1.RankReason_RANK_REASON_LOWER_LANDED_TOTAL:
		return s.words.say("with freight it costs less than the next one")
	case zhaohuov1.RankReason_RANK_REASON_ID:
		return s.words.say("nothing sets it apart from the next one")
	case zhaohuov1.RankReason_RANK_REASON_UNSPECIFIED:
	}
	return s.words.say("it is the only one")
}

// openWords says how many offers may cost less than the cheapest.
func (s *session) openWords(open int32) string {
	return counted(s.words, open, "other offer may cost less", "other offers may cost less")
}

// inexactWords says whether the cheapest offer is proven, and if not, why.
func (s *session) inexactWords(reason zhaohuov1.InexactReason, quantity int64) string {
	at := s.pieces(quantity)
	switch reason {
	case zhaohuov1.InexactReason_INEXACT_REASON_NO_QUANTITY:
		return s.words.say("for the price that you pay, give --quantity")
	case zhaohuov1.InexactReason_INEXACT_REASON_BUDGET:
		return s.words.say("--max-calls was spent before all prices at %s were known", at)
	case zhaohuov1.InexactReason_INEXACT_REASON_DETAILS_FAILED:
		return s.words.say("not all prices at %s are known: details failed", at)
	case zhaohuov1.InexactReason_INEXACT_REASON_NOT_IN_DETAILS:
		return s.words.say("not all prices at %s are known: they differ by variant, or the details have none", at)
	case zhaohuov1.InexactReason_INEXACT_REASON_FREIGHT_UNKNOWN:
		return s.words.say("the freight of offers that may cost less is not known")
	case zhaohuov1.InexactReason_INEXACT_REASON_UNSPECIFIED:
	}
	return s.words.say("no other offer can cost less at %s", at)
}

// promotionEnd says when the promotion of a product ends.
func (s *session) promotionEnd(p *zhaohuov1.Product) string {
	if end := p.GetPromotionEndTime(); end != nil {
		return s.words.say(" until %s", end.AsTime().Format(time.DateTime+" UTC"))
	}
	return s.words.say(", its end is not known")
}

package cli

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// comboFreight are the flags of strategies that may ask for freight.
type comboFreight struct {
	FreightTo     string `name:"freight-to" placeholder:"CODE" help:"Order offers by what --quantity pieces cost with their freight to this place: the code of a district in China as for zhaohuo freight, such as 330108."`
	FreightOffers *int32 `name:"freight-offers" placeholder:"N" help:"With --freight-to: ask for the freight of the N best offers, 1 to 20 (default 5). Each costs an upstream call."`
}

// freight is the question about freight; nil for none.
func (c comboFreight) freight(quantity int64) (*zhaohuov1.FreightQuestion, error) {
	switch {
	case c.FreightTo == "" && c.FreightOffers == nil:
		return nil, nil
	case c.FreightTo == "":
		return nil, usage("--freight-offers needs --freight-to")
	case quantity == 0:
		return nil, usage("--freight-to needs --quantity: freight depends on it")
	}
	to, err := destinationOf("--freight-to", c.FreightTo)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.FreightQuestion{Destination: to, MaxOffers: c.FreightOffers}, nil
}

// landedColumns are the columns of what offers cost with their freight.
func landedColumns() []column { return []column{{title: "FREIGHT"}, {title: "WITH FREIGHT"}} }

// landedCells are the cells of one offer in [landedColumns].
func (s *session) landedCells(l *zhaohuov1.LandedCost) []string {
	freight := s.landedUnknown(l.GetUnknownReason())
	if l.GetFreight().GetAmount() != nil {
		freight = s.freightText(l.GetFreight())
	}
	return []string{freight, s.landedText(l)}
}

// landedText is what all pieces of an offer cost with their freight.
func (s *session) landedText(l *zhaohuov1.LandedCost) string {
	if l.GetTotal() == nil {
		return unknown
	}
	switch l.GetPriceBasis() {
	case zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY, zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION:
		return moneyText(l.GetTotal())
	}
	return s.words.say("at least %s", moneyText(l.GetTotal()))
}

// landedWords is a sentence's part about what an offer costs with its freight; empty if freight was not asked for.
func (s *session) landedWords(l *zhaohuov1.LandedCost) string {
	switch {
	case l == nil:
		return ""
	case l.GetTotal() == nil:
		return s.words.say("; freight %s", s.landedUnknown(l.GetUnknownReason()))
	}
	return s.words.say("; %s with freight for %s", s.landedText(l), s.pieces(l.GetQuantity()))
}

// landedUnknown says why it is not known what an offer costs with its freight.
func (s *session) landedUnknown(why zhaohuov1.LandedUnknownReason) string {
	switch why {
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_FREIGHT_NOT_NAMED:
		return s.words.say("not known, which is not free: ask the seller")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_FREIGHT_FAILED:
		return s.words.say("not known: asking failed")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_BUDGET:
		return s.words.say("not asked: --max-calls was spent")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_MAX_OFFERS:
		return s.words.say("not asked: more by --freight-offers")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_PRICE_UNKNOWN:
		return s.words.say("not asked: the price is not known")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_CANNOT_BE_BOUGHT:
		return s.words.say("not asked: it cannot be bought")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_TOO_LARGE:
		return s.words.say("the sum is too large")
	case zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_UNSPECIFIED:
	}
	return unknown
}

package agent

import (
	"github.com/google/jsonschema-go/jsonschema"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// freightOffers is of how many offers the freight is asked for, unless the agent says otherwise.
const freightOffers = 5

// shipped is embedded by the arguments of strategies that may ask for freight.
type shipped struct {
	FreightTo     string `json:"freight_to,omitempty" jsonschema:"Rank by what the quantity costs with its freight to this place in China: the code of a district (GB/T 2260), such as 330108, or of a city without districts. quantity must be given."`
	FreightOffers int32  `json:"freight_offers,omitempty" jsonschema:"Ask for the freight of this many of the best offers; each costs an upstream call. 5 unless set."`
}

// freight is the question about freight; nil for none. The first two digits of a code name the province, the next two the city.
func (s shipped) freight() *zhaohuov1.FreightQuestion {
	const ofProvince, ofCity = 2, 4
	if s.FreightTo == "" {
		return nil
	}
	return &zhaohuov1.FreightQuestion{MaxOffers: given(s.FreightOffers), Destination: &zhaohuov1.FreightDestination{
		ProvinceCode: s.FreightTo[:ofProvince] + "0000", CityCode: s.FreightTo[:ofCity] + "00", DistrictCode: s.FreightTo,
	}}
}

// calls is how many upstream calls are wanted: those that were asked for, or the usual ones and one for each freight.
func (s shipped) calls(asked, usual, most int) int {
	switch {
	case asked > 0 || s.FreightTo == "":
		return asked
	case s.FreightOffers == 0:
		return min(usual+freightOffers, most)
	}
	return min(usual+int(s.FreightOffers), most)
}

// shapeFreight completes the schema of a strategy that may ask for freight.
func shapeFreight(schema *jsonschema.Schema) {
	const offersMax = 20
	schema.Properties["freight_to"].Pattern = "^[0-9]{6}$"
	p := schema.Properties["freight_offers"]
	p.Minimum, p.Maximum = jsonschema.Ptr(1.0), jsonschema.Ptr(float64(offersMax))
}

// landedCost is what all pieces of an offer cost with their freight.
type landedCost struct {
	Quantity int64   `json:"quantity"`
	Freight  *amount `json:"freight,omitempty"`
	Total    *amount `json:"total,omitempty"`
	// Unknown is why there is no total. Freight that is not known is not free.
	Unknown string `json:"total_unknown_because,omitempty"`
}

// landedOf is nil if freight was not asked for.
func landedOf(l *zhaohuov1.LandedCost) *landedCost {
	if l == nil {
		return nil
	}
	is := &landedCost{Quantity: l.GetQuantity(), Freight: amountOf(l.GetFreight().GetAmount(), ""), Total: amountOf(l.GetTotal(), basisOf(l.GetPriceBasis()))}
	if is.Total == nil {
		is.Unknown = short(l.GetUnknownReason().String(), "LANDED_UNKNOWN_REASON_")
	}
	return is
}

// text is the end of a line about an offer.
func (l *landedCost) text(in language) string {
	switch {
	case l == nil:
		return ""
	case l.Total == nil:
		return in.say(landedUnknown, l.Unknown)
	}
	return in.say(landedTotal, l.Total.text(in))
}

package cli

import (
	"strconv"
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// freightCommand says what it costs to send a product.
type freightCommand struct {
	ID       string   `arg:"" name:"id" help:"Id of the product, or a link to its page on 1688."`
	To       string   `name:"to" required:"" placeholder:"CODE" help:"Where to: the administrative code of a district in China, 6 digits, such as 330108. For a city without districts, the city's code."`
	Quantity int64    `name:"quantity" placeholder:"N" help:"How many pieces. Default 1, or the sum of --sku."`
	SKU      []string `name:"sku" placeholder:"ID:N,…" help:"How many pieces of which variants, such as 6023333753098:20. Or ID:SPEC_ID:N, for an App Key that may not call the estimate."`
	Output   string   `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *freightCommand) Run(s *session) error {
	id, err := productID(c.ID)
	if err != nil {
		return err
	}
	q := &zhaohuov1.EstimateFreightRequest{Id: id, Quantity: c.Quantity}
	if q.Destination, err = destinationOf("--to", c.To); err != nil {
		return err
	}
	if q.Skus, err = freightSKUs(c.SKU); err != nil {
		return err
	}
	if len(q.GetSkus()) == 0 && c.Quantity == 0 {
		q.Quantity = 1
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.EstimateFreight), q)
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return s.writeFreight(answer)
}

// destinationOf is the district of a code, with its city and its province: the first four digits name the city, the first two
// the province.
func destinationOf(flag, code string) (*zhaohuov1.FreightDestination, error) {
	const digits, ofProvince, ofCity = 6, 2, 4
	if _, err := strconv.ParseUint(code, 10, 32); err != nil || len(code) != digits {
		return nil, usage("%s must be the code of a district in China: 6 digits, such as 330108", flag)
	}
	return &zhaohuov1.FreightDestination{
		ProvinceCode: code[:ofProvince] + "0000", CityCode: code[:ofCity] + "00", DistrictCode: code,
	}, nil
}

// freightSKUs reads ID:N or ID:SPEC_ID:N.
func freightSKUs(texts []string) ([]*zhaohuov1.FreightSku, error) {
	var all []*zhaohuov1.FreightSku
	for _, text := range texts {
		id, rest, _ := strings.Cut(text, ":")
		spec, number, three := strings.Cut(rest, ":")
		if !three {
			spec, number = "", rest
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if id == "" || err != nil || n < 1 {
			return nil, usage("--sku must be ID:N or ID:SPEC_ID:N, such as 6023333753098:20, but is %q", text)
		}
		all = append(all, &zhaohuov1.FreightSku{Id: id, SpecId: spec, Quantity: n})
	}
	return all, nil
}

func (s *session) writeFreight(answer *zhaohuov1.EstimateFreightResponse) error {
	f := answer.GetFreight()
	rows := [][]string{
		{s.words.say("freight"), s.freightText(f)},
		{s.words.say("pieces"), strconv.FormatInt(f.GetQuantity(), 10)},
	}
	if f.GetBasis() == zhaohuov1.FreightBasis_FREIGHT_BASIS_ORDER_PREVIEW {
		rows = append(rows, []string{s.words.say("based on"), s.words.say("an order that was previewed and not made")})
	}
	if t := f.GetTariff(); t != nil {
		rows = append(rows, []string{s.words.say("tariff"), t.GetName()})
		if t.GetFirstFee() != nil {
			rows = append(rows, []string{s.words.say("first fee"), s.feeText(t.GetFirstFee(), t.GetFirstUnits(), t.GetCharge())})
		}
		if t.GetNextFee() != nil {
			rows = append(rows, []string{s.words.say("each further"), s.feeText(t.GetNextFee(), t.GetNextUnits(), t.GetCharge())})
		}
	}
	if f.WeightGrams != nil {
		rows = append(rows, []string{s.words.say("weight of one piece"), gramsText(f.WeightGrams)})
	}
	if err := writeTable(s, []column{{title: "PROPERTY"}, {title: "VALUE"}}, rows); err != nil {
		return err
	}
	return s.printEnd("source %s\n", sourceName(answer.GetMeta()))
}

// freightText is the freight, which may be free, or not known.
func (s *session) freightText(f *zhaohuov1.FreightQuote) string {
	switch {
	case f.GetFree():
		return s.words.say("free")
	case f.GetAmount() != nil:
		return moneyText(f.GetAmount())
	}
	return s.words.say("not known, which is not free: ask the seller")
}

// feeText is a fee of a tariff and how much it is for.
func (s *session) feeText(fee *moneypb.Money, units string, charge zhaohuov1.FreightCharge) string {
	switch {
	case units == "":
		return moneyText(fee)
	case charge == zhaohuov1.FreightCharge_FREIGHT_CHARGE_WEIGHT:
		return s.words.say("%s for %s kg", moneyText(fee), units)
	case charge == zhaohuov1.FreightCharge_FREIGHT_CHARGE_PIECES:
		return s.words.say("%s for %s pieces", moneyText(fee), units)
	case charge == zhaohuov1.FreightCharge_FREIGHT_CHARGE_VOLUME:
		return s.words.say("%s for %s cubic metres", moneyText(fee), units)
	}
	return s.words.say("%s for %s", moneyText(fee), units)
}

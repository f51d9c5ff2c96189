package cli

import (
	"maps"
	"slices"
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// trendsCommand shows what 1688 recorded of a product.
type trendsCommand struct {
	ID     string   `arg:"" name:"id" help:"Id of the product, or a link to its page on 1688."`
	Kind   []string `name:"kind" enum:"sales,price,repurchase" placeholder:"KIND,…" help:"What to show: sales, price and repurchase (all unless given)."`
	From   string   `name:"from" placeholder:"DATE" help:"First day, a date of Shanghai such as 2026-07-01, at most 90 days ago."`
	To     string   `name:"to" placeholder:"DATE" help:"Last day (default yesterday)."`
	Output string   `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// trendKinds are the kinds by their word on the command line.
var trendKinds = map[string]zhaohuov1.ProductTrendKind{
	"sales":      zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES,
	"price":      zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE,
	"repurchase": zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE,
}

// Run requests and writes the answer: a row a day. A kind that failed is said on standard error.
func (c *trendsCommand) Run(s *session) error {
	id, err := productID(c.ID)
	if err != nil {
		return err
	}
	q := &zhaohuov1.GetProductTrendsRequest{Id: id, StartDate: c.From, EndDate: c.To}
	for _, word := range c.Kind {
		q.Kinds = append(q.Kinds, trendKinds[word])
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.GetProductTrends), q)
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	titles := map[zhaohuov1.ProductTrendKind]string{
		zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES: "SOLD", zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE: "MEDIAN PRICE",
		zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE: "REPURCHASE",
	}
	columns, days := []column{{title: "DATE"}}, map[string][]string{}
	for i, trend := range answer.GetTrends() {
		columns = append(columns, column{title: titles[trend.GetKind()], right: true})
		for _, point := range trend.GetPoints() {
			if days[point.GetDate()] == nil {
				days[point.GetDate()] = slices.Repeat([]string{unknown}, len(answer.GetTrends()))
			}
			days[point.GetDate()][i] = trendText(point)
		}
	}
	var rows [][]string
	for _, day := range slices.Sorted(maps.Keys(days)) {
		rows = append(rows, append([]string{day}, days[day]...))
	}
	if err := s.writeHints(columns, rows, "day", len(rows), answer.GetMeta()); err != nil {
		return err
	}
	for _, trend := range answer.GetTrends() {
		if trend.GetError() != nil {
			if err := s.printEnd("%s is incomplete: %s\n", s.words.say(titles[trend.GetKind()]), trend.GetError().GetMessage()); err != nil {
				return err
			}
		}
	}
	return nil
}

// trendText is the value of a day, or that there is none.
func trendText(p *zhaohuov1.ProductTrendPoint) string {
	switch {
	case p.UnitsSold != nil:
		return strconv.FormatInt(p.GetUnitsSold(), 10)
	case p.GetMedianPrice() != nil:
		return amount(p.GetMedianPrice())
	case p.RepurchaseRate != nil:
		return percentText(p.GetRepurchaseRate())
	}
	return unknown
}

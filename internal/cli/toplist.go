package cli

import (
	"cmp"
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// topCommand lists a ranking of a category.
type topCommand struct {
	Category string `arg:"" name:"category" help:"Id of the category."`
	Rank     string `name:"rank" placeholder:"WORD" help:"Kind of ranking: complex, hot or goodPrice, or another word of 1688 (default complex)."`
	Limit    *int32 `name:"limit" placeholder:"N" help:"How many products, at most 20 (default 10)."`
	Language string `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the titles: ${languages}."`
	Output   string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *topCommand) Run(s *session) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.ListTopProducts), &zhaohuov1.ListTopProductsRequest{
		CategoryId: c.Category, RankType: c.Rank, Limit: c.Limit, LanguageCode: c.Language,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	var rows [][]string
	for _, top := range answer.GetProducts() {
		p := top.GetProduct()
		rank, buyers, score := unknown, unknown, unknown
		if top.Rank != nil {
			rank = strconv.Itoa(int(top.GetRank()))
		}
		if top.BuyerCount != nil {
			buyers = strconv.FormatInt(top.GetBuyerCount(), 10)
		}
		if top.TradeScore != nil {
			score = strconv.FormatFloat(top.GetTradeScore(), 'f', -1, 64)
		}
		rows = append(rows, []string{
			rank, p.GetId(), cmp.Or(p.GetTitleTranslated(), p.GetTitle(), unknown), countText(p.SoldCount, p.GetSoldAtLeast()), buyers, score,
		})
	}
	columns := []column{{title: "RANK", right: true}, {title: "ID"}, {title: "TITLE", widest: 40}, {title: "SOLD", right: true}, {title: "BUYERS", right: true}, {title: "SCORE"}}
	return s.writeHints(columns, rows, "product", len(rows), answer.GetMeta())
}

package cli

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// sellerCommand lists a seller's products.
type sellerCommand struct {
	Seller  string `arg:"" name:"seller-id" help:"The seller's id, as zhaohuo product shows it."`
	Keyword string `name:"keyword" placeholder:"WORDS" help:"Keywords that the products must match."`

	criteria `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *sellerCommand) Run(s *session) error {
	filters, err := c.filters()
	if err != nil {
		return err
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.ListSellerProducts), &zhaohuov1.ListSellerProductsRequest{
		SellerId: c.Seller, Keyword: c.Keyword, Page: c.Page, PageSize: c.PageSize, PriceMin: c.MinPrice, PriceMax: c.MaxPrice,
		CategoryId: c.Category, Sort: sorts[c.Sort], Filters: filters, LanguageCode: c.Language, IncludeRaw: c.Raw,
	})
	if err != nil {
		return err
	}
	return s.writeListing(c.Output, answer, answer.Total)
}

package cli

import (
	"fmt"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// expandCommand finds more products to sell.
type expandCommand struct {
	Seeds   []string `arg:"" name:"seed" help:"Words that sell, 1 to 5 of them; quote those with spaces."`
	Winners *int32   `name:"winners" placeholder:"N" help:"Search by the images of the N best sellers, 1 to 10 (default 3)."`

	comboCriteria `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *expandCommand) Run(s *session) error {
	question := func(filters []zhaohuov1.ProductFilter) (*zhaohuov1.ExpandSelectionRequest, error) {
		return &zhaohuov1.ExpandSelectionRequest{
			Seeds: c.Seeds, Winners: c.Winners, PriceMin: c.MinPrice, PriceMax: c.MaxPrice,
			CategoryId: c.Category, MaxUpstreamCalls: c.MaxCalls, SkipLikeness: c.SkipLikeness,
			Sort: c.order(), Filters: filters, FacetIds: c.Facet, LanguageCode: c.Language,
		}, nil
	}
	return runCombo(s, c.Target, c.comboCriteria, zhaohuov1.ComboServiceClient.StreamExpandSelection, question, expandParts, c.write)
}

// write writes the answer as tables.
func (c *expandCommand) write(s *session, answer *zhaohuov1.ExpandSelectionResponse) error {
	return s.writeSelection(answer, c.All)
}

func (s *session) writeSelection(answer *zhaohuov1.ExpandSelectionResponse, all bool) error {
	s.print("best sellers: %d\n", len(answer.GetWinners()))
	if err := (page{products: answer.GetWinners()}).writeGoods(s); err != nil {
		return err
	}
	for i, c := range answer.GetClusters() {
		s.print("\nlook-alikes %d, of %s: %s to %s, %s", i+1, c.GetWinnerId(),
			moneyText(c.GetPriceLow()), moneyText(c.GetPriceHigh()), counted(s.words, c.GetSuppliers(), "supplier", "suppliers"))
		if n := c.GetUnknownSuppliers(); n > 0 {
			s.print(" and %d goods of unknown suppliers", n)
		}
		fmt.Fprintln(s.Stdout)
		shown, more := tail(c.GetProducts(), all)
		if err := alikePage(shown).writeGoods(s); err != nil {
			return err
		}
		if err := s.writeMore(more, "look-alike", "look-alikes"); err != nil {
			return err
		}
	}
	if words := answer.GetRelatedKeywords(); len(words) > 0 {
		s.print("\nbuyers also search for: %s\n", plain(strings.Join(words, ", ")))
	}
	return s.comboFooter(answer.GetMeta())
}

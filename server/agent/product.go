package agent

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// listMax bounds how many variants, attributes and images an answer in normal detail has.
const listMax = 20

// tier is the price of one unit from a quantity on.
type tier struct {
	From      int64   `json:"from"`
	Price     *amount `json:"price,omitempty"`
	Promotion *amount `json:"promotion_price,omitempty"`
}

// variant is a variant of a product.
type variant struct {
	ID        string  `json:"id"`
	Is        string  `json:"is,omitempty"`
	Price     *amount `json:"price,omitempty"`
	Promotion *amount `json:"promotion_price,omitempty"`
	Stock     *int64  `json:"stock,omitempty"`
}

// details are all that an agent learns of one product.
type details struct {
	about

	Product    *goods            `json:"product"`
	Status     string            `json:"status,omitempty"`
	Tiers      []tier            `json:"price_tiers,omitempty"`
	Variants   []variant         `json:"variants,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Images     []string          `json:"images,omitempty"`
	// Left counts what was left out of the lists above; detail full has all.
	Left         map[string]int `json:"left_out,omitempty"`
	Unit         string         `json:"unit,omitempty"`
	WeightGrams  *int64         `json:"weight_grams,omitempty"`
	SizeMM       []int64        `json:"size_mm,omitempty"`
	ShipsFrom    string         `json:"ships_from,omitempty"`
	Stock        *int64         `json:"stock,omitempty"`
	BatchSize    *int64         `json:"batch_size,omitempty"`
	Category     string         `json:"category,omitempty"`
	Certificates []string       `json:"certificates,omitempty"`
}

// bound is how much of a list is shown; what is left out is counted.
func (d *details) bound(name string, length int, detail string) int {
	if detail == detailFull || length <= listMax {
		return length
	}
	if d.Left == nil {
		d.Left = map[string]int{}
	}
	d.Left[name] = length - listMax
	return listMax
}

func detailsOf(p *zhaohuov1.ProductDetail, detail string) *details {
	d := &details{
		Product: goodsOf(p.GetSummary(), detail), ShipsFrom: p.GetShipsFrom(), Stock: p.Stock, BatchSize: p.BatchSize,
		Category: p.GetCategoryName(), WeightGrams: p.WeightGrams, Unit: cmp.Or(p.GetUnitTranslated(), p.GetUnit()),
	}
	if p.GetStatus() != zhaohuov1.ProductStatus_PRODUCT_STATUS_UNSPECIFIED {
		d.Status = short(p.GetStatus().String(), "PRODUCT_STATUS_")
	}
	for _, t := range p.GetPriceTiers() {
		d.Tiers = append(d.Tiers, tier{t.GetMinQuantity(), amountOf(t.GetPrice(), ""), amountOf(t.GetPromotionPrice(), "")})
	}
	if detail == detailShort {
		return d
	}
	for _, s := range p.GetSkus()[:d.bound("variants", len(p.GetSkus()), detail)] {
		d.Variants = append(d.Variants, variant{s.GetId(), attributeText(s.GetAttributes()), amountOf(s.GetPrice(), ""), amountOf(s.GetPromotionPrice(), ""), s.Stock})
	}
	for _, a := range p.GetAttributes()[:d.bound("attributes", len(p.GetAttributes()), detail)] {
		if d.Attributes == nil {
			d.Attributes = map[string]string{}
		}
		name, value := cmp.Or(a.GetNameTranslated(), a.GetName()), cmp.Or(a.GetValueTranslated(), a.GetValue())
		if before := d.Attributes[name]; before != "" {
			value = before + ", " + value
		}
		d.Attributes[name] = value
	}
	d.Images = p.GetImageUrls()[:d.bound("images", len(p.GetImageUrls()), detail)]
	if size := p.GetSize(); size != nil && size.LengthMm != nil && size.WidthMm != nil && size.HeightMm != nil {
		d.SizeMM = []int64{size.GetLengthMm(), size.GetWidthMm(), size.GetHeightMm()}
	}
	for _, c := range p.GetCertificates() {
		d.Certificates = append(d.Certificates, strings.TrimSpace(c.GetName()+" "+c.GetCode()))
	}
	return d
}

func attributeText(all []*zhaohuov1.ProductAttribute) string {
	parts := make([]string, len(all))
	for i, a := range all {
		parts[i] = cmp.Or(a.GetNameTranslated(), a.GetName()) + ": " + cmp.Or(a.GetValueTranslated(), a.GetValue())
	}
	return strings.Join(parts, ", ")
}

// text are the lines of a product in detail.
func (d *details) text(in language) []string {
	text := []string{strings.TrimPrefix(d.Product.line(in, 1), "1. ")}
	for _, t := range d.Tiers {
		if t.Price != nil {
			text = append(text, in.say(priceAt, t.From, t.Price.text(in)))
		}
	}
	if d.Status != "" {
		text = append(text, d.Status)
	}
	if n := len(d.Variants) + d.Left["variants"]; n > 0 {
		text = append(text, in.say(variantCount, n))
	}
	for _, name := range sortedKeys(d.Attributes) {
		text = append(text, name+": "+d.Attributes[name])
	}
	return text
}

type getProduct struct {
	ID string `json:"id" jsonschema:"The product's id: digits, as lists give it."`
	shown
	Pictures int `json:"pictures,omitempty" jsonschema:"1 to show a small picture of the product. 0 unless set."`
	bounded
}

type listSellerProducts struct {
	Seller  string `json:"seller_id" jsonschema:"The seller's id: supplier.id of a product from get_product."`
	Keyword string `json:"keyword,omitempty" jsonschema:"Words that the goods must fit. Not set: all goods."`
	narrowed
	paged
	shown
	Pictures int `json:"pictures,omitempty" jsonschema:"How many of the first products to show a small picture of, 0 to 4. 0 unless set."`
	bounded
}

func (s *Server) addProducts() error {
	err := add(s, tool{
		name: "get_product", title: "One product in detail",
		description: "Gives one product in detail: prices by quantity, variants, attributes, weight, supplier. Costs one upstream call.",
		calls:       spending{usual: 3, most: 10, least: 1},
		shape: func(schema *jsonschema.Schema) {
			shapes(schema)
			if p := schema.Properties["pictures"]; p != nil {
				p.Maximum = jsonschema.Ptr(1.0)
			}
			s.shapePictures(schema)
		},
	}, func(ctx context.Context, c *call, in getProduct) (*answer, error) {
		found, err := c.products.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: in.ID, LanguageCode: in.Language})
		if err != nil {
			return nil, err
		}
		c.answered(found.GetMeta())
		d := detailsOf(found.GetProduct(), in.Detail)
		return &answer{lines: d.text(c.language), structure: d, pictures: c.pictures(ctx, []*zhaohuov1.Product{found.GetProduct().GetSummary()}, in.Pictures)}, nil
	})
	if err != nil {
		return err
	}
	return add(s, tool{
		name: "list_seller_products", title: "The goods of a seller",
		description: "Lists the goods of one seller, a page of them. Costs one upstream call.",
		calls:       spending{usual: 3, most: 10, least: 1}, shape: s.shapeList,
	}, func(ctx context.Context, c *call, in listSellerProducts) (*answer, error) {
		page, err := c.products.ListSellerProducts(ctx, &zhaohuov1.ListSellerProductsRequest{
			SellerId: in.Seller, Keyword: in.Keyword, Page: in.page(), PageSize: in.pageSize(), PriceMin: in.PriceMin, PriceMax: in.PriceMax,
			CategoryId: in.Category, Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language,
		})
		if err != nil {
			return nil, err
		}
		return c.listed(ctx, page, page.Total, in.Detail, in.Pictures), nil
	})
}

// shapeList completes the schema of a tool that lists goods.
func (s *Server) shapeList(schema *jsonschema.Schema) {
	shapes(schema)
	s.shapePictures(schema)
}

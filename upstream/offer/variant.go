package offer

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// variants reads the list of variants. An element that is no variant fails the answer: without it the list would look
// complete.
func (r *reader) variants(parcels parcels) ([]*zhaohuov1.ProductSku, error) {
	list := r.at(fieldVariants)
	if normal.Blank(list) {
		return nil, nil
	}
	if !list.IsArray() {
		return nil, unreadable("the product's variants are no list")
	}
	terms := r.variantTerms()
	var all []*zhaohuov1.ProductSku
	for i, row := range list.Array() {
		if !row.IsObject() {
			return nil, unreadable("variant %d of the product is no object", i+1)
		}
		sku := readVariant(row, terms)
		sku.WeightGrams, sku.Size = parcels.of(sku).best()
		all = append(all, sku)
	}
	return all, nil
}

// variantTerms are what the product says about the prices of its variants.
type variantTerms struct {
	promotion  promotion
	translated bool
	currency   string
	// singly is true unless the product is not sold by the piece; freePostage if a single piece is sent free of charge.
	singly, freePostage bool
}

func (r *reader) variantTerms() variantTerms {
	tagged, known := r.tag(tagDropshipping)
	free, flagged := normal.Bool(r.at(fieldFreePostage))
	if !flagged {
		free, _ = r.tag(tagFreePostage)
	}
	return variantTerms{promotion: r.promotion(), translated: r.Translated, currency: r.Currency, singly: !known || tagged, freePostage: free}
}

func readVariant(row gjson.Result, terms variantTerms) *zhaohuov1.ProductSku {
	r := reader{Options: Options{Translated: terms.translated, Currency: terms.currency}}
	r.read(row)
	sku := &zhaohuov1.ProductSku{
		Id:          r.id(fieldVariantID),
		SpecId:      r.text(fieldSpecID),
		Stock:       r.count(fieldStock),
		Price:       r.single(fieldPrice),
		ImageUrl:    r.url(fieldImage),
		Attributes:  r.attributes(),
		CargoNumber: r.text(fieldCargoNumber),
		// The upstream converts the price for everybody.
		ForeignPrice: r.foreign(fieldForeignPrice),
	}
	if sku.ImageUrl == nil {
		sku.ImageUrl = r.attributeImage("skuImageUrl")
	}
	if r.Translated {
		if sku.ImageUrlTranslated = r.url(fieldImageTranslated); sku.ImageUrlTranslated == nil {
			sku.ImageUrlTranslated = r.attributeImage("skuImageUrlTrans")
		}
	}
	prices := kinds{}
	prices.promote(terms.promotion, r.single(fieldPromotionPrice), r.foreign(fieldForeignPromotionPrice))
	if terms.singly {
		sku.DropshippingPrice = r.single(fieldOnePiecePrice)
	}
	if terms.freePostage {
		prices.add(zhaohuov1.PriceKind_PRICE_KIND_DROPSHIPPING_FREE_SHIPPING, sku.GetDropshippingPrice(), nil)
	}
	prices.add(zhaohuov1.PriceKind_PRICE_KIND_RETAIL, r.single(fieldRetailPrice), r.foreign(fieldForeignRetailPrice))
	sku.PromotionPrice, sku.ForeignPromotionPrice, sku.OtherPrices = prices.promotion, prices.foreignPromotion, prices.list()
	return sku
}

// attributeImage is the first image under a name in the attributes.
func (r *reader) attributeImage(name string) (image *string) {
	r.at(fieldAttributes).ForEach(func(_, row gjson.Result) bool {
		image = address(row.Get(name))
		return image == nil
	})
	return image
}

// attributes reads a list of properties. The upstream sends a property with several values as several rows of one id.
func (r *reader) attributes() []*zhaohuov1.ProductAttribute {
	var all []*zhaohuov1.ProductAttribute
	r.at(fieldAttributes).ForEach(func(_, row gjson.Result) bool {
		// The id is text in the product's own properties and a number in its variants'.
		id, _ := normal.ID(normal.First(row, attributeIDNames...))
		a := &zhaohuov1.ProductAttribute{
			Id:    id,
			Name:  normal.Text(normal.First(row, attributeNameNames...)),
			Value: normal.Text(normal.First(row, attributeValueNames...)),
		}
		if r.Translated {
			a.NameTranslated = optional(normal.Text(row.Get("attributeNameTrans")))
			a.ValueTranslated = optional(normal.Text(row.Get("valueTrans")))
		}
		if a.GetName() != "" || a.GetValue() != "" {
			all = append(all, a)
		}
		return true
	})
	return normal.Properties(all)
}

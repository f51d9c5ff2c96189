package offer

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// Detail reads one product with all that an answer says of it. It fails if the object is no product, or if its variants
// cannot be read: without them the list would look complete.
func Detail(object gjson.Result, o Options) (*zhaohuov1.ProductDetail, error) {
	if !object.IsObject() {
		return nil, unreadable("a product's detail was expected")
	}
	r := reader{Options: o}
	r.read(object)
	p := &zhaohuov1.ProductDetail{
		Summary:      r.summary(),
		StatusText:   normal.Text(r.at(fieldStatus)),
		CategoryName: r.text(fieldCategoryName),
		Attributes:   r.attributes(),
		// An image on a white background comes after the others.
		ImageUrls:     normal.URLs(r.at(fieldImage), r.at(fieldImages), r.at(fieldWhiteImage)),
		VideoUrl:      r.url(fieldMainVideo),
		Unit:          r.text(fieldUnit),
		ShipsFrom:     r.text(fieldShipsFrom),
		Stock:         r.count(fieldStock),
		BatchSize:     r.positive(fieldBatch),
		MixedOrder:    r.mixedOrder(),
		Certificates:  certificates(r.at(fieldCertificates)),
		CargoNumber:   r.text(fieldCargoNumber),
		SellingPoints: texts(r.at(fieldSellingPoints)),
	}
	if p.GetSummary().GetId() == "" {
		return nil, unreadable("the product's detail has no id")
	}
	p.Status = normal.Status(p.GetStatusText())
	if p.VideoUrl == nil {
		p.VideoUrl = r.url(fieldSecondVideo)
	}
	if len(p.GetImageUrls()) > 0 {
		p.Summary.ImageUrl = &p.ImageUrls[0]
	}
	r.describe(p)
	parcels := r.parcels()
	p.WeightGrams, p.Size = parcels.full.best()
	var err error
	if p.Skus, err = r.variants(parcels); err != nil {
		return nil, err
	}
	r.setPrices(p)
	if o.Raw {
		p.Summary.RawJson = rawOf(object)
	}
	return p, nil
}

// describe sets the description, and the texts and images in the language asked for.
func (r *reader) describe(p *zhaohuov1.ProductDetail) {
	if html := r.at(fieldDescription); html.Type == gjson.String {
		p.DescriptionHtml = &html.Str
	}
	if !r.Translated {
		return
	}
	p.UnitTranslated = r.text(fieldUnitTranslated)
	p.ImageUrlsTranslated = normal.URLs(r.at(fieldImageTranslated), r.at(fieldImagesTranslated), r.at(fieldWhiteImageTranslated))
	if len(p.GetImageUrlsTranslated()) > 0 {
		p.Summary.ImageUrlTranslated = &p.ImageUrlsTranslated[0]
	}
	// The translation of the description is documented as HTML and was seen to be an address.
	translated := r.at(fieldDescriptionTranslated)
	if p.DescriptionUrlTranslated = address(translated); p.DescriptionUrlTranslated == nil && translated.Type == gjson.String {
		p.DescriptionHtmlTranslated = &translated.Str
	}
}

// setPrices sets the prices that hold, and those of the summary: the lowest and the highest of them.
func (r *reader) setPrices(p *zhaohuov1.ProductDetail) {
	promotion := r.promotion()
	var tierText string
	r.at(fieldTiers).ForEach(func(_, row gjson.Result) bool {
		if row.IsObject() {
			tier, text := readTier(row, promotion, r.Currency)
			p.PriceTiers = append(p.PriceTiers, tier)
			if tierText == "" {
				tierText = text
			}
		}
		return true
	})
	summary := p.GetSummary()
	r.setOtherPrices(p, promotion)
	normal.Settle(p, normal.QuoteOf(r.at(fieldQuote)))
	own := normal.Price(r.at(fieldPrice))
	summary.Price, summary.PriceMax, summary.PriceText = priceOf(own)
	if own.Known {
		return
	}
	// Without a price of its own the product gets the span of its tiers and variants.
	if span := normal.SpanOf(p); span.Low != nil {
		summary.Price, summary.PriceMax, summary.PriceText = span.Low, span.Upper(), nil
	} else if summary.PriceText == nil {
		summary.PriceText = optional(tierText)
	}
}

// setOtherPrices sets the summary's prices beside the list price. A promotion belongs to the product wherever its price was
// sent, so prices of variants count even if others hold.
func (r *reader) setOtherPrices(p *zhaohuov1.ProductDetail, promotion promotion) {
	summary := p.GetSummary()
	prices := kinds{}
	prices.promote(promotion, r.single(fieldPromotionPrice), r.foreign(fieldForeignPromotionPrice))
	r.dropship(summary, &prices, r.flagged(fieldDropshipping))
	prices.add(zhaohuov1.PriceKind_PRICE_KIND_RETAIL, r.single(fieldRetailPrice), r.foreign(fieldForeignRetailPrice))
	for _, tier := range p.GetPriceTiers() {
		prices.gather(tier.GetPromotionPrice(), tier.GetOtherPrices())
	}
	for _, sku := range p.GetSkus() {
		prices.gather(sku.GetPromotionPrice(), sku.GetOtherPrices())
	}
	summary.PromotionPrice, summary.OtherPrices = prices.promotion, prices.list()
	summary.PromotionEndTime = promotion.endOf(summary.GetPromotionPrice())
}

// readTier reads one price by quantity, or the text in its place. Without a quantity it holds from the first piece.
func readTier(row gjson.Result, p promotion, currency string) (*zhaohuov1.PriceTier, string) {
	r := reader{Options: Options{Currency: currency}}
	r.read(row)
	price := normal.Price(r.at(fieldPrice))
	prices := kinds{}
	prices.promote(p, r.single(fieldPromotionPrice), r.foreign(fieldForeignPromotionPrice))
	t := &zhaohuov1.PriceTier{
		MinQuantity: 1, PromotionPrice: prices.promotion, ForeignPromotionPrice: prices.foreignPromotion, OtherPrices: prices.list(),
		ForeignPrice: r.foreign(fieldForeignPrice),
	}
	t.Price, _, _ = priceOf(price)
	if n := r.positive(fieldStartQuantity); n != nil {
		t.MinQuantity = *n
	}
	return t, price.Text
}

// mixedOrder reads the rule for mixed orders; nil if the answer has none. Its bounds hold only where mixed orders are taken.
func (r *reader) mixedOrder() *zhaohuov1.MixedOrderRule {
	accepted := r.flag(fieldMixAccepted)
	if is, known := r.tag(tagMixed); accepted == nil && known {
		accepted = &is
	}
	rule := &zhaohuov1.MixedOrderRule{Accepted: accepted}
	if accepted == nil || *accepted {
		rule.MinimumAmount, rule.MinimumQuantity = r.single(fieldMixAmount), r.positive(fieldMixNumber)
	}
	return unlessEmpty(rule)
}

// certificates reads a list of certificates. One without a name and a number says nothing.
func certificates(list gjson.Result) []*zhaohuov1.ProductCertificate {
	var all []*zhaohuov1.ProductCertificate
	list.ForEach(func(_, row gjson.Result) bool {
		c := &zhaohuov1.ProductCertificate{
			Name:      normal.Text(row.Get("certificateName")),
			Code:      optional(normal.Text(row.Get("certificateCode"))),
			ImageUrls: normal.URLs(row.Get("certificatePhotoList")),
		}
		if c.GetName() != "" || c.Code != nil {
			all = append(all, c)
		}
		return true
	})
	return all
}

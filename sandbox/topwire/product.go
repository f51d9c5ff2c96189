package topwire

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// The tutorial names alibaba.product.get and alibaba.product.getSellerProductList but gives neither parameters nor answers.
// This project chose them: the parameter of the matching AOP API (productID) and the seller's id, with their obvious
// aliases; productInfo as the AOP API answers; and the flat list with the parameters of the flat search.

func productIDText(params map[string]string) string {
	f := form{values: params}
	return f.text("productID", "productId", "product_id", "offerId", "offer_id")
}

func sellerID(params map[string]string) string {
	f := form{values: params}
	return f.text("sellerOpenId", "sellerId", "seller_id", "memberId", "member_id")
}

// sellerKeyword returns the text of a shop's list in which fault words are looked for: its keyword, else the seller's id.
func sellerKeyword(params map[string]string) string {
	if q := flatKeyword(params); q != "" {
		return q
	}
	return sellerID(params)
}

// faultWordOfID returns the fault word of a reserved id, and nothing for other ids.
func faultWordOfID(params map[string]string) string {
	id, err := strconv.ParseInt(productIDText(params), 10, 64)
	if err != nil {
		return ""
	}
	words, _ := faultword.OfferID(id)
	for name := range words {
		return "sandbox:" + name
	}
	return ""
}

// sellerProducts lists a shop's goods. The keyword is optional.
func sellerProducts(c *call) (payload, error) {
	seller := sellerID(c.params.Values)
	if seller == "" {
		return payload{}, missingArgument("sellerOpenId")
	}
	words, _ := faultword.Split(flatKeyword(c.params.Values))
	openID, _ := faultword.Split(seller)
	return flatList(c, catalog.Query{Words: words, SellerOpenID: openID})
}

type productInfo struct {
	ProductID    any              `json:"productID"`
	Subject      string           `json:"subject"`
	CategoryID   int64            `json:"categoryID,omitempty"`
	CategoryName string           `json:"categoryName,omitempty"`
	Status       string           `json:"status"`
	Description  string           `json:"description"`
	CompanyName  string           `json:"companyName,omitempty"`
	SellerOpenID string           `json:"sellerOpenId,omitempty"`
	Location     string           `json:"location,omitempty"`
	DetailURL    string           `json:"detailUrl"`
	CreateTime   string           `json:"createTime,omitempty"`
	Image        map[string]any   `json:"image"`
	Attributes   []map[string]any `json:"attributes"`
	SKUInfos     []map[string]any `json:"skuInfos"`
	SaleInfo     map[string]any   `json:"saleInfo"`
	ShippingInfo map[string]any   `json:"shippingInfo"`
}

// withFacts adds the facts that lists have too, and those of details.
func withFacts(c *call, p productInfo, o *catalog.Offer) (map[string]any, error) {
	plain, err := decoded(p)
	if err != nil {
		return nil, err
	}
	members, _ := plain.(map[string]any)
	if c.tutorial {
		return members, nil
	}
	maps.Copy(members, market.FlatFacts(o))
	maps.Copy(members, map[string]any{
		"productCargoNumber": market.CargoNumber(o), "sellingPoint": market.SellingPoints(o), "sellerMixSetting": market.Mix(o),
		"certificateList": market.Certificates(c.Base, o),
	})
	return members, nil
}

// productGet answers with one offer as productInfo, with the flags of the matching AOP API.
func productGet(c *call) (payload, error) {
	text := productIDText(c.params.Values)
	if text == "" {
		return payload{}, missingArgument("productID")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return payload{}, badArgument("productID")
	}
	o, ok, err := market.Find(c.R.Context(), c.Goods, id)
	switch {
	case errors.Is(err, context.Canceled):
		return payload{}, err
	case err != nil:
		return payload{}, fmt.Errorf("asking the catalogue: %w", err)
	case !ok:
		missing := errNoItem
		return payload{}, &missing
	}
	members, err := withFacts(c, info(c, o), o)
	if err != nil {
		return payload{}, err
	}
	return payload{members: map[string]any{"productInfo": members, "success": true}}, nil
}

func info(c *call, o *catalog.Offer) productInfo {
	p := productInfo{
		ProductID: o.ID, Subject: o.Title, CategoryID: o.ThirdCategory, CategoryName: o.CategoryName, Status: o.Status,
		Description: "<p>" + o.Title + "</p>", DetailURL: market.Page(c.Base, o),
		Image:      map[string]any{"images": []string{market.Picture(c.Base, o)}},
		Attributes: attributes(o.Attributes), SKUInfos: []map[string]any{}, SaleInfo: saleInfo(c, o), ShippingInfo: map[string]any{},
	}
	if market.OnSale(o) {
		p.Status = catalog.StatusPublished
	}
	if c.Faults.Has(faultword.TextIDs) {
		p.ProductID = market.TextID(o.ID)
	}
	if s := o.Supplier; s != nil {
		p.CompanyName, p.SellerOpenID, p.Location = s.Name, s.OpenID, s.Province+s.City
	}
	if !o.Created.IsZero() {
		p.CreateTime = o.Created.UTC().Format("20060102150405") + "000+0000"
	}
	for _, s := range o.SKUs {
		sku := map[string]any{
			"skuId": s.ID, "specId": s.SpecID, "price": c.yuan(s.PriceFen), "amountOnSale": s.Stock, "attributes": attributes(s.Attributes),
		}
		if !c.tutorial { // Its client takes every price for a number.
			sku["promotionPrice"], sku["retailPrice"] = market.PromotionPrice(o), market.RetailPrice(o, s.PriceFen)
		}
		p.SKUInfos = append(p.SKUInfos, sku)
	}
	if o.WeightGrams > 0 {
		p.ShippingInfo["unitWeight"] = fmt.Sprintf("%d.%03d", o.WeightGrams/1000, o.WeightGrams%1000)
	}
	return p
}

func attributes(list []catalog.Attribute) []map[string]any {
	written := []map[string]any{}
	for _, a := range list {
		written = append(written, map[string]any{"attributeID": a.ID, "attributeName": a.Name, "value": a.Value})
	}
	return written
}

func saleInfo(c *call, o *catalog.Offer) map[string]any {
	sale := map[string]any{"unit": "件", "quoteType": 2, "price": c.price(o)}
	if o.MinOrder > 0 {
		sale["minOrderQuantity"] = o.MinOrder
	}
	ranges := []map[string]any{}
	for _, t := range o.Tiers {
		ranges = append(ranges, map[string]any{"startQuantity": t.From, "price": c.yuan(t.PriceFen)})
	}
	sale["priceRanges"] = ranges
	if sold := c.sold(o); sold != nil {
		sale["saleCount"] = sold
	}
	return sale
}

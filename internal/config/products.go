package config

import "errors"

// Products has the upstream's API names for products, sellers and hints. Those of top are not documented; the defaults are
// the names of the corresponding methods of aop.
type Products struct {
	AOPDetailAPI          string `name:"aop-detail-api" default:"com.alibaba.fenxiao.crossborder:product.search.queryProductDetail-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for a product in detail."`
	AOPSellerAPI          string `name:"aop-seller-api" default:"com.alibaba.fenxiao.crossborder:product.search.querySellerOfferList-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for a seller's goods."`
	AOPFacetsAPI          string `name:"aop-facets-api" default:"com.alibaba.fenxiao.crossborder:product.search.keywordSNQuery-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for the facets of a search."`
	AOPTopKeywordsAPI     string `name:"aop-top-keywords-api" default:"com.alibaba.fenxiao.crossborder:product.search.topKeyword-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for what is searched for most."`
	AOPRelatedAPI         string `name:"aop-related-api" default:"com.alibaba.fenxiao.crossborder:product.related.recommend-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for related goods."`
	AOPCategoriesAPI      string `name:"aop-categories-api" default:"com.alibaba.fenxiao.crossborder:category.translation.getByKeyword-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for categories by name."`
	AOPCategoryAPI        string `name:"aop-category-api" default:"com.alibaba.fenxiao.crossborder:category.translation.getById-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for a category by id."`
	AOPFreightAPI         string `name:"aop-freight-api" default:"com.alibaba.fenxiao.crossborder:product.freight.estimate-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for freight within China."`
	AOPPreviewAPI         string `name:"aop-order-preview-api" default:"com.alibaba.trade:alibaba.createOrder.preview-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for the freight of an order that is not made, where the App Key may not call aop-freight-api."`
	AOPTopListAPI         string `name:"aop-top-list-api" default:"com.alibaba.fenxiao.crossborder:product.topList.query-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for the goods that lead a category."`
	AOPSalesTrendAPI      string `name:"aop-sales-trend-api" default:"com.alibaba.fenxiao.crossborder:product.analyze.getPerdaySellQuantityTrendNew-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for units sold by day."`
	AOPPriceTrendAPI      string `name:"aop-price-trend-api" default:"com.alibaba.fenxiao.crossborder:product.analyze.getThirtyDayMedianPriceTrendNew-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for median prices by day."`
	AOPRepurchaseTrendAPI string `name:"aop-repurchase-trend-api" default:"com.alibaba.fenxiao.crossborder:product.analyze.getRepurchaseRateTrendNew-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for repurchase rates by day."`
	TOPDetailMethod       string `name:"top-detail-method" default:"alibaba.product.get" placeholder:"METHOD" help:"Method that top asks for a product in detail."`
	TOPDetailIDParam      string `name:"top-detail-id-param" default:"productID" placeholder:"NAME" help:"Parameter of top-detail-method that names the product."`
	TOPSellerMethod       string `name:"top-seller-method" default:"alibaba.product.getSellerProductList" placeholder:"METHOD" help:"Method that top asks for a seller's goods."`
	TOPSellerIDParam      string `name:"top-seller-id-param" default:"sellerOpenId" placeholder:"NAME" help:"Parameter of top-seller-method that names the seller."`
}

func (l *Loaded) checkProducts() error {
	var all []error
	p := l.Products
	for _, api := range []struct{ name, value string }{
		{"aop-detail-api", p.AOPDetailAPI},
		{"aop-seller-api", p.AOPSellerAPI},
		{"aop-facets-api", p.AOPFacetsAPI},
		{"aop-top-keywords-api", p.AOPTopKeywordsAPI},
		{"aop-related-api", p.AOPRelatedAPI},
		{"aop-categories-api", p.AOPCategoriesAPI},
		{"aop-category-api", p.AOPCategoryAPI},
		{"aop-freight-api", p.AOPFreightAPI},
		{"aop-order-preview-api", p.AOPPreviewAPI},
		{"aop-top-list-api", p.AOPTopListAPI},
		{"aop-sales-trend-api", p.AOPSalesTrendAPI},
		{"aop-price-trend-api", p.AOPPriceTrendAPI},
		{"aop-repurchase-trend-api", p.AOPRepurchaseTrendAPI},
	} {
		if !aopAPIForm.MatchString(api.value) {
			all = append(all, l.refuse(api.name, "must be namespace:name-version but is %q", api.value))
		}
	}
	for _, name := range []struct{ name, what, value string }{
		{"top-detail-method", "method", p.TOPDetailMethod},
		{"top-detail-id-param", "parameter", p.TOPDetailIDParam},
		{"top-seller-method", "method", p.TOPSellerMethod},
		{"top-seller-id-param", "parameter", p.TOPSellerIDParam},
	} {
		if !topMethodForm.MatchString(name.value) {
			all = append(all, l.refuse(name.name, "must be a %s name but is %q", name.what, name.value))
		}
	}
	return errors.Join(all...)
}

package offer

import (
	"maps"
	"slices"
)

// field is something that an answer may say about a product, a variant or a price by quantity.
type field uint8

const (
	fieldID field = iota
	fieldTitle
	fieldTitleTranslated
	fieldImage
	fieldImageTranslated
	fieldPage
	fieldPrice
	fieldPromotionPrice
	fieldConsignPrice
	fieldOnePiecePrice
	fieldFreePostage
	fieldRetailPrice
	fieldHasPromotion
	fieldPromotionType
	fieldPromotionEnd
	fieldDropshipping
	fieldCurated
	fieldSelected
	fieldPatented
	fieldOfferIdentities
	fieldGuarantee
	fieldTopCategory
	fieldSecondCategory
	fieldThirdCategory
	fieldMonthSold
	fieldSold
	fieldWeekSold
	fieldMinimumOrder
	fieldRepurchase
	fieldCreated
	fieldModified
	fieldWeekPickup24
	fieldMonthPickup24
	fieldWeekDelayed
	fieldWeekPerfect
	fieldMonthPerfect
	fieldMonthQuality
	fieldApplause
	fieldOnlineInvoice
	fieldFastInvoice
	fieldInvoiceTypes
	fieldTaxpayer
	fieldSellerID
	fieldCompany
	fieldLocation
	fieldSellerIdentities
	fieldScoreOverall
	fieldScoreLogistics
	fieldScoreDisputes
	fieldScoreProducts
	fieldScoreAfterSales
	fieldScoreConsultation
	fieldYears
	fieldMedal
	fieldSellerRepurchase
	fieldSellerPickup48
	fieldSellerQuality
	// Fields that only details, variants and prices by quantity have.
	fieldStatus
	fieldCategoryName
	fieldDescription
	fieldDescriptionTranslated
	fieldMainVideo
	fieldSecondVideo
	fieldBatch
	fieldUnit
	fieldUnitTranslated
	fieldStock
	fieldQuote
	fieldTiers
	fieldStartQuantity
	fieldForeignPrice
	fieldForeignPromotionPrice
	fieldForeignRetailPrice
	fieldImages
	fieldWhiteImage
	fieldImagesTranslated
	fieldWhiteImageTranslated
	fieldAttributes
	fieldVariants
	fieldVariantID
	fieldSpecID
	fieldShipping
	fieldShipsFrom
	fieldTags
	fieldMixAccepted
	fieldMixAmount
	fieldMixNumber
	fieldCertificates
	fieldCargoNumber
	fieldSellingPoints

	fieldCount
)

// names are the names of each field's member, in order of preference: the first that says something is read. A dot leads
// into an object. AOP's names are documented (docs/PROTOCOL.md §4.2 and docs/PROTOCOL.md §4.4), TOP's only in part
// (docs/PROTOCOL.md §3.3).
var names = [fieldCount][]string{
	fieldID:              {"productId", "productID", "product_id", "offerId", "offer_id"},
	fieldTitle:           {"subject", "title"},
	fieldTitleTranslated: {"subjectTrans"},
	fieldImage:           {"imageUrl", "mainImage"},
	fieldImageTranslated: {"aigcImageUrl", "imageUrlTrans"},
	fieldPage:            {"promotionURL", "promotionUrl", "detailUrl"},

	// consignPrice inside productSaleInfo and productSkuInfos is deprecated and not read.
	fieldPrice:          {"priceInfo.price", "saleInfo.price", "productSaleInfo.price", "price", "saleInfo.salePrice", "salePrice"},
	fieldPromotionPrice: {"priceInfo.promotionPrice", "saleInfo.promotionPrice", "promotionPrice"},
	fieldConsignPrice:   {"priceInfo.consignPrice", "consignPrice"},
	fieldOnePiecePrice: {
		"productSaleInfo.fenxiaoSaleInfo.onePiecePrice", "saleInfo.fenxiaoSaleInfo.onePiecePrice", "fenxiaoPriceInfo.onePiecePrice", "onePiecePrice",
	},
	fieldFreePostage: {
		"productSaleInfo.fenxiaoSaleInfo.onePieceFreePostage", "saleInfo.fenxiaoSaleInfo.onePieceFreePostage", "onePieceFreePostage",
	},
	fieldRetailPrice:   {"productSaleInfo.retailPrice", "saleInfo.retailPrice", "retailPrice"},
	fieldHasPromotion:  {"promotionModel.hasPromotion", "hasPromotion"},
	fieldPromotionType: {"promotionModel.promotionType", "promotionType"},
	// Which member says when a promotion ends is not published.
	fieldPromotionEnd: {"promotionModel.endTime", "promotionModel.promotionEndTime", "promotionEndTime"},

	fieldDropshipping:    {"isOnePsale", "onePsale"},
	fieldCurated:         {"isJxhy"},
	fieldSelected:        {"isSelect"},
	fieldPatented:        {"isPatentProduct"},
	fieldOfferIdentities: {"offerIdentities"},
	fieldGuarantee: {
		"productSimpleShippingInfo.shippingTimeGuarantee", "productShippingInfo.shippingTimeGuarantee", "shippingInfo.shippingTimeGuarantee",
		"shippingTimeGuarantee",
	},
	fieldTopCategory:    {"topCategoryId"},
	fieldSecondCategory: {"secondCategoryId"},
	fieldThirdCategory:  {"thirdCategoryId"},

	fieldMonthSold:    {"monthSold"},
	fieldSold:         {"saleInfo.saleCount", "productSaleInfo.saleCount", "saleCount", "soldOut"},
	fieldWeekSold:     {"sales7d"},
	fieldMinimumOrder: {"saleInfo.minOrderQuantity", "productSaleInfo.minOrderQuantity", "minOrderQuantity"},
	fieldRepurchase:   {"repurchaseRate", "rePurchaseRate", "offerDataInfo.repurchaseRate30d"},
	fieldCreated:      {"createDate", "createTime"},
	fieldModified:     {"modifyDate", "modifyTime", "lastUpdateTime"},

	fieldWeekPickup24:  {"productSimpleShippingInfo.pickupWithin24hRate7d", "pickupWithin24hRate7d"},
	fieldMonthPickup24: {"productSimpleShippingInfo.pickupWithin24hRate30d", "offerDataInfo.pickupRate24h30d", "pickupWithin24hRate30d"},
	fieldWeekDelayed:   {"productSimpleShippingInfo.delayedShippingRate7d", "delayedShippingRate7d"},
	fieldWeekPerfect:   {"productSimpleShippingInfo.perfectFulfillmentRate7d", "perfectFulfillmentRate7d"},
	fieldMonthPerfect:  {"productSimpleShippingInfo.perfectFulfillmentRate30d", "perfectFulfillmentRate30d"},
	fieldMonthQuality:  {"productSimpleShippingInfo.qualityReturnRate30d", "offerDataInfo.qualityRfdRate30d", "qualityReturnRate30d"},
	fieldApplause:      {"offerDataInfo.offerApplauseRate", "offerApplauseRate"},

	fieldOnlineInvoice: {"invoiceInfo.supportOnlineInvoice", "supportOnlineInvoice"},
	fieldFastInvoice:   {"invoiceInfo.supportFastInvoice", "supportFastInvoice"},
	fieldInvoiceTypes:  {"invoiceInfo.invoiceTypes", "invoiceTypes"},
	fieldTaxpayer:      {"invoiceInfo.taxpayerType", "taxpayerType"},

	fieldSellerID:          {"sellerOpenId", "sellerId", "seller_id", "memberId", "member_id"},
	fieldCompany:           {"companyName", "supplier"},
	fieldLocation:          {"companyAddress", "location"},
	fieldSellerIdentities:  {"sellerIdentities"},
	fieldScoreOverall:      {"sellerDataInfo.compositeServiceScore", "compositeServiceScore"},
	fieldScoreLogistics:    {"sellerDataInfo.logisticsExperienceScore", "logisticsExperienceScore"},
	fieldScoreDisputes:     {"sellerDataInfo.disputeComplaintScore", "disputeComplaintScore"},
	fieldScoreProducts:     {"sellerDataInfo.offerExperienceScore", "offerExperienceScore"},
	fieldScoreAfterSales:   {"sellerDataInfo.afterSalesExperienceScore", "afterSalesExperienceScore"},
	fieldScoreConsultation: {"sellerDataInfo.consultingExperienceScore", "consultingExperienceScore"},
	fieldYears:             {"sellerDataInfo.tpYear", "tpYear"},
	fieldMedal:             {"sellerDataInfo.tradeMedalLevel", "tradeMedalLevel"},
	fieldSellerRepurchase:  {"sellerDataInfo.repeatPurchasePercent", "repeatPurchasePercent"},
	fieldSellerPickup48:    {"sellerDataInfo.collect30DayWithin48HPercent", "collect30DayWithin48HPercent"},
	fieldSellerQuality:     {"sellerDataInfo.qualityRefundWithin30Day", "qualityRefundWithin30Day"},

	fieldStatus:                {"status"},
	fieldCategoryName:          {"categoryName", "category_name"},
	fieldDescription:           {"description", "desc"},
	fieldDescriptionTranslated: {"descriptionTrans"},
	fieldMainVideo:             {"mainVideo"},
	fieldSecondVideo:           {"detailVideo"},
	fieldBatch:                 {"batchNumber", "saleInfo.batchNumber"},
	fieldUnit:                  {"saleInfo.unit", "productSaleInfo.unit", "productSaleInfo.unitInfo.unit", "unit", "unitInfo.unit"},
	fieldUnitTranslated:        {"productSaleInfo.unitInfo.transUnit", "unitInfo.transUnit"},
	fieldStock:                 {"saleInfo.amountOnSale", "productSaleInfo.amountOnSale", "amountOnSale", "stock"},
	fieldQuote:                 {"saleInfo.quoteType", "productSaleInfo.quoteType", "quoteType"},
	fieldTiers: {
		"saleInfo.priceRanges", "saleInfo.priceRangeList", "productSaleInfo.priceRangeList", "productSaleInfo.priceRanges", "priceRanges", "priceRangeList",
	},
	fieldStartQuantity:         {"startQuantity"},
	fieldForeignPrice:          {"foreignCurrencyPrice"},
	fieldForeignPromotionPrice: {"foreignCurrencyPromotionPrice"},
	fieldForeignRetailPrice: {
		"productSaleInfo.foreignCurrencyRetailPrice", "saleInfo.foreignCurrencyRetailPrice", "foreignCurrencyRetailPrice",
	},
	fieldImages:               {"image.images", "productImage.images", "images", "imageUrls"},
	fieldWhiteImage:           {"productImage.whiteImage"},
	fieldImagesTranslated:     {"productImageTrans.images"},
	fieldWhiteImageTranslated: {"productImageTrans.whiteImage"},
	fieldAttributes:           {"attributes", "productAttribute", "productAttributes", "skuAttributes"},
	fieldVariants:             {"skuInfos", "productSkuInfos", "skus"},
	fieldVariantID:            {"skuId", "skuID", "sku_id"},
	fieldSpecID:               {"specId"},
	fieldShipping:             {"productShippingInfo"},
	fieldShipsFrom:            {"shippingInfo.sendGoodsAddressText", "productShippingInfo.sendGoodsAddressText"},
	fieldTags:                 {"tagInfoList"},
	fieldMixAccepted:          {"sellerMixSetting.generalHunpi", "generalHunpi"},
	fieldMixAmount:            {"sellerMixSetting.mixAmount", "mixAmount"},
	fieldMixNumber:            {"sellerMixSetting.mixNumber", "mixNumber"},
	fieldCertificates:         {"certificateList"},
	fieldCargoNumber:          {"productCargoNumber", "cargoNumber"},
	fieldSellingPoints:        {"sellingPoint"},
}

// The names of an attribute's members, which exist in lists of attributes alone.
var (
	attributeIDNames    = []string{"attributeID", "attributeId", "attribute_id"}
	attributeNameNames  = []string{"attributeName", "name"}
	attributeValueNames = []string{"value", "attributeValue"}
)

// Names are the names of all members that are read, those of one field in order of preference, and the words that become badges
// and kinds of suppliers. A name that is added, or moved before another, changes what an answer says.
func Names() []string {
	var all []string
	for _, paths := range names {
		all = append(all, paths...)
	}
	return slices.Concat(all, attributeIDNames, attributeNameNames, attributeValueNames,
		slices.Sorted(maps.Keys(badgeWords)), slices.Sorted(maps.Keys(tagBadges)), slices.Sorted(maps.Keys(supplierWords)))
}

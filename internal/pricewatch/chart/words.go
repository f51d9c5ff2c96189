package chart

import zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"

// words are the texts of a picture in one language.
type words struct {
	title, prices, zone, sandbox, empty string
	all, middle, median, failed         string
	unseen, foreign                     string
	separator, open, close              string
	resolution                          map[zhaohuov1.PriceResolution]string
	basis                               map[zhaohuov1.PriceBasis]string
}

// bracketed is a text in brackets; nothing for none.
func (w words) bracketed(text string) string {
	if text == "" {
		return ""
	}
	return w.open + text + w.close
}

var (
	english = words{
		title: "Prices", prices: "prices in yuan, each as the supplier states it", zone: "times of China (UTC+8)",
		sandbox: "SANDBOX: these goods are made up", empty: "no prices in this time",
		all: "lowest to highest", middle: "middle half", median: "median", failed: "failed observations",
		unseen: "no price", foreign: "also in another currency, not drawn", separator: " · ", open: " (", close: ")",
		resolution: map[zhaohuov1.PriceResolution]string{
			zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR: "one point an hour",
			zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY:  "one point a day",
		},
		basis: map[zhaohuov1.PriceBasis]string{
			zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED:       "basis not known",
			zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY: "at the quantity",
			zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS:        "from, by quantity",
			zhaohuov1.PriceBasis_PRICE_BASIS_LIST:              "list price",
			zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE:   "from, of a range",
			zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION:         "promotion",
		},
	}
	chinese = words{
		title: "价格", prices: "价格单位为元，以供应商标示为准", zone: "中国时间（UTC+8）",
		sandbox: "沙箱：商品均为虚构", empty: "此时间段没有价格",
		all: "最低至最高", middle: "中间一半", median: "中位价", failed: "观测失败",
		unseen: "无价格", foreign: "另有其他币种，未画出", separator: " · ", open: "（", close: "）",
		resolution: map[zhaohuov1.PriceResolution]string{
			zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR: "每小时一点",
			zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY:  "每天一点",
		},
		basis: map[zhaohuov1.PriceBasis]string{
			zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED:       "依据未知",
			zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY: "该数量的准确价",
			zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS:        "按数量起价",
			zhaohuov1.PriceBasis_PRICE_BASIS_LIST:              "标价",
			zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE:   "区间最低",
			zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION:         "促销价",
		},
	}
)

package agent

import (
	"fmt"
	"maps"
	"slices"
)

// phrase is a text of this door, in English.
type phrase string

const (
	sandboxNotice  phrase = "these goods are made up; they are not on 1688"
	costLine       phrase = "Upstream calls: %d spent, %d left in this session."
	waitLine       phrase = "Wait %d seconds before you ask the same."
	serverGone     phrase = "The server cannot be reached. Ask the person you work for to start it, then ask again."
	tooManyCallers phrase = "Too many callers ask at the moment."
	sessionSpent   phrase = "This needs at least %d upstream calls, and the session has %d left. Nothing was asked. Ask for less, or tell the person you work for; the operator sets the budget by mcp-session-calls or --session-calls."
	sessionCosts   phrase = "The watch may spend %d upstream calls a day, and the session has %d left. Nothing was changed. Name fewer products or a lower upstream_calls_per_day."
	noGoods        phrase = "Nothing was found."
	imageOne       phrase = "Give exactly one of %s."
	imageTooLarge  phrase = "The image is larger than 3 MiB. Give a smaller one."
	imageBase64    phrase = "image_base64 is not base64."
	imageOutside   phrase = "The file is not in a folder that was allowed when this program was started (--root)."
	imageUnread    phrase = "The file cannot be read, or is no regular file."
)

// The texts of answers.
const (
	goodsOfPage        phrase = "%d products, page %d"
	goodsOfTotal       phrase = "%d of %d products, page %d"
	nextPageAt         phrase = ", next_page %d"
	sentenceEnd        phrase = "."
	soldCount          phrase = "sold %d%s"
	samePhoto          phrase = "same photo"
	likenessOf         phrase = "likeness %.2f"
	priceRange         phrase = "%s to %s"
	priceFrom          phrase = "from %s"
	priceAt            phrase = "from %d: %s"
	variantCount       phrase = "%d variants"
	competitors        phrase = "%d competitors look like the image."
	buyersWords        phrase = "Buyers search by: %s"
	marketSize         phrase = "Market: %d products."
	bandSize           phrase = "%s to %s: %d products"
	cheapestFrom       phrase = "cheapest from %d: %s at %s"
	bestSellers        phrase = "%d best sellers."
	lookAlikes         phrase = "Look-alikes of %s: %d products."
	relatedWords       phrase = "Related words: %s"
	groupOf            phrase = "Group %d: %d confirmed offers, best first."
	noneConfirmed      phrase = "No offer is confirmed."
	notConfirmed       phrase = "Not confirmed: %d offers."
	without            phrase = "without %s: %s"
	sameGoods          phrase = "Same goods"
	similarGoods       phrase = "Similar goods"
	pricedOffers       phrase = "%s: %d offers with a price"
	rangeAndMedian     phrase = ", %s to %s, median %s"
	medianLanded       phrase = ", median with freight %s"
	landedUnknown      phrase = "; total with freight not known: %s"
	landedTotal        phrase = "; with freight %s"
	recordedOf1688     phrase = "1688 recorded of %s"
	recordedMedian     phrase = "median price %s to %s"
	recordedRepurchase phrase = "repurchase %.0f %%"
	recordedNothing    phrase = "nothing that is known"
	categoryCount      phrase = "%d categories."
	categoriesBelow    phrase = "%d categories below it."
	rankedGoods        phrase = "%d products. %s"
	cheapestIs         phrase = "Cheapest comparable (%s): %s"
	proven             phrase = "proven"
	notProven          phrase = "not proven: %s"
	createdWatch       phrase = "Created: %s"
	watchCount         phrase = "%d price watches."
	watchedGoods       phrase = "%d products"
	lowestSeen         phrase = "lowest %s"
	pointCount         phrase = "%d points."
	pointOf            phrase = "%s: %s to %s, median %s"
	seriesOf           phrase = "%s %s: %d points"
	sessionLeft        phrase = "This session has %d upstream calls left."
	sessionRenews      phrase = "A new budget begins at %s."
	dayUnknown         phrase = "The day's calls are not known."
	dayUsed            phrase = "The server used %d today."
	dayLeft            phrase = "The server has %d left today."
	dayRefused         phrase = "1688 refuses further calls until %s."
)

// chineseWords are the texts in Chinese.
var chineseWords = map[phrase]string{
	sandboxNotice:  "以下商品均为虚构，1688 上并不存在",
	costLine:       "上游调用：本次 %d 次，本会话还剩 %d 次。",
	waitLine:       "请等待 %d 秒后再提出相同的请求。",
	serverGone:     "无法连接服务器。请让用户启动服务器后重试。",
	tooManyCallers: "目前调用方过多。",
	sessionSpent:   "此操作至少需要 %d 次上游调用，本会话只剩 %d 次。没有发出任何请求。请缩小范围，或告知用户；额度由运维人员通过 mcp-session-calls 或 --session-calls 设置。",
	sessionCosts:   "该监控每天最多使用 %d 次上游调用，本会话只剩 %d 次。没有作任何更改。请减少商品，或降低 upstream_calls_per_day。",
	noGoods:        "没有找到商品。",
	imageOne:       "请只提供以下其中一项：%s。",
	imageTooLarge:  "图片大于 3 MiB，请提供更小的图片。",
	imageBase64:    "image_base64 不是有效的 base64。",
	imageOutside:   "该文件不在启动本程序时允许的文件夹（--root）中。",
	imageUnread:    "文件无法读取，或不是普通文件。",

	goodsOfPage:        "%d 个商品，第 %d 页",
	goodsOfTotal:       "%d 个商品（共 %d 个），第 %d 页",
	nextPageAt:         "，下一页 next_page %d",
	sentenceEnd:        "。",
	soldCount:          "已售 %d%s",
	samePhoto:          "同一张图片",
	likenessOf:         "相似度 %.2f",
	priceRange:         "%s 至 %s",
	priceFrom:          "%s 起",
	priceAt:            "%d 件起：%s",
	variantCount:       "%d 个规格",
	competitors:        "%d 个竞品与图片相似。",
	buyersWords:        "买家搜索词：%s",
	marketSize:         "市场：%d 个商品。",
	bandSize:           "%s 至 %s：%d 个商品",
	cheapestFrom:       "%d 件起最便宜：%s，%s",
	bestSellers:        "%d 个畅销商品。",
	lookAlikes:         "与 %s 相似：%d 个商品。",
	relatedWords:       "相关词：%s",
	groupOf:            "第 %d 组：%d 个已确认的报价，最佳在前。",
	noneConfirmed:      "没有已确认的报价。",
	notConfirmed:       "未确认：%d 个报价。",
	without:            "缺少 %s：%s",
	sameGoods:          "同款",
	similarGoods:       "相似商品",
	pricedOffers:       "%s：%d 个有价格的报价",
	rangeAndMedian:     "，%s 至 %s，中位数 %s",
	medianLanded:       "，含运费中位数 %s",
	landedUnknown:      "；含运费总价未知：%s",
	landedTotal:        "；含运费 %s",
	recordedOf1688:     "1688 对 %s 的记录",
	recordedMedian:     "价格中位数 %s 至 %s",
	recordedRepurchase: "复购率 %.0f %%",
	recordedNothing:    "没有已知数据",
	categoryCount:      "%d 个类目。",
	categoriesBelow:    "其下有 %d 个类目。",
	rankedGoods:        "%d 个商品。%s",
	cheapestIs:         "可比报价中最便宜的（%s）：%s",
	proven:             "已证实",
	notProven:          "未证实：%s",
	createdWatch:       "已创建：%s",
	watchCount:         "%d 个价格监控。",
	watchedGoods:       "%d 个商品",
	lowestSeen:         "最低 %s",
	pointCount:         "%d 个数据点。",
	pointOf:            "%s：%s 至 %s，中位数 %s",
	seriesOf:           "%s %s：%d 个数据点",
	sessionLeft:        "本会话还剩 %d 次上游调用。",
	sessionRenews:      "新的额度从 %s 开始。",
	dayUnknown:         "当日调用次数未知。",
	dayUsed:            "服务器今天已用 %d 次。",
	dayLeft:            "服务器今天还剩 %d 次。",
	dayRefused:         "1688 在 %s 之前拒绝更多调用。",
}

// language is that of the person who reads the texts.
type language bool

const chinese language = true

// say is a text in the language.
func (l language) say(p phrase, values ...any) string {
	text := string(p)
	if l == chinese {
		text = chineseWords[p]
	}
	if len(values) == 0 {
		return text
	}
	return fmt.Sprintf(text, values...)
}

// tag is the language as Accept-Language.
func (l language) tag() string {
	if l == chinese {
		return "zh-CN"
	}
	return "en"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

package cli

// chineseFreightHelp is the help of commands and flags about freight.
var chineseFreightHelp = map[string]string{
	"Say what it costs to send a product to a place in China.":                                                                           "查询把商品寄到国内某地的运费。",
	"Where to: the administrative code of a district in China, 6 digits, such as 330108. For a city without districts, the city's code.": "目的地：区县的 6 位行政区划代码，例如 330108；没有区县的城市用城市代码。",
	"How many pieces. Default 1, or the sum of --sku.":                                                                                   "件数；默认 1，或 --sku 之和。",
	"How many pieces of which variants, such as 6023333753098:20. Or ID:SPEC_ID:N, for an App Key that may not call the estimate.":       "各规格的件数，例如 6023333753098:20；App Key 无权调用运费估算时写成 ID:SPEC_ID:N。",
}

// chineseFreightErrors are mistakes in commands about freight.
var chineseFreightErrors = map[string]string{
	"%s must be the code of a district in China: 6 digits, such as 330108":    "%s 应为区县的 6 位行政区划代码，例如 330108",
	"--sku must be ID:N or ID:SPEC_ID:N, such as 6023333753098:20, but is %q": "--sku 应为 ID:N 或 ID:SPEC_ID:N，例如 6023333753098:20，而不是 %q",
}

// chineseFreightTexts are the words of tables about freight.
var chineseFreightTexts = map[string]string{
	"freight": "运费", "pieces": "件数", "based on": "依据", "an order that was previewed and not made": "订单预览（未创建订单）",
	"tariff": "运费模板", "first fee": "首费", "each further": "续费", "weight of one piece": "单件重量", "free": "包邮",
	"not known, which is not free: ask the seller": "未知，并不等于包邮：请咨询卖家",
	"%s for %s kg": "%s / %s 千克", "%s for %s pieces": "%s / %s 件", "%s for %s cubic metres": "%s / %s 立方米", "%s for %s": "%s / %s",
	"source %s": "来源 %s",
}

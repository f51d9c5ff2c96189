package cli

// chineseFreightHelp is the help of commands and flags about freight.
var chineseFreightHelp = map[string]string{
	"Say what it costs to send a product to a place in China.":                                                                                              "查询把商品寄到国内某地的运费。",
	"Where to: the administrative code of a district in China, 6 digits, such as 330108. For a city without districts, the city's code.":                    "目的地：区县的 6 位行政区划代码，例如 330108；没有区县的城市用城市代码。",
	"How many pieces. Default 1, or the sum of --sku.":                                                                                                      "件数；默认 1，或 --sku 之和。",
	"How many pieces of which variants, such as 6023333753098:20. Or ID:SPEC_ID:N, for an App Key that may not call the estimate.":                          "各规格的件数，例如 6023333753098:20；App Key 无权调用运费估算时写成 ID:SPEC_ID:N。",
	"Order offers by what --quantity pieces cost with their freight to this place: the code of a district in China as for zhaohuo freight, such as 330108.": "按 --quantity 件商品寄到此地的含运费总价排序：区县的 6 位行政区划代码（同 zhaohuo freight），例如 330108。",
	"With --freight-to: ask for the freight of the N best offers, 1 to 20 (default 5). Each costs an upstream call.":                                        "与 --freight-to 同用：查询最优的 N 件商品的运费，1 到 20（默认 5）；每件一次上游调用。",
}

// chineseFreightErrors are mistakes in commands about freight.
var chineseFreightErrors = map[string]string{
	"%s must be the code of a district in China: 6 digits, such as 330108":    "%s 应为区县的 6 位行政区划代码，例如 330108",
	"--sku must be ID:N or ID:SPEC_ID:N, such as 6023333753098:20, but is %q": "--sku 应为 ID:N 或 ID:SPEC_ID:N，例如 6023333753098:20，而不是 %q",
	"--freight-offers needs --freight-to":                                     "--freight-offers 需与 --freight-to 同用",
	"--freight-to needs --quantity: freight depends on it":                    "--freight-to 需与 --quantity 同用：运费取决于件数",
}

// chineseFreightTexts are the words of tables about freight.
var chineseFreightTexts = map[string]string{
	"freight": "运费", "pieces": "件数", "based on": "依据", "an order that was previewed and not made": "订单预览（未创建订单）",
	"tariff": "运费模板", "first fee": "首费", "each further": "续费", "weight of one piece": "单件重量", "free": "包邮",
	"not known, which is not free: ask the seller": "未知，并不等于包邮：请咨询卖家",
	"%s for %s kg": "%s / %s 千克", "%s for %s pieces": "%s / %s 件", "%s for %s cubic metres": "%s / %s 立方米", "%s for %s": "%s / %s",
	"source %s": "来源 %s", "at least %s": "至少 %s", "; freight %s": "；运费%s", "; %s with freight for %s": "；%[2]s含运费共 %[1]s",
	"with freight: median %s of %s": "含运费总价：%[2]s的中位数 %[1]s", "with freight: median %s, from %s to %s": "含运费总价：中位数 %s，从 %s 到 %s",
	"not known: asking failed": "未知：查询失败", "not asked: --max-calls was spent": "未查询：--max-calls 已用完",
	"not asked: more by --freight-offers": "未查询：可用 --freight-offers 增加", "not asked: the price is not known": "未查询：价格未知",
	"not asked: it cannot be bought": "未查询：无法购买", "the sum is too large": "金额过大", "asking for freight": "查询运费",
}

package rpcerr

// chineseTrends are the texts about rankings, and about the days of trends.
var chineseTrends = map[string]string{
	"must be a word for a kind of ranking, such as complex, hot or goodPrice":       "应为榜单类型，例如 complex、hot 或 goodPrice",
	"must be a date such as 2026-07-01":                                             "应为日期，例如 2026-07-01",
	"must be a day of the calendar, such as 2026-07-01":                             "应为存在的日期，例如 2026-07-01",
	"must not be after today in Shanghai, which is %s":                              "不能晚于上海的今天（%s）",
	"must not be before the history of 1688 begins, on %s":                          "不能早于 1688 记录的起始日（%s）",
	"must not be after end_date":                                                    "不能晚于 end_date",
	"must be unset: what 1688 recorded is no observation; QueryPriceTrend gives it": "不可设置：1688 的记录不是观测，请用 QueryPriceTrend 查询",
}

package cli

// chineseTrendHelp is the help of flags about what 1688 itself recorded.
var chineseTrendHelp = map[string]string{
	"Also show what 1688 itself recorded in the last four weeks: sales, price or repurchase. Each costs an upstream call for each product.": "同时显示 1688 自己记录的最近四周走势：sales（销量）、price（价格）或 repurchase（复购率）。每件商品每种走势用一次上游调用。",
	"Of how many products, 1 to 5 (default 3).": "显示几件商品的走势，1 到 5（默认 3）。",
	"Also show the median prices that 1688 itself recorded of the first 5 products. Costs an upstream call for each product and month.": "同时显示 1688 自己记录的前 5 件商品的价格中位数。每件商品每个月用一次上游调用。",
}

// chineseTrendTitles are the columns of rankings and trends.
var chineseTrendTitles = map[string]string{
	"RANK": "名次", "BUYERS": "买家数", "SCORE": "评分", "DATE": "日期", "MEDIAN PRICE": "价格中位数",
	"FIRST MEDIAN": "首日中位价", "LAST MEDIAN": "末日中位价", "DAYS": "天数",
}

// chineseTrendTexts are texts about it.
var chineseTrendTexts = map[string]string{
	"recorded by 1688 itself, as the median of 30 days; no buyer was offered these prices": "1688 自己的记录（价格为 30 天中位数，并非买家可得的价格）",
	"asking 1688 what was sold by day": "查询 1688 每日销量记录", "asking 1688 for prices by day": "查询 1688 每日价格记录", "asking 1688 who came back by day": "查询 1688 每日复购记录",
}

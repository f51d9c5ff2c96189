package cli

// chineseTrendTitles are the columns of rankings and trends.
var chineseTrendTitles = map[string]string{
	"RANK":         "名次",
	"BUYERS":       "买家数",
	"SCORE":        "评分",
	"DATE":         "日期",
	"MEDIAN PRICE": "价格中位数",
}

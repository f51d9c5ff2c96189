package cli

// chineseOverviewErrors are mistakes in zhaohuo admin watches.
var chineseOverviewErrors = map[string]string{
	"--size: %d is not from 1 to 100": "--size：%d 不在 1 到 100 之间",
}

// chineseOverviewHelp is the help of zhaohuo admin watches.
var chineseOverviewHelp = map[string]string{
	"Show the price watches of all callers: counts, what is overdue or fails and why, what is due and what it costs.": "显示所有调用方的价格监控：数量、逾期和失败及其原因、即将到期的观测及其费用。",
	"How many watches and webhooks each list has, at most 100.":                                                       "每个列表最多列出的监控和 webhook 数，最多 100。",
}

// chineseOverviewTitles are the titles of its tables.
var chineseOverviewTitles = map[string]string{
	"ACTIVE": "正常", "FAILING": "失败", "NOTHING FOUND": "无商品", "OVERDUE": "逾期", "PUT OFF": "推迟", "DUE": "应观测时间", "LATE BY": "已逾期", "WAITS FOR": "等待",
	"SUCCEEDED": "上次成功", "NEXT": "下次", "WATCH": "监控", "HOST": "主机", "PENDING": "待发送",
}

// chineseOverviewTexts are the words of its lines and tables.
var chineseOverviewTexts = map[string]string{
	"of these": "其中", "active %d, paused %d, failing %d, nothing found %d": "正常 %d，暂停 %d，失败 %d，无商品 %d", "overdue": "逾期",
	"put off to the next day": "推迟到次日", "due within an hour": "一小时内到期", "due until the day ends": "今日剩余时间到期", "due within 24 hours": "24 小时内到期",
	"observations %d, up to %d upstream calls": "观测 %d 次，最多 %d 次上游调用", "webhooks": "webhook", "%d, failing %d, disabled %d": "%d，失败 %d，停用 %d",
	"deliveries that wait": "待发送的投递", "%d, of them failed before %d, the oldest of %s": "%d，其中曾失败 %d，最早创建于 %s",
	"watches by caller": "各调用方的监控", "overdue, the longest first": "逾期（最久的在前）", "why watches fail": "失败原因", "failing, those observed last": "失败（最近观测的在前）",
	"webhooks that fail, the longest first": "发送失败的 webhook（最久的在前）", "and %d more callers with fewer watches": "另有 %d 个监控较少的调用方",
	"(without a name)": "（无名称）", "the quota": "配额", "calls: those of today are used up": "调用额度：今日已用尽", "a worker": "空闲的工作线程",
}

package cli

// chineseStatusHelp is the help of zhaohuo status.
var chineseStatusHelp = map[string]string{
	"Show what a server is doing: running requests, queues, calls left today, rate, bans.": "显示服务器当前状况：进行中的请求、排队、今日剩余调用、速率、封禁。",
}

// chineseStatusTexts are the names and words of its lines.
var chineseStatusTexts = map[string]string{
	"running requests": "进行中的请求", "running upstream calls": "进行中的上游调用", "waiting, %s": "排队（%s）", "calls %d, of callers %d": "调用 %d 次，来自 %d 个调用方",
	"calls a second now": "当前每秒调用", "%s of %s": "%s / %s", "upstream": "上游", "calls are sent": "正常发送调用",
	"one call finds out whether it answers": "正用一次调用探测其是否响应", "no call is sent: it did not answer": "未响应，暂停发送调用",
	"1688 refuses all calls until %s": "1688 在 %s 之前拒绝所有调用",
	"; %s a second now":               "；当前每秒 %s", "; 1688 refuses its calls until %s": "；1688 在 %s 之前拒绝其调用",
}

package cli

// chineseAccountHelp is the help of zhaohuo admin accounts.
var chineseAccountHelp = map[string]string{
	"List the accounts at 1688: whether calls go through them, and if not, why; and the calls left today.": "列出 1688 账号：是否正在使用、不使用的原因，以及今日剩余调用。",
}

// chineseAccountTitles are the titles of its table.
var chineseAccountTitles = map[string]string{
	"ACCOUNT": "账号", "API": "API", "CALLS A SECOND": "每秒调用", "LEFT TODAY": "今日剩余",
}

// chineseAccountTexts are the words of its table.
//
//nolint:gosec // Words about accounts, and no credentials.
var chineseAccountTexts = map[string]string{
	"passed over for %s (%s), examined at %s": "暂不用于%s（%s），将于 %s 检查", "1688 refuses calls until %s": "1688 在 %s 之前拒绝调用",
	"; paused %s":      "；已暂停，%s",
	"used up until %s": "额度用尽，直到 %s", "used up for today": "今日额度用尽", "the store of limits does not answer": "限额存储未响应",
	"1688: one call finds out whether it answers": "1688：正用一次调用探测其是否响应", "1688: no call is sent, because it did not answer": "1688：未响应，暂停发送调用",
	"paused %s, only in the server that answered; a restart of it ends the pause": "已暂停，%s；仅对应答的服务器有效，该服务器重启后失效",
}

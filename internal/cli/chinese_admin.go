package cli

// chineseAdminHelp is the help of commands and flags of operators.
var chineseAdminHelp = map[string]string{
	"Steer a running server on its operators' port: callers, accounts, pauses, pause, resume, watches, cache, purge, log-level, drain.": "通过运维端口管理运行中的服务器：callers、accounts、pauses、pause、resume、watches、cache、purge、log-level、drain。",
	"Set what the server logs, until it is set anew or for a time.":                                                                     "设置服务器的日志级别，直到重新设置或持续一段时间。",
	"Have the server stop as after a SIGTERM: requests under way are finished.":                                                         "让服务器像收到 SIGTERM 一样停止：处理完进行中的请求。",
	"For how long, from 1s to 744h, such as 10m; then the level of the setting is back. Unset: until it is set anew.":                   "持续多久，1s 到 744h，例如 10m，之后恢复设置中的级别。未给出：直到重新设置。",
	"List the callers that have an entry, with their use and pauses.":                                                                   "列出有条目的调用方及其用量和暂停情况。",
	"Say what the cache of answers holds, and what questions were answered by.":                                                         "显示答案缓存的内容，以及问题由什么回答。",
	"Stop using stored answers: all, those that show products, or those to searches for words.":                                         "不再使用已存的答案：全部、含某些商品的，或某关键词搜索的。",
	"All answers.": "全部答案。",
	"Answers that are about this product or show it. May be given several times.":                 "关于该商品或含该商品的答案。可多次给出。",
	"Answers to searches for these words.":                                                        "搜索这些词的答案。",
	"List what is paused.":                                                                        "列出已暂停的对象。",
	"Pause a caller, an account or a class of upstream calls, until it is resumed or for a time.": "暂停某个调用方、账号或某类上游调用，直到恢复或持续一段时间。",
	"End a pause.": "结束暂停。",
	"Operators' port of the server. Unset: the ops-addr of the environment or the settings file; 127.0.0.1:9464 by default.": "服务器的运维端口。未指定时用环境变量或设置文件中的 ops-addr，默认 127.0.0.1:9464。",
	"Form of the answer.":      "输出形式。",
	"The caller of this name.": "该名称的调用方。",
	"The account of this name, which zhaohuo admin accounts lists.":           "该名称的账号，可用 zhaohuo admin accounts 查看。",
	"All upstream calls of a class: interactive or batch.":                    "某一类的全部上游调用：interactive 或 batch。",
	"For how long, from 1s to 744h, such as 10m. Unset: until it is resumed.": "暂停多久，1s 到 744h，例如 10m。未给出：直到恢复。",
}

// chineseAdminErrors are mistakes in commands of operators.
var chineseAdminErrors = map[string]string{
	"give one of --all, --product and --keyword, and what to purge with the last two": "请给出 --all、--product、--keyword 中的一个；后两个需写明清除什么",
	"give one of --caller, --account and --class, and a name with it":                 "请给出 --caller、--account、--class 中的一个及名称",
}

// chineseAdminTitles are the titles of their tables.
var chineseAdminTitles = map[string]string{
	"ANSWERED BY": "回答来源", "QUESTIONS": "问题数",
	"CALLER": "调用方", "REQUESTS": "请求数", "RUNNING": "进行中", "PAUSED": "暂停", "KIND": "种类", "SINCE": "起始",
}

// chineseAdminTexts are the words of their tables and answers.
var chineseAdminTexts = map[string]string{
	"caller": "调用方", "class": "类别",
	"memory": "内存", "disk or Redis": "磁盘或 Redis", "1688, asked for another caller at that moment": "1688（当时正为其他调用方询问）",
	"an older answer, because 1688 did not answer": "较旧的答案（1688 没有回答）", "nobody: it failed": "无（失败）",
	"answers in memory": "内存中的答案", "%d, %d KiB": "%d 个，%d KiB", "waiting to be written": "待写入", "questions under way": "进行中的问题",
	"is used, if there is one": "如有则使用", "is not read now, because it failed": "出现故障，目前不读取",
	"the server stores no answers":                "服务器不存储答案",
	"purged on all replicas that share the Redis": "已清除，对共用该 Redis 的所有副本有效",
	"purged on this server, also after a restart; other servers with the same disk or Redis Cluster are not informed: purge on each": "已在本服务器清除，重启后仍有效；使用同一磁盘或 Redis Cluster 的其他服务器不会得知，需分别清除",
	"purged on this server until it ends; disk or Redis does not know of it: purge on each other server, and after a restart":        "已在本服务器清除，有效至其结束；磁盘或 Redis 中没有记录：其他服务器需分别清除，重启后需再次清除",
	"by its entry": "由条目暂停", "until it is resumed": "直到恢复", "until %s": "直到 %s", "nothing is paused": "没有暂停的对象",
	"logged from %s; before from %s": "日志级别设为 %s，此前为 %s", "logged from %s, until %s; before from %s": "日志级别设为 %s，直到 %s；此前为 %s",
	"stopping: it serves for %s more, then finishes what is under way within %s": "正在停止：继续服务 %s，然后在 %s 内完成进行中的请求",
	"paused %s": "已暂停，%s", "it was not paused": "原本未暂停", "resumed": "已恢复",
	"no caller has an entry: the server has no API keys": "没有调用方条目：服务器未设置 API 密钥",
}

package cli

// chineseWatchErrors are mistakes in commands of price watches, by their English format.
var chineseWatchErrors = map[string]string{
	"--addr is none, but a price watch needs a server that keeps running: start it with `zhaohuo serve` and leave out --addr none": "--addr 是 none，而价格监控需要持续运行的服务器：请用 `zhaohuo serve` 启动，并去掉 --addr none",

	"%s has no webhook": "%s 没有 webhook",
	"%s has %d webhooks: say which one; `zhaohuo watch show %[1]s` lists them": "%s 有 %d 个 webhook：请指明其中一个，`zhaohuo watch show %[1]s` 可列出它们",

	"nothing was deleted: answer y, or give --yes": "没有删除：请回答 y，或加上 --yes",

	"%s: products by id and other goods are watched apart: add two price watches": "%s：按编号监控的商品和其他商品须分开：请添加两个监控",

	"products are watched by their ids as they are: leave out --min-price, --max-price, --category, --sort, --filter, --facet, --categories, --sales, --region-opp, --details and --max-calls": "按编号监控商品时没有筛选：请去掉 --min-price、--max-price、--category、--sort、--filter、--facet、--categories、--sales、--region-opp、--details 和 --max-calls",

	"give what to watch: ids of products or links to them, an image (a file, an address or an image id), or words": "请给出监控对象：商品编号或链接、图片（文件、网址或图片编号），或关键词",

	"--only-failing does not go with other conditions": "--only-failing 不能与其他条件一起使用",

	"%s: %q is no price in yuan, such as 9.90": "%s：%q 不是以元为单位的价格，例如 9.90",

	"%s: %q is no change of a price: give 5%% or 0.50 (yuan), or any": "%s：%q 不是价格变化：请给出 5%% 或 0.50（元），或 any（任何变化）",

	"%s: %q is no time such as 30m, 6h or 7d": "%s：%q 不是时长，例如 30m、6h 或 7d",

	"%s: %q is no time such as 2027-01-31T00:00:00+08:00 or 7d (ago)": "%s：%q 不是时间，例如 2027-01-31T00:00:00+08:00 或 7d（以前）",

	"--all and --after do not go together": "--all 和 --after 不能一起使用",

	"--count: %d is no number of events":        "--count：%d 不是事件数",
	"--session-calls: %d is no number of calls": "--session-calls：%d 不是调用次数",

	"-o %s: give csv, ndjson, or a file whose name ends in .csv, .xlsx, .ndjson or .jsonl": "-o %s：请给出 csv、ndjson，或以 .csv、.xlsx、.ndjson、.jsonl 结尾的文件名",

	"an Excel sheet takes no more than %d rows: write a .csv file": "Excel 工作表最多 %d 行：请写入 .csv 文件",
}

// chineseWatchTitles are the columns of tables of price watches.
var chineseWatchTitles = map[string]string{
	"DELIVERY": "投递", "CREATED": "创建时间", "ATTEMPTS": "次数", "WHY NOT": "未送达原因", "WATCHES": "监控对象", "EVERY": "间隔", "STATE": "状态", "OBSERVED": "上次观测", "LOWEST": "最低价", "MEDIAN": "中位价", "CALLS TODAY": "今日调用", "IMAGE": "图片",
}

// chineseWatchHelp is the help of the commands of price watches.
//
//nolint:gosec // Words, and no credentials.
var chineseWatchHelp = map[string]string{
	"Watch prices: add, list, show, pause, resume, rm, run, tail, export, deliveries, rotate-secret.":   "价格监控：add、list、show、pause、resume、rm、run、tail、export、deliveries、rotate-secret。",
	"Give a webhook of a price watch a new signing secret, which is shown only this once.":              "为监控的 webhook 更换签名密钥，新密钥只显示这一次。",
	"Id of the webhook, which zhaohuo watch show lists. Not needed if the price watch has only one.":    "webhook 编号，可用 zhaohuo watch show 查看；监控只有一个 webhook 时不需要。",
	"Watch the prices of products (links or ids), of the goods on a photo, or of goods found by words.": "添加监控：商品（链接或编号）、图片中的商品，或按关键词找到的商品。",
	"List the price watches.": "列出价格监控。",
	"Show a price watch: its state, its trend and its last prices.":                   "显示监控的状态、价格走势和最近价格。",
	"Stop observing until the price watch is resumed.":                                "暂停观测，直到恢复。",
	"Observe again, at once and then as often as before.":                             "恢复观测：立即一次，此后间隔不变。",
	"Delete a price watch with its history and its image.":                            "删除监控及其历史和图片。",
	"Observe now, beside the schedule, and show the prices.":                          "立即观测一次并显示价格，不影响原有间隔。",
	"Show events as they happen. Goes on after a lost connection without losing any.": "实时显示事件；连接中断后自动继续，不遗漏。",
	"Write the history of a price watch as CSV, Excel workbook or NDJSON.":            "导出监控历史：CSV、Excel 工作簿或 NDJSON。",
	"List what is sent to the webhooks of a price watch, or send it again.":           "列出发送到监控 webhook 的内容，或重新发送。",
	"all deliveries, or only those that are pending, delivered or dead.":              "all 为全部投递；pending 为待发送，delivered 为已送达，dead 为不再发送。",
	"Send this delivery again, whatever became of it.":                                "重新发送此投递，无论其结果如何。",
	"How many deliveries are listed, those of the newest events first; at most 500.":  "列出的投递数，最新事件在前；最多 500。",
	"Id of the price watch.":                                 "监控编号。",
	"Id of the price watch. Without one: the events of all.": "监控编号；未给出时为全部监控的事件。",
	"Do not ask whether to delete.":                          "删除前不询问。",
	"Show all products, even if there are many.":             "显示全部商品，即使很多。",
	"What to watch: products, by their ids or links on 1688. Or an image of the goods: a file, an address or an image id. Or words; Chinese finds most.": "监控对象：商品编号或 1688 商品链接；或商品图片（文件、网址或图片编号）；或关键词，中文结果最多。",
	"Name of the price watch, at most 100 characters.":                                                  "监控名称，最多 100 个字符。",
	"Time between observations, such as 30m, 6h or 1d.":                                                 "观测间隔，例如 30m、6h 或 1d。",
	"Quantity that prices are read at.":                                                                 "按此订购数量读取价格。",
	"Report a price that falls by at least this since the observation before: 5%, 0.50 (yuan), or any.": "比上次观测降价至少此数时报告：5%、0.50（元）或 any（任何变化）。",
	"Report a price that rises by at least this since the observation before: 5%, 0.50 (yuan), or any.": "比上次观测涨价至少此数时报告：5%、0.50（元）或 any（任何变化）。",
	"Report a price that falls below this, such as 9.90.":                                               "价格降到此数以下时报告，例如 9.90。",
	"Report a price that rises above this.":                                                             "价格涨到此数以上时报告。",
	"Report a price that is lower than all prices of the product in this time before, 1h to 90d.":       "价格低于商品在此前这段时间内的全部价格时报告，1h 到 90d。",
	"Report another product that becomes the cheapest.":                                                 "另一件商品成为最低价时报告。",
	"Report suppliers that appear or leave.":                                                            "供应商出现或离开时报告。",
	"Report a median of all prices that moves by at least this: 5%, 0.50 (yuan), or any.":               "全部价格的中位价变化至少此数时报告：5%、0.50（元）或 any（任何变化）。",
	"Report products that are gone, or back.":                                                           "商品消失或重新出现时报告。",
	"Report nothing but that the price watch fails or recovers, which is always reported. Without any condition: falls, rises, and products that are gone or back.": "只报告监控失败或恢复（总会报告）。没有给出任何条件时：报告降价、涨价，以及商品消失或重新出现。",
	"Largest number of upstream calls of one observation, for goods found by an image or words.":                                                                    "按图片或关键词监控时，一次观测最多的上游调用次数。",
	"Largest number of upstream calls a day (of China). Unset: no bound of its own.":                                                                                "每天（中国时间）最多的上游调用次数；未给出：没有单独的限制。",
	"How far back the trend goes, such as 6h or 30d.":                                                                                                               "走势的时间长度，例如 6h 或 30d。",
	"Begin with the oldest event that is kept, not with what happens from now on.":                                                                                  "从保存的最早事件开始，而不是从现在开始。",
	"Send the events to this address too; up to 5. The answer has its signing secret, which is shown only this once.":                                               "同时把事件发送到此地址，最多 5 个；应答中有签名密钥，只显示这一次。",
	"Begin after this event.":                   "从此事件之后开始。",
	"End after N events.":                       "收到 N 个事件后结束。",
	"One event per line, in JSON, with its id.": "每行一个 JSON 事件，含编号。",
	"Form of the answer: csv (unless set) or ndjson. Or a file to write: .csv, .xlsx, .ndjson or .jsonl (one observation per line).": "输出形式：csv（默认）或 ndjson；或要写入的文件：.csv、.xlsx、.ndjson 或 .jsonl（每行一次观测）。",
	"Only observations from this time on: 2027-01-31T00:00:00+08:00, or how long ago, such as 7d.":                                   "只要此时间及以后的观测：2027-01-31T00:00:00+08:00，或多久以前，例如 7d。",
	"Only observations before this time, in the same forms.":                                                                         "只要此时间以前的观测，形式相同。",
	"all observations, or of each hour or day the last one that succeeded.":                                                          "all 为全部观测；hour、day 为每小时或每天最后一次成功的观测。",
}

// chineseWatchTexts are what the commands of price watches say, by the English formats.
//
//nolint:gosec // Words, and no credentials.
var chineseWatchTexts = map[string]string{
	"%d price watch": "%d 个监控", "%d price watches": "%d 个监控", "%d products": "%d 件商品", "%d observation": "%d 次观测", "%d observations": "%d 次观测",
	"%d more product": "另有 %d 件商品", "%d more products": "另有 %d 件商品",
	"%s is paused; zhaohuo watch resume %s": "%s 已暂停；恢复：zhaohuo watch resume %s", "%s observes every %s": "%s 的观测间隔为 %s",
	"delete %s with its history? [y/N] ": "删除 %s 及其历史？[y/N] ", "%s is deleted": "%s 已删除",
	"what happens: zhaohuo watch tail %s\nthe prices: zhaohuo watch show %s":            "事件：zhaohuo watch tail %s\n价格：zhaohuo watch show %s",
	"%s is larger than 3 MiB: it is sent by a search first, which costs upstream calls": "%s 大于 3 MiB：先用一次搜索发送，会花费上游调用",
	"webhook %s\n  signing secret, shown only this once: %s":                            "webhook %s\n  签名密钥，只显示这一次：%s",
	"for 24 hours the secret before signs too":                                          "此前的密钥在 24 小时内仍然参与签名", ", disabled: %s": "，已停用：%s", "webhook": "webhook",
	"goods on an image of %d KiB": "图片中的商品（图片 %d KiB）", "words %s": "关键词 %s", ", at a quantity of %d": "，数量 %d", ", from ¥%s": "，¥%s 以上", ", up to ¥%s": "，¥%s 以下", ", category %s": "，类目 %s", ", pieces sold %s": "，销量 %s",
	"a price above ¥%s": "价格高于 ¥%s", "a price below ¥%s": "价格低于 ¥%s", ", against the lowest of %s": "，与 %s 内最低价相比", " by %s": "，至少 %s", "only that it fails or recovers": "只报告失败或恢复",
	"price fell": "降价", "price rose": "涨价", "new cheapest": "新的最低价", "supplier appeared": "供应商出现", "supplier left": "供应商离开", "median moved": "中位价变化",
	"%d delivery": "%d 次投递", "%d deliveries": "%d 次投递", "delivered": "已送达", "dead": "不再发送", "pending, next %s": "待发送，下次 %s",
	"there are more; --limit N lists up to 500": "还有更多；--limit N 最多列出 500 次", "%s is sent again; zhaohuo watch deliveries %s": "%s 将重新发送；查看：zhaohuo watch deliveries %s",
	"product gone": "商品消失", "product back": "商品重新出现", "watch failing": "监控失败", "watch recovered": "监控恢复",
	"the connection ended; connecting again, to go on after event %s": "连接已结束；正在重新连接，从事件 %s 之后继续", "connected again": "已重新连接",
	"active": "运行中", "paused": "已暂停", "failing": "失败", "nothing found": "没有商品", ", waits for a worker": "，等待空闲", ", waits for quota": "，等待配额", ", waits for the next day": "，等待第二天",
	"%s of %d": "%s / %d", "price watch": "监控", "name": "名称", "watches": "监控对象", "observes every": "间隔", "reports": "报告", "state": "状态", "calls today": "今日调用", "last": "上次", "next": "下次",
	"the last observation failed: %s": "上次观测失败：%s", "no prices since %s": "自 %s 起没有价格", "%s: failed": "%s：失败",
	"%s: %s, lowest %s, median %s, highest %s": "%s：%s，最低 %s，中位价 %s，最高 %s", "could not be seen: %s": "未能看到：%s", "same image": "同款图片",
	"● median  │ lowest to highest  · between two observations  × failed; blank: not observed": "● 中位价  │ 最低至最高  · 两次观测之间  × 失败；空白：没有观测",
}

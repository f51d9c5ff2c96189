package cli

// chineseTexts are notes, footers, the names of fields and words in tables, by their English formats.
//
//nolint:gosec // Words about keys and secrets, and none of them.
var chineseTexts = map[string]string{
	// Numbers of things.
	"%d upstream call": "%d 次上游调用", "%d upstream calls": "%d 次上游调用", "%d image": "%d 张图片", "%d images": "%d 张图片",
	"%d photo": "%d 张图片", "%d photos": "%d 张图片", "%d question": "%d 个查询", "%d questions": "%d 个查询",
	"%d product": "%d 件商品", "%d goods": "%d 件商品", "%d supplier": "%d 家供应商", "%d suppliers": "%d 家供应商",
	"%d offer": "%d 件商品", "%d offers": "%d 件商品", "%d confirmed offer": "%d 件已证实", "%d confirmed offers": "%d 件已证实",
	"%d more offer": "另有 %d 件商品", "%d more offers": "另有 %d 件商品", "%d more competitor": "另有 %d 件竞品", "%d more competitors": "另有 %d 件竞品",
	"%d more look-alike": "另有 %d 件相似商品", "%d more look-alikes": "另有 %d 件相似商品",
	"%d day": "%d 天", "%d days": "%d 天", "%d products": "%d 件商品", "%s is incomplete: %s": "%s不完整：%s",
	"%d category": "%d 个类目", "%d categories": "%d 个类目", "1688 did not say which categories are below this one": "1688 未说明此类目的下级类目",
	"%d facet": "%d 个属性", "%d facets": "%d 个属性", "%d keyword": "%d 个关键词", "%d keywords": "%d 个关键词", "%d bytes": "%d 字节",

	"ready": "已就绪",

	// Footers of lists.
	"page %d: %s": "第 %d 页：%s", " of %d": "（共 %d 件）", " of at least %d, more than can be paged to": "（共至少 %d 件，超出可翻页的范围）",
	"; more with --page %d": "；下一页用 --page %d", "; source %s": "；来源 %s", "%s; source %s": "%s；来源 %s", "%s: %s; source %s": "%s：%s；来源 %s",
	": these goods are made up":             "：商品均为虚构",
	"%d of %s, %s compared anew; source %s": "%d / %s，新比较 %s；来源 %s",
	"… %s not shown: --all":                 "…%s未显示：加 --all 查看",
	"these are all":                         "已是全部", "there are more: --max cut them off": "还有更多，已被 --max 截断", "there may be more than can be paged to": "可能还有更多，超出可翻页的范围",
	"the upstream began to repeat itself": "上游开始重复结果", "there may be more": "可能还有更多", "incomplete": "不完整",

	// Combos.
	"%s; %d of %s spent": "%s；已用 %d / %s", "searching by words": "按关键词搜索", "searching by image": "按图片搜索", "comparing images": "比对图片",
	"asking for details": "查询商品详情", "asking for related goods": "查询相关商品", "asking for words of buyers": "查询买家搜索词",
	"goods %d: %s, median %s": "商品 %d：%s，中位价 %s", "nothing is confirmed": "没有证实的商品", "not confirmed: %s": "未证实：%s", "same photo": "同一张图片",
	"yes": "是", "no": "否", "competitors: %d": "竞品：%d", "searched words": "搜索词", "also called: %s": "别名：%s",
	"left out: %s": "未计入市场：%s", "%d with another name": "%d 件品名不同", "%d with another name that look different": "%d 件品名不同且图片不相似", "%d parts or accessories": "%d 件为配件或附属品", "%d with another name that only look alike": "%d 件品名不同、仅图片相似",
	"%d for another reason": "%d 件因其他原因",
	"market: %d goods, %d without a price, sales of %d unknown": "市场：%d 件商品，其中 %d 件无价格，%d 件销量未知",
	"; the best-selling tenth has %s of sales":                  "；销量最高的十分之一占总销量 %s",
	"suppliers (unknown for %d goods)":                          "供应商（%d 件商品未知）", "locations (unknown for %d goods)": "地区（%d 件商品未知）",
	"price bands": "价格带", "cheapest by quantity": "按数量最低价", "best sellers: %d": "畅销品：%d",
	"look-alikes %d, of %s: %s to %s, %s": "相似商品 %d，对应 %s：%s 至 %s，%s", " and %d goods of unknown suppliers": "，另有 %d 件供应商未知",
	"buyers also search for: %s": "买家还搜索：%s", "the same goods, by image": "同款（按图片）", "similar goods, by words": "类似商品（按关键词）",
	"%s: %d priced%s": "%s：%d 件有价格%s", ", %d %s": "，%d 件%s",
	"exact": "准确", "from, by quantity": "按数量起价", "from, of a range": "区间最低", "list price": "标价",
	"median %s, mean %s, from %s to %s; typical %s to %s": "中位价 %s，均价 %s，最低 %s，最高 %s；常见 %s 至 %s",
	"5 %% below %s, quartiles %s and %s, 5 %% above %s":   "5 %% 低于 %s，四分位 %s 和 %s，5 %% 高于 %s",
	"absent": "无价格", "negotiable": "面议", "unreadable": "价格无法识别", "currency": "其他币种", "unlike": "不相似", "minimum-order": "起订量过大", "outlier": "价格异常",
	"without %s: %s": "缺少 %s：%s", "product %s:": "商品 %s：",

	// Details and servers.
	"product": "商品", "title": "标题", "translated": "译名", "status": "状态", "price": "价格", "promotion": "促销价", "dropshipping": "代发价",
	"minimum order": "起订量", "multiples of": "每批数量", "stock": "库存", "sold": "销量", "weight": "重量", "size": "尺寸", "ships from": "发货地",
	"seller": "卖家", "seller id": "卖家编号", "category": "类目", "badges": "标签", "page": "页面", "images": "图片", "video": "视频",
	"on sale": "在售", "off sale: %s": "已下架：%s",
	"promotion ends": "促销截止", "other prices": "其他价格", "sold in 7 days": "7 天销量", "repurchase": "复购率", "service": "服务", "seller is": "卖家身份",
	"seller scores": "卖家评分", "seller service": "卖家服务", "trust pass": "诚信通", "mixed orders": "混批", "invoices": "发票", "certificates": "证书",
	"cargo number": "货号", "selling points": "卖点", "listed": "上架时间", "changed": "修改时间", "%d years": "%d 年",
	"members of PLUS": "PLUS 会员价", "dropshipping with shipping included": "代发包邮价", "suggested for retail": "建议零售价",
	"picked up in 24 h": "24 小时揽收率", "picked up in 48 h": "48 小时揽收率", "shipped late": "延迟发货率", "without fault": "完美履约率",
	"returned for quality": "品质退货率", "good ratings": "好评率", "overall": "综合", "logistics": "物流", "disputes": "纠纷", "goods as offered": "商品",
	"after sales": "售后", "answers": "咨询", "not accepted": "不支持", "accepted": "支持", "from %s or %s pieces": "满 %s 或 %s 件", "from %s": "满 %s",
	"from %s pieces": "满 %s 件",
	"version":        "版本", "mode": "模式", "dialect": "协议", "upstream calls a second": "每秒上游调用", "of these left unused": "其中留空", "largest page": "每页最多",
	"goods of one search": "可翻到的商品数", "largest request": "最大请求", "default timeout": "默认时限", ": goods are made up": "：商品均为虚构",
	"unlimited": "不限", "unknown": "未知", "%s in part": "%s（部分）", "%d of %d": "%d / %d", "every field: zhaohuo info --all": "全部字段：zhaohuo info --all",

	"upstream calls today": "今日上游调用", "calls left today": "今日剩余调用", "counted are": "统计范围", "the next day begins": "次日开始于", "price watches": "价格监控",
	"account": "账号", "%s: calls a second %s, today %s": "%s：每秒调用 %s，今日 %s", "all calls": "所有调用",
	"; passed over for %s (%s), examined at %s": "；暂不用于%s（%s），将于 %s 再检查",
	"pushes of 1688": "1688 推送", "on, at %s": "已启用，路径 %s",
	"%s of %d": "%s / %d", "unknown: no limit a day is set": "未知：没有设置每日上限", "none: 1688 refuses further calls until %s": "无：1688 在 %s 之前拒绝调用",
	"the calls of all replicas": "所有副本的调用", "the calls of all processes with the same data-dir": "使用同一 data-dir 的所有进程的调用",
	"the calls of this process since it started": "本进程启动以来的调用", "on, every %s at the shortest": "已启用，最短间隔 %s", "off": "未启用",

	// The comparison of translated keywords.
	"keywords were not compared, because a check failed": "有检查项未通过，没有比较关键词", "cost of the comparison: %s": "比较的代价：%s",

	// Written files.
	"%s: %d of %s answered, %s": "%s：已完成 %d / %s，%s", "%s: %s": "%s：%s", "failed: %s": "失败：%s", "failed: %d more": "失败：另有 %d 个",
	"%s is complete: there is nothing left to ask":       "%s 已完成：全部已有结果，没有再查询",
	"rerun the command to resume; the progress is in %s": "再次运行同一命令可继续；进度保存在 %s",
	"searching": "正在搜索", "%s left": "还需 %s", ", %d failed": "，%d 个失败",
	"on the image: %s": "图片中有：%s", "search by this photo again with --id %s, until %s": "再次用此图片搜索：--id %s，有效至 %s",
	"keywords or flags": "关键词或参数", "flags": "参数", "made-up goods": "虚构的商品", "goods of 1688": "1688 的商品",
	"the sandbox (aop)": "沙箱（aop）", "the sandbox (top)": "沙箱（top）", "1688 live (aop)": "1688 正式环境（aop）", "1688 live (top)": "1688 正式环境（top）",
	"another account of the sandbox (aop)": "沙箱（aop）的另一个账号", "another account of the sandbox (top)": "沙箱（top）的另一个账号",
	"another account of 1688 live (aop)": "1688 正式环境（aop）的另一个账号", "another account of 1688 live (top)": "1688 正式环境（top）的另一个账号",

	// Servers, keys and tokens.
	"zhaohuo %s SANDBOX: %s": "zhaohuo %s SANDBOX：%s", "  dialect  %s, at %s": "  dialect  %s，地址 %s",
	"SANDBOX: these goods are made up; they are not on 1688":                                                                 "SANDBOX：商品均为虚构，1688 上没有这些商品",
	"no server answers at %s: asking 1688 from this process, with a rate limiter of its own that other processes do not see": "%s 没有服务器应答：由本进程直接查询 1688，使用自己的限速，其他进程不知道",
	"no server answers at %s: asking the sandbox in this process":                                                            "%s 没有服务器应答：在本命令内查询沙箱",
	"all goods are made up": "商品均为虚构", "the goods are from %s": "商品来自 %s", "nothing here is from 1688; the goods are from %s": "与 1688 无关；商品来自 %s",
	"  mode     SANDBOX: %s (set ZHAOHUO_APP_KEY and ZHAOHUO_APP_SECRET to go live)": "  mode     SANDBOX：%s（设置 ZHAOHUO_APP_KEY 和 ZHAOHUO_APP_SECRET 后使用正式环境）",
	"To try it, paste into a second terminal:":                                       "在另一个终端粘贴以下命令试用：", "  export %s=…  # a key of yours": "  export %s=…  # 您的密钥",
	"warning: %s": "警告：%s", "warning: %s is sent to %s unencrypted: use --tls": "警告：%s 以明文发送到 %s：请使用 --tls",
	"warning: the tokens are stored in %s, but could not be written to Redis (%s); the service with this data directory will do so when it can":      "警告：令牌已保存到 %s，但未能写入 Redis（%s）；使用此数据目录的服务会在可以时写入",
	"warning: token mode is %s: servers will not use the tokens stored now":                                                                          "警告：令牌方式是 %s：服务器不会使用刚保存的令牌",
	"%s is not http on this machine, so you have to paste the address that the browser arrives at":                                                   "%s 不是本机的 http 地址，需要粘贴浏览器到达的地址",
	"Open this link in a browser, log in to 1688 and agree:\n\n  %s":                                                                                 "请在浏览器中打开此链接，登录 1688 并同意授权：\n\n  %s",
	"Then paste the address that the browser ends at, or the code in it:":                                                                            "然后粘贴浏览器最后停留的地址，或其中的 code：",
	"API key of %s, shown only once; give it only to the caller:\n\n%s\n\nEntry for the file of ZHAOHUO_API_KEYS_FILE, which holds no secret:\n\n%s": "%s 的 API key，只显示这一次，只交给该调用方：\n\n%s\n\n写入 ZHAOHUO_API_KEYS_FILE 文件的条目，不含密钥：\n\n%s",
	"App Key": "App Key", "user": "用户", "access token": "访问令牌", "refresh token": "刷新令牌", "file": "文件", "none": "无",
	"none: no access token is sent": "none：不发送访问令牌", "static: the configured access token is sent; its end is not known": "static：发送已设置的访问令牌，有效期未知",
	"oauth: the stored access token is sent, and refreshed": "oauth：发送已保存的访问令牌，并自动刷新", "revoked: 1688 refused it at %s": "已撤回：1688 于 %s 拒绝",
	"valid; its end is not known": "有效；到期时间未知", "ended at %s": "已于 %s 到期", "valid until %s, %d days": "有效至 %s，还有 %d 天", "valid until %s, %s": "有效至 %s，还有 %s",
}

// chineseFailures are failures that are not the user's mistakes, by their English format.
var chineseFailures = map[string]string{
	"stopped": "已停止", "stopping: %w": "停止时：%w", "writing %s: %w": "写入 %s：%w", "%s: a line is larger than %d bytes": "%s：一行超过 %d 字节",
	"not ready: what answers at %s is not the operators' port of a server (9464 by default)": "未就绪：%s 的应答者不是服务器的运维端口（默认 9464）",
	"not ready: nothing answers at %s, the port of operators (%w)":                           "未就绪：%s（运维端口）没有应答（%w）",
	"not ready: %s answers %d, because the server is starting or stopping":                   "未就绪：%s 返回 %d，服务器正在启动或停止",
	"%w: the answers before are kept":                                                        "%w：之前的结果已保留",
	"nobody returned from 1688 within %s: run `%s` again":                                    "%s 内无人完成授权：请再次运行 `%s`",
	"%w (or run it with --paste)":                                                            "%w（或加上 --paste 运行）",
	"nothing was pasted: %w":                                                                 "没有粘贴内容：%w",
	"--expires: %s is in the past":                                                           "--expires：%s 已过去",
	"--expires: must be a time such as 2027-01-31T00:00:00+08:00":                            "--expires：应为时间，例如 2027-01-31T00:00:00+08:00",
}

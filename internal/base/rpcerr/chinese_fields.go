package rpcerr

import (
	"maps"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/localtext"
)

// chineseFields are the Chinese texts of what is wrong with a field, by the English formats that a [fault.Field]'s Why is made of.
// A text stands behind the field's name, so it has no subject of its own.
var chineseFields = sync.OnceValue(func() localtext.Texts { //nolint:gochecknoglobals // A table that cannot be said as a constant, compiled once.
	all := map[string]string{}
	for _, some := range []map[string]string{
		chineseLibraryRules, chineseContractRules, chineseCriteria, chineseBodies, chineseDialects, chineseUploads, chineseWatchFields,
		chineseDurations, chineseTrends,
	} {
		maps.Copy(all, some)
	}
	return localtext.Compile(all)
})

// chineseLibraryRules are the texts of the rules that protovalidate defines, as far as the contract uses them.
var chineseLibraryRules = map[string]string{
	"value is required":                                                "不能为空",
	"value must be one of the defined enum values":                     "应为接口定义的取值之一",
	"exactly one field is required in oneof":                           "必须且只能给出其中一项",
	"repeated value must contain unique items":                         "不能有重复的项",
	"must be at least %d characters":                                   "至少 %d 个字符",
	"must be at most %d characters":                                    "最多 %d 个字符",
	"must be at least %d bytes":                                        "至少 %d 字节",
	"must be at most %d bytes":                                         "最多 %d 字节",
	"must contain at least %d item(s)":                                 "至少 %d 项",
	"must contain no more than %d item(s)":                             "最多 %d 项",
	"must hold at most %d items, and holds %d":                         "最多 %d 项，现有 %d 项",
	"must hold at most %d pairs, and holds %d":                         "最多 %d 对，现有 %d 对",
	"must be in list %s":                                               "应为 %s 之一",
	"must not be in list %s":                                           "不能是 %s 之一",
	"must be finite":                                                   "应为有限的数",
	"must be greater than %v and less than %v":                         "应大于 %v 且小于 %v",
	"must be greater than %v and less than or equal to %v":             "应大于 %v 且不超过 %v",
	"must be greater than or equal to %v and less than %v":             "应不小于 %v 且小于 %v",
	"must be greater than or equal to %v and less than or equal to %v": "应在 %v 到 %v 之间",
	"must be greater than or equal to %v":                              "应不小于 %v",
	"must be greater than %v":                                          "应大于 %v",
	"must be less than or equal to %v":                                 "应不超过 %v",
	"must be less than %v":                                             "应小于 %v",
}

// chineseContractRules are the texts of the rules that the contract defines itself.
var chineseContractRules = map[string]string{
	"must have one of caller, account and call_class":                                                             "应给出 caller、account、call_class 之一",
	"must have one of all, product_ids and keyword":                                                               "应给出 all、product_ids、keyword 之一",
	"must be the name of an account, as ListAccounts gives it":                                                    "应为 ListAccounts 列出的账号名称",
	"must be the name in a caller's entry, as ListCallers gives it":                                               "应为 ListCallers 列出的调用方名称",
	"cannot be paused: this server has no API keys, so callers have no names":                                     "无法暂停：服务器未设置 API 密钥，调用方没有名称",
	"must be a price in yuan, such as 99.90":                                                                      "应为以元为单位的价格，例如 99.90",
	"must be a code of China's administrative divisions: 6 digits, such as 330108":                                "应为 6 位行政区划代码，例如 330108",
	"must be the code of a province, such as 330000":                                                              "应为省级行政区划代码，例如 330000",
	"must be the code of a city in province %v, such as %v":                                                       "应为 %v 所辖城市的代码，例如 %v",
	"must be the code of a district of city %v, or the city's own code if it has none":                            "应为城市 %v 所辖区县的代码；没有区县的城市请填城市自身的代码",
	"must be the sum of skus (%v), or be left out":                                                                "应等于 skus 的数量之和（%v），或不填",
	"must be given, or quantity":                                                                                  "请给出数量（freight.quantity 或 quantity）",
	"must be equal to quantity (%v), or be left out":                                                              "应等于 quantity（%v），或不填",
	"must be at most %v where freight is asked for":                                                               "查询运费时不能超过 %v",
	"must be given, or skus":                                                                                      "请给出数量或 skus",
	"must name each variant once":                                                                                 "每个规格只能出现一次",
	"must be at most %v in all":                                                                                   "合计不能超过 %v",
	"must be given: this App Key may not call the estimate of freight, and an order preview names variants by it": "请给出此项：该 App Key 无权调用运费估算，而订单预览用它标识规格",
	"must be a category's id: digits, such as 1512":                                                               "应为类目编号（数字），例如 1512",
	"must be a product's id: at most 19 digits, such as 610947572360":                                             "应为商品编号（最多 19 位数字），例如 610947572360",
	"must be an id that ListSearchFacets gave, such as 100:2001":                                                  "应为 ListSearchFacets 给出的编号，例如 100:2001",
	"must have a character that is not white space":                                                               "不能只有空白字符",
	"must be the id as it was given: it looks percent-encoded":                                                    "应为原样的编号：它看起来经过了百分号编码",
	"must be the id of an event: digits, such as 4711":                                                            "应为事件编号（数字），例如 4711",
	"must be a currency by its three capital letters, such as HKD":                                                "应为三个大写字母的币种，例如 HKD",
	"must not be negative: pages count from 1, and 0 is the first one":                                            "不能为负数：页码从 1 开始，0 表示第一页",
	"must not be negative: 0 is the default size":                                                                 "不能为负数：0 表示默认数量",
	"must have at least one of week, two_weeks, month and all_time":                                               "week、two_weeks、month 和 all_time 至少给出一项",
	"must have min or max, and min must not be above max":                                                         "应给出 min 或 max，且 min 不能大于 max",
	"left must be below right":                                                                                    "left 应小于 right",
	"top must be below bottom":                                                                                    "top 应小于 bottom",
	"must be one of the languages %s, as a BCP-47 tag such as zh-CN":                                              "应为以下语言之一：%s，写成 BCP-47 标签，例如 zh-CN",
	"every edge must be between 0 and 1":                                                                          "每条边应在 0 到 1 之间",
	"the left edge must be below the right one, the upper below the lower":                                        "左边应小于右边，上边应小于下边",
	"must be interactive or batch":                                                                                "应为 interactive 或 batch",
	"must be UTF-8":                                                                                               "应为 UTF-8 编码",
	"must be one that this request was given":                                                                     "应为本请求得到过的令牌",
	"is none that an answer to this question gave: begin with the first page":                                     "不是此查询给出的分页令牌：请从第一页开始",
	"must be a decimal number of at most 19 digits, without leading zeros":                                        "应为最多 19 位、不以 0 开头的数字",
	"must be decimal digits":                                                                                      "应为数字",
	"must be an order of the contract":                                                                            "应为接口定义的排序方式",
	"must be a filter of the contract":                                                                            "应为接口定义的筛选条件",
	"must be a language of the contract":                                                                          "应为接口支持的语言",
	"must be a decimal in yuan with at most 2 places":                                                             "应为以元为单位、最多两位小数的价格",
	"must be a decimal in yuan":                                                                                   "应为以元为单位的价格",
	"must not be above price_max (%v)":                                                                            "不能高于最高价（%v）",
	"begins at item %d, but only the first %d items of a search can be paged to":                                  "从第 %d 件开始，而一次搜索只能翻到前 %d 件",
}

// chineseCriteria are the texts about criteria that contradict each other or are missing.
var chineseCriteria = map[string]string{
	"cannot be given together with category_id: put all categories into category_ids": "不能与 category_id 同时给出：请把全部类目写入 category_ids",
	"words or an image must be given":                                                 "请给出关键词或图片",
	"an image must be given":                                                          "请给出图片",
	"searches by image do not take it: what they find is not narrowed by it":          "以图搜索不支持此项：结果不会按它缩小",
}

// chineseBodies are the texts about requests that cannot be read.
var chineseBodies = map[string]string{
	"this route takes everything in its body": "此路由的全部参数都写在请求体中",
	"no such field":                 "没有这个字段",
	"no such %s":                    "没有这个%s",
	"query parameter":               "查询参数",
	"form field":                    "表单字段",
	"is given by the path":          "已由路径给出，请勿重复",
	"must not be given beside %s":   "不能与 %s 同时给出",
	"must be given once":            "只能给出一次",
	"must be the only file":         "只能上传一个文件",
	"must come before %s":           "应放在 %s 之前",
	"must be one of %s":             "应为以下之一：%s",
	"must be %s":                    "应为%s",
	"an object":                     "对象",
	"a list":                        "列表",
	"a list, each item %s":          "列表，每一项为%s",
	"text":                          "文本",
	"text in UTF-8":                 " UTF-8 文本",
	"true or false":                 " true 或 false",
	"base64":                        " base64",
	"the name of one of its values": "其取值之一的名称",
	"a number of type %s":           "数字（%s）",
	"an integer of 32 bits":         " 32 位整数",
	"an integer of 64 bits":         " 64 位整数",
	"a decimal number":              "十进制数",
	"a whole number of 32 bits":     " 32 位非负整数",
	"a whole number of 64 bits":     " 64 位非负整数",
	"a duration in seconds, such as 60s or 1.5s":        "以秒为单位的时长，例如 60s 或 1.5s",
	"a time in RFC 3339, such as 2026-01-31T08:00:00Z":  " RFC 3339 格式的时间，例如 2026-01-31T08:00:00Z",
	"field paths joined by commas, such as title,price": "用逗号连接的字段路径，例如 title,price",
	"a %s": " %s 对象",
	"text without broken escapes, such as half a surrogate pair": "没有残缺转义（例如半个代理对）的文本",
	"given in a body: a query has no form for it":                "写在请求体中的值：查询参数无法表示它",
}

// chineseDialects are the texts about what the upstream's dialect does not offer.
var chineseDialects = map[string]string{
	"not in the capability table":         "不在能力表中",
	"dialect %s takes at most %d of %s":   "协议 %s 最多接受 %d 个（%s）",
	"is set by this server: leave it out": "由本服务器设置：请不要给出",
	"must be namespace:name-version, such as com.alibaba.product:alibaba.category.get-1": "应为 namespace:name-version，例如 com.alibaba.product:alibaba.category.get-1",
	"must be a method, such as alibaba.product.get":                                      "应为方法名，例如 alibaba.product.get",
	"dialect %s does not offer %s":                                                       "协议 %s 不支持此项（%s）",
	"dialect %s offers %s only as %s":                                                    "协议 %s 的此项（%s）只支持 %s",
	"one facet narrows a search at a time":                                               "一次搜索只能使用一个分面",
	"a search by image has no orders":                                                    "以图搜索不能排序",
	"a search by image has no pages":                                                     "以图搜索不能翻页",
	"a search by image has no bounds":                                                    "以图搜索不能限定价格",
	"the protocol has no filters":                                                        "该协议没有筛选条件",
	"the protocol translates nothing":                                                    "该协议不提供翻译",
	"the protocol has no such order":                                                     "该协议没有这种排序",
	"the protocol has no facets":                                                         "该协议没有分面",
	"the protocol takes one category: use category_id":                                   "该协议只接受一个类目：请用 category_id",
	"the protocol has no bounds of sales":                                                "该协议不能限定销量",
	"the protocol has no such parameter":                                                 "该协议没有此参数",
	"the protocol converts no prices":                                                    "该协议不换算价格",
	"a search by image takes no title: use keyword":                                      "以图搜索不接受标题：请用 keyword",
	"a search by image takes no hint: use keyword":                                       "以图搜索不接受提示：请用 keyword",
	"a search by image uses the whole image: crop it before":                             "以图搜索使用整张图片：请先裁剪",
}

// chineseUploads are the texts about the parts of an upload.
var chineseUploads = map[string]string{
	"the stream is empty: options come first, then the image in chunks": "流是空的：先发送选项，再分块发送图片",
	"the stream is empty: options come first, then the images":          "流是空的：先发送选项，再发送图片",
	"must come first, before any chunk":                                 "应最先发送，在所有分块之前",
	"must come first, before any image":                                 "应最先发送，在所有图片之前",
	"must come once, before the first chunk":                            "只能发送一次，在第一个分块之前",
	"must come once, before the first image":                            "只能发送一次，在第一张图片之前",
	"must come after an image that is not named by address or id":       "应在未用地址或编号指定的图片之后发送",
	"must be a chunk": "应为分块",
	"an image is wanted, in at least one chunk":               "需要图片，至少一个分块",
	"an image is required: its url, content or id, or chunks": "需要图片：其地址、内容、编号或分块",
	"a part with this name and the image is required":         "需要以此命名、内容为图片的部分",
	"the image is empty":                                      "图片是空的",
	"must hold at least one image":                            "至少一张图片",
	"must hold at most %d images, but holds %d":               "最多 %d 张图片，现有 %d 张",
}

// chineseWatchFields are the texts about definitions of price watches and about their history.
var chineseWatchFields = map[string]string{ //nolint:gosec // They are texts, also where they name a secret.
	"must name the fields to change":                                   "请列出要修改的字段",
	"%q cannot be changed: it must name some of %s":                    "%q 不能修改：可修改的有 %s",
	"must name one of products and comparison: a watch has one target": "products 和 comparison 只能写一个：每个监控只有一个对象",
	"is named by update_mask and must be given: a watch has a target":  "update_mask 列出了它，因此必须给出：每个监控都有对象",
	"must be %v to %v": "应为 %v 到 %v",
	"or comparison must be given: it says what is observed":                            "请给出 products 或 comparison，以说明监控什么",
	"must be 0 or at least %d, which one observation may cost":                         "应为 0 或至少 %d，即一次观测可能的调用次数",
	"or image must be given: it says which goods are observed":                         "请给出关键词或图片，以说明监控哪些商品",
	"must be unset: an observation is always new":                                      "不能设置：观测总是最新的",
	"must be unset: observations keep no raw JSON":                                     "不能设置：观测不保存原始 JSON",
	"must be unset: titles of observations stay Chinese":                               "不能设置：观测的标题保持中文",
	"is for PRICE_FELL and PRICE_ROSE; others are compared with the %s":                "只用于 PRICE_FELL 和 PRICE_ROSE；其他的与 %s 比较",
	"must be a price above 0: it is what the baseline REFERENCE_PRICE compares with":   "应为大于 0 的价格：基准 REFERENCE_PRICE 与它比较",
	"is for the baseline REFERENCE_PRICE":                                              "只用于基准 REFERENCE_PRICE",
	"must be %v to %v: the baseline WINDOW_LOWEST looks back so far":                   "应为 %v 到 %v：基准 WINDOW_LOWEST 回看这么久",
	"is for the baseline WINDOW_LOWEST":                                                "只用于基准 WINDOW_LOWEST",
	"is for PRICE_FELL, PRICE_ROSE and MEDIAN_MOVED":                                   "只用于 PRICE_FELL、PRICE_ROSE 和 MEDIAN_MOVED",
	"must be above 0: without it any change is reported":                               "应大于 0：不设置时任何变化都会通知",
	"must not be after the present, which end_time is by default":                      "不能晚于当前时间（end_time 的默认值）",
	"must be a time between the years 1 and 9999":                                      "应为公元 1 年到 9999 年之间的时间",
	"must not be before start_time":                                                    "不能早于 start_time",
	"is not the id of an event: a decimal number":                                      "不是事件编号：应为十进制数",
	"may not be sent to: %s":                                                           "不能向该地址发送：%s",
	"is there twice":                                                                   "出现了两次",
	"it is longer than 2048 bytes":                                                     "它超过 2048 字节",
	"it holds a space, a control character, a backslash or what is not UTF-8":          "它含有空格、控制字符、反斜杠或非 UTF-8 内容",
	"it cannot be read":                                                                "无法识别",
	"its scheme is not http or https":                                                  "它不以 http:// 或 https:// 开头",
	"it holds a user name or a password":                                               "它含有用户名或密码",
	"it names no host":                                                                 "其中没有主机名",
	"its port is empty":                                                                "其端口是空的",
	"its port is not a number from 1 to 65535":                                         "其端口不是 1 到 65535 的数字",
	"its host is an address in an unusual form":                                        "其主机是形式不规范的地址",
	"its host is not an address":                                                       "其主机不是地址",
	"its host is not a name":                                                           "其主机不是名称",
	"its host is not a name of the public internet":                                    "其主机不是公网上的名称",
	"its host is not on the public internet":                                           "其主机不在公网上",
	"it must begin with https://, unless the operator allows its host (webhook-hosts)": "应以 https:// 开头，除非运维人员允许该主机（webhook-hosts）",
	"its port must be 443, unless the operator allows its host (webhook-hosts)":        "端口应为 443，除非运维人员允许该主机（webhook-hosts）",
}

// chineseDurations are the units of durations in texts.
var chineseDurations = map[string]string{
	"%d second":  "%d 秒",
	"%d seconds": "%d 秒",
	"%d minute":  "%d 分钟",
	"%d minutes": "%d 分钟",
	"%d hour":    "%d 小时",
	"%d hours":   "%d 小时",
	"%d day":     "%d 天",
	"%d days":    "%d 天",
}

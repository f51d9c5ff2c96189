package doctor

import (
	"maps"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// text is a sentence or two in both languages.
type text struct{ en, zh string }

// row has the texts of a diagnosis.
type row struct {
	// check is DIAGNOSIS_CHECK_UNSPECIFIED if every check can lead to it.
	check           zhaohuov1.DiagnosisCheck
	verdict         zhaohuov1.DiagnosisVerdict
	meaning, remedy text
}

const (
	ok      = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK
	warning = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_WARNING
	failed  = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED
	skipped = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED
	unknown = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN

	network    = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK
	clock      = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK
	appKey     = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY
	signature  = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE
	token      = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN
	permission = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION
	limits     = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS
	pushes     = zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PUSHES
)

// table has every diagnosis. The comments of the contract's enum state the same checks and verdicts.
var table = map[zhaohuov1.DiagnosisCode]row{
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_SKIPPED: {
		verdict: skipped,
		meaning: text{"Not checked, because an earlier check failed.", "前面的检查未通过，此项未检查。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_INCONCLUSIVE: {
		verdict: unknown,
		meaning: text{"No answer told whether this is right.", "上游的回答无法说明此项是否正常。"},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_REACHED: {
		network, ok,
		text{"The upstream answers.", "上游可以访问。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NAME_NOT_RESOLVED: {
		network, failed,
		text{"The host's name could not be resolved to an address.", "无法解析主机名。"},
		text{
			"Check the spelling in ZHAOHUO_UPSTREAM_URL and this machine's DNS settings.",
			"请检查 ZHAOHUO_UPSTREAM_URL 中的主机名以及本机的 DNS 设置。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CONNECTION_REFUSED: {
		network, failed,
		text{"Nothing listens at the address: the connection was refused.", "连接被拒绝：该地址上没有服务在监听。"},
		text{
			"Check host and port in ZHAOHUO_UPSTREAM_URL, and whether a firewall rejects outgoing connections.",
			"请检查 ZHAOHUO_UPSTREAM_URL 中的主机与端口，以及防火墙是否拦截了对外连接。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CONNECTION_BROKEN: {
		network, failed,
		text{"The connection could not be made, or broke before the answer was whole.", "无法建立连接，或连接在收到完整回答之前中断。"},
		text{
			"Check this machine's route to the Internet. Where a proxy is the only way out, set ZHAOHUO_UPSTREAM_PROXY.",
			"请检查本机到互联网的网络；如只能经代理访问，请设置 ZHAOHUO_UPSTREAM_PROXY。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TIMED_OUT: {
		network, failed,
		text{"No answer came in the time one attempt may take.", "在单次请求允许的时间内没有收到回答。"},
		text{
			"Check for a firewall that drops packets silently; on a slow line raise ZHAOHUO_UPSTREAM_TIMEOUT.",
			"请检查是否有防火墙静默丢包；如线路较慢，请调大 ZHAOHUO_UPSTREAM_TIMEOUT。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TLS_FAILED: {
		network, failed,
		text{"TLS failed: the server's certificate is not trusted, or what answers does not speak TLS.", "TLS 失败：服务器证书不受信任，或对方并不使用 TLS。"},
		text{
			"Check this machine's date and its root certificates, and whether a proxy in between opens TLS; install its root certificate then.",
			"请检查本机日期和根证书，以及中间是否有解密 TLS 的代理；如有，请安装其根证书。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PROXY_FAILED: {
		network, failed,
		text{"The proxy is not reached, or does not let the call through.", "无法连接代理，或代理不放行该请求。"},
		text{
			"Check address, user and password in ZHAOHUO_UPSTREAM_PROXY, and whether the proxy allows the upstream's host.",
			"请检查 ZHAOHUO_UPSTREAM_PROXY 中的地址、用户名与密码，以及代理是否允许访问上游主机。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NOT_THE_UPSTREAM: {
		network, failed,
		text{"Something answers that is not the upstream: a login page of this network, a filter, or another server.", "应答的不是上游：可能是本网络的登录页、过滤设备或其他服务器。"},
		text{
			"Log in to the network if it asks for that, and check ZHAOHUO_UPSTREAM_URL and ZHAOHUO_DIALECT.",
			"如网络要求登录，请先登录；并检查 ZHAOHUO_UPSTREAM_URL 和 ZHAOHUO_DIALECT。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UPSTREAM_DOWN: {
		network, failed,
		text{"The upstream answers that it is out of order.", "上游应答自身发生故障。"},
		text{"Try again later.", "请稍后重试。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UNSTEADY: {
		network, warning,
		text{"The upstream answers, but one of the calls was lost on the way.", "上游可以访问，但有一次请求在途中丢失。"},
		text{
			"Run the examination again. If the failures continue, check the network between this machine and the upstream.",
			"请再次运行诊断；如仍出现，请检查本机与上游之间的网络。",
		},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_RIGHT: {
		clock, ok,
		text{"This machine's clock agrees with the upstream's.", "本机时钟与上游一致。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_OFF: {
		clock, warning,
		text{"This machine's clock differs from the upstream's. Calls are not refused for it so far.", "本机时钟与上游不一致，目前尚未因此被拒绝。"},
		text{"Set the clock, and keep it right with NTP.", "请校准时钟，并用 NTP 保持同步。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_REFUSED: {
		clock, failed,
		text{"The upstream refuses timestamps: this machine's clock is too far off.", "上游拒绝时间戳：本机时钟偏差过大。"},
		text{"Set the clock, and keep it right with NTP.", "请校准时钟，并用 NTP 保持同步。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_SUSPECTED: {
		clock, failed,
		text{
			"This machine's clock differs from the upstream's, and calls are refused with an undocumented code. The clock is the most likely cause.",
			"本机时钟与上游不一致，且请求被以未公开的错误码拒绝：很可能正是此原因。",
		},
		text{"Set the clock, keep it right with NTP, and run the examination again.", "请校准时钟、用 NTP 保持同步，然后再次运行诊断。"},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_APP_KEY_KNOWN: {
		appKey, ok,
		text{"The upstream knows the App Key.", "上游认识该 App Key。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_APP_KEY_UNKNOWN: {
		appKey, failed,
		text{"The upstream does not know the App Key.", "上游不认识该 App Key。"},
		text{
			"Copy the App Key anew from the app's page in the console of open.1688.com into ZHAOHUO_APP_KEY, and check that ZHAOHUO_DIALECT and ZHAOHUO_UPSTREAM_URL belong to the platform that gave it.",
			"请从 open.1688.com 控制台的应用页面重新复制 App Key 到 ZHAOHUO_APP_KEY，并确认 ZHAOHUO_DIALECT 与 ZHAOHUO_UPSTREAM_URL 属于发放它的平台。",
		},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_SIGNATURE_RIGHT: {
		signature, ok,
		text{"Signatures are accepted: the App Secret is right.", "签名被接受：App Secret 正确。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_SIGNATURE_WRONG: {
		signature, failed,
		text{"The upstream refuses the signature: the App Secret or the rule of signing is wrong.", "上游拒绝签名：App Secret 或签名方式不正确。"},
		text{
			"Copy the App Secret anew from the app's page in the console into ZHAOHUO_APP_SECRET, without spaces around it. In dialect top check ZHAOHUO_SIGN_METHOD too.",
			"请从控制台的应用页面重新复制 App Secret 到 ZHAOHUO_APP_SECRET，首尾不要带空格；使用 top 协议时还请检查 ZHAOHUO_SIGN_METHOD。",
		},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_ACCEPTED: {
		token, ok,
		text{"The access token is accepted.", "访问令牌有效。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_NOT_NEEDED: {
		token, ok,
		text{"No access token is sent, and none is asked for.", "未发送访问令牌，上游也没有要求。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_RENEWED: {
		token, ok,
		text{"The access token was refused, has been refreshed, and is accepted now.", "访问令牌曾被拒绝，现已刷新并被接受。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_REFUSED: {
		token, failed,
		text{"The upstream refuses the access token: it is false, has expired, or belongs to another App Key.", "上游拒绝访问令牌：令牌错误、已过期，或属于其他 App Key。"},
		text{
			"Run zhaohuo auth login, or copy the token shown in the console into ZHAOHUO_ACCESS_TOKEN.",
			"请运行 zhaohuo auth login，或将控制台显示的令牌复制到 ZHAOHUO_ACCESS_TOKEN。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_MISSING: {
		token, failed,
		text{"The upstream asks for an access token, and none is configured.", "上游要求访问令牌，但没有配置。"},
		text{
			"Run zhaohuo auth login, or copy the token shown in the console into ZHAOHUO_ACCESS_TOKEN.",
			"请运行 zhaohuo auth login，或将控制台显示的令牌复制到 ZHAOHUO_ACCESS_TOKEN。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_UNAVAILABLE: {
		token, failed,
		text{"There is no access token to send: nobody has logged in, or it could not be refreshed.", "没有可用的访问令牌：尚未登录，或刷新失败。"},
		text{
			"Run zhaohuo auth status to see why, and zhaohuo auth login to get new tokens.",
			"请用 zhaohuo auth status 查看原因，并用 zhaohuo auth login 获取新令牌。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKENS_EVICTABLE: {
		token, warning,
		text{
			"The Redis server that replicas share access tokens through may drop them when its memory is full. Each replica's own copy brings them back.",
			"各副本共享访问令牌的 Redis 在内存写满时可能将其淘汰；各副本会用自己的备份恢复。",
		},
		text{
			"Set maxmemory-policy of the Redis server of ZHAOHUO_REDIS_URL to noeviction or one of volatile-*, and keep the data directory of each replica.",
			"请将 ZHAOHUO_REDIS_URL 所指 Redis 的 maxmemory-policy 设为 noeviction 或 volatile-*，并保留每个副本的数据目录。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_EVICTION_UNKNOWN: {
		token, unknown,
		text{
			"The Redis server that replicas share access tokens through does not report whether it may drop them.",
			"各副本共享访问令牌的 Redis 没有告知是否会将其淘汰。",
		},
		text{
			"Check that the server of ZHAOHUO_REDIS_URL can be reached, and check its maxmemory-policy: it should be noeviction or one of volatile-*.",
			"请确认 ZHAOHUO_REDIS_URL 所指的 Redis 可以访问，并查看其 maxmemory-policy：应为 noeviction 或 volatile-*。",
		},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PERMITTED: {
		permission, ok,
		text{"The App Key may call this API.", "该 App Key 可以调用此接口。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PERMITTED_PRESUMABLY: {
		permission, ok,
		text{
			"The upstream looked at the arguments of the call, so the App Key probably may call this API. The order of checks in this protocol is not published.",
			"请求已进入参数检查，说明该 App Key 可以调用此接口；此协议的检查顺序未公开。",
		},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NOT_PERMITTED: {
		permission, failed,
		text{"The App Key may not call this API. Permission is given for each API.", "该 App Key 没有此接口的权限。权限按接口授予。"},
		text{
			"Apply for the solution or permission package that holds this API, on the app's page in the console of open.1688.com. Until then only what needs this API fails.",
			"请在 open.1688.com 控制台的应用页面申请包含此接口的解决方案或权限包；在此之前仅依赖此接口的功能不可用。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_ADDRESS_NOT_PERMITTED: {
		permission, failed,
		text{"The App Key may not be used from this machine's address.", "不允许从本机的 IP 地址使用该 App Key。"},
		text{
			"Add the address this machine is seen from outside to the app's whitelist in the console.",
			"请在控制台将本机的公网 IP 加入应用的白名单。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NO_SUCH_API: {
		permission, failed,
		text{"The upstream has no API of this name and version, or refuses the form of the call.", "上游没有此名称和版本的接口，或不接受该请求形式。"},
		text{
			"Compare the API's name with the upstream's documentation; names are settings. Resellers often serve only some of the methods.",
			"请对照上游文档检查接口名称；名称可配置。第三方网关往往只提供部分方法。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_HIDDEN_BY_LIMIT: {
		permission, unknown,
		text{"A limit refused the call, so the permission could not be told.", "请求被限额拒绝，无法判断权限。"},
		text{"See the findings on limits, and run the examination again.", "请参阅限额一项的结果，然后再次运行诊断。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_HIDDEN_BY_FAILURE: {
		permission, unknown,
		text{"The upstream's backend failed, or the call was lost, so the permission could not be told.", "上游后端故障或请求丢失，无法判断权限。"},
		text{"Run the examination again later.", "请稍后再次运行诊断。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_REFUSED_UNDOCUMENTED: {
		permission, unknown,
		text{"The upstream refused the call with a code that nobody has documented.", "上游以未公开的错误码拒绝了请求。"},
		text{"Look the code up in the console's documentation, and report it to us.", "请在控制台文档中查找该错误码，并反馈给我们。"},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_WITHIN_LIMITS: {
		limits, ok,
		text{"No limit was met during the examination.", "诊断期间未触及任何限额。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_THROTTLED: {
		limits, warning,
		text{"The upstream said that calls come too fast.", "上游提示调用过于频繁。"},
		text{
			"Lower ZHAOHUO_UPSTREAM_QPS, and check whether other programs use the same App Key.",
			"请调低 ZHAOHUO_UPSTREAM_QPS，并检查是否有其他程序在使用同一个 App Key。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_USED_UP: {
		limits, failed,
		text{"The paid package, or the day's allowance of calls, is used up.", "付费调用包或当日调用额度已用完。"},
		text{
			"Buy a further package in the console, or wait until midnight in China when a day's allowance is renewed.",
			"请在控制台续购调用包；如为当日额度，请等到中国时间零点恢复。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_OWN_DAY_USED_UP: {
		limits, failed,
		text{"This service's own daily limit of calls is reached, so no call is sent.", "本服务自行设定的每日调用上限已用完，因此不发送任何请求。"},
		text{
			"Raise ZHAOHUO_UPSTREAM_DAILY, or the API's part of ZHAOHUO_UPSTREAM_API_LIMITS, or wait until midnight in China.",
			"请调高 ZHAOHUO_UPSTREAM_DAILY，或 ZHAOHUO_UPSTREAM_API_LIMITS 中该接口的每日上限，或等到中国时间零点恢复。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_QUEUE_TOO_LONG: {
		limits, warning,
		text{"The service's own queue for calls is too long: the examination did not get its turn.", "服务自身的调用队列过长：诊断没有轮到。"},
		text{"Run the examination again when there is less to do, or give it more time.", "请在空闲时再次运行诊断，或留出更长的时间。"},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_LIMITS_STORE_LOST: {
		limits, failed,
		text{"The store that holds the limits for all replicas cannot be asked, so no call is sent.", "无法访问各副本共享的额度存储，因此不发送任何请求。"},
		text{"Check the Redis server of ZHAOHUO_REDIS_URL.", "请检查 ZHAOHUO_REDIS_URL 所指的 Redis 服务器。"},
	},

	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_ARRIVE: {
		pushes, ok,
		text{"Pushes of the upstream arrive at this path.", "上游的推送可以到达此路径。"},
		text{},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_AWAITED: {
		pushes, warning,
		text{"No push has arrived at this path since this process began.", "自本进程启动以来，此路径尚未收到任何推送。"},
		text{
			"Check in the app's console that topics are subscribed and that the address leads to this path by https, and that the account follows the goods: docs/PUSHES.md.",
			"请在应用控制台确认已订阅消息主题、推送地址可通过 https 到达此路径，并确认账号已关注相关商品：见 docs/PUSHES.md。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_REFUSED: {
		pushes, warning,
		text{
			"Pushes arrive at this path, and none of them is signed with the App Secret of an App Key of this service.",
			"此路径收到推送，但没有一条是用本服务 App Key 的 App Secret 签名的。",
		},
		text{
			"Compare App Key and App Secret with those of the app that subscribed the topics.",
			"请核对 App Key 和 App Secret 是否与订阅消息的应用一致。",
		},
	},
	zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_NOT_CAUGHT_UP: {
		pushes, warning,
		text{"The upstream could not be asked for pushes that it could not deliver. Those that it delivers arrive as before.", "无法向上游查询未能送达的推送。能送达的推送不受影响。"},
		text{
			"If the reason is a missing permission, apply in the console for push.query.messageList and push.message.confirm, or set ZHAOHUO_PUSH_CATCH_UP=0.",
			"如原因是缺少权限，请在控制台申请 push.query.messageList 和 push.message.confirm，或设置 ZHAOHUO_PUSH_CATCH_UP=0。",
		},
	},
}

// Row is a diagnosis for documents.
type Row struct {
	Diagnosis zhaohuov1.DiagnosisCode
	// Check is DIAGNOSIS_CHECK_UNSPECIFIED if every check can lead to it.
	Check                zhaohuov1.DiagnosisCheck
	Verdict              zhaohuov1.DiagnosisVerdict
	MeaningEN, MeaningZH string
	RemedyEN, RemedyZH   string
}

// Rows lists every diagnosis in the order of the contract.
func Rows() []Row {
	var rows []Row
	for _, d := range slices.Sorted(maps.Keys(table)) {
		r := table[d]
		rows = append(rows, Row{d, r.check, r.verdict, r.meaning.en, r.meaning.zh, r.remedy.en, r.remedy.zh})
	}
	return rows
}

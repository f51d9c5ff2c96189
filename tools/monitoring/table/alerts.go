package table

import "slices"

// Alert is a rule of Prometheus with a test of it.
type Alert struct {
	Name, Expr string
	// For is how long the expression must hold, in Prometheus's words.
	For string
	// Severity is page (a person must act now) or ticket.
	Severity string
	// Summary and Chinese say what happened and what to do.
	Summary, Chinese string
	// Fires are series that make it fire, in the notation of promtool, from minute 0; Calm are series that do not. Both are asked at minute At.
	Fires, Calm []Series
	At          string
	// Labels are those that the alert has, beside its severity.
	Labels map[string]string
}

// Series is the course of one series, a value a minute.
type Series struct{ Name, Values string }

// Alerts are all alerts.
func Alerts() []Alert { return slices.Concat(quotaAlerts(), upstreamAlerts(), serviceAlerts()) }

// quotaAlerts are about the accounts and their quota.
func quotaAlerts() []Alert {
	return []Alert{
		{
			Name: "ZhaohuoAccountRefused", For: "1m", Severity: "page",
			Expr: `sum by (outcome) (increase(zhaohuo_upstream_attempts_total{outcome=~"UPSTREAM_CREDENTIALS_INVALID|UPSTREAM_TOKEN_INVALID|UPSTREAM_PERMISSION_DENIED|` +
				`UPSTREAM_IP_NOT_ALLOWED"}[5m])) > 0`,
			Summary: "1688 refuses the App Key, its token, a permission or this server's address. Run `zhaohuo doctor --addr`.",
			Chinese: "1688 拒绝了 App Key、令牌、权限或服务器地址。请运行 `zhaohuo doctor --addr`。",
			Fires:   []Series{{`zhaohuo_upstream_attempts_total{api="a",outcome="UPSTREAM_TOKEN_INVALID"}`, "0 1+1x20"}},
			Calm:    []Series{{`zhaohuo_upstream_attempts_total{api="a",outcome="OK"}`, "0+10x20"}},
			At:      "10m", Labels: map[string]string{"outcome": "UPSTREAM_TOKEN_INVALID"},
		},
		{
			Name: "ZhaohuoQuotaUsedUp", For: "0m", Severity: "page",
			Expr:    `min by (account, api) (zhaohuo_quota_calls_left) == 0`,
			Summary: "No upstream calls are left today. Stored answers are still given; everything else fails until midnight in China.",
			Chinese: "今天的上游调用次数已用完。仍会返回缓存结果，其他请求在北京时间零点前都会失败。",
			Fires:   []Series{{`zhaohuo_quota_calls_left{account="",api="",instance="1"}`, "100-10x20"}, {`zhaohuo_quota_calls_left{account="",api="",instance="2"}`, "100-10x20"}},
			Calm:    []Series{{`zhaohuo_quota_calls_left{account="",api="",instance="1"}`, "100-1x20"}},
			At:      "10m", Labels: map[string]string{},
		},
		{
			Name: "ZhaohuoQuotaRunsOut", For: "15m", Severity: "ticket",
			Expr: `max by (account, api) (zhaohuo_quota_calls_used) > 0.9 * (max by (account, api) (zhaohuo_quota_calls_used) + ` +
				`min by (account, api) (zhaohuo_quota_calls_left)) and min by (account, api) (zhaohuo_quota_calls_left) > 0`,
			Summary: "More than nine tenths of today's upstream calls are used. The dashboard shows which callers spend them.",
			Chinese: "今天的上游调用次数已用去九成以上。由哪些调用方使用，请看仪表盘。",
			Fires:   []Series{{`zhaohuo_quota_calls_used{account="main",api=""}`, "950+1x40"}, {`zhaohuo_quota_calls_left{account="main",api=""}`, "50-1x40"}},
			Calm:    []Series{{`zhaohuo_quota_calls_used{account="main",api=""}`, "500+1x40"}, {`zhaohuo_quota_calls_left{account="main",api=""}`, "500-1x40"}},
			At:      "20m", Labels: map[string]string{"account": "main"},
		},
		{
			Name: "ZhaohuoQuotaStoreLost", For: "1m", Severity: "page",
			Expr:    `max(zhaohuo_quota_store_lost) > 0`,
			Summary: "Redis cannot be asked for the limits. With redis-lost=deny, calls to 1688 fail; with share, the limit may be exceeded.",
			Chinese: "无法向 Redis 查询配额。redis-lost=deny 时对 1688 的调用会失败；share 时可能超出限额。",
			Fires:   []Series{{`zhaohuo_quota_store_lost{instance="1"}`, "0 1x20"}},
			Calm:    []Series{{`zhaohuo_quota_store_lost{instance="1"}`, "0x20"}},
			At:      "10m", Labels: map[string]string{},
		},
	}
}

// upstreamAlerts are about what 1688 answers.
func upstreamAlerts() []Alert {
	return []Alert{
		{
			Name: "ZhaohuoUndocumentedCode", For: "5m", Severity: "ticket",
			Expr:    `sum by (api) (increase(zhaohuo_upstream_attempts_total{outcome="UPSTREAM_REFUSED"}[15m])) > 5`,
			Summary: "1688 answers with an undocumented code. The log has it; upstream-codes says what it means: docs/OPERATIONS.md.",
			Chinese: "1688 返回了文档中没有的错误码。日志中有该错误码；可在 upstream-codes 中说明其含义，参见 docs/OPERATIONS.md。",
			Fires:   []Series{{`zhaohuo_upstream_attempts_total{api="a",outcome="UPSTREAM_REFUSED"}`, "0+1x40"}},
			Calm:    []Series{{`zhaohuo_upstream_attempts_total{api="a",outcome="UPSTREAM_REFUSED"}`, "3x40"}},
			At:      "30m", Labels: map[string]string{"api": "a"},
		},
		{
			Name: "ZhaohuoUpstreamFails", For: "5m", Severity: "page",
			Expr: `sum(rate(zhaohuo_upstream_attempts_total{outcome=~"UPSTREAM_UNAVAILABLE|UPSTREAM_TIMEOUT"}[5m])) > 0.5 * ` +
				`sum(rate(zhaohuo_upstream_attempts_total[5m]))`,
			Summary: "More than half of the calls to 1688 get no answer. Check the network, then the status of 1688.",
			Chinese: "对 1688 的调用有一半以上没有应答。请检查网络，再查看 1688 的状态。",
			Fires: []Series{
				{`zhaohuo_upstream_attempts_total{api="a",outcome="OK"}`, "0+10x20"}, {`zhaohuo_upstream_attempts_total{api="a",outcome="UPSTREAM_TIMEOUT"}`, "0+30x20"},
			},
			Calm: []Series{
				{`zhaohuo_upstream_attempts_total{api="a",outcome="OK"}`, "0+30x20"}, {`zhaohuo_upstream_attempts_total{api="a",outcome="UPSTREAM_TIMEOUT"}`, "0+10x20"},
			},
			At: "15m", Labels: map[string]string{},
		},
		{
			Name: "ZhaohuoBreakerOpen", For: "1m", Severity: "page",
			Expr:    `max(zhaohuo_upstream_breaker_state) > 0`,
			Summary: "1688 does not answer, and calls are refused at once. Stored answers are still given. Check the network, then the status of 1688.",
			Chinese: "1688 没有应答，调用会被立即拒绝，仍会返回缓存结果。请检查网络，再查看 1688 的状态。",
			Fires:   []Series{{`zhaohuo_upstream_breaker_state{instance="1"}`, "0 2x20"}},
			Calm:    []Series{{`zhaohuo_upstream_breaker_state{instance="1"}`, "0x20"}},
			At:      "10m", Labels: map[string]string{},
		},
		{
			Name: "ZhaohuoPeopleWait", For: "10m", Severity: "ticket",
			Expr:    `histogram_quantile(0.95, sum by (le) (rate(zhaohuo_quota_wait_seconds_bucket{class="interactive"}[5m]))) > 5`,
			Summary: "One in twenty calls for people waits more than 5 seconds for its turn. The dashboard shows why and for whom.",
			Chinese: "人工请求中有二十分之一要排队等待 5 秒以上。原因和调用方请看仪表盘。",
			Fires: []Series{
				{`zhaohuo_quota_wait_seconds_bucket{class="interactive",le="1"}`, "0+10x40"},
				{`zhaohuo_quota_wait_seconds_bucket{class="interactive",le="10"}`, "0+100x40"},
				{`zhaohuo_quota_wait_seconds_bucket{class="interactive",le="+Inf"}`, "0+100x40"},
			},
			Calm: []Series{
				{`zhaohuo_quota_wait_seconds_bucket{class="interactive",le="1"}`, "0+99x40"},
				{`zhaohuo_quota_wait_seconds_bucket{class="interactive",le="10"}`, "0+100x40"},
				{`zhaohuo_quota_wait_seconds_bucket{class="interactive",le="+Inf"}`, "0+100x40"},
			},
			At: "30m", Labels: map[string]string{},
		},
	}
}

// serviceAlerts are about the service itself.
func serviceAlerts() []Alert {
	return []Alert{
		{
			Name: "ZhaohuoWatchesLate", For: "10m", Severity: "ticket",
			Expr:    `max(zhaohuo_price_watches_lag_seconds) > 900`,
			Summary: "A price watch is more than 15 minutes late. zhaohuo_price_watches_waiting says what they wait for.",
			Chinese: "有价格监控已逾期 15 分钟以上。等待的原因见 zhaohuo_price_watches_waiting。",
			Fires:   []Series{{`zhaohuo_price_watches_lag_seconds{instance="1"}`, "0+60x60"}},
			Calm:    []Series{{`zhaohuo_price_watches_lag_seconds{instance="1"}`, "600x60"}},
			At:      "40m", Labels: map[string]string{},
		},
		{
			Name: "ZhaohuoWebhooksDie", For: "0m", Severity: "ticket",
			Expr:    `increase(zhaohuo_price_webhook_messages_total{outcome="dead"}[15m]) > 0`,
			Summary: "Messages to a webhook are given up. `zhaohuo watch deliveries` lists them and sends them anew.",
			Chinese: "发往 webhook 的消息已放弃投递。可用 `zhaohuo watch deliveries` 查看并重新投递。",
			Fires:   []Series{{`zhaohuo_price_webhook_messages_total{outcome="dead",instance="1"}`, "0x5 2x30"}},
			Calm:    []Series{{`zhaohuo_price_webhook_messages_total{outcome="dead",instance="1"}`, "2x40"}},
			At:      "10m", Labels: map[string]string{"outcome": "dead", "instance": "1"},
		},
		{
			Name: "ZhaohuoMemoryFull", For: "1m", Severity: "page",
			Expr:    `sum by (instance) (increase(zhaohuo_memory_refused_total[5m])) > 0`,
			Summary: "A replica holds more memory than memory-max and refuses requests. Lower photo-memory, body-memory or cache-memory, or give it more.",
			Chinese: "有副本占用的内存超过 memory-max，正在拒绝请求。请调低 photo-memory、body-memory 或 cache-memory，或增加内存。",
			Fires:   []Series{{`zhaohuo_memory_refused_total{instance="1"}`, "0x5 10+10x30"}},
			Calm:    []Series{{`zhaohuo_memory_refused_total{instance="1"}`, "50x40"}},
			At:      "10m", Labels: map[string]string{"instance": "1"},
		},
		{
			Name: "ZhaohuoKeysBroken", For: "1m", Severity: "ticket",
			Expr:    `max by (instance) (zhaohuo_api_keys_broken > 0 or zhaohuo_call_apis_broken > 0)`,
			Summary: "The file of keys, or that of APIs that may be called, cannot be read; what was read before is in force. The log names the line.",
			Chinese: "无法读取密钥文件或可调用 API 的文件，仍使用之前读取的内容。日志指出了出错的行。",
			Fires:   []Series{{`zhaohuo_api_keys_broken{instance="1"}`, "0 1x20"}},
			Calm:    []Series{{`zhaohuo_api_keys_broken{instance="1"}`, "0x20"}},
			At:      "10m", Labels: map[string]string{"instance": "1"},
		},
		{
			Name: "ZhaohuoDefects", For: "0m", Severity: "ticket",
			Expr:    `sum by (grpc_method) (increase(grpc_server_handled_total{grpc_service=~"zhaohuo.v1..*",grpc_code=~"Internal|Unknown|DataLoss"}[15m])) > 0`,
			Summary: "A request failed by a defect of the service. The log has the stack and the request id.",
			Chinese: "有请求因服务自身缺陷而失败。日志中有堆栈和请求编号。",
			Fires:   []Series{{`grpc_server_handled_total{grpc_service="zhaohuo.v1.SearchService",grpc_method="KeywordSearch",grpc_code="Internal"}`, "0x5 1x30"}},
			Calm:    []Series{{`grpc_server_handled_total{grpc_service="zhaohuo.v1.SearchService",grpc_method="KeywordSearch",grpc_code="OK"}`, "0+5x40"}},
			At:      "10m", Labels: map[string]string{"grpc_method": "KeywordSearch"},
		},
	}
}

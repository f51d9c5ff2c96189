// Package table is what an operator asks of the service's metrics: the panels of the dashboard, and the alerts with tests that make them
// fire. tools/monitoring writes both for Grafana and Prometheus; a test compares the names with the running service.
package table

import "slices"

// Panel is one picture of the dashboard.
type Panel struct {
	Title string
	// Unit is Grafana's name of a unit: short, s, reqps, percentunit, bytes.
	Unit string
	// Now shows the present value in place of its course.
	Now     bool
	Queries []Query
}

// Query is one expression of a panel. $job and $__rate_interval are Grafana's.
type Query struct {
	Expr string
	// Legend names the series; {{label}} is a label's value.
	Legend string
}

// Question is a question of an operator with the panels that answer it.
type Question struct {
	Text   string
	Panels []Panel
}

// Questions are all questions, in the order of the dashboard.
func Questions() []Question { return slices.Concat(aboutCalls(), aboutTheRest()) }

// aboutCalls are the questions of health, waits and costs.
func aboutCalls() []Question {
	return []Question{
		{"Is it well?", []Panel{
			{"Replicas", "short", true, []Query{{`count(zhaohuo_build_info{job="$job"}) by (version)`, "{{version}}"}}},
			{"Requests", "reqps", false, []Query{
				{`sum by (grpc_code) (rate(grpc_server_handled_total{job="$job"}[$__rate_interval]))`, "{{grpc_code}}"},
			}},
			{"How long requests take", "s", false, []Query{
				{`histogram_quantile(0.5, sum by (le) (rate(grpc_server_handling_seconds_bucket{job="$job",grpc_type="unary"}[$__rate_interval])))`, "half of them"},
				{`histogram_quantile(0.99, sum by (le) (rate(grpc_server_handling_seconds_bucket{job="$job",grpc_type="unary"}[$__rate_interval])))`, "99 %"},
			}},
		}},
		{"Why did a call wait?", []Panel{
			{"Wait for a turn, 95 %", "s", false, []Query{
				{`histogram_quantile(0.95, sum by (le, class) (rate(zhaohuo_quota_wait_seconds_bucket{job="$job"}[$__rate_interval])))`, "{{class}}"},
			}},
			{"Waiting calls", "short", false, []Query{
				{`sum by (class) (zhaohuo_quota_waiting{job="$job"})`, "{{class}}"},
				{`sum(zhaohuo_upstream_in_flight{job="$job"})`, "asked now"},
			}},
			{"Rate that is used, and that may be", "reqps", false, []Query{
				{`sum(rate(zhaohuo_quota_departed_total{job="$job"}[$__rate_interval]))`, "sent"},
				{`sum(max by (account) (zhaohuo_quota_rate{job="$job"}))`, "allowed now"},
			}},
			{"Throttles and bans of 1688", "short", false, []Query{
				{`sum by (api) (increase(zhaohuo_quota_limited_total{job="$job"}[$__rate_interval]))`, "throttled: {{api}}"},
				{`max by (account) (zhaohuo_quota_ban_seconds{job="$job"})`, "seconds of a ban: {{account}}"},
			}},
			{"Calls refused before they were sent", "short", false, []Query{
				{`sum by (class, reason) (increase(zhaohuo_quota_refused_total{job="$job"}[$__rate_interval]))`, "{{class}}: {{reason}}"},
			}},
			{"Calls that are kept from a dead 1688", "short", false, []Query{
				{`max(zhaohuo_upstream_breaker_state{job="$job"})`, "breaker (2: open)"},
				{`sum(increase(zhaohuo_upstream_breaker_refused_total{job="$job"}[$__rate_interval]))`, "refused"},
				{`sum(increase(zhaohuo_upstream_breaker_opened_total{job="$job"}[$__rate_interval]))`, "opened"},
				{`sum(increase(zhaohuo_upstream_retries_withheld_total{job="$job"}[$__rate_interval]))`, "not repeated"},
			}},
			{"How long 1688 takes, 95 %", "s", false, []Query{
				{`histogram_quantile(0.95, sum by (le, api) (rate(zhaohuo_upstream_seconds_bucket{job="$job"}[$__rate_interval])))`, "{{api}}"},
			}},
		}},
		{"What did it cost?", []Panel{
			{"Calls by API", "reqps", false, []Query{{`sum by (api) (rate(zhaohuo_quota_departed_total{job="$job"}[$__rate_interval]))`, "{{api}}"}}},
			{"Results of calls", "reqps", false, []Query{
				{`sum by (outcome) (rate(zhaohuo_upstream_attempts_total{job="$job"}[$__rate_interval]))`, "{{outcome}}"},
			}},
			{"Calls by account", "reqps", false, []Query{{`sum by (account) (rate(zhaohuo_account_calls_total{job="$job"}[$__rate_interval]))`, "{{account}}"}}},
		}},
		{"Who spent the quota?", []Panel{
			{"Calls by caller, last day", "short", true, []Query{
				{`sort_desc(sum by (caller) (increase(zhaohuo_caller_calls_total{job="$job"}[1d])))`, "{{caller}}"},
			}},
			{"Calls by caller and class", "reqps", false, []Query{
				{`sum by (caller, class) (rate(zhaohuo_caller_calls_total{job="$job"}[$__rate_interval]))`, "{{caller}}, {{class}}"},
			}},
			{"Requests by caller", "reqps", false, []Query{{`sum by (caller) (rate(zhaohuo_caller_requests_total{job="$job"}[$__rate_interval]))`, "{{caller}}"}}},
		}},
	}
}

// aboutTheRest are the questions of what is left and saved, of price watches and of room.
func aboutTheRest() []Question {
	return []Question{
		{"What is left today?", []Panel{
			{"Calls left", "short", true, []Query{{`min by (account, api) (zhaohuo_quota_calls_left{job="$job"})`, "{{account}} {{api}}"}}},
			{"Calls of today", "short", false, []Query{{`max by (account, api) (zhaohuo_quota_calls_used{job="$job"})`, "{{account}} {{api}}"}}},
			{"Accounts passed over", "short", false, []Query{
				{`max by (account, api, reason) (zhaohuo_account_passed_over{job="$job"})`, "{{account}} {{api}}: {{reason}}"},
			}},
		}},
		{"What did the cache save?", []Panel{
			{"Answers without a call", "percentunit", false, []Query{
				{`sum(rate(zhaohuo_cache_answers_total{job="$job",by=~"memory|store|twin|stale"}[$__rate_interval])) / sum(rate(zhaohuo_cache_answers_total{job="$job"}[$__rate_interval]))`, "part of all"},
			}},
			{"What answered", "reqps", false, []Query{{`sum by (by) (rate(zhaohuo_cache_answers_total{job="$job"}[$__rate_interval]))`, "{{by}}"}}},
			{"Trouble of the store", "short", false, []Query{
				{`sum by (operation) (increase(zhaohuo_cache_store_failures_total{job="$job"}[$__rate_interval]))`, "{{operation}} failed"},
				{`sum(increase(zhaohuo_cache_dropped_total{job="$job"}[$__rate_interval]))`, "not stored"},
			}},
		}},
		{"Are price watches on time?", []Panel{
			{"The longest overdue", "s", false, []Query{{`max(zhaohuo_price_watches_lag_seconds{job="$job"})`, "overdue"}}},
			{"What they wait for", "short", false, []Query{{`max by (for) (zhaohuo_price_watches_waiting{job="$job"})`, "{{for}}"}}},
			{"Observations", "reqps", false, []Query{
				{`sum by (outcome) (rate(zhaohuo_price_observations_total{job="$job"}[$__rate_interval]))`, "{{outcome}}"},
			}},
			{"Messages to webhooks", "reqps", false, []Query{
				{`sum by (outcome) (rate(zhaohuo_price_webhook_messages_total{job="$job"}[$__rate_interval]))`, "{{outcome}}"},
			}},
		}},
		{"Is there room?", []Panel{
			{"Memory", "bytes", false, []Query{
				{`process_resident_memory_bytes{job="$job"}`, "{{instance}}"},
				{`max(zhaohuo_memory_limit_bytes{job="$job"})`, "limit"},
				{`sum(zhaohuo_photo_memory_bytes{job="$job"})`, "photos"},
				{`sum(zhaohuo_body_memory_bytes{job="$job"})`, "bodies"},
			}},
			{"Refused over the memory limit", "reqps", false, []Query{
				{`sum by (instance) (rate(zhaohuo_memory_refused_total{job="$job"}[$__rate_interval]))`, "{{instance}}"},
			}},
			{"Processor", "short", false, []Query{{`rate(process_cpu_seconds_total{job="$job"}[$__rate_interval])`, "{{instance}}"}}},
			{"Connections", "short", false, []Query{{`sum by (port) (zhaohuo_connections{job="$job"})`, "{{port}}"}}},
		}},
	}
}

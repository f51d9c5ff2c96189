package scenario_test

import (
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// TestAnswersAreCached: the same question costs one upstream call, however it is written and over whichever transport it
// comes. A max staleness of 0 seconds asks again.
func TestAnswersAreCached(t *testing.T) {
	service := start(t, map[string]string{"ZHAOHUO_NO_CACHE": "false"})
	ask := func(route string, request map[string]any) int64 {
		t.Helper()
		c := scenario.Case{RPC: "SearchService/KeywordSearch", Request: request}
		got := service.overGRPC
		if route != "" {
			got = func(t *testing.T, c scenario.Case) outcome { t.Helper(); return service.overREST(t, c, route) }
		}
		o := got(t, c)
		if o.failed != nil {
			t.Fatalf("%v: %v", request, o.failed)
		}
		if source := gjson.GetBytes(o.json, "meta.source").String(); source != "ANSWER_SOURCE_SANDBOX" {
			t.Errorf("%v: source %s: a kept answer of the sandbox passes for another", request, source)
		}
		return gjson.GetBytes(o.json, "meta.upstreamCalls").Int()
	}
	for _, c := range []struct {
		name, route string
		request     map[string]any
		calls       int64
	}{
		{"asked first", "", map[string]any{"keyword": "保温杯", "priceMax": "50"}, 1},
		{"the same", "", map[string]any{"keyword": "保温杯", "priceMax": "50"}, 0},
		{"over REST", "GET /v1/products:keywordSearch", map[string]any{"keyword": "保温杯", "priceMax": "50"}, 0},
		{
			"defaults written out, another form of the price", "POST /v1/products:keywordSearch",
			map[string]any{"keyword": " 保温杯 ", "priceMax": "50.00", "page": 1, "pageSize": 20, "sort": "SORT_ORDER_RELEVANCE", "languageCode": "zh-CN"},
			0,
		},
		{"another page", "", map[string]any{"keyword": "保温杯", "priceMax": "50", "page": 2}, 1},
		{"nothing old", "", map[string]any{"keyword": "保温杯", "priceMax": "50", "maxStaleness": "0s"}, 1},
	} {
		if calls := ask(c.route, c.request); calls != c.calls {
			t.Errorf("%s: %d upstream calls, want %d", c.name, calls, c.calls)
		}
	}
}

// TestEqualQuestionsAreAskedOnce: a thousand callers with one question make one upstream call.
func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	service := start(t, map[string]string{"ZHAOHUO_NO_CACHE": "false", "ZHAOHUO_SANDBOX_LATENCY": "500ms"})
	c := scenario.Case{RPC: "SearchService/KeywordSearch", Request: map[string]any{"keyword": "雨伞"}}
	var all sync.WaitGroup
	calls := make(chan int64, 1000)
	for range cap(calls) {
		all.Go(func() {
			o := service.overGRPC(t, c)
			if o.failed != nil {
				t.Errorf("%v", o.failed)
			}
			calls <- gjson.GetBytes(o.json, "meta.upstreamCalls").Int()
		})
	}
	all.Wait()
	close(calls)
	var spent int64
	for n := range calls {
		spent += n
	}
	if spent != 1 {
		t.Errorf("%d upstream calls, want 1", spent)
	}
}

// TestWhatCannotBeReadIsNotCached: an empty list that stands alone is asked for again, and is an error each time. A total of 0 is
// an answer, and is stored.
func TestWhatCannotBeReadIsNotCached(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		service := start(t, map[string]string{"ZHAOHUO_NO_CACHE": "false", "ZHAOHUO_DIALECT": dialect})
		for _, member := range []string{"result", "products"} {
			for range 2 {
				c := scenario.Case{RPC: "SearchService/KeywordSearch", Request: map[string]any{"keyword": "耳机 sandbox:bare-list=" + member}}
				hold(t, dialect, service.overGRPC(t, c), scenario.Expect{
					Code: "INTERNAL", Reason: "UPSTREAM_ANSWER_UNREADABLE", Meta: map[string]string{"upstream_calls": "1"},
				})
			}
		}
		for _, calls := range []int{1, 0} {
			c := scenario.Case{RPC: "SearchService/KeywordSearch", Request: map[string]any{"keyword": "耳机 sandbox:total-zero"}}
			hold(t, dialect, service.overGRPC(t, c), scenario.Expect{Code: "OK", Checks: []scenario.Check{
				{Path: "products.#", Equals: 0}, {Path: "meta.upstreamCalls", Equals: calls},
			}})
		}
	}
}

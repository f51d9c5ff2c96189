package upstream_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	dispatcher "github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// A client searches the sandbox as it would search 1688: signed, within a quota, over HTTP.
func ExampleNew() {
	goods, err := catalog.New(catalog.Embedded())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer goods.Close()
	app := sandbox.App{Key: "1000000", Secret: "made up", SingleUser: true}
	platform, err := sandbox.New(sandbox.Config{Apps: []sandbox.App{app}, Catalogue: goods})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer platform.Close()
	address := httptest.NewServer(platform)
	defer address.Close()
	limits := limiter.Limits{App: limiter.Limit{PerSecond: 4}}
	permits := dispatcher.New(limiter.NewLocal(limits, limiter.NewLedger()), limits, dispatcher.Options{})
	defer permits.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()

	client := upstream.New(upstream.Options{
		Dialect: aop.New(aop.Config{BaseURL: address.URL, Limits: upstream.Limits{PageSizeMax: 50, Window: 2000}}),
		AppKey:  "1000000", AppSecret: "made up", Tokens: oauth.NewStatic(""), Quota: permits,
		HTTP: &http.Client{Transport: transport}, AttemptTimeout: time.Minute, AnswerBytesMax: 1 << 20,
		Backoff: upstream.Backoff{Attempts: 1},
	})
	defer client.Close()
	answer, err := client.KeywordSearch(context.Background(), &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机"})
	fmt.Println(len(answer.GetProducts()), answer.GetMeta().GetUpstreamCalls(), err)
	// Output: 20 1 <nil>
}

package top_test

import (
	"context"
	"fmt"
	"io"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// A dialect writes a question as one signed request. This example does not send it.
func ExampleNew() {
	dialect := top.New(top.Config{URL: top.DefaultURL})
	call, err := dialect.KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "kettle"})
	if err != nil {
		fmt.Println(err)
		return
	}
	cred := upstream.Credential{AppKey: "12345678", AppSecret: "helloworld"}
	request, err := dialect.Wire.NewRequest(context.Background(), call, cred, time.Unix(1767225600, 0))
	if err != nil {
		fmt.Println(err)
		return
	}
	form, err := io.ReadAll(request.Body)
	fmt.Println(request.Method, request.URL.Host, len(form) > 100, err)
	// Output: POST api.1688.com true <nil>
}

package form_test

import (
	"context"
	"fmt"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

func ExampleNewRequest() {
	params := []upstream.Param{{Name: "keyword", Value: "a b"}}
	request, err := form.NewRequest(context.Background(), "https://gw.open.1688.com/openapi", params, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := io.ReadAll(request.Body)
	fmt.Printf("%s %s %v\n", request.Method, body, err)
	// Output: POST keyword=a+b <nil>
}

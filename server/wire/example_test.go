package wire_test

import (
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

func ExampleNewCodec() {
	codec := wire.NewCodec(wire.NewBuffers())
	bytes, err := codec.Marshal(&zhaohuov1.KeywordSearchRequest{Keyword: "保温杯"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer bytes.Free()
	var read zhaohuov1.KeywordSearchRequest
	fmt.Println(codec.Unmarshal(bytes, &read), read.GetKeyword())
	// Output: <nil> 保温杯
}

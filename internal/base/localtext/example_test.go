package localtext_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/localtext"
)

func ExampleTexts_Read() {
	texts := localtext.Compile(map[string]string{"must be at most %d characters": "最多 %d 个字符"})
	fmt.Println(texts.Read("must be at most 100 characters"))
	// Output: 最多 100 个字符
}

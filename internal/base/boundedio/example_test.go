package boundedio_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
)

func ExampleRead() {
	content, err := boundedio.Read(strings.NewReader("12.50"), 5)
	fmt.Println(string(content), err)
	_, err = boundedio.Read(strings.NewReader("12.505"), 5)
	fmt.Println(errors.Is(err, boundedio.ErrTooLarge))
	// Output:
	// 12.50 <nil>
	// true
}

package sealing_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sealing"
)

// What was encrypted for one purpose cannot be read for another.
func Example() {
	tokens, err := sealing.New("app secret", "tokens 1")
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed := tokens.Seal(nil, nil, []byte("hello"), []byte("name"))
	plain, err := tokens.Open(nil, nil, sealed, []byte("name"))
	fmt.Println(string(plain), err)
	others, err := sealing.New("app secret", "others 1")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = others.Open(nil, nil, sealed, []byte("name"))
	fmt.Println(err != nil)
	_, err = sealing.New("", "tokens 1")
	fmt.Println(err)
	// Output:
	// hello <nil>
	// true
	// there is no secret to encrypt with
}

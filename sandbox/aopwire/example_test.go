package aopwire_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
)

// The test vector on the platform's page about signatures.
func ExampleSign() {
	fmt.Println(aopwire.Sign("test123", "param2/1/system/currentTime/1000000", map[string]string{"a": "1", "b": "2"}))
	// Output: 33E54F4F7B989E3E0E912D3FBD2F1A03CA7CCE88
}

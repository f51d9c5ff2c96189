package interceptor_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// The order of the links is checked when the chain is built.
func ExampleNew() {
	chain, err := interceptor.New(interceptor.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range chain.Names() {
		fmt.Print(name, " ")
	}
	// Output: telemetry request-id caller metrics access-log fault-mapping recovery drain load-shedding deadline authentication client-rate concurrency authorization demand arrival size validation
}

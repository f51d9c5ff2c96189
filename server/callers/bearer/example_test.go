package bearer_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/server/callers/bearer"
)

// Only algorithms whose keys are public can be chosen: with HS256 whoever can check a token could write one.
func ExampleNew() {
	for _, algorithm := range []string{"RS256", "HS256", "none"} {
		v, err := bearer.New(bearer.Config{Issuer: "https://login.example.com", Audience: "zhaohuo", Claim: "sub", Algorithms: []string{algorithm}})
		fmt.Println(algorithm, err == nil)
		if err == nil {
			v.Close()
		}
	}
	// Output:
	// RS256 true
	// HS256 false
	// none false
}

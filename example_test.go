package zhaohuo_test

import (
	"encoding/json"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo"
)

// The description of the REST API is a JSON document in the binary.
func Example() {
	var description struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(zhaohuo.OpenAPI, &description); err != nil {
		fmt.Println(err)
		return
	}
	_, ok := description.Paths["/v1/products:keywordSearch"]
	fmt.Println(description.OpenAPI, ok)
	// Output: 3.1.0 true
}

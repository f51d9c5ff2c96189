package config_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// A flag beats a variable, and a variable beats the default.
func ExampleLoad() {
	env := config.ParseEnviron([]string{"HOME=/home/shop", "ZHAOHUO_UPSTREAM_QPS=8", "ZHAOHUO_DIALECT=top"})
	loaded, err := config.Load([]string{"--upstream-qps=4"}, env)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(loaded.Quota.QPS, loaded.Upstream.Dialect, loaded.Live())
	// Output: 4 top false
}

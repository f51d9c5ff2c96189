package redis_test

import (
	"fmt"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
)

// A store connects on first use, so New cannot fail.
func ExampleNew() {
	store := redis.New(redis.Config{Options: rueidis.ClientOption{InitAddress: []string{"127.0.0.1:6379"}}})
	fmt.Println(store.Close())
	// Output: <nil>
}

package redislink_test

import (
	"fmt"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/redislink"
)

// A link connects when its client is first asked for, so New cannot fail. A closed link has no client.
func ExampleNew() {
	link := redislink.New(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:6379"}})
	link.Close()
	_, err := link.Client()
	fmt.Println(err)
	// Output: the connection to Redis is closed
}

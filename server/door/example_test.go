package door_test

import (
	"context"
	"fmt"
	"net"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/door"
)

// All ports together hold at most Max connections.
func ExampleDoors_Listener() {
	doors, err := door.New(door.Options{Max: 100, Bodies: share.NewPool(1 << 20)})
	if err != nil {
		fmt.Println(err)
		return
	}
	port, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(doors.Listener(port, "http").Close())
	doors.Close()
	// Output: <nil>
}

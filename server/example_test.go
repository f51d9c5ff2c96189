package server_test

import (
	"context"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// Services are plain values; New gets what they depend on.
func ExampleNewInfo() {
	info := server.NewInfo(server.InfoParts{About: &zhaohuov1.GetServerInfoResponse{Version: "v1.2.3"}})
	answer, err := info.GetServerInfo(context.Background(), &zhaohuov1.GetServerInfoRequest{})
	fmt.Println(answer.GetVersion(), err)
	// Output: v1.2.3 <nil>
}

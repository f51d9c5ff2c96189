package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
)

// The gateway serves REST over a connection to the gRPC server. It answers health checks itself.
func ExampleNew() {
	conn, err := grpc.NewClient("passthrough:///server", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	handler, err := gateway.New(gateway.Config{Conn: conn})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/healthz", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output: 200 {"status":"ALIVE"}
}

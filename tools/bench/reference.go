package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// referenceRole serves one answer in the barest ways, for comparison: gRPC, grpc-gateway and a static file. The argument is a file
// with the encoded answer.
const referenceRole = "--as-reference"

// runReference runs in the child process. It prints the addresses of gRPC, of grpc-gateway and of the static file, and serves until
// it is signalled.
func runReference(path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	encoded, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	answer := &zhaohuov1.KeywordSearchResponse{}
	if err := proto.Unmarshal(encoded, answer); err != nil {
		return err
	}
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(answer)
	if err != nil {
		return err
	}
	rpcs := grpc.NewServer()
	defer rpcs.Stop()
	zhaohuov1.RegisterSearchServiceServer(rpcs, &bare{answer: answer})
	routes, inside, err := plainGateway(ctx)
	if err != nil {
		return err
	}
	static := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // It fails only if the caller has left.
	})
	ended := make(chan error, 4)
	go func() { ended <- rpcs.Serve(inside) }()
	var addresses [3]net.Addr
	for i, serve := range []func(net.Listener) error{rpcs.Serve, plain(routes), plain(static)} {
		port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		addresses[i] = port.Addr()
		go func() { ended <- serve(port) }()
	}
	fmt.Println(addresses[0], addresses[1], addresses[2])
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// bare is a gRPC service with one answer and nothing else.
type bare struct {
	zhaohuov1.UnimplementedSearchServiceServer
	answer *zhaohuov1.KeywordSearchResponse
}

// KeywordSearch implements the service.
func (b *bare) KeywordSearch(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return b.answer, nil
}

func plain(handler http.Handler) func(net.Listener) error {
	return (&http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}).Serve
}

// plainGateway is grpc-gateway as its documentation sets it up, with a connection in memory: over the network it would be slower.
func plainGateway(ctx context.Context) (http.Handler, net.Listener, error) {
	inside := bufconn.Listen(1 << 20)
	conn, err := grpc.NewClient("passthrough:///inside", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return inside.DialContext(ctx) }))
	if err != nil {
		return nil, nil, err
	}
	mux := runtime.NewServeMux()
	err = zhaohuov1.RegisterSearchServiceHandlerClient(ctx, mux, zhaohuov1.NewSearchServiceClient(conn))
	return mux, inside, errors.Join(err)
}

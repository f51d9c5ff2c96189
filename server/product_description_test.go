package server_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// dialProducts serves p over gRPC to a client with its default limits.
func dialProducts(t *testing.T, p zhaohuov1.ProductServiceServer) zhaohuov1.ProductServiceClient {
	t.Helper()
	rpcs := grpc.NewServer()
	zhaohuov1.RegisterProductServiceServer(rpcs, p)
	listener := bufconn.Listen(1 << 20)
	var serving sync.WaitGroup
	serving.Go(func() { _ = rpcs.Serve(listener) })
	conn, err := grpc.NewClient("passthrough:///inside", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		rpcs.Stop()
		serving.Wait()
	})
	return zhaohuov1.NewProductServiceClient(conn)
}

// TestLongDescriptionsOfABatch: 50 products with the longest descriptions arrive at a client with default settings,
// marked as omitted. On request they arrive complete, at a client that accepts them.
func TestLongDescriptionsOfABatch(t *testing.T) {
	long, short := strings.Repeat("长", 100<<10/len("长")), strings.Repeat("x", 32<<10)
	kept := map[string]*zhaohuov1.GetProductResponse{}
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
		p := product(ids[i])
		switch i {
		case 0: // It has none.
		case 1:
			p.DescriptionHtml = &short
		default:
			p.DescriptionHtml = &long
		}
		kept[ids[i]] = &zhaohuov1.GetProductResponse{Product: p}
	}
	before := proto.Clone(kept["3"])
	client := dialProducts(t, serving(&shop{get: func(id string) (*zhaohuov1.GetProductResponse, error) { return kept[id], nil }}, aopOffers()))

	got, err := client.BatchGetProducts(t.Context(), &zhaohuov1.BatchGetProductsRequest{Ids: ids})
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range got.GetResults() {
		description, omitted := result.GetProduct().DescriptionHtml, result.GetDescriptionOmitted()
		if (description != nil) != (i == 1) || omitted != (i > 1) {
			t.Errorf("product %d: a description: %t, omitted: %t", i+1, description != nil, omitted)
		}
	}
	if !proto.Equal(before, kept["3"]) {
		t.Error("a shared product was changed")
	}

	q := &zhaohuov1.BatchGetProductsRequest{Ids: ids, IncludeDescriptions: true}
	if _, err = client.BatchGetProducts(t.Context(), q); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("5 MB arrived at a client that accepts 4 MiB: %v", err)
	}
	got, err = client.BatchGetProducts(t.Context(), q, grpc.MaxCallRecvMsgSize(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	if last := got.GetResults()[49]; last.GetProduct().GetDescriptionHtml() != long || last.GetDescriptionOmitted() {
		t.Errorf("%d bytes, omitted: %t", len(last.GetProduct().GetDescriptionHtml()), last.GetDescriptionOmitted())
	}
}

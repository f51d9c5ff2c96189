package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	callers    = 32
	rounds     = 5
	roundTime  = time.Second
	warmUpTime = 300 * time.Millisecond
)

// search compares KeywordSearch through the complete service with a bare grpc-go handler that returns the same message:
// once with an upstream call for each, once with stored answers. Both take turns and have the same callers.
func search(ctx context.Context, r *report) error {
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	for _, c := range []struct{ name, noCache string }{
		{"an upstream call each", "true"},
		{"stored answers", "false"},
	} {
		serviceRate, bareRate, ratio, err := searchAgainstBare(ctx, platform, c.noCache)
		if err != nil {
			return err
		}
		r.figure("KeywordSearch of 20 products, whole service, "+c.name, "%.0f a second", serviceRate)
		r.figure("  the same message from a bare grpc-go handler", "%.0f a second", bareRate)
		r.figure("  ratio, median of the rounds", "%.3f", ratio)
	}
	return nil
}

func searchAgainstBare(ctx context.Context, p *platform, noCache string) (serviceRate, bareRate, ratio float64, err error) {
	service, err := startService(ctx, p, map[string]string{"ZHAOHUO_NO_CACHE": noCache, "ZHAOHUO_DATA_DIR": scratch()})
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { err = errors.Join(err, service.stop()) }()
	client, err := dial(service.GRPCAddr())
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	query := &zhaohuov1.KeywordSearchRequest{Keyword: "耳机", PageSize: proto.Int32(20)}
	answer, err := zhaohuov1.NewSearchServiceClient(client).KeywordSearch(ctx, query)
	if err != nil {
		return 0, 0, 0, err
	}
	bare, err := startBare(ctx, answer)
	if err != nil {
		return 0, 0, 0, err
	}
	defer bare.stop()
	ask := func(conn *grpc.ClientConn) func(context.Context) error {
		client := zhaohuov1.NewSearchServiceClient(conn)
		return func(ctx context.Context) error {
			_, err := client.KeywordSearch(ctx, query)
			return err
		}
	}
	return inTurns(ctx, ask(client), ask(bare.conn))
}

func dial(addr net.Addr) (*grpc.ClientConn, error) {
	return grpc.NewClient(addr.String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
}

// bare is a gRPC server with one handler and nothing else.
type bare struct {
	zhaohuov1.UnimplementedSearchServiceServer
	answer *zhaohuov1.KeywordSearchResponse
	conn   *grpc.ClientConn
	stop   func()
}

func startBare(ctx context.Context, answer *zhaohuov1.KeywordSearchResponse) (*bare, error) {
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bare{answer: answer}
	server := grpc.NewServer()
	zhaohuov1.RegisterSearchServiceServer(server, b)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(port) }()
	if b.conn, err = dial(port.Addr()); err != nil {
		return nil, err
	}
	b.stop = func() {
		_ = b.conn.Close()
		server.Stop()
		if err := <-ended; err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
	return b, nil
}

// KeywordSearch implements the service.
func (b *bare) KeywordSearch(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return b.answer, nil
}

// inTurns returns the median calls a second of a and b, which take turns, and the median of the ratios a/b of all rounds.
func inTurns(ctx context.Context, a, b func(context.Context) error) (rateA, rateB, ratio float64, err error) {
	var as, bs, ratios []float64
	for _, f := range []func(context.Context) error{a, b} {
		if _, err := load(ctx, f, warmUpTime); err != nil {
			return 0, 0, 0, err
		}
	}
	for range rounds {
		ra, errA := load(ctx, a, roundTime)
		rb, errB := load(ctx, b, roundTime)
		if err := errors.Join(errA, errB); err != nil {
			return 0, 0, 0, err
		}
		as, bs, ratios = append(as, ra), append(bs, rb), append(ratios, ra/rb)
	}
	return median(as), median(bs), median(ratios), nil
}

// load calls f from all callers for a while and returns the calls a second. It fails when one call fails.
func load(ctx context.Context, f func(context.Context) error, d time.Duration) (float64, error) {
	var done atomic.Int64
	var first error
	var once sync.Once
	var all sync.WaitGroup
	from := time.Now()
	for range callers {
		all.Go(func() {
			for time.Since(from) < d {
				if err := f(ctx); err != nil {
					once.Do(func() { first = err })
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(from).Seconds(), first
}

func median(v []float64) float64 {
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	visits = 200
	// turn is the time between two calls at 5 a second with the margin of 1 %.
	turn = time.Second * 100 / 99 / perSecond
)

// fairness measures how long a person waits while a batch of 10,000 questions runs at 5 calls a second: 200 searches at
// random moments, one at a time. Then it does the same with three services on one Redis, each with such a batch.
func fairness(ctx context.Context, r *report) error {
	for _, processes := range []int{1, 3} {
		waits, throttled, err := waitsBeside(ctx, processes)
		if err != nil {
			return err
		}
		slices.Sort(waits)
		p99 := waits[len(waits)*99/100-1]
		turns := 2 * (processes + 1)
		limit := time.Duration(turns)*turn + 100*time.Millisecond
		r.promise(fmt.Sprintf("p99 of %d searches beside batches of 10,000, %d calls/s, processes: %d", visits, perSecond, processes),
			p99 <= limit, fmt.Sprintf("%d turns + the upstream's time = %d ms", turns, limit.Milliseconds()),
			"%d ms (median %d ms, longest %d ms)", p99.Milliseconds(), waits[len(waits)/2].Milliseconds(), waits[len(waits)-1].Milliseconds())
		// A call that arrives too early makes the limiter slow down all calls for a while.
		r.figure("  throttled by the upstream meanwhile", "%d", throttled)
	}
	return nil
}

// waitsBeside starts services that share one limit, a batch on each, and searches on the first.
func waitsBeside(ctx context.Context, processes int) (waits []time.Duration, throttled int64, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	platform, err := startLimitedSandbox(ctx, perSecond)
	if err != nil {
		return nil, 0, err
	}
	defer platform.stop()
	settings := map[string]string{"ZHAOHUO_UPSTREAM_QPS": strconv.Itoa(perSecond), "ZHAOHUO_DEFAULT_TIMEOUT": "10m", "ZHAOHUO_NO_CACHE": "true"}
	if processes > 1 {
		redis, err := startRedis(ctx)
		if err != nil {
			return nil, 0, err
		}
		defer redis.stop()
		settings["ZHAOHUO_REDIS_URL"] = redis.url
	}
	var clients []zhaohuov1.SearchServiceClient
	var endings []func()
	defer func() {
		for _, end := range endings {
			end()
		}
	}()
	for range processes {
		settings["ZHAOHUO_DATA_DIR"] = scratch()
		service, err := startChild(ctx, against(platform.url, settings), serviceRole)
		if err != nil {
			return nil, 0, err
		}
		conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, 0, err
		}
		endings = append(endings, func() { _ = conn.Close(); service.kill() })
		clients = append(clients, zhaohuov1.NewSearchServiceClient(conn))
	}
	for _, client := range clients {
		if err := beginBatch(ctx, client); err != nil {
			return nil, 0, err
		}
	}
	if waits, err = visit(ctx, clients[0]); err != nil {
		return nil, 0, err
	}
	came, err := platform.arrived(ctx)
	return waits, came.Throttled, err
}

// beginBatch starts the batch and waits for its first result.
func beginBatch(ctx context.Context, client zhaohuov1.SearchServiceClient) error {
	q := &zhaohuov1.BatchKeywordSearchRequest{Pages: proto.Int32(10), PageSize: proto.Int32(50)}
	for i := range 1000 {
		q.Keywords = append(q.Keywords, fmt.Sprintf("批发 sandbox:slow=%dus", i+1)) // A thousand different questions with many pages each.
	}
	stream, err := client.BatchKeywordSearch(ctx, q)
	if err != nil {
		return err
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			return err
		}
		if result := message.GetResult(); result != nil {
			if result.GetError() != nil {
				return fmt.Errorf("the batch's first result: %v", result.GetError())
			}
			break
		}
	}
	go func() {
		for {
			if _, err := stream.Recv(); errors.Is(err, io.EOF) || err != nil {
				return
			}
		}
	}()
	return nil
}

// visit asks a new question at random moments and returns the waits.
func visit(ctx context.Context, client zhaohuov1.SearchServiceClient) ([]time.Duration, error) {
	var waits []time.Duration
	for i := range visits {
		gap := time.NewTimer(rand.N(2 * turn))
		select {
		case <-gap.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		from := time.Now()
		_, err := client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprintf("耳机 %c", rune('一'+i))})
		if err != nil {
			return nil, err
		}
		waits = append(waits, time.Since(from))
	}
	return waits, nil
}

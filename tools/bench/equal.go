package main

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// equal asks one question a thousand times at once and counts the upstream calls: first of one service, then of three on
// one Redis.
func equal(ctx context.Context, r *report) error {
	came, err := equalOf(ctx, 1, nil)
	if err != nil {
		return err
	}
	r.promise("1,000 equal searches at once: upstream calls", came == 1, "1", "%d", came)
	redis, err := startRedis(ctx)
	if err != nil {
		return err
	}
	defer redis.stop()
	came, err = equalOf(ctx, 3, map[string]string{"ZHAOHUO_REDIS_URL": redis.url})
	if err != nil {
		return err
	}
	r.promise("the same over three processes on one Redis: upstream calls", came == 1, "1", "%d", came)
	return nil
}

// equalOf starts the services, asks all of them at once, and returns the number of upstream calls.
func equalOf(ctx context.Context, processes int, settings map[string]string) (int64, error) {
	const callers = 1000
	platform, err := startSandbox(ctx)
	if err != nil {
		return 0, err
	}
	defer platform.stop()
	var clients []zhaohuov1.SearchServiceClient
	var endings []func()
	defer func() {
		for _, end := range endings {
			end()
		}
	}()
	for range processes {
		env := against(platform.url, settings)
		env["ZHAOHUO_DATA_DIR"] = scratch()
		service, err := startChild(ctx, env, serviceRole)
		if err != nil {
			return 0, err
		}
		endings = append(endings, service.stop)
		conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return 0, err
		}
		endings = append(endings, func() { _ = conn.Close() })
		clients = append(clients, zhaohuov1.NewSearchServiceClient(conn))
	}
	var all sync.WaitGroup
	failures := make(chan error, callers)
	for i := range callers {
		all.Go(func() {
			_, err := clients[i%processes].KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "雨伞 sandbox:slow=300ms"})
			failures <- err
		})
	}
	all.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	if err != nil {
		return 0, err
	}
	came, err := platform.arrived(ctx)
	return came.Arrivals, err
}

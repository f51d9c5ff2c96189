package main

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// equal asks one question a thousand times at once and counts what reaches the upstream.
func equal(ctx context.Context, r *report) error {
	const callers = 1000
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	service, err := startChild(ctx, against(platform.url, map[string]string{"ZHAOHUO_DATA_DIR": scratch()}), serviceRole)
	if err != nil {
		return err
	}
	defer service.stop()
	conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	client := zhaohuov1.NewSearchServiceClient(conn)
	var all sync.WaitGroup
	failures := make(chan error, callers)
	for range callers {
		all.Go(func() {
			_, err := client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "雨伞 sandbox:slow=300ms"})
			failures <- err
		})
	}
	all.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	if err != nil {
		return err
	}
	came, err := platform.arrived(ctx)
	if err != nil {
		return err
	}
	r.hold("1,000 equal searches at once: upstream calls", came.Arrivals == 1, "1", "%d", came.Arrivals)
	return nil
}

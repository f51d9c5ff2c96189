package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	drawing "github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

// starting measures how long a process takes from its start until it says that it serves, and its answer to the first search
// by photo after that.
func starting(ctx context.Context, r *report) error {
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	own := config.Environ{
		"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", "ZHAOHUO_HTTP_ADDR": "127.0.0.1:0", "ZHAOHUO_LAME_DUCK": "0s", "ZHAOHUO_LOG_LEVEL": "error",
	}
	for _, c := range []struct {
		name string
		env  config.Environ
		most time.Duration
	}{
		{"with the sandbox", own, 500 * time.Millisecond},
		{"live", against(platform.url, nil), 100 * time.Millisecond},
	} {
		var ready, first, used []time.Duration
		for range 7 {
			s, err := startOnce(ctx, c.env)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			ready, first, used = append(ready, s.ready), append(first, s.first), append(used, s.used)
		}
		r.promise("start to ready, "+c.name+", median of 7", middle(ready) <= c.most, c.most.String(), "%v", middle(ready).Round(time.Millisecond))
		r.figure("  processor time of it", "%v", middle(used))
		r.figure("  then the first search by photo", "%v", middle(first).Round(time.Millisecond))
	}
	return nil
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// started is what one start took: until it served, the processor time of that, and the first search by photo.
type started struct{ ready, used, first time.Duration }

func startOnce(ctx context.Context, env config.Environ) (s started, err error) {
	env = maps.Clone(env)
	env["ZHAOHUO_DATA_DIR"] = scratch()
	began := time.Now()
	service, err := startChild(ctx, env, serviceRole)
	if err != nil {
		return s, err
	}
	defer service.stop()
	conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return s, err
	}
	defer conn.Close() //nolint:errcheck // The process ends too.
	if err := serving(ctx, conn); err != nil {
		return s, err
	}
	s.ready = time.Since(began)
	if s.used, err = service.spent(); err != nil {
		return s, err
	}
	photo := drawing.JPEG(catalog.Look{Kind: "earphones", Colour: "black", Goods: 1, Shot: 1})
	asked := time.Now()
	_, err = zhaohuov1.NewSearchServiceClient(conn).ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{
		Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: photo}},
	})
	s.first = time.Since(asked)
	return s, err
}

// serving waits until the service says that it serves.
func serving(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	watch, err := healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	for {
		status, err := watch.Recv()
		if err != nil {
			return err
		}
		if status.GetStatus() == healthpb.HealthCheckResponse_SERVING {
			return nil
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	questions = 100
	perSecond = 5
)

// arrivals is the sandbox's count of what arrived.
type arrivals struct {
	Arrivals     int64     `json:"arrivals"`
	FirstArrival time.Time `json:"firstArrival"`
	LastArrival  time.Time `json:"lastArrival"`
	// Throttled counts calls that were refused for arriving too early.
	Throttled int64 `json:"throttled"`
}

// used is the share of the rate that was used: (calls - 1) / (last - first) / rate.
func (a arrivals) used() float64 {
	return float64(a.Arrivals-1) / a.LastArrival.Sub(a.FirstArrival).Seconds() / perSecond
}

// arrived asks the sandbox for its counts.
func (p *platform) arrived(ctx context.Context) (arrivals, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/sandbox/stats", nil)
	if err != nil {
		return arrivals{}, err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return arrivals{}, err
	}
	defer response.Body.Close()
	var seen arrivals
	err = json.NewDecoder(response.Body).Decode(&seen)
	return seen, err
}

// keywords asks 100 different keywords at once at 5 calls a second. The sandbox refuses the sixth call in any second.
func keywords(ctx context.Context, r *report) error {
	platform, err := startLimitedSandbox(ctx, perSecond)
	if err != nil {
		return err
	}
	defer platform.stop()
	service, err := startChild(ctx, against(platform.url, map[string]string{
		"ZHAOHUO_UPSTREAM_QPS": strconv.Itoa(perSecond), "ZHAOHUO_DEFAULT_TIMEOUT": "2m", "ZHAOHUO_DATA_DIR": scratch(),
	}), serviceRole)
	if err != nil {
		return err
	}
	defer service.stop()
	answered, err := askAll(ctx, []string{service.said}, nil)
	if err != nil {
		return err
	}
	came, err := platform.arrived(ctx)
	if err != nil {
		return err
	}
	r.promise(fmt.Sprintf("%d keywords at once, %d calls/s: answered", questions, perSecond), answered == questions, "100", "%d", answered)
	r.promise("  throttled by the upstream", came.Throttled == 0, "0", "%d", came.Throttled)
	r.promise("  share of the rate used", came.used() >= 0.98, "98 %", "%.1f %%", 100*came.used())
	return nil
}

// replicas does the same with three services on one Redis, one of which is killed half way. Its unanswered questions are
// asked again of another one, as a client would do.
func replicas(ctx context.Context, r *report) error {
	redis, err := startRedis(ctx)
	if err != nil {
		return err
	}
	defer redis.stop()
	platform, err := startLimitedSandbox(ctx, perSecond)
	if err != nil {
		return err
	}
	defer platform.stop()
	var services []*child
	var addresses []string
	defer func() {
		for _, service := range services {
			service.stop()
		}
	}()
	for range 3 {
		service, err := startChild(ctx, against(platform.url, map[string]string{
			"ZHAOHUO_UPSTREAM_QPS": strconv.Itoa(perSecond), "ZHAOHUO_DEFAULT_TIMEOUT": "2m",
			"ZHAOHUO_REDIS_URL": redis.url, "ZHAOHUO_DATA_DIR": scratch(),
		}), serviceRole)
		if err != nil {
			return err
		}
		services, addresses = append(services, service), append(addresses, service.said)
	}
	answered, err := askAll(ctx, addresses, services[2].kill)
	if err != nil {
		return err
	}
	came, err := platform.arrived(ctx)
	if err != nil {
		return err
	}
	r.figure("three processes on one Redis, one killed -9 half way: answered", "%d of %d", answered, questions)
	r.promise("  throttled by the upstream", came.Throttled == 0, "0", "%d", came.Throttled)
	r.promise("  share of the rate used", came.used() >= 0.95, "95 %", "%.1f %%", 100*came.used())
	return nil
}

// askAll asks every question at once, spread over the services. After half of the answers it calls half, if given. A
// question whose service is gone is asked of the first service.
func askAll(ctx context.Context, addresses []string, half func()) (answered int, err error) {
	return askEach(ctx, addresses, half, true)
}

// askOnce is askAll, and asks no question a second time.
func askOnce(ctx context.Context, addresses []string, half func()) (answered int, err error) {
	return askEach(ctx, addresses, half, false)
}

func askEach(ctx context.Context, addresses []string, half func(), repeat bool) (answered int, err error) {
	var clients []zhaohuov1.SearchServiceClient
	var conns []*grpc.ClientConn
	defer func() {
		for _, conn := range conns {
			_ = conn.Close() // Nothing is under way on it.
		}
	}()
	for _, address := range addresses {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return 0, err
		}
		conns = append(conns, conn)
		clients = append(clients, zhaohuov1.NewSearchServiceClient(conn))
	}
	var all sync.WaitGroup
	outcomes := make(chan error, questions)
	for i := range questions {
		all.Go(func() {
			q := &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprintf("耳机 %c", rune('一'+i))}
			_, err := clients[i%len(clients)].KeywordSearch(ctx, q)
			if err != nil && half != nil && repeat {
				_, err = clients[0].KeywordSearch(ctx, q)
			}
			outcomes <- err
		})
	}
	var failures []error
	for n := range questions {
		if n == questions/2 && half != nil {
			half()
		}
		if err := <-outcomes; err != nil {
			failures = append(failures, err)
		}
	}
	all.Wait()
	for _, failure := range failures[:min(3, len(failures))] {
		fmt.Fprintln(os.Stderr, "bench:", failure)
	}
	return questions - len(failures), nil
}

// scratch makes a temporary folder.
func scratch() string {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return ""
	}
	return dir
}

// redisServer is a real redis-server.
type redisServer struct {
	url, socket string
	stop        func()
}

func startRedis(ctx context.Context) (*redisServer, error) {
	dir := scratch()
	socket := filepath.Join(dir, "redis.sock")
	//nolint:gosec // Its folder is one of our own.
	cmd := exec.CommandContext(ctx, "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir, "--loglevel", "warning")
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("redis-server: %w", err)
	}
	stop := func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); _ = os.RemoveAll(dir) }
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		if _, err := os.Stat(socket); err == nil {
			return &redisServer{url: "unix://" + socket, socket: socket, stop: stop}, nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			stop()
			return nil, errors.New("redis-server did not start within 5 s")
		}
	}
}

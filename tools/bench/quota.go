package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
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

// witness stands before a sandbox and writes down when each call came.
type witness struct {
	*httptest.Server
	platform *platform
	mu       sync.Mutex
	arrivals []time.Time
}

func watch(p *platform) (*witness, error) {
	target, err := url.Parse(p.url)
	if err != nil {
		return nil, err
	}
	w := &witness{platform: p}
	proxy := httputil.NewSingleHostReverseProxy(target)
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.arrivals = append(w.arrivals, time.Now())
		w.mu.Unlock()
		proxy.ServeHTTP(rw, r)
	}))
	return w, nil
}

// used is the share of the rate that was used: (calls - 1) / (last - first) / rate.
func (w *witness) used() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.arrivals)
	return float64(n-1) / w.arrivals[n-1].Sub(w.arrivals[0]).Seconds() / perSecond
}

// throttled is how many calls the sandbox refused for coming too fast.
func (w *witness) throttled(ctx context.Context) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.platform.url+"/sandbox/stats", nil)
	if err != nil {
		return 0, err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var stats struct {
		Throttled int64 `json:"throttled"`
	}
	err = json.NewDecoder(response.Body).Decode(&stats)
	return stats.Throttled, err
}

// keywords asks 100 different keywords at once at 5 calls a second, against a sandbox that refuses the sixth in any second.
func keywords(ctx context.Context, r *report) (err error) {
	platform, err := startLimitedSandbox(ctx, perSecond)
	if err != nil {
		return err
	}
	defer platform.stop()
	w, err := watch(platform)
	if err != nil {
		return err
	}
	defer w.Close()
	service, err := startChild(ctx, against(w.URL, map[string]string{
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
	throttled, err := w.throttled(ctx)
	if err != nil {
		return err
	}
	r.hold(fmt.Sprintf("%d keywords at once, %d calls/s: answered", questions, perSecond), answered == questions, "100", "%d", answered)
	r.hold("  throttled by the upstream", throttled == 0, "0", "%d", throttled)
	r.hold("  share of the rate used", w.used() >= 0.98, "98 %", "%.1f %%", 100*w.used())
	return nil
}

// replicas does the same with three services on one Redis, one of which is killed half way; what it had under way is asked
// again of the others, as a client would.
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
	w, err := watch(platform)
	if err != nil {
		return err
	}
	defer w.Close()
	var services []*child
	var addresses []string
	defer func() {
		for _, service := range services {
			service.stop()
		}
	}()
	for range 3 {
		service, err := startChild(ctx, against(w.URL, map[string]string{
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
	throttled, err := w.throttled(ctx)
	if err != nil {
		return err
	}
	r.tell("three processes on one Redis, one killed -9 half way: answered", "%d of %d", answered, questions)
	r.hold("  throttled by the upstream", throttled == 0, "0", "%d", throttled)
	r.hold("  share of the rate used", w.used() >= 0.95, "95 %", "%.1f %%", 100*w.used())
	return nil
}

// askAll asks every question at once, spread over the services. At half of the answers it calls half, if there is one; a
// question whose service is gone is asked of the first.
func askAll(ctx context.Context, addresses []string, half func()) (answered int, err error) {
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
			if err != nil && half != nil {
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

// scratch is a folder that goes with the system's temporary files.
func scratch() string {
	dir, err := os.MkdirTemp("", "zhaohuo-bench-")
	if err != nil {
		return ""
	}
	return dir
}

// redisServer is a real one.
type redisServer struct {
	url  string
	stop func()
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
			return &redisServer{url: "unix://" + socket, stop: stop}, nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			stop()
			return nil, errors.New("redis-server did not start within 5 s")
		}
	}
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	drawing "github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

// The promises of a start.
const (
	sandboxReady = 500 * time.Millisecond
	liveReady    = 100 * time.Millisecond
	// idleMax is the resident memory of a live process that has nothing to do, in MiB.
	idleMax = 60
	// idleTime is how long it has nothing to do before that is read.
	idleTime = 10 * time.Second
	// searched is how many searches it then answers.
	searched = 1000
)

// starting measures the program as it is released: how long a process takes from its start until it says that it serves, its answer to
// the first search by photo after that, and the memory it takes live.
func starting(ctx context.Context, r *report) error {
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	binary, err := buildReleased(ctx)
	if err != nil {
		return err
	}
	own := config.Environ{
		"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", "ZHAOHUO_HTTP_ADDR": "127.0.0.1:0", "ZHAOHUO_LAME_DUCK": "0s", "ZHAOHUO_LOG_LEVEL": "error",
	}
	live := against(platform.url, nil)
	for _, env := range []config.Environ{own, live} {
		env["ZHAOHUO_OPS_ADDR"] = "127.0.0.1:0"
	}
	for _, c := range []struct {
		name string
		env  config.Environ
		most time.Duration
	}{
		{"with the sandbox", own, sandboxReady},
		{"live", live, liveReady},
	} {
		var ready, first, used []time.Duration
		for range 7 {
			s, err := startOnce(ctx, binary, c.env)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			ready, first, used = append(ready, s.ready), append(first, s.first), append(used, s.used)
		}
		r.promise("start to ready, "+c.name+", median of 7", middle(ready) <= c.most, c.most.String(), "%v", middle(ready).Round(time.Millisecond))
		r.figure("  processor time of it", "%v", middle(used))
		r.figure("  then the first search by photo", "%v", middle(first).Round(time.Millisecond))
	}
	return idleMemory(ctx, r, binary, live)
}

// idleMemory measures what a live process has in memory: after a start and some time without requests, and after searches by words, each
// for another keyword.
func idleMemory(ctx context.Context, r *report, binary string, env config.Environ) error {
	service, conn, err := startReleased(ctx, binary, env)
	if err != nil {
		return err
	}
	defer service.stop()
	defer conn.Close() //nolint:errcheck // The process ends too.
	pause.For(ctx, idleTime)
	idle, err := service.resident()
	if err != nil {
		return err
	}
	r.promise("resident memory, live, "+idleTime.String()+" after the start", idle.all <= idleMax<<20, fmt.Sprintf("%d MiB", idleMax), "%s", idle)
	search := zhaohuov1.NewSearchServiceClient(conn)
	for i := range searched {
		if _, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprintf("耳机 %d", i)}); err != nil {
			return err
		}
	}
	busy, err := service.resident()
	if err != nil {
		return err
	}
	pause.For(ctx, idleTime)
	rested, err := service.resident()
	if err != nil {
		return err
	}
	r.figure(fmt.Sprintf("  after %d searches for different words", searched), "%s", busy)
	r.figure("  "+idleTime.String()+" later", "%s", rested)
	return ctx.Err()
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// buildReleased builds the program as `make build` does.
func buildReleased(ctx context.Context) (string, error) {
	binary := filepath.Join(scratch(), "zhaohuo")
	//nolint:gosec // The arguments are this program's own.
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version=bench", "-o", binary, "./cmd/zhaohuo")
	c.Env, c.Stderr = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-tags=nodynamic"), os.Stderr
	return binary, c.Run()
}

// grpcAddress is the line in which the program says where it serves gRPC.
const grpcAddress = "  gRPC     "

// startReleased starts the program on an empty data folder, and returns when it says that it serves.
func startReleased(ctx context.Context, binary string, env config.Environ) (*child, *grpc.ClientConn, error) {
	c := &child{cmd: exec.CommandContext(ctx, binary, "serve")}
	c.cmd.Stderr, c.cmd.Env = os.Stderr, append(os.Environ(), "LC_ALL=C", "ZHAOHUO_DATA_DIR="+scratch())
	for name, value := range env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(out)
	for c.said == "" && lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), grpcAddress); ok {
			c.said = address
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	conn, err := grpc.NewClient(c.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		err = serving(ctx, conn)
	}
	if err != nil {
		c.stop()
		return nil, nil, errors.Join(err, lines.Err())
	}
	return c, conn, nil
}

// started is what one start took: until it served, the processor time of that, and the first search by photo.
type started struct{ ready, used, first time.Duration }

func startOnce(ctx context.Context, binary string, env config.Environ) (s started, err error) {
	began := time.Now()
	service, conn, err := startReleased(ctx, binary, env)
	if err != nil {
		return s, err
	}
	s.ready = time.Since(began)
	defer service.stop()
	defer conn.Close() //nolint:errcheck // The process ends too.
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

// memory is resident memory in bytes: all of it, and the part that is not the program's file or another one.
type memory struct{ all, own int64 }

func (m memory) String() string {
	return fmt.Sprintf("%.1f MiB, %.1f MiB of it without the pages of the program's file", float64(m.all)/(1<<20), float64(m.own)/(1<<20))
}

// resident is the memory that the process has now.
func (c *child) resident() (m memory, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(status)) {
		for name, into := range map[string]*int64{"VmRSS:": &m.all, "RssAnon:": &m.own} {
			if value, ok := strings.CutPrefix(line, name); ok {
				if _, err := fmt.Sscanf(strings.TrimSpace(value), "%d kB", into); err != nil {
					return m, err
				}
				*into <<= 10
			}
		}
	}
	if m.all == 0 || m.own == 0 {
		return m, errors.New("the system does not say how much memory a process has")
	}
	return m, nil
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

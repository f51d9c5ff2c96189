package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// The sandbox runs in a process of its own, so that its work is not counted as the service's.
const (
	sandboxRole = "--as-sandbox" // with the calls a second it takes; 0 is no limit
	serviceRole = "--as-service" // with settings from the environment
	// withoutMetrics is a variable: where it is set, the service has no metrics of RPCs.
	withoutMetrics = "BENCH_WITHOUT_METRICS"
	benchKey       = "bench"
	benchSecret    = "bench-secret"
)

// runSandbox runs in the child process. It prints its address and serves until it is signalled.
func runSandbox(qps string) error {
	perSecond, err := strconv.Atoi(qps)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	platform, err := app.NewSandbox(ctx, app.SandboxOptions{
		Addr: "127.0.0.1:0", AppKey: benchKey, AppSecret: benchSecret, QPS: perSecond,
	})
	if err != nil {
		return err
	}
	fmt.Println(platform.URL())
	return platform.Run(ctx)
}

// runService runs a service in the child process. It prints its gRPC address and serves until it is signalled.
func runService() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	loaded, err := config.Load(nil, config.ParseEnviron(os.Environ()))
	if err != nil {
		return err
	}
	a, err := app.New(ctx, app.Options{
		Settings: loaded, Version: "bench", LogTo: os.Stderr, LogDelay: app.LogDelay, WithoutRPCMetrics: os.Getenv(withoutMetrics) != "",
	})
	if err != nil {
		return err
	}
	fmt.Println(a.GRPCAddr())
	return a.Run(ctx)
}

// child is another process of this program.
type child struct {
	// said is its first line of output: its address.
	said string
	cmd  *exec.Cmd
}

func startChild(ctx context.Context, env config.Environ, args ...string) (*child, error) {
	return startWithLog(ctx, os.Stderr, env, args...)
}

// startQuiet is startChild with its log discarded: what is logged is written, as by a service whose log somebody reads.
func startQuiet(ctx context.Context, env config.Environ, args ...string) (*child, error) {
	return startWithLog(ctx, nil, env, args...)
}

// startWithLog writes the child's log to log; nil discards it.
func startWithLog(ctx context.Context, log *os.File, env config.Environ, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, args...)} //nolint:gosec // The program is this one.
	if log != nil {
		c.cmd.Stderr = log
	}
	c.cmd.Env = os.Environ()
	for name, value := range env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("%s did not start: %w", args[0], err)
	}
	c.said = strings.TrimSpace(line)
	return c, nil
}

// stop ends the process gracefully; kill ends it at once.
func (c *child) stop() { _ = c.cmd.Process.Signal(os.Interrupt); _ = c.cmd.Wait() }
func (c *child) kill() { _ = c.cmd.Process.Kill(); _ = c.cmd.Wait() }

// spent is the processor time that the process has used, to a hundredth of a second.
func (c *child) spent() (time.Duration, error) {
	path := fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid)
	stat, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	// The second field, the program's name, is in brackets and may have spaces. User and system time are fields 14 and 15.
	const user, system, tick = 14 - 3, 15 - 3, 10 * time.Millisecond
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) <= system {
		return 0, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	var ticks int64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// platform is a sandbox in another process.
type platform struct {
	url  string
	stop func()
}

func startSandbox(ctx context.Context) (*platform, error) { return startLimitedSandbox(ctx, 0) }

// startLimitedSandbox starts a sandbox that throttles calls beyond the limit in an exact sliding second, counted at
// arrival.
func startLimitedSandbox(ctx context.Context, perSecond int) (*platform, error) {
	c, err := startChild(ctx, nil, sandboxRole, strconv.Itoa(perSecond))
	if err != nil {
		return nil, err
	}
	return &platform{url: c.said, stop: c.stop}, nil
}

// against returns the settings of a service that calls the address; settings adds to them or replaces them.
func against(url string, settings map[string]string) config.Environ {
	env := config.Environ{
		"ZHAOHUO_APP_KEY": benchKey, "ZHAOHUO_APP_SECRET": benchSecret, "ZHAOHUO_UPSTREAM_URL": url,
		"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", "ZHAOHUO_HTTP_ADDR": "127.0.0.1:0", "ZHAOHUO_UPSTREAM_QPS": "0",
		"ZHAOHUO_LAME_DUCK": "0s", "ZHAOHUO_LOG_LEVEL": "error",
	}
	maps.Copy(env, settings)
	return env
}

func dial(addr net.Addr) (*grpc.ClientConn, error) {
	return grpc.NewClient(addr.String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func median(v []float64) float64 {
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// The sandbox runs in a process of its own, so that its work is not counted as the service's.
const (
	sandboxRole = "--as-sandbox"
	benchKey    = "bench"
	benchSecret = "bench-secret"
)

// runSandbox is the child's life: it tells its address and serves until it is told to end.
func runSandbox() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	platform, err := app.NewSandbox(ctx, app.SandboxOptions{Addr: "127.0.0.1:0", AppKey: benchKey, AppSecret: benchSecret})
	if err != nil {
		return err
	}
	fmt.Println(platform.URL())
	return platform.Run(ctx)
}

// platform is a sandbox in another process.
type platform struct {
	url  string
	stop func()
}

func startSandbox(ctx context.Context) (*platform, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, self, sandboxRole) //nolint:gosec // The program is this one.
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	stop := func() {
		_ = child.Process.Signal(os.Interrupt)
		_ = child.Wait()
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("the sandbox did not start: %w", err)
	}
	return &platform{url: strings.TrimSpace(line), stop: stop}, nil
}

// running is the whole service on a port of its own.
type running struct {
	*app.App
	stop func() error
}

// startService runs the whole service against the sandbox, with settings beside those.
func startService(ctx context.Context, p *platform, settings map[string]string) (*running, error) {
	env := config.Environ{
		"ZHAOHUO_APP_KEY": benchKey, "ZHAOHUO_APP_SECRET": benchSecret, "ZHAOHUO_UPSTREAM_URL": p.url,
		"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", "ZHAOHUO_HTTP_ADDR": "127.0.0.1:0", "ZHAOHUO_UPSTREAM_QPS": "0",
		"ZHAOHUO_LAME_DUCK": "0s", "ZHAOHUO_LOG_LEVEL": "error",
	}
	for name, value := range settings {
		env[name] = value
	}
	loaded, err := config.Load(nil, env)
	if err != nil {
		return nil, err
	}
	a, err := app.New(ctx, app.Options{Settings: loaded, Version: "bench", LogTo: os.Stderr})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return &running{App: a, stop: func() error { cancel(); return <-ended }}, nil
}

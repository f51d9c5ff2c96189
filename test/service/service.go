// Package service runs the complete service on its sandbox inside a test, on ports of its own. test/process runs the
// service in a process of its own.
package service

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"sync"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// Options configure a Service.
type Options struct {
	// Environ overrides the settings of the test's service, which are: no quota, no breaker, no lame duck, and enough time for a slow
	// machine under the race detector.
	Environ config.Environ
	// Version is "test" if empty.
	Version string
	// Log receives the log; nil for the test's own output.
	Log io.Writer
	// Goods is the sandbox's catalogue; nil for the folder in Environ, or the built-in one.
	Goods *app.Goods
}

// Service is a running service.
type Service struct {
	// GRPC is HOST:PORT; REST and Ops are URLs without a path.
	GRPC, REST, Ops string

	stop func(t testing.TB)
}

// Start runs the service until the test ends or Stop is called.
func Start(t testing.TB, o Options) *Service {
	t.Helper()
	environ := config.Environ{
		"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", "ZHAOHUO_HTTP_ADDR": "127.0.0.1:0", "ZHAOHUO_OPS_ADDR": "127.0.0.1:0",
		"ZHAOHUO_UPSTREAM_QPS": "0", "ZHAOHUO_SANDBOX_QPS": "0", "ZHAOHUO_LAME_DUCK": "0s", "ZHAOHUO_DATA_DIR": t.TempDir(),
		"ZHAOHUO_UPSTREAM_TIMEOUT": "3m", "ZHAOHUO_DEFAULT_TIMEOUT": "5m",
		"ZHAOHUO_UPSTREAM_BREAKER": "0", // Tests of failures ask for one after the other.
	}
	maps.Copy(environ, o.Environ)
	if o.Version == "" {
		o.Version = "test"
	}
	if o.Log == nil {
		o.Log = t.Output()
	}
	if o.Goods == nil && environ["ZHAOHUO_SANDBOX_CATALOG"] == "" {
		o.Goods = Goods(t)
	}
	loaded, err := config.Load(nil, environ)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), app.Options{Settings: loaded, Version: o.Version, LogTo: o.Log, Goods: o.Goods})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	var once sync.Once
	s := &Service{
		GRPC: a.GRPCAddr().String(), REST: "http://" + a.HTTPAddr().String(), Ops: "http://" + a.OpsAddr().String(),
		stop: func(t testing.TB) {
			t.Helper()
			once.Do(func() {
				cancel()
				if err := <-ended; err != nil {
					t.Errorf("the service ended with %v", err)
				}
			})
		},
	}
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// Stop stops the service and waits until it has ended. It may be called twice.
func (s *Service) Stop(t testing.TB) {
	t.Helper()
	s.stop(t)
}

// Goods is the catalogue that all services of a test program share: it is indexed once only.
func Goods(t testing.TB) *app.Goods {
	t.Helper()
	goods, err := openGoods()
	if err != nil {
		t.Fatal(err)
	}
	return goods
}

// openGoods opens the catalogue when it is first needed. Nothing changes it.
var openGoods = sync.OnceValues(func() (*app.Goods, error) { //nolint:gochecknoglobals // One for the test program is its purpose.
	return app.OpenGoods("", slog.New(slog.DiscardHandler))
})

// Tests runs the tests of a program that checks for goroutines that are left: it closes the catalogue that they shared.
type Tests struct{ M *testing.M }

// Run runs the tests and returns their exit code.
func (t Tests) Run() int {
	code := t.M.Run()
	goods, err := openGoods()
	if err == nil {
		err = goods.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the shared catalogue is not closed:", err)
		return max(code, 1)
	}
	return code
}

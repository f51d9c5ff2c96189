package scenario_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// service is the whole service on ports of its own.
type service struct {
	conn *grpc.ClientConn
	url  string
	// ops is where operators' pages are.
	ops string
	log *safeBuffer
	// stop ends the service, once.
	stop func(t *testing.T)
}

// start runs the service with the settings; the end of the test ends it.
func start(t *testing.T, settings map[string]string) *service {
	t.Helper()
	env := config.Environ{
		"ZHAOHUO_GRPC_ADDR":        "127.0.0.1:0",
		"ZHAOHUO_HTTP_ADDR":        "127.0.0.1:0",
		"ZHAOHUO_UPSTREAM_QPS":     "0",
		"ZHAOHUO_SANDBOX_QPS":      "0",
		"ZHAOHUO_UPSTREAM_BACKOFF": "1ms",
		// Each case asks for itself; what is kept has a test of its own.
		"ZHAOHUO_NO_CACHE": "true",
		// A slow machine under the race detector takes its time to look at all pictures.
		"ZHAOHUO_UPSTREAM_TIMEOUT": "3m",
		"ZHAOHUO_DEFAULT_TIMEOUT":  "5m",
		"ZHAOHUO_LAME_DUCK":        "0s",
		"ZHAOHUO_LOG_LEVEL":        "debug",
		"ZHAOHUO_DATA_DIR":         t.TempDir(),
	}
	maps.Copy(env, settings)
	loaded, err := config.Load(nil, env)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{log: &safeBuffer{}}
	a, err := app.New(t.Context(), app.Options{Settings: loaded, Version: "test", LogTo: s.log, Goods: goods(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	var once sync.Once
	s.stop = func(t *testing.T) {
		t.Helper()
		once.Do(func() {
			stop()
			if err := <-ended; err != nil {
				t.Errorf("the service ended with %v", err)
			}
		})
	}
	t.Cleanup(func() { s.stop(t) })
	s.url, s.ops = "http://"+a.HTTPAddr().String(), "http://"+a.OpsAddr().String()
	s.conn, err = grpc.NewClient(a.GRPCAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	return s
}

// safeBuffer is a buffer many goroutines may write to.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*safeBuffer)(nil)

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// goods are shared by all services of the tests: looking at thousands of pictures once is enough.
func goods(t *testing.T) *app.Goods {
	t.Helper()
	g, err := openGoods()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// openGoods is one for the test binary: opened when first needed and never changed.
var openGoods = sync.OnceValues(func() (*app.Goods, error) {
	return app.OpenGoods("", slog.New(slog.DiscardHandler))
})

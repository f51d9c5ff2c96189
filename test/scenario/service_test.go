package scenario_test

import (
	"maps"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// runningService is the whole service, a connection to it and its log.
type runningService struct {
	*service.Service
	conn *grpc.ClientConn
	log  *process.Output
}

// start runs the service with the settings until the test ends.
func start(t *testing.T, settings map[string]string) *runningService {
	t.Helper()
	environ := config.Environ{
		"ZHAOHUO_UPSTREAM_BACKOFF": "1ms",
		// Each case needs its own upstream call. The cache has its own test.
		"ZHAOHUO_NO_CACHE":  "true",
		"ZHAOHUO_LOG_LEVEL": "debug",
	}
	maps.Copy(environ, settings)
	s := &runningService{log: &process.Output{}}
	s.Service = service.Start(t, service.Options{Environ: environ, Log: s.log})
	var err error
	s.conn, err = grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	return s
}

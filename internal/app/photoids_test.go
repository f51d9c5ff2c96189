package app

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// TestAPhotoIsSentOnceAcrossRestartsAndReplicas: services on one data directory or one Redis send a photo once; without
// a store each sends it. Each requests another page, so that none finds a cached answer.
func TestAPhotoIsSentOnceAcrossRestartsAndReplicas(t *testing.T) {
	goods := sell(t)
	photo, err := os.ReadFile(filepath.Join(goods, "photos", "umbrella.png"))
	if err != nil {
		t.Fatal(err)
	}
	redis := redistest.Start(t)
	for name, test := range map[string]struct {
		env  map[string]string
		want []int32
	}{
		"disk":  {map[string]string{"ZHAOHUO_CACHE_STORE": "disk"}, []int32{2, 1, 1}},
		"redis": {map[string]string{"ZHAOHUO_REDIS_URL": "redis://" + redis.Addr + "/0"}, []int32{2, 1, 1}},
		"none":  {map[string]string{"ZHAOHUO_CACHE_STORE": "none"}, []int32{2, 2, 2}},
		"off":   {map[string]string{"ZHAOHUO_NO_CACHE": "true"}, []int32{2, 2, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			sandbox, err := NewSandbox(t.Context(), SandboxOptions{Addr: "127.0.0.1:0", AppKey: "1", CatalogueDir: goods})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- sandbox.Serve() }()
			env := map[string]string{
				"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": sandbox.AppSecret().Reveal(), "ZHAOHUO_UPSTREAM_URL": sandbox.URL(),
				"ZHAOHUO_UPSTREAM_QPS": "0", "ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_DEFAULT_TIMEOUT": "2m",
			}
			for key, value := range test.env {
				env[key] = value
			}
			for run, want := range test.want {
				r := start(t, settings(t, env), true)
				answer, err := zhaohuov1.NewSearchServiceClient(r.Conn()).ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{
					Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: photo}}, PageSize: proto.Int32(int32(run + 1)),
				})
				if err != nil || answer.GetMeta().GetUpstreamCalls() != want {
					t.Errorf("service %d: %v, %v; want %d calls", run+1, answer.GetMeta(), err, want)
				}
				if err := r.end(t); err != nil {
					t.Error(err)
				}
			}
			if err := sandbox.Close(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

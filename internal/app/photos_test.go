package app

import (
	"errors"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

func TestPhotoDirThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir() + "/nowhere"
	a, err := New(t.Context(), Options{Settings: settings(t, nil, "--photo-dir="+dir), LogTo: &syncBuffer{}, Goods: sharedGoods(t), NoPorts: true})
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "--photo-dir: ") {
		t.Errorf("%v %v", a, err)
	}
}

// TestSandboxPicturesArePassed: an address on the sandbox itself is not fetched, although it is on loopback; any other
// address on this machine is refused.
func TestSandboxPicturesArePassed(t *testing.T) {
	dir := t.TempDir()
	r := start(t, settings(t, nil, "--photo-dir="+dir, "--default-timeout=5m"), true)
	client := zhaohuov1.NewSearchServiceClient(r.Conn())
	found, err := client.KeywordSearch(t.Context(), headphones())
	if err != nil {
		t.Fatal(err)
	}
	first := found.GetProducts()[0]
	alike, err := client.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: first.GetImageUrl()}}})
	if err != nil || len(alike.GetProducts()) == 0 || alike.GetProducts()[0].GetId() != first.GetId() {
		t.Errorf("%v %v", alike, err)
	}
	// A region needs the image: it is fetched here, from the sandbox's own address and no other on loopback.
	part := &zhaohuov1.ImageRegion{Left: 0.05, Top: 0.05, Right: 0.95, Bottom: 0.95}
	alike, err = client.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: first.GetImageUrl()}}, Region: part})
	if err != nil || len(alike.GetProducts()) == 0 || alike.GetRegions().GetSearched() == nil {
		t.Errorf("%v %v", alike, err)
	}
	metrics := photoMetrics(t, r.App)
	if metrics["zhaohuo_photo_memory_bytes"] != 0 || metrics["zhaohuo_photo_kept"] != 1 || metrics["zhaohuo_photo_kept_bytes"] < 1000 || len(metrics) != 3 {
		t.Errorf("%v", metrics)
	}
	for _, address := range []string{"http://127.0.0.1/a.jpg", "http://localhost/a.jpg", "http://169.254.169.254/"} {
		_, err := client.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: address}}})
		_, ofPart := client.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: address}}, Region: part})
		if rpcerr.Reason(status.Convert(ofPart)) != "IMAGE_FETCH_REFUSED" {
			t.Errorf("a region of %s: %v", address, ofPart)
		}
		if st := status.Convert(err); st.Code() != codes.InvalidArgument || rpcerr.Reason(st) != "IMAGE_FETCH_REFUSED" {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// photoMetrics are the metrics of photos.
func photoMetrics(t *testing.T, a *App) map[string]float64 {
	t.Helper()
	all, err := a.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]float64{}
	for _, family := range all {
		if strings.HasPrefix(family.GetName(), "zhaohuo_photo_") {
			metrics[family.GetName()] = family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return metrics
}

package app

import (
	"errors"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/rpcerr"
)

func TestPhotoDirThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir() + "/nowhere"
	a, err := New(t.Context(), Options{Settings: settings(t, nil, "--photo-dir="+dir), LogTo: &syncBuffer{}, NoPorts: true})
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "--photo-dir: ") {
		t.Errorf("%v %v", a, err)
	}
}

// TestSandboxPicturesArePassed: an address of the sandbox's own is not fetched, though it is on loopback; any other
// address of this machine's is refused.
func TestSandboxPicturesArePassed(t *testing.T) {
	dir := t.TempDir()
	// The sandbox looks at all its pictures first, which takes its time on a slow machine.
	r := start(t, settings(t, nil, "--photo-dir="+dir, "--upstream-timeout=3m", "--default-timeout=5m"), true)
	client := zhaohuov1.NewSearchServiceClient(r.Conn())
	found, err := client.KeywordSearch(t.Context(), headphones())
	if err != nil {
		t.Fatal(err)
	}
	first := found.GetProducts()[0]
	alike, err := client.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{ImageUrl: first.GetImageUrl()})
	if err != nil || len(alike.GetProducts()) == 0 || alike.GetProducts()[0].GetId() != first.GetId() {
		t.Errorf("%v %v", alike, err)
	}
	for _, address := range []string{"http://127.0.0.1/a.jpg", "http://localhost/a.jpg", "http://169.254.169.254/"} {
		_, err := client.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{ImageUrl: address})
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

package gateway_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// TestImageSearchEndings: however an image search ends while the upstream is asked, in every way that an image can be
// given, nothing is left: startUploads checks memory, files and goroutines. Both kinds of dialects are covered: with
// regions, and with cropping here.
func TestImageSearchEndings(t *testing.T) {
	content := noise(t, 300)
	for _, cut := range []bool{false, true} {
		u := startUploads(t, func(u *uploads) {
			withNetwork(network{"http://shop.example.com/a.jpg": string(content), "https://img.example.com/b.jpg": string(content)})(u)
			u.photos.CutRegions = cut
		})
		kept, err := u.store.KeepBytes(t.Context(), "", content)
		if err != nil {
			t.Fatal(err)
		}
		kept.Release()
		part := &region{Left: 0.25, Right: 0.75, Bottom: 1}
		for came, q := range map[string]*zhaohuov1.ImageSearchRequest{
			"content":                  {Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}},
			"id":                       {Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: kept.ID()}}},
			"fetched":                  {Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/a.jpg"}}},
			"passed on":                {Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/b.jpg"}}},
			"a part of content":        {Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}, Region: part},
			"a part of what is passed": {Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/b.jpg"}}, Region: part},
		} {
			for ending, want := range map[string]codes.Code{
				"answered": codes.OK, "its caller leaves": codes.Canceled, "its deadline": codes.DeadlineExceeded, "the upstream fails": codes.Unavailable,
			} {
				t.Run(came+", "+ending, func(t *testing.T) {
					if got := status.Code(u.endImageSearch(t, ending, proto.CloneOf(q))); got != want {
						t.Errorf("%v, want %v", got, want)
					}
				})
			}
		}
	}
}

// endImageSearch ends a search while the upstream is asked.
func (u *uploads) endImageSearch(t *testing.T, ending string, q *zhaohuov1.ImageSearchRequest) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if ending == "its deadline" {
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	over := make(chan struct{})
	u.searcher.mu.Lock()
	u.searcher.meanwhile = func(asked context.Context) error {
		defer close(over)
		switch ending {
		case "answered":
			return nil
		case "the upstream fails":
			return fault.New(fault.UpstreamUnavailable, "no")
		case "its caller leaves":
			cancel()
		}
		<-asked.Done()
		return asked.Err()
	}
	u.searcher.mu.Unlock()
	_, err := zhaohuov1.NewSearchServiceClient(u.conn).ImageSearch(ctx, q)
	<-over
	return err
}

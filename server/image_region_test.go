package server_test

import (
	"context"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestImageSearchOfAPart: an upstream with regions gets the region and the full image's size. For another one the
// region is cropped, and only that is sent.
func TestImageSearchOfAPart(t *testing.T) {
	content := picture(t) // 64 × 48
	part := &zhaohuov1.ImageRegion{Left: 0.25, Top: 0.5, Right: 0.75, Bottom: 1}
	for name, test := range map[string]struct {
		cut    bool
		pixels image.Point
		asked  *zhaohuov1.ImageRegion
	}{
		"told":    {false, image.Pt(64, 48), part},
		"cut out": {true, image.Pt(32, 24), nil},
	} {
		t.Run(name, func(t *testing.T) {
			kept := photos(t, photo.Config{}, pages{"http://shop.example.com/a.jpg": string(content)})
			// The upstream's own host is fetched from only by Hosts.
			kept.Hosts = pages{"https://img.example.com/a.jpg": string(content)}
			kept.CutRegions = test.cut
			held, err := kept.Store.KeepBytes(t.Context(), "", content)
			if err != nil {
				t.Fatal(err)
			}
			held.Release()
			var seen []upstream.Picture
			searcher := &sizesAsked{see: func(p upstream.Picture) { seen = append(seen, p) }}
			search := server.NewSearch(searcher, aopOffers(), imageLimits, kept)
			for _, q := range []*zhaohuov1.ImageSearchRequest{
				{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}},
				{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: held.ID()}}},
				{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/a.jpg"}}},
				{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/a.jpg"}}},
			} {
				q.Region = proto.CloneOf(part)
				if _, err := search.ImageSearch(t.Context(), q); err != nil {
					t.Fatalf("%v: %v", q, err)
				}
			}
			stream, err := upload(t, search, options(&zhaohuov1.ImageSearchOptions{Region: part}), chunk(content))
			if err != nil || stream.answer.GetResponse().GetImageId() != held.ID() {
				t.Errorf("the id of an upload is the whole image's: %v %v", stream.answer, err)
			}
			if len(seen) != 5 {
				t.Fatalf("asked %d times", len(seen))
			}
			for i, p := range seen {
				if p.Pixels != test.pixels || searcher.sizes[i] != test.pixels || (p.Key == held.Key()) == test.cut {
					t.Errorf("question %d: image size %v, key %s, decoded size %v", i, p.Pixels, p.Key, searcher.sizes[i])
				}
				if diff := cmp.Diff(test.asked, searcher.regions[i], protocmp.Transform()); diff != "" {
					t.Errorf("question %d (-want +got):\n%s", i, diff)
				}
				if p.Key != seen[0].Key {
					t.Errorf("question %d: the same region has another key", i)
				}
			}
		})
	}
}

// sizesAsked is a searcher that decodes the images it gets.
type sizesAsked struct {
	upstream.Searcher

	see     func(upstream.Picture)
	sizes   []image.Point
	regions []*zhaohuov1.ImageRegion
}

func (s *sizesAsked) ImageSearch(_ context.Context, q *zhaohuov1.ImageSearchRequest, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	c, err := jpeg.DecodeConfig(p.Photo.Open())
	if err != nil {
		return nil, err
	}
	s.see(p)
	s.sizes, s.regions = append(s.sizes, image.Pt(c.Width, c.Height)), append(s.regions, q.GetRegion())
	return &zhaohuov1.ImageSearchResponse{}, nil
}

// TestImageSearchOfAPartThatCannotBeHad: a region of an image that cannot be fetched is refused without a call.
func TestImageSearchOfAPartThatCannotBeHad(t *testing.T) {
	kept := photos(t, photo.Config{}, nil)
	kept.Hosts = pages{}
	searcher := &picturesAsked{}
	_, err := server.NewSearch(searcher, aopOffers(), imageLimits, kept).ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{
		Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/a.jpg"}}, Region: &zhaohuov1.ImageRegion{Right: 0.5, Bottom: 0.5},
	})
	if fault.KindOf(err) != fault.ImageFetchFailed || len(searcher.questions) != 0 {
		t.Errorf("%v, asked %d times", err, len(searcher.questions))
	}
}

// streaming is a stream of images, as from gRPC.
type streaming struct {
	grpc.ServerStream

	ctx      context.Context
	messages chan *zhaohuov1.BatchImageSearchRequest
	answers  []*zhaohuov1.BatchImageResult
}

func (s *streaming) Context() context.Context { return s.ctx }

func (s *streaming) RecvMsg(into any) error {
	select {
	case m := <-s.messages:
		proto.Merge(into.(proto.Message), m)
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

func (s *streaming) Recv() (*zhaohuov1.BatchImageSearchRequest, error) {
	m := &zhaohuov1.BatchImageSearchRequest{}
	return m, s.RecvMsg(m)
}

func (s *streaming) Send(m *zhaohuov1.BatchImageSearchResponse) error {
	if m.GetResult() != nil {
		s.answers = append(s.answers, m.GetResult())
	}
	return nil
}

// TestBatchOfPicturesWaitsForMemory: an image in a batch waits for memory, where a single search would be refused. An
// image that stops arriving ends the stream, even after a long pause between images.
func TestBatchOfPicturesWaitsForMemory(t *testing.T) {
	content := picture(t)
	synctest.Test(t, func(t *testing.T) {
		kept := photos(t, photo.Config{Memory: 1 << 20, Wait: -1, Limits: imaging.Limits{SendBytes: 100_000}}, nil)
		release, err := kept.Store.Budget().Hold(t.Context(), 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, release)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := &streaming{ctx: ctx, messages: make(chan *zhaohuov1.BatchImageSearchRequest)}
		go func() {
			for _, m := range []*zhaohuov1.BatchImageSearchRequest{
				{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}},
				{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: &zhaohuov1.BatchImage{Tag: "a"}}},
				{Part: &zhaohuov1.BatchImageSearchRequest_Chunk{Chunk: content}},
				{Part: &zhaohuov1.BatchImageSearchRequest_End{}},
			} {
				stream.messages <- m
			}
			time.Sleep(10 * time.Hour) // A caller may pause between two images.
			stream.messages <- &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: &zhaohuov1.BatchImage{Tag: "b"}}}
		}()
		began := time.Now()
		searcher := &picturesAsked{}
		err = server.NewSearch(searcher, aopOffers(), imageLimits, kept).BatchImageSearch(stream)
		if f, ok := fault.As(err); !ok || f.Kind != fault.UploadStalled || !strings.Contains(f.Error(), "15s") {
			t.Errorf("%v", err)
		}
		if took := time.Since(began); took < 10*time.Hour+15*time.Second || took > 10*time.Hour+2*time.Minute {
			t.Errorf("took %v", took)
		}
		if len(stream.answers) != 1 || stream.answers[0].GetTag() != "a" || stream.answers[0].GetResponse() == nil {
			t.Errorf("%v", stream.answers)
		}
	})
}

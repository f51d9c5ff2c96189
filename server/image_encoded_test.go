package server_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// titled answers with goods whose title says what was asked for.
type titled struct{ cache.Upstream }

func (titled) ImageSearch(_ context.Context, q *zhaohuov1.ImageSearchRequest, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	return &zhaohuov1.ImageSearchResponse{
		Products: []*zhaohuov1.Product{{Id: "1", Title: p.Key + p.URL + p.Pixels.String() + q.GetRegion().String()}}, Page: q.GetPage(), Total: proto.Int64(1),
		Regions: &zhaohuov1.ImageRegions{},
		Meta:    &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1},
	}, nil
}

// TestEncodedImageSearch: an answer that stays encoded is what the RPC's method answers, with the caller's own id of the photo, for every
// kind of image, in both dialects, and each time it is asked.
func TestEncodedImageSearch(t *testing.T) {
	var tiny bytes.Buffer
	if err := jpeg.Encode(&tiny, image.NewGray(image.Rect(0, 0, 16, 16)), nil); err != nil {
		t.Fatal(err)
	}
	small, large := tiny.Bytes(), clearPNG(t, 64)
	if len(small) > interceptor.RecalledRequestMax {
		t.Fatal("the small photo is too large for this test")
	}
	for len(large) <= interceptor.RecalledRequestMax { // What follows the end of a PNG is not read.
		large = append(large, make([]byte, interceptor.RecalledRequestMax)...)
	}
	part := &zhaohuov1.ImageRegion{Left: 0.25, Top: 0.5, Right: 0.75, Bottom: 1}
	kept := photos(t, photo.Config{}, pages{"http://shop.example.com/a.jpg": string(small)})
	kept.Hosts = pages{"https://img.example.com/a.jpg": string(small)}
	held, err := kept.Store.KeepBytes(t.Context(), "", small)
	if err != nil {
		t.Fatal(err)
	}
	held.Release()
	url := func(address string) *zhaohuov1.ImageSource {
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: address}}
	}
	id := func(id string) *zhaohuov1.ImageSource {
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: id}}
	}
	content := func(content []byte) *zhaohuov1.ImageSource {
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: bytes.Clone(content)}}
	}
	for name, q := range map[string]*zhaohuov1.ImageSearchRequest{
		"id":                {Image: id(held.ID())},
		"part of it":        {Image: id(held.ID()), Region: part},
		"small content":     {Image: content(small)},
		"large content":     {Image: content(large)},
		"passed":            {Image: url("https://img.example.com/a.jpg")},
		"part of a passed":  {Image: url("https://img.example.com/a.jpg"), Region: part},
		"fetched":           {Image: url("http://shop.example.com/a.jpg")},
		"unknown id":        {Image: id("img_x")},
		"no photo":          {Image: content([]byte("hello"))},
		"not there":         {Image: url("http://nobody.example.com/")},
		"beyond the window": {Image: id(held.ID()), Page: proto.Int32(1000)},
	} {
		for _, cuts := range []bool{false, true} {
			dialect, name := aopOffers(), name+", told"
			if cuts {
				dialect, name = topOffers(), name+", cut"
			}
			t.Run(name, func(t *testing.T) {
				shown := kept
				shown.CutRegions = cuts
				answers, err := cache.Wrap(titled{}, cache.Config{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := answers.Close(context.Background()); err != nil {
						t.Error(err)
					}
				}()
				search := server.NewSearch(answers, dialect, imageLimits, shown)
				_, _ = search.ImageSearch(t.Context(), proto.CloneOf(q)) // From now on the answer is stored.
				want, wantErr := search.ImageSearch(t.Context(), proto.CloneOf(q))
				prepare := search.Preparers()["ImageSearch"]
				asked := proto.CloneOf(q)
				question, err := prepare(asked)
				for range 3 {
					var got proto.Message
					if err == nil {
						answer, failed := question(t.Context())
						if err = failed; err == nil {
							got, err = answer.Decode()
						}
					}
					if fault.KindOf(err) != fault.KindOf(wantErr) || (err == nil) != (wantErr == nil) {
						t.Fatalf("%v, want %v", err, wantErr)
					}
					if err != nil {
						return
					}
					if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
						t.Errorf("(-method +encoded):\n%s", diff)
					}
					if proto.Size(q) <= interceptor.RecalledRequestMax {
						continue // The same question may be asked any number of times.
					}
					if len(asked.GetImage().GetContent()) != 0 {
						t.Error("the photo was still in the request while the upstream was asked")
					}
					question, err = prepare(proto.CloneOf(q))
				}
			})
		}
	}
}

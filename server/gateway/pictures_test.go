package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestPicturesInEveryWay: images are sent, given by address or by id. Each is searched with its own region or the
// options' region.
func TestPicturesInEveryWay(t *testing.T) {
	one, two := noise(t, 10), noise(t, 200)
	u := startUploads(t, withNetwork(network{"http://shop.example.com/a.jpg": string(two), "https://img.example.com/b.jpg": string(one)}))
	kept, err := u.store.KeepBytes(t.Context(), "", one)
	if err != nil {
		t.Fatal(err)
	}
	kept.Release()
	common, own := &region{Right: 0.5, Bottom: 0.5}, &region{Left: 0.25, Right: 1, Bottom: 1}
	parts := slices.Concat(
		[]*part{asking(&zhaohuov1.ImageSearchOptions{Keyword: "杯", Region: common})},
		sent("sent", one), []*part{ending()},
		sent("ended by the next", two),
		[]*part{
			beginning(&zhaohuov1.BatchImage{Tag: "id", Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: kept.ID()}}, Region: own}),
			ending(), // Optional here.
			beginning(&zhaohuov1.BatchImage{Tag: "in the beginning", Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: one}}}),
			beginning(&zhaohuov1.BatchImage{Tag: "fetched", Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/a.jpg"}}}),
			beginning(&zhaohuov1.BatchImage{Tag: "of the upstream's host", Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/b.jpg"}}}),
		},
		sent("ended by the stream", one),
	)
	all, err := u.batch(t, parts...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{
		"0 sent page 1", "1 ended by the next page 1", "2 id page 1", "3 in the beginning page 1", "4 fetched page 1", "5 of the upstream's host page 1", "6 ended by the stream page 1",
	}, words(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Equal photos have one id in every way, and the id can be used again.
	ids := map[string][]int32{}
	for _, m := range all {
		ids[m.GetResponse().GetImageId()] = append(ids[m.GetResponse().GetImageId()], m.GetIndex())
		if left := time.Until(m.GetResponse().GetExpireTime().AsTime()); left < 50*time.Minute {
			t.Errorf("%d expires in %v", m.GetIndex(), left)
		}
	}
	if diff := cmp.Diff([]int32{0, 2, 3, 5, 6}, ids[kept.ID()]); diff != "" || len(ids) != 2 {
		t.Errorf("%v", ids)
	}
	questions, contents := u.searcher.take()
	got := map[string]int{}
	for i, q := range questions {
		got[fmt.Sprintf("%s %v %t %d", q.GetKeyword(), q.GetRegion(), contents[i] == string(one), q.GetPage())]++
	}
	if diff := cmp.Diff(map[string]int{
		fmt.Sprintf("杯 %v true 1", common): 4, fmt.Sprintf("杯 %v false 1", common): 2, fmt.Sprintf("杯 %v true 1", own): 1,
	}, got); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestPicturesWithoutARegionPassTheirAddress: this server does not fetch what the upstream can fetch itself.
func TestPicturesWithoutARegionPassTheirAddress(t *testing.T) {
	u := startUploads(t, withNetwork(nil))
	all, err := u.batch(t, asking(nil), beginning(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/b.jpg"}}}))
	if err != nil || len(all) != 1 || all[0].GetResponse() == nil || all[0].GetResponse().GetImageId() != "" || all[0].GetResponse().ExpireTime != nil {
		t.Fatalf("%v %v", all, err)
	}
	if _, contents := u.searcher.take(); contents[0] != "https://img.example.com/b.jpg" {
		t.Errorf("searched by %q", contents[0])
	}
}

// TestOneBadPictureSpoilsNothing: each bad image has its own error, and the others are answered.
func TestOneBadPictureSpoilsNothing(t *testing.T) {
	good := noise(t, 30)
	u := startUploads(t, withNetwork(nil))
	huge := bytes.Repeat([]byte("x"), 3<<20)
	bad := map[string][]*part{
		"IMAGE_TOO_LARGE":                  sent("", huge),
		"IMAGE_UNREADABLE":                 sent("", []byte("hello, this is a text and not an image")),
		"IMAGE_UNREADABLE\n":               sent("", good[:len(good)/2]),
		"INVALID_FIELD image":              {beginning(&zhaohuov1.BatchImage{})},
		"INVALID_FIELD image\n":            {beginning(&zhaohuov1.BatchImage{}), ending()},
		"INVALID_FIELD image.image.source": {beginning(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{}})},
		"INVALID_FIELD image.image.url":    {beginning(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{}}})},
		"INVALID_FIELD image.region": slices.Concat(
			[]*part{beginning(&zhaohuov1.BatchImage{Region: &region{Left: 0.5, Right: 0.5, Bottom: 1}})}, sent("", good)[1:]),
		"INVALID_FIELD image.tag": slices.Concat([]*part{beginning(&zhaohuov1.BatchImage{Tag: strings.Repeat("t", 257)})}, sent("", good)[1:]),
		"INVALID_FIELD chunk":     slices.Concat(sent("", good), []*part{piece(nil)}),
		"INVALID_FIELD chunk\n":   slices.Concat([]*part{beginning(&zhaohuov1.BatchImage{}), piece(make([]byte, 1<<20+1))}, sent("", good)[1:]),
		"IMAGE_EXPIRED":           {beginning(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: "img_nobody"}}})},
		"IMAGE_FETCH_FAILED":      {beginning(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/none.jpg"}}})},
	}
	parts := []*part{asking(nil)}
	want := []string{"0 good page 1"}
	parts = append(parts, sent("good", good)...)
	n := 0
	for reason, its := range bad {
		parts = slices.Concat(parts, its, sent("good", good))
		tag := its[0].GetImage().GetTag()
		want = append(want, oneSpace(fmt.Sprintf("%d %s %s", n+1, tag, reason)), fmt.Sprintf("%d good page 1", n+2))
		n += 2
	}
	all, err := u.batch(t, parts...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, words(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPicturesOutOfOrder: a stream with messages out of order ends, after the images before were answered.
func TestPicturesOutOfOrder(t *testing.T) {
	good := noise(t, 30)
	u := startUploads(t, func(u *uploads) {
		withNetwork(nil)(u)
		u.photos.IdleTimeout = 300 * time.Millisecond
	})
	first := slices.Concat([]*part{asking(nil)}, sent("a", good), []*part{ending()})
	endless := slices.Concat(first, sent("too large", bytes.Repeat([]byte("x"), 6<<20)))
	for name, test := range map[string]struct {
		parts    []*part
		answers  []string
		code     codes.Code
		want     string
		holdOpen bool
	}{
		"nothing":                     {nil, nil, codes.InvalidArgument, "INVALID_FIELD options", false},
		"an image before the options": {sent("a", good), nil, codes.InvalidArgument, "INVALID_FIELD options", false},
		"bad options":                 {[]*part{asking(&zhaohuov1.ImageSearchOptions{PriceMin: "x"})}, nil, codes.InvalidArgument, "INVALID_FIELD options.price_min", false},
		"prices upside down": {
			[]*part{asking(&zhaohuov1.ImageSearchOptions{PriceMin: "9", PriceMax: "1"})}, nil, codes.InvalidArgument, "INVALID_FIELD options.price_min", false,
		},
		"options twice":          {slices.Concat(first, first), []string{"0 a page 1"}, codes.InvalidArgument, "INVALID_FIELD options", false},
		"options in an image":    {slices.Concat(first, sent("b", good), first), []string{"0 a page 1"}, codes.InvalidArgument, "INVALID_FIELD options", false},
		"a chunk of no image":    {slices.Concat(first, []*part{piece(good)}), []string{"0 a page 1"}, codes.InvalidArgument, "INVALID_FIELD chunk", false},
		"a chunk of a named one": {slices.Concat(first, []*part{beginning(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: "img_x"}}}), piece(good)}), []string{"0 a page 1", "1 IMAGE_EXPIRED"}, codes.InvalidArgument, "INVALID_FIELD chunk", false},
		"an empty part":          {slices.Concat(first, []*part{{}}), []string{"0 a page 1"}, codes.InvalidArgument, "INVALID_FIELD part", false},
		"an image without end":   {endless, []string{"0 a page 1"}, codes.InvalidArgument, "IMAGE_TOO_LARGE", false},
		"an image that stops":    {slices.Concat(first, sent("b", good)), []string{"0 a page 1"}, codes.DeadlineExceeded, "UPLOAD_STALLED", true},
	} {
		t.Run(name, func(t *testing.T) {
			play := u.batch
			if test.holdOpen {
				play = u.held
			}
			all, err := play(t, test.parts...)
			if st := status.Convert(err); st.Code() != test.code || reasonAndFields(st.Proto()) != test.want {
				t.Errorf("%v: %s, want %s", st.Code(), reasonAndFields(st.Proto()), test.want)
			}
			if diff := cmp.Diff(test.answers, words(all)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// held is batch for a caller who does not end the stream.
func (u *uploads) held(t *testing.T, parts ...*part) (all []*answered, _ error) {
	t.Helper()
	stream, err := zhaohuov1.NewSearchServiceClient(u.conn).BatchImageSearch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if err := stream.Send(p); err != nil {
			break
		}
	}
	for {
		m, err := stream.Recv()
		if err != nil {
			return all, err
		}
		if m.GetResult() != nil {
			all = append(all, m.GetResult())
		}
	}
}

// TestPicturesOneByOne: a caller who ends an image gets its answer before sending the next, and may pause in between.
func TestPicturesOneByOne(t *testing.T) {
	u := startUploads(t, func(u *uploads) { u.photos.IdleTimeout = 200 * time.Millisecond })
	stream, err := zhaohuov1.NewSearchServiceClient(u.conn).BatchImageSearch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(asking(nil)); err != nil {
		t.Fatal(err)
	}
	for i := range int32(3) {
		for _, p := range append(sent("", noise(t, 10)), ending()) {
			if err := stream.Send(p); err != nil {
				t.Fatal(err)
			}
		}
		m, err := nextResult(stream)
		if err != nil || m.GetIndex() != i || m.GetResponse() == nil {
			t.Fatalf("%v %v", m, err)
		}
		thinking, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		<-thinking.Done()
		stop()
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := nextResult(stream); !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
}

// nextResult is the stream's next message other than progress.
func nextResult(stream grpc.BidiStreamingClient[part, zhaohuov1.BatchImageSearchResponse]) (*answered, error) {
	for {
		m, err := stream.Recv()
		if err != nil || m.GetResult() != nil {
			return m.GetResult(), err
		}
	}
}

// TestPicturesWhoseCallerLeaves at each stage; startUploads checks that nothing is left.
func TestPicturesWhoseCallerLeaves(t *testing.T) {
	content := noise(t, 600)
	u := startUploads(t, nil)
	asked := make(chan struct{}, 100)
	u.searcher.meanwhile = func(ctx context.Context) error {
		asked <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	for name, parts := range map[string][]*part{
		"before the options":                     nil,
		"after the options":                      {asking(nil)},
		"in the first image":                     slices.Concat([]*part{asking(nil)}, sent("", content)[:3]),
		"while one is searched by":               slices.Concat([]*part{asking(nil)}, sent("", content), []*part{ending()}),
		"while one is searched by and one comes": slices.Concat([]*part{asking(nil)}, sent("", content), sent("", content)[:4]),
		"in an image that is refused":            slices.Concat([]*part{asking(nil)}, sent("", bytes.Repeat(content, 5))[:45]),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stream, err := zhaohuov1.NewSearchServiceClient(u.conn).BatchImageSearch(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range parts {
				if err := stream.Send(p); err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(name, "searched by") {
				<-asked
			}
			cancel()
			if _, err := nextResult(stream); status.Code(err) != codes.Canceled {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestPicturesWithinADeadline: the stream fails with the deadline, and nothing runs after it.
func TestPicturesWithinADeadline(t *testing.T) {
	u := startUploads(t, nil)
	u.searcher.meanwhile = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	stream, err := zhaohuov1.NewSearchServiceClient(u.conn).BatchImageSearch(ctx, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append([]*part{asking(nil)}, sent("", noise(t, 10))...) {
		_ = stream.Send(p) // Recv returns the error.
	}
	if _, err := nextResult(stream); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%v", err)
	}
}

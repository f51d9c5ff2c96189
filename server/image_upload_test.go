package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// uploading is a stream of messages, as from gRPC: receiving ends with the RPC.
type uploading struct {
	grpc.ServerStream

	ctx      context.Context
	messages chan *zhaohuov1.UploadImageSearchRequest
	received int
	header   metadata.MD
	answer   *zhaohuov1.UploadImageSearchResponse
}

func (u *uploading) Context() context.Context { return u.ctx }

func (u *uploading) Recv() (*zhaohuov1.UploadImageSearchRequest, error) {
	m := &zhaohuov1.UploadImageSearchRequest{}
	return m, u.RecvMsg(m)
}

func (u *uploading) RecvMsg(into any) error {
	select {
	case m, ok := <-u.messages:
		if !ok {
			return io.EOF
		}
		if m == nil {
			panic("a defect of the chain's")
		}
		u.received++
		proto.Merge(into.(proto.Message), m)
		return nil
	case <-u.ctx.Done():
		return u.ctx.Err()
	}
}

func (u *uploading) SendHeader(md metadata.MD) error { u.header = md; return nil }

func (u *uploading) SendAndClose(a *zhaohuov1.UploadImageSearchResponse) error {
	u.answer = a
	return nil
}

func options(o *zhaohuov1.ImageSearchOptions) *zhaohuov1.UploadImageSearchRequest {
	return &zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: o}}
}

func chunk(b []byte) *zhaohuov1.UploadImageSearchRequest {
	return &zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: b}}
}

// upload runs the RPC with messages that are all available, and then ends its context like gRPC.
func upload(t *testing.T, search *server.Search, messages ...*zhaohuov1.UploadImageSearchRequest) (*uploading, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream := &uploading{ctx: ctx, messages: make(chan *zhaohuov1.UploadImageSearchRequest, len(messages))}
	for _, m := range messages {
		stream.messages <- m
	}
	close(stream.messages)
	return stream, search.UploadImageSearch(stream)
}

func TestUpload(t *testing.T) {
	kept := photos(t, photo.Config{}, nil)
	searcher := &picturesAsked{}
	search := server.NewSearch(searcher, aopOffers(), imageLimits, kept)
	content := picture(t)
	stream, err := upload(t, search, options(&zhaohuov1.ImageSearchOptions{Keyword: "k", PageSize: proto.Int32(5)}),
		chunk(content[:1]), chunk(content[1:100]), chunk(content[100:]))
	if err != nil {
		t.Fatal(err)
	}
	want := &zhaohuov1.ImageSearchRequest{Keyword: "k", Page: proto.Int32(1), PageSize: proto.Int32(5)}
	if diff := cmp.Diff([]*zhaohuov1.ImageSearchRequest{want}, searcher.questions, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if searcher.contents[0] != string(content) || searcher.urls[0] != "" {
		t.Errorf("%q and %d bytes", searcher.urls[0], len(searcher.contents[0]))
	}
	if stream.answer.GetResponse().GetPage() != 1 || stream.answer.GetResponse().GetTotal() != 1 || len(stream.answer.GetResponse().GetImageId()) != 36 {
		t.Errorf("%v", stream.answer)
	}
	if left := time.Until(stream.answer.GetResponse().GetExpireTime().AsTime()); left < 59*time.Minute || left > time.Hour {
		t.Errorf("expires in %v", left)
	}
	// The uploaded image is searched again by its id.
	_, err = search.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: stream.answer.GetResponse().GetImageId()}}, Page: proto.Int32(2)})
	if err != nil || searcher.contents[1] != string(content) || searcher.keys[1] != searcher.keys[0] {
		t.Errorf("%v", err)
	}
}

func TestUploadRefusals(t *testing.T) {
	content := picture(t)
	plain := options(&zhaohuov1.ImageSearchOptions{})
	field := func(path, rule, why string) []fault.Field { return []fault.Field{{Path: path, Rule: rule, Why: why}} }
	aop, top := aopOffers(), topOffers()
	for name, test := range map[string]struct {
		dialect  *capability.Table
		messages []*zhaohuov1.UploadImageSearchRequest
		kind     fault.Kind
		fields   []fault.Field
		// received is the number of messages read: nothing is received that cannot change the outcome.
		received int
		accepted bool
	}{
		"nothing": {aop, nil, fault.InvalidField, field("options", "REQUIRED", "the stream is empty: options come first, then the image in chunks"), 0, false},
		"chunk first": {
			aop,
			[]*zhaohuov1.UploadImageSearchRequest{chunk(content), plain},
			fault.InvalidField,
			field("options", "FIRST", "must come first, before any chunk"), 1, false,
		},
		"no part": {aop, []*zhaohuov1.UploadImageSearchRequest{{}}, fault.InvalidField, field("options", "FIRST", "must come first, before any chunk"), 1, false},
		"options alone": {
			aop,
			[]*zhaohuov1.UploadImageSearchRequest{plain},
			fault.InvalidField,
			field("chunk", "REQUIRED", "an image is wanted, in at least one chunk"), 1, true,
		},
		"options twice": {
			aop,
			[]*zhaohuov1.UploadImageSearchRequest{plain, plain, chunk(content)},
			fault.InvalidField,
			field("options", "ONCE", "must come once, before the first chunk"), 2, true,
		},
		"options at the end": {
			aop,
			[]*zhaohuov1.UploadImageSearchRequest{plain, chunk(content), plain},
			fault.InvalidField,
			field("options", "ONCE", "must come once, before the first chunk"), 3, true,
		},
		"no part later": {
			aop, []*zhaohuov1.UploadImageSearchRequest{plain, {}}, fault.InvalidField, field("part", "REQUIRED", "must be a chunk"), 2, true,
		},
		"empty options are options": {aop, []*zhaohuov1.UploadImageSearchRequest{options(nil), chunk([]byte("text"))}, fault.ImageUnreadable, nil, 2, true},
		"text":                      {aop, []*zhaohuov1.UploadImageSearchRequest{plain, chunk([]byte("text"))}, fault.ImageUnreadable, nil, 2, true},
		"cut short":                 {aop, []*zhaohuov1.UploadImageSearchRequest{plain, chunk(content[:300])}, fault.ImageUnreadable, nil, 2, true},
		"too large": {
			aop,
			[]*zhaohuov1.UploadImageSearchRequest{plain, chunk(make([]byte, 60_000)), chunk(make([]byte, 60_000)), chunk(content)},
			fault.ImageTooLarge, nil, 3, true,
		},
		"page of TOP": {
			top,
			[]*zhaohuov1.UploadImageSearchRequest{options(&zhaohuov1.ImageSearchOptions{Page: proto.Int32(2)}), chunk(content)},
			fault.UnsupportedByDialect, field("options.page", "UNSUPPORTED_BY_DIALECT", "dialect top does not offer page"), 1, false,
		},
		"prices upside down": {
			aop,
			[]*zhaohuov1.UploadImageSearchRequest{options(&zhaohuov1.ImageSearchOptions{PriceMin: "2", PriceMax: "1"}), chunk(content)},
			fault.InvalidField, field("options.price_min", "PRICE_RANGE", "must not be above price_max (1)"), 1, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			kept := photos(t, photo.Config{Limits: imaging.Limits{MaxBytes: 100_000}}, nil)
			searcher := &picturesAsked{}
			stream, err := upload(t, server.NewSearch(searcher, test.dialect, imageLimits, kept), test.messages...)
			f, ok := fault.As(err)
			if !ok || f.Kind != test.kind {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff(test.fields, f.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if stream.received != test.received || (stream.header != nil) != test.accepted {
				t.Errorf("%d messages were received, accepted: %t", stream.received, stream.header != nil)
			}
			if searcher.questions != nil || stream.answer != nil {
				t.Errorf("asked %v", searcher.questions)
			}
			if n, used := kept.Store.Shelf().Used(); n != 0 || used != 0 {
				t.Errorf("%d photos are stored", n)
			}
		})
	}
}

// TestSilentUploader: a caller who sends nothing for the idle time is cut off; a slow one is not.
func TestSilentUploader(t *testing.T) {
	content := picture(t)
	for name, sends := range map[string]int{"at once": 0, "after the options": 1, "in the middle": 3} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept := photos(t, photo.Config{}, nil)
				search := server.NewSearch(&picturesAsked{}, aopOffers(), imageLimits, kept)
				ctx, cancel := context.WithCancel(t.Context())
				stream := &uploading{ctx: ctx, messages: make(chan *zhaohuov1.UploadImageSearchRequest)}
				ended := make(chan error)
				go func() { ended <- search.UploadImageSearch(stream) }()
				messages := []*zhaohuov1.UploadImageSearchRequest{
					options(&zhaohuov1.ImageSearchOptions{}), chunk(content[:50]), chunk(content[50:]),
				}
				for _, m := range messages[:sends] {
					time.Sleep(14 * time.Second)
					stream.messages <- m
				}
				last := time.Now()
				err := <-ended
				if fault.KindOf(err) != fault.UploadStalled || time.Since(last) != 15*time.Second {
					t.Errorf("after %v: %v", time.Since(last), err)
				}
				cancel()
				synctest.Wait() // The bubble fails if a goroutine is left.
			})
		})
	}
}

// TestSlowUploader: a caller who sends a byte a second is cut off after the grace time, and until then holds memory for
// what it sent.
func TestSlowUploader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := photos(t, photo.Config{}, nil)
		kept.RateMin = 1000
		search := server.NewSearch(&picturesAsked{}, aopOffers(), imageLimits, kept)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := &uploading{ctx: ctx, messages: make(chan *zhaohuov1.UploadImageSearchRequest)}
		ended := make(chan error, 1)
		go func() { ended <- search.UploadImageSearch(stream) }()
		stream.messages <- options(&zhaohuov1.ImageSearchOptions{})
		began := time.Now()
		for {
			select {
			case err := <-ended:
				if fault.KindOf(err) != fault.UploadStalled || time.Since(began) > 17*time.Second {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
				return
			case stream.messages <- chunk([]byte{1}):
				if held := kept.Store.Budget().Used(); held > 16<<10 {
					t.Errorf("%d bytes are held", held)
				}
				time.Sleep(time.Second)
				synctest.Wait()
			}
		}
	})
}

// TestLeaver: a caller who leaves while uploading leaves nothing behind.
func TestLeaver(t *testing.T) {
	large := bytes.Repeat(picture(t), 500) // Too large for memory.
	for name, test := range map[string]struct {
		sends int
		cause func(context.Context) (context.Context, context.CancelFunc)
		kind  error
	}{
		"before the options": {0, context.WithCancel, context.Canceled},
		"before the image":   {1, context.WithCancel, context.Canceled},
		"in the middle":      {2, context.WithCancel, context.Canceled},
		"deadline": {2, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept := photos(t, photo.Config{}, nil)
				search := server.NewSearch(&picturesAsked{}, aopOffers(), imageLimits, kept)
				ctx, cancel := test.cause(t.Context())
				defer cancel()
				stream := &uploading{ctx: ctx, messages: make(chan *zhaohuov1.UploadImageSearchRequest)}
				ended := make(chan error)
				go func() { ended <- search.UploadImageSearch(stream) }()
				for _, m := range []*zhaohuov1.UploadImageSearchRequest{options(&zhaohuov1.ImageSearchOptions{}), chunk(large)}[:test.sends] {
					stream.messages <- m
				}
				synctest.Wait()
				if held := kept.Store.Budget().Used(); (held != 0) != (test.sends > 0) {
					t.Errorf("%d bytes are held", held)
				}
				if errors.Is(test.kind, context.Canceled) {
					cancel()
				}
				began := time.Now()
				if err := <-ended; !errors.Is(err, test.kind) || time.Since(began) > time.Second {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
				synctest.Wait()
				n, bytes := kept.Store.Shelf().Used()
				if used := kept.Store.Budget().Used(); used != 0 || n != 0 || bytes != 0 {
					t.Errorf("%d bytes of memory, %d photos are left", used, n)
				}
			})
		})
	}
}

// TestLeaverWhileAsked: if the caller leaves while the upstream is asked, the photo stays stored for its time, because
// others may share the call; memory and goroutines are released.
func TestLeaverWhileAsked(t *testing.T) {
	kept := photos(t, photo.Config{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	searcher := &picturesAsked{err: context.Canceled, meanwhile: func(context.Context) { cancel() }}
	stream := &uploading{ctx: ctx, messages: make(chan *zhaohuov1.UploadImageSearchRequest, 2)}
	stream.messages <- options(&zhaohuov1.ImageSearchOptions{})
	stream.messages <- chunk(picture(t))
	close(stream.messages)
	err := server.NewSearch(searcher, aopOffers(), imageLimits, kept).UploadImageSearch(stream)
	if !errors.Is(err, context.Canceled) || stream.answer != nil {
		t.Errorf("%v", err)
	}
	if n, _ := kept.Store.Shelf().Used(); n != 1 || kept.Store.Budget().Used() != 0 {
		t.Errorf("%d photos, %d bytes of memory", n, kept.Store.Budget().Used())
	}
	goleak.VerifyNone(t)
}

// TestUploadWaitsForRoom: an upload that waits for memory receives no chunk, and is not accepted if it is refused
// later.
func TestUploadWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := photos(t, photo.Config{Memory: 1 << 20, Wait: 5 * time.Second}, nil)
		search := server.NewSearch(&picturesAsked{}, aopOffers(), imageLimits, kept)
		release, err := kept.Store.Budget().Hold(t.Context(), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		messages := []*zhaohuov1.UploadImageSearchRequest{options(&zhaohuov1.ImageSearchOptions{}), chunk(picture(t))}
		began := time.Now()
		stream, err := upload(t, search, messages...)
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.MemoryBudgetFull || f.RetryAfter <= 0 || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if stream.received != 1 || stream.header != nil {
			t.Errorf("%d messages were received, accepted: %t", stream.received, stream.header != nil)
		}
		time.AfterFunc(3*time.Second, release)
		if _, err := upload(t, search, messages...); err != nil {
			t.Error(err)
		}
	})
}

// TestPanicOfTheChain: a panic while receiving reaches the RPC's own goroutine, where the chain recovers it.
func TestPanicOfTheChain(t *testing.T) {
	search := server.NewSearch(&picturesAsked{}, aopOffers(), imageLimits, photos(t, photo.Config{}, nil))
	defer func() {
		if met := recover(); met != "a defect of the chain's" {
			t.Errorf("recovered %v", met)
		}
	}()
	_, err := upload(t, search, options(&zhaohuov1.ImageSearchOptions{}), nil)
	t.Errorf("answered: %v", err)
}

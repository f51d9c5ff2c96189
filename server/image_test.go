package server_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// picturesAsked is a searcher that records questions and images.
type picturesAsked struct {
	upstream.Searcher

	questions []*zhaohuov1.ImageSearchRequest
	urls      []string
	contents  []string
	keys      []string
	// meanwhile runs while the upstream is asked.
	meanwhile func(ctx context.Context)
	err       error
}

func (a *picturesAsked) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	content := ""
	if p.Photo != nil {
		b, err := io.ReadAll(p.Photo.Open())
		if err != nil || int64(len(b)) != p.Photo.Size() {
			return nil, errors.Join(err, errors.New("the photo cannot be read"))
		}
		content = string(b)
	}
	a.questions, a.urls, a.contents, a.keys = append(a.questions, q), append(a.urls, p.URL), append(a.contents, content), append(a.keys, p.Key)
	if a.meanwhile != nil {
		a.meanwhile(ctx)
	}
	if a.err != nil {
		return nil, a.err
	}
	return &zhaohuov1.ImageSearchResponse{Page: q.GetPage(), Total: proto.Int64(1)}, nil
}

// pages passes on one host and fetches from a map.
type pages map[string]string

func (pages) Passed(address string) (bool, error) {
	if !strings.HasPrefix(address, "http") {
		return false, fault.New(fault.ImageFetchRefused, "not an address")
	}
	return strings.HasPrefix(address, "https://img.example.com/"), nil
}

func (p pages) Fetch(_ context.Context, address string, into io.Writer) error {
	content, ok := p[address]
	if !ok {
		return fault.New(fault.ImageFetchFailed, "not there")
	}
	_, err := io.Copy(into, strings.NewReader(content))
	return err
}

// photos is a Photos for a test; at the end nothing of it may be in use.
func photos(t *testing.T, c photo.Config, fetched pages) server.Photos {
	t.Helper()
	c.Dir = t.TempDir()
	store, err := photo.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if used := store.Budget().Used(); used != 0 {
			t.Errorf("%d bytes of memory were not released", used)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(c.Dir); err != nil || len(left) != 0 {
			t.Errorf("left: %v %v", left, err)
		}
	})
	return server.Photos{Store: store, Addresses: fetched, IdleTimeout: 15 * time.Second}
}

// picture is a small JPEG.
func picture(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i >> 3)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// clearPNG is a PNG that must be decoded.
func clearPNG(t testing.TB, side int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	m.SetNRGBA(1, 1, color.NRGBA{R: 200, A: 9})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var imageLimits = upstream.Limits{PageSizeMax: 50, Window: 2000}

func TestImageSearchByEachPicture(t *testing.T) {
	content := picture(t)
	kept := photos(t, photo.Config{}, pages{"http://shop.example.com/a.jpg": string(content)})
	held, err := kept.Store.KeepBytes(t.Context(), "", content)
	if err != nil {
		t.Fatal(err)
	}
	held.Release()
	for name, test := range map[string]struct {
		q        *zhaohuov1.ImageSearchRequest
		url, key string
		content  []byte
	}{
		"content": {&zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: bytes.Clone(content)}}}, "", held.Key(), content},
		"id":      {&zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: held.ID()}}}, "", held.Key(), content},
		"passed":  {&zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://img.example.com/a.jpg"}}}, "https://img.example.com/a.jpg", "", nil},
		// The fallback of the upstream is beside the photo.
		"fetched": {&zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/a.jpg"}}}, "http://shop.example.com/a.jpg", held.Key(), content},
	} {
		for dialect, want := range map[*capability.Table]*zhaohuov1.ImageSearchRequest{
			aopOffers(): {Keyword: "k", Page: proto.Int32(1), PageSize: proto.Int32(20)},
			// TOP has no pages: a default must not request one.
			topOffers(): {Keyword: "k"},
		} {
			t.Run(name+dialect.String(), func(t *testing.T) {
				searcher := &picturesAsked{}
				searcher.meanwhile = func(context.Context) {
					if used := kept.Store.Budget().Used(); used != 0 {
						t.Errorf("%d bytes are held while the upstream is asked", used)
					}
				}
				q := proto.CloneOf(test.q)
				q.Keyword = "k"
				answer, err := server.NewSearch(searcher, dialect, imageLimits, kept).ImageSearch(t.Context(), q)
				if err != nil || answer.GetPage() != want.GetPage() {
					t.Fatalf("%v %v", answer, err)
				}
				if diff := cmp.Diff([]*zhaohuov1.ImageSearchRequest{want}, searcher.questions, protocmp.Transform()); diff != "" {
					t.Errorf("asked (-want +got):\n%s", diff)
				}
				if searcher.urls[0] != test.url || searcher.keys[0] != test.key || searcher.contents[0] != string(test.content) {
					t.Errorf("%q %q and %d bytes", searcher.urls[0], searcher.keys[0], len(searcher.contents[0]))
				}
			})
		}
	}
}

func TestImageSearchRefusesWithoutAsking(t *testing.T) {
	content := picture(t)
	const url, id = "https://img.example.com/a.jpg", "img_x"
	aop, top := aopOffers(), topOffers()
	unsupported := func(why, name string) []fault.Field {
		return []fault.Field{{Path: name, Rule: "UNSUPPORTED_BY_DIALECT", Why: why}}
	}
	for name, test := range map[string]struct {
		dialect *capability.Table
		q       *zhaohuov1.ImageSearchRequest
		kind    fault.Kind
		fields  []fault.Field
	}{
		"unknown id":      {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: id}}}, fault.ImageExpired, nil},
		"no address":      {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "a.jpg"}}}, fault.ImageFetchRefused, nil},
		"not there":       {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://nobody.example.com/"}}}, fault.ImageFetchFailed, nil},
		"fetched text":    {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/text"}}}, fault.ImageUnreadable, nil},
		"fetched too far": {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://shop.example.com/large"}}}, fault.ImageTooLarge, nil},
		"text":            {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: []byte("hello")}}}, fault.ImageUnreadable, nil},
		"cut short":       {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content[:len(content)/2]}}}, fault.ImageUnreadable, nil},
		"too many pixels": {aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: clearPNG(t, 200)}}}, fault.ImageTooLarge, nil},
		"page of TOP":     {top, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: url}}, Page: proto.Int32(1)}, fault.UnsupportedByDialect, unsupported("dialect top does not offer page", "page")},
		"sort of TOP": {
			top, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: url}}, Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC}, fault.UnsupportedByDialect,
			unsupported("dialect top offers sort only as SORT_ORDER_RELEVANCE", "sort"),
		},
		"page beyond the window": {
			aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: url}}, Page: proto.Int32(101)}, fault.InvalidField,
			[]fault.Field{{Path: "page", Rule: "WINDOW", Why: "begins at item 2001, but only the first 2000 items of a search can be paged to"}},
		},
		"prices upside down": {
			aop, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: url}}, PriceMin: "10", PriceMax: "9.99"}, fault.InvalidField,
			[]fault.Field{{Path: "price_min", Rule: "PRICE_RANGE", Why: "must not be above price_max (9.99)"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			kept := photos(t, photo.Config{Limits: imaging.Limits{MaxBytes: 100_000, MaxPixels: 10_000}}, pages{
				"http://shop.example.com/text": "hello", "http://shop.example.com/large": strings.Repeat("x", 100_001),
			})
			searcher := &picturesAsked{}
			_, err := server.NewSearch(searcher, test.dialect, imageLimits, kept).ImageSearch(t.Context(), test.q)
			f, ok := fault.As(err)
			if !ok || f.Kind != test.kind {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff(test.fields, f.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if searcher.questions != nil {
				t.Errorf("asked %v", searcher.questions)
			}
			if n, used := kept.Store.Shelf().Used(); n != 0 || used != 0 {
				t.Errorf("%d photos are stored", n)
			}
		})
	}
}

func TestImageSearchWaitsForRoom(t *testing.T) {
	kept := photos(t, photo.Config{Memory: 40 << 20, Wait: -1}, nil)
	search := server.NewSearch(&picturesAsked{}, aopOffers(), imageLimits, kept)
	release, err := kept.Store.Budget().Decode(t.Context(), kept.Store.Budget().DecodeMax())
	if err != nil {
		t.Fatal(err)
	}
	q := &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: clearPNG(t, 50)}}}
	_, err = search.ImageSearch(t.Context(), q)
	if f, ok := fault.As(err); !ok || f.Kind != fault.MemoryBudgetFull || f.RetryAfter <= 0 {
		t.Errorf("%v", err)
	}
	release()
	if _, err := search.ImageSearch(t.Context(), q); err != nil {
		t.Error(err)
	}
}

func TestImageSearchHandsFaultsUp(t *testing.T) {
	want := errors.New("as it is")
	search := server.NewSearch(&picturesAsked{err: want}, aopOffers(), imageLimits, photos(t, photo.Config{}, nil))
	if _, err := search.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: picture(t)}}}); !errors.Is(err, want) {
		t.Errorf("%v", err)
	}
}

package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

const uploadPath = "/v1/products:uploadImageSearch"

// photographed records questions and photos.
type photographed struct {
	upstream.Searcher

	mu        sync.Mutex
	questions []*zhaohuov1.ImageSearchRequest
	contents  []string
	meanwhile func(context.Context) error
}

func (p *photographed) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, of upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	content := []byte(of.URL) // The URL is passed on unless there is a photo.
	if of.Photo != nil {
		var err error
		if content, err = io.ReadAll(of.Photo.Open()); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	p.questions, p.contents = append(p.questions, q), append(p.contents, string(content))
	meanwhile := p.meanwhile
	p.mu.Unlock()
	if meanwhile != nil {
		if err := meanwhile(ctx); err != nil {
			return nil, err
		}
	}
	return &zhaohuov1.ImageSearchResponse{Page: q.GetPage()}, nil
}

// take returns what was asked since the last take.
func (p *photographed) take() (questions []*zhaohuov1.ImageSearchRequest, contents []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	questions, contents, p.questions, p.contents = p.questions, p.contents, nil, nil
	return questions, contents
}

type uploads struct {
	rig

	searcher *photographed
	store    *photo.Store
	photos   server.Photos
	config   gateway.Config
	// sealed serves HTTP/2 over TLS.
	sealed bool
}

// startUploads runs everything, and checks at the end that nothing is left of any upload.
func startUploads(t *testing.T, change func(*uploads)) *uploads {
	t.Helper()
	dir := t.TempDir()
	store, err := photo.New(photo.Config{Dir: dir, Memory: 16 << 20, Wait: -1, Limits: imaging.Limits{MaxBytes: 2 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	u := &uploads{searcher: &photographed{}, store: store}
	u.photos = server.Photos{Store: store}
	u.config = gateway.Config{RequestBytesMax: 9 << 19, PhotoBytesMax: 2 << 20, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(u)
	}
	chain, err := interceptor.New(interceptor.Config{RequestBytesMax: 9 << 19, DefaultTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	rpcs := grpc.NewServer(append(chain.ServerOptions(), grpc.WaitForHandlers(true))...)
	zhaohuov1.RegisterSearchServiceServer(chain.Registrar(rpcs), server.NewSearch(u.searcher, aopOffers(), upstream.Limits{Window: 2000}, u.photos))
	listener := bufconn.Listen(1 << 20)
	var serving sync.WaitGroup
	serving.Go(func() { _ = rpcs.Serve(listener) })
	u.conn, err = grpc.NewClient("passthrough:///inside", append(gateway.DialOptions(nil, wire.NewBuffers()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	u.config.Conn = u.conn
	handler, err := gateway.New(u.config)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(handler)
	transport := &http.Transport{DisableCompression: true, ExpectContinueTimeout: time.Minute}
	if u.sealed {
		web.EnableHTTP2 = true
		web.StartTLS()
		transport.TLSClientConfig = &tls.Config{RootCAs: web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
		transport.ForceAttemptHTTP2 = true
	} else {
		web.Start()
	}
	u.url, u.http = web.URL, &http.Client{Transport: transport}
	t.Cleanup(func() {
		u.http.CloseIdleConnections()
		web.Close()
		_ = u.conn.Close()
		rpcs.GracefulStop()
		serving.Wait()
		if used := store.Budget().Used(); used != 0 {
			t.Errorf("%d bytes of memory were not released", used)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("left: %v %v", left, err)
		}
	})
	return u
}

// noise is a JPEG of roughly that many kilobytes.
func noise(t testing.TB, kilobytes int) []byte {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	m := image.NewGray(image.Rect(0, 0, 1000, max(kilobytes, 1)))
	for i := range m.Pix {
		m.Pix[i] = byte(dice.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// formOf writes pairs of fields, then the image, then more pairs.
func formOf(picture []byte, before, after []string) (kind string, body *bytes.Buffer) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(before); i += 2 {
		_ = w.WriteField(before[i], before[i+1])
	}
	if picture != nil {
		part, _ := w.CreateFormFile("image", "照片.jpg")
		_, _ = part.Write(picture)
	}
	for i := 0; i < len(after); i += 2 {
		_ = w.WriteField(after[i], after[i+1])
	}
	_ = w.Close()
	return w.FormDataContentType(), body
}

func TestUploadsArrive(t *testing.T) {
	want := &zhaohuov1.ImageSearchRequest{
		Keyword: "杯子 & co", Page: proto.Int32(2), PageSize: proto.Int32(5), PriceMin: "1.50", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS, zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_30_DAYS}, IncludeRaw: true,
	}
	fields := []string{
		"keyword", "杯子 & co", "page", "2", "pageSize", "5", "price_min", "1.50", "sort", "SORT_ORDER_PRICE_ASC",
		"filters", "PRODUCT_FILTER_NEW_7_DAYS", "filters", "PRODUCT_FILTER_NEW_30_DAYS", "includeRaw", "true",
	}
	const query = "?keyword=%E6%9D%AF%E5%AD%90+%26+co&page=2&pageSize=5&price_min=1.50&sort=SORT_ORDER_PRICE_ASC" +
		"&filters=PRODUCT_FILTER_NEW_7_DAYS&filters=PRODUCT_FILTER_NEW_30_DAYS&includeRaw=true"
	for _, sealed := range []bool{false, true} {
		u := startUploads(t, func(u *uploads) { u.sealed = sealed })
		for _, kilobytes := range []int{1, 200, 1500} {
			picture := noise(t, kilobytes)
			kind, form := formOf(picture, fields, nil)
			formBytes := form.Bytes()
			for name, post := range map[string]func() reply{
				"form": func() reply { return u.do(t, "POST", uploadPath, bytes.NewReader(formBytes), "Content-Type", kind) },
				"form of unknown length": func() reply {
					return u.do(t, "POST", uploadPath, io.MultiReader(bytes.NewReader(formBytes)), "Content-Type", kind)
				},
				"raw": func() reply {
					return u.do(t, "POST", uploadPath+query, bytes.NewReader(picture), "Content-Type", "image/jpeg")
				},
				"raw of no kind": func() reply {
					return u.do(t, "POST", uploadPath+query, bytes.NewReader(picture), "Content-Type", "application/octet-stream")
				},
				"raw of unknown length": func() reply {
					return u.do(t, "POST", uploadPath+query, io.MultiReader(bytes.NewReader(picture)), "Content-Type", "image/png")
				},
				"expecting": func() reply {
					return u.do(t, "POST", uploadPath, bytes.NewReader(formBytes), "Content-Type", kind, "Expect", "100-continue")
				},
			} {
				t.Run(fmt.Sprintf("%s %d sealed %t", name, kilobytes, sealed), func(t *testing.T) {
					got := post()
					var wrapped struct {
						Response struct {
							ImageID    string    `json:"imageId"`
							ExpireTime time.Time `json:"expireTime"`
							Page       int       `json:"page"`
							Products   []any     `json:"products"`
						} `json:"response"`
					}
					answer := &wrapped.Response
					if err := json.Unmarshal(got.body, &wrapped); err != nil || got.code != 200 || got.header.Get("Content-Type") != "application/json" {
						t.Fatalf("%d %q: %v", got.code, got.body, err)
					}
					if len(answer.ImageID) != 36 || time.Until(answer.ExpireTime) <= 0 || answer.Page != 2 || answer.Products == nil {
						t.Errorf("%s", got.body)
					}
					questions, contents := u.searcher.take()
					if diff := cmp.Diff([]*zhaohuov1.ImageSearchRequest{want}, questions, protocmp.Transform()); diff != "" {
						t.Errorf("asked (-want +got):\n%s", diff)
					}
					if len(contents) != 1 || contents[0] != string(picture) {
						t.Errorf("the image of %d bytes arrived changed", len(picture))
					}
					// The same image by its id.
					second := u.do(t, "POST", "/v1/products:imageSearch", strings.NewReader(`{"image":{"id":"`+answer.ImageID+`"}}`))
					if _, contents := u.searcher.take(); second.code != 200 || len(contents) != 1 || contents[0] != string(picture) {
						t.Errorf("by id: %d %s", second.code, second.body)
					}
				})
			}
		}
	}
}

// TestLargestPictureInJSON: 3 MiB are 4 MiB of base64, which the default limit of requests allows.
func TestLargestPictureInJSON(t *testing.T) {
	u := startUploads(t, nil)
	picture := noise(t, 1)
	picture = append(picture, make([]byte, 3<<20-len(picture))...) // Bytes after the image are cut.
	body, err := json.Marshal(map[string]any{"image": map[string]string{"content": base64.StdEncoding.EncodeToString(picture)}})
	if err != nil {
		t.Fatal(err)
	}
	got := u.do(t, "POST", "/v1/products:imageSearch", bytes.NewReader(body))
	if _, reason, _ := got.read(t); got.code != 413 || reason != "IMAGE_TOO_LARGE" { // Over 2 MiB, the limit of images here.
		t.Errorf("%d %s", got.code, got.body)
	}
	more := u.do(t, "POST", "/v1/products:imageSearch", strings.NewReader(`{"image":{"content":"`+base64.StdEncoding.EncodeToString(append(picture, 0))+`"}}`))
	if _, reason, fields := more.read(t); more.code != 400 || reason != "INVALID_FIELD" || fields[0] != "image.content BYTES_MAX_LEN" {
		t.Errorf("%d %s", more.code, more.body)
	}
}

func TestUploadRefusals(t *testing.T) {
	picture := noise(t, 3)
	raw := func(query string, content []byte, code int, reason, message string, fields ...string) refusal {
		return refusal{
			method: "POST", target: uploadPath + query, body: bytes.NewReader(content), headers: []string{"Content-Type", "image/jpeg"},
			code: code, grpc: codes.InvalidArgument, reason: reason, message: message, fields: fields,
		}
	}
	form := func(content []byte, before, after []string, code int, reason, message string, fields ...string) refusal {
		kind, body := formOf(content, before, after)
		return refusal{
			method: "POST", target: uploadPath, body: body, headers: []string{"Content-Type", kind},
			code: code, grpc: codes.InvalidArgument, reason: reason, message: message, fields: fields,
		}
	}
	kind := func(value string) refusal {
		return refusal{
			method: "POST", target: uploadPath, body: bytes.NewReader(picture), headers: []string{"Content-Type", value},
			code: 415, grpc: codes.InvalidArgument, reason: "UNSUPPORTED_MEDIA_TYPE",
			message: "the body must be multipart/form-data, or an image as image/* or application/octet-stream",
		}
	}
	handmade := func(body, message string, fields ...string) refusal {
		return refusal{
			method: "POST", target: uploadPath, body: strings.NewReader(body), headers: []string{"Content-Type", "multipart/form-data; boundary=b"},
			code: 400, grpc: codes.InvalidArgument, reason: "MALFORMED_REQUEST", message: message, fields: fields,
		}
	}
	const broken = "the form cannot be read: a part is malformed, or the last boundary is missing"
	many := make([]string, 130)
	for i := range many {
		many[i] = "filters"
	}
	overlong := endless(string(picture) + strings.Repeat("x", 2<<20))
	u := startUploads(t, nil)
	for name, test := range map[string]refusal{
		"raw, unknown option":      raw("?keywords=a", picture, 400, "UNKNOWN_FIELD", `unknown query parameter "keywords"`, "keywords UNKNOWN_FIELD"),
		"raw, wrong type":          raw("?page=two", picture, 400, "MALFORMED_REQUEST", "page must be an integer of 32 bits", "page TYPE"),
		"raw, rule":                raw("?pageSize=-1", picture, 400, "INVALID_FIELD", "page_size: must not be negative: 0 is the default size", "page_size INT32_PAGE_SIZE"),
		"raw, window":              raw("?page=101", picture, 400, "INVALID_FIELD", "page: begins at item 2001, but only the first 2000 items of a search can be paged to", "page WINDOW"),
		"raw, broken query":        raw("?a=%2", picture, 400, "MALFORMED_REQUEST", "the query cannot be read: an invalid % escape, or a semicolon"),
		"raw, empty":               raw("", nil, 400, "INVALID_FIELD", "image: the image is empty", "image REQUIRED"),
		"raw, text":                raw("", []byte("<html>"), 415, "IMAGE_UNREADABLE", ""),
		"raw, cut short":           raw("", picture[:1000], 415, "IMAGE_UNREADABLE", ""),
		"raw, too large":           raw("", make([]byte, 2<<20+1), 413, "IMAGE_TOO_LARGE", "the image is too large: at most 2097152 bytes are accepted"),
		"raw, too large, unsaid":   {method: "POST", target: uploadPath, body: overlong, headers: []string{"Content-Type", "image/jpeg"}, code: 413, grpc: codes.InvalidArgument, reason: "IMAGE_TOO_LARGE", message: "the image has more than 2097152 bytes, which is the most that is accepted"},
		"form, unknown field":      form(picture, []string{"keyword", "a", "pagesize", "1"}, nil, 400, "UNKNOWN_FIELD", `unknown form field "pagesize"`, "pagesize UNKNOWN_FIELD"),
		"form, unknown, no file":   form(nil, []string{"pagesize", "1"}, nil, 400, "UNKNOWN_FIELD", `unknown form field "pagesize"`, "pagesize UNKNOWN_FIELD"),
		"form, wrong type":         form(picture, []string{"includeRaw", "1"}, nil, 400, "MALFORMED_REQUEST", "include_raw must be true or false", "include_raw TYPE"),
		"form, twice":              form(picture, []string{"keyword", "a", "keyword", "b"}, nil, 400, "MALFORMED_REQUEST", "keyword is given more than once", "keyword ONCE"),
		"form, twice by two names": form(picture, []string{"page_size", "1", "pageSize", "2"}, nil, 400, "MALFORMED_REQUEST", "page_size is given more than once", "page_size ONCE"),
		"form, rule":               form(picture, []string{"page", "-1"}, nil, 400, "INVALID_FIELD", "page: must not be negative: pages count from 1, and 0 is the first one", "page INT32_PAGE_NUMBER"),
		"form, prices":             form(picture, []string{"priceMin", "2", "priceMax", "1"}, nil, 400, "INVALID_FIELD", "price_min: must not be above price_max (1)", "price_min PRICE_RANGE"),
		"form, fields last":        form(picture, nil, []string{"keyword", "a"}, 400, "MALFORMED_REQUEST", `"keyword" comes after the image: put all fields first`, "keyword LAST"),
		"form, image twice":        form(picture, nil, []string{"image", "a"}, 400, "MALFORMED_REQUEST", "image is given more than once", "image ONCE"),
		"form, no image":           form(nil, []string{"keyword", "a"}, nil, 400, "INVALID_FIELD", "image: a part with this name and the image is required", "image REQUIRED"),
		"form, empty image":        form([]byte{}, nil, nil, 400, "INVALID_FIELD", "image: the image is empty", "image REQUIRED"),
		"form, text":               form([]byte("hello"), nil, nil, 415, "IMAGE_UNREADABLE", ""),
		"form, too large":          form(append(bytes.Clone(picture), make([]byte, 2<<20)...), nil, nil, 413, "IMAGE_TOO_LARGE", "the image has more than 2097152 bytes, which is the most that is accepted"),
		"form, far too large":      form(make([]byte, 3<<20), nil, nil, 413, "IMAGE_TOO_LARGE", "the image is too large: at most 2097152 bytes are accepted"),
		"form, long field":         form(picture, []string{"keyword", strings.Repeat("a", 5000)}, nil, 413, "REQUEST_TOO_LARGE", `"keyword" is larger than 4096 bytes; an image is sent as a file: filename="photo.jpg"`),
		"form, many fields":        form(picture, many, nil, 400, "MALFORMED_REQUEST", "the form has more than 64 parts"),
		"form, not UTF-8":          form(picture, []string{"keyword", "\xff"}, nil, 400, "MALFORMED_REQUEST", "keyword must be text in UTF-8", "keyword TEXT"),
		"form with a query": {
			method: "POST", target: uploadPath + "?pagesize=1", body: strings.NewReader(""), headers: []string{"Content-Type", "multipart/form-data; boundary=b"},
			code: 400, grpc: codes.InvalidArgument, reason: "UNKNOWN_FIELD", message: `unknown query parameter "pagesize"`, fields: []string{"pagesize UNKNOWN_FIELD"},
		},
		"form, nothing":      handmade("", broken),
		"form, no parts":     handmade("--b--", ""),
		"form, breaks off":   handmade("--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n"+string(picture), broken),
		"form, in a header":  handmade("--b\r\nContent-Dispos", broken),
		"form, no name":      handmade("--b\r\nContent-Type: image/jpeg\r\n\r\nx\r\n--b--", "a part of the form has no name"),
		"form, encoded":      handmade("--b\r\nContent-Disposition: form-data; name=\"image\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--", "parts of the form must not be encoded"),
		"form, other bounds": handmade("--c\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nx\r\n--c--", broken),
		"form, no boundary":  {method: "POST", target: uploadPath, body: strings.NewReader("x"), headers: []string{"Content-Type", "multipart/form-data"}, code: 400, grpc: codes.InvalidArgument, reason: "MALFORMED_REQUEST", message: "the form names no boundary"},
		"JSON":               kind("application/json"),
		"mixed":              kind("multipart/mixed; boundary=b"),
		"urlencoded":         kind("application/x-www-form-urlencoded"),
		"no kind":            kind(""),
		"nonsense":           kind("image"),
		"GET":                notAllowed("GET", uploadPath, "POST"),
		"PUT":                notAllowed("PUT", uploadPath, "POST"),
		"timeout that is none": {
			method: "POST", target: uploadPath, body: bytes.NewReader(picture), headers: []string{"Content-Type", "image/jpeg", "Grpc-Timeout", "soon"},
			code: 400, grpc: codes.InvalidArgument, reason: "MALFORMED_REQUEST", message: "invalid grpc-timeout: soon",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "form, no parts" {
				test.reason, test.message, test.fields = "INVALID_FIELD", "image: a part with this name and the image is required", []string{"image REQUIRED"}
			}
			got := u.do(t, test.method, test.target, test.body, test.headers...)
			f, reason, fields := got.read(t)
			if got.code != test.code || codes.Code(f.Code) != test.grpc || reason != test.reason {
				t.Errorf("%d %s %s, want %d %s %s", got.code, codes.Code(f.Code), reason, test.code, test.grpc, test.reason)
			}
			if test.message != "" && f.Message != test.message {
				t.Errorf("message %q, want %q", f.Message, test.message)
			}
			if diff := cmp.Diff(test.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if got.header.Get("Allow") != test.allow {
				t.Errorf("Allow %q, want %q", got.header.Get("Allow"), test.allow)
			}
			if questions, _ := u.searcher.take(); questions != nil {
				t.Errorf("asked upstream: %v", questions)
			}
			if n, used := u.store.Shelf().Used(); n != 0 || used != 0 {
				t.Errorf("%d photos are stored", n)
			}
		})
	}
}

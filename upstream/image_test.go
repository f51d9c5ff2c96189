package upstream_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

const (
	uploadAPI = "com.alibaba.fenxiao.crossborder:product.image.upload-1"
	searchAPI = "com.alibaba.fenxiao.crossborder:product.search.imageQuery-1"
)

// photo is a picture in memory that its owner may take back: it must not be read from then on.
type photo struct {
	t     *testing.T
	bytes []byte
	size  int64
	gone  atomic.Bool
}

func newPhoto(t *testing.T, n int) *photo {
	b := bytes.Repeat([]byte{0xfb, 0xef, 0xbe, 'a', 'b', 'c', 'd'}, n/7+1)[:n]
	return &photo{t: t, bytes: b, size: int64(n)}
}

func (p *photo) Size() int64 { return p.size }

func (p *photo) Open() io.Reader { return &photoReader{p, bytes.NewReader(p.bytes)} }

type photoReader struct {
	*photo
	r io.Reader
}

func (r *photoReader) Read(to []byte) (int, error) {
	if r.gone.Load() {
		r.t.Error("the photo is read after its owner took it back")
	}
	return r.r.Read(to)
}

// gateway is an upstream of pictures. Its functions decide on an upload, by its number, and on a search.
type gateway struct {
	upload func(n int, r *http.Request) string
	search func(n int, query gjson.Result) string

	uploads, searches atomic.Int64
}

func envelope(result string) string {
	return `{"result":{"success":"true","code":"200","result":` + result + `}}`
}

const (
	noGoods   = `{"totalRecords":0,"totalPage":0,"pageSize":20,"currentPage":1,"data":[]}`
	forgotten = `{"result":{"success":"false","code":"E","message":"image not exist"}}`
)

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := envelope(noGoods)
	switch {
	case strings.Contains(r.URL.Path, "image.upload"):
		n := int(g.uploads.Add(1))
		answer = envelope(fmt.Sprintf(`"%d"`, n))
		if g.upload != nil {
			answer = g.upload(n, r)
		}
	case strings.Contains(r.URL.Path, "imageQuery"):
		n := int(g.searches.Add(1))
		answer = envelope(noGoods)
		if g.search != nil {
			answer = g.search(n, gjson.Parse(r.PostFormValue("offerQueryParam")))
		}
	}
	reply(w, answer)
}

// reply answers with a text; without one it is out of service.
func reply(w http.ResponseWriter, text string) {
	if text == "" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = io.WriteString(w, text) // The client may have left already.
}

// over gives a client of the dialect of the real gateway, with the rest of the options.
func over(t *testing.T, o upstream.Options) *upstream.Client {
	t.Helper()
	o.Dialect = aop.New(aop.Config{BaseURL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	t.Cleanup(client.Close)
	return client
}

func search(ctx context.Context, c *upstream.Client, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	return c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{}, p)
}

// wantCalls compares what an answer says it cost.
func wantCalls(t *testing.T, answer *zhaohuov1.ImageSearchResponse, err error, calls int32) {
	t.Helper()
	if err != nil || answer.GetMeta().GetUpstreamCalls() != calls {
		t.Errorf("got %v, %v, want an answer of %d calls", answer, err, calls)
	}
}

// wantRefusal compares a failure's kind, and what it says of itself.
func wantRefusal(t *testing.T, err error, kind fault.Kind, api string, calls int) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || f.Meta[fault.MetaUpstreamAPI] != api || fault.CallsOf(f) != calls {
		t.Errorf("got %v (%+v), want %s of %s after %d calls", err, f, kind, api, calls)
	}
}

func (g *gateway) want(t *testing.T, uploads, searches int64) {
	t.Helper()
	if g.uploads.Load() != uploads || g.searches.Load() != searches {
		t.Errorf("%d uploads and %d searches, want %d and %d", g.uploads.Load(), g.searches.Load(), uploads, searches)
	}
}

func TestPhotoIsSentAsItIs(t *testing.T) {
	p := newPhoto(t, 200_000)
	g := &gateway{
		upload: func(_ int, r *http.Request) string {
			want := `{"imageBase64":"` + base64.StdEncoding.EncodeToString(p.bytes) + `"}`
			if got := r.PostFormValue("uploadImageParam"); got != want || r.ContentLength <= 0 {
				t.Errorf("%d characters came with a length of %d, want %d", len(got), r.ContentLength, len(want))
			}
			return envelope(`"1490507813791335080"`)
		},
		search: func(_ int, query gjson.Result) string {
			if query.Get("imageId").String() != "1490507813791335080" || query.Get("imageAddress").Exists() {
				t.Errorf("searched by %s", query)
			}
			return envelope(noGoods)
		},
	}
	client := over(t, serve(t, g.ServeHTTP))
	for _, calls := range []int32{2, 1} {
		answer, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "k", URL: "http://x.test/"})
		wantCalls(t, answer, err, calls)
	}
	g.want(t, 1, 2)
	answer, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "another"})
	wantCalls(t, answer, err, 2)
	for range 2 { // Without a key nobody knows what it is like.
		answer, err = search(t.Context(), client, upstream.Picture{Photo: p})
		wantCalls(t, answer, err, 2)
	}
	g.want(t, 4, 5)
}

func TestEqualPhotosAreSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{upload: func(int, *http.Request) string {
			time.Sleep(time.Second)
			return envelope(`"7"`)
		}}
		client := over(t, simulate(t, g.ServeHTTP))
		var all sync.WaitGroup
		costs := make(chan int32, 8)
		for range 8 {
			all.Go(func() {
				p := newPhoto(t, 100_000)
				answer, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "k"})
				p.gone.Store(true)
				if err != nil {
					t.Error(err)
				}
				costs <- answer.GetMeta().GetUpstreamCalls()
			})
		}
		all.Wait()
		close(costs)
		var got []int32
		for cost := range costs {
			got = append(got, cost)
		}
		slices.Sort(got)
		if want := []int32{1, 1, 1, 1, 1, 1, 1, 2}; !slices.Equal(got, want) {
			t.Errorf("the answers cost %v, want %v", got, want)
		}
		g.want(t, 1, 8)
	})
}

func TestFailedUploadIsSharedAndPaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{upload: func(int, *http.Request) string {
			time.Sleep(time.Second)
			return `{"error_code":"gw.QosAppFrequencyLimit"}`
		}}
		client := over(t, simulate(t, g.ServeHTTP))
		var all sync.WaitGroup
		costs := make(chan string, 3)
		for range 3 {
			all.Go(func() {
				_, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
				f, _ := fault.As(err)
				costs <- f.Kind.String() + " " + f.Meta[fault.MetaUpstreamAPI] + " " + fmt.Sprint(fault.CallsOf(f))
			})
		}
		all.Wait()
		got := []string{<-costs, <-costs, <-costs}
		slices.Sort(got)
		said := fault.UpstreamThrottled.String() + " " + uploadAPI
		if want := []string{said + " 0", said + " 0", said + " 3"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		g.want(t, 3, 0)
	})
}

func TestForgottenPhotoIsResentOnce(t *testing.T) {
	t.Run("known then", func(t *testing.T) {
		g := &gateway{search: func(_ int, query gjson.Result) string {
			if query.Get("imageId").String() == "1" {
				return forgotten
			}
			return envelope(noGoods)
		}}
		client := over(t, serve(t, g.ServeHTTP))
		for _, calls := range []int32{4, 1} {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
			wantCalls(t, answer, err, calls)
		}
		g.want(t, 2, 3)
	})
	t.Run("never known", func(t *testing.T) {
		g := &gateway{search: func(int, gjson.Result) string { return forgotten }}
		client := over(t, serve(t, g.ServeHTTP))
		_, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
		wantRefusal(t, err, fault.UpstreamImageForgotten, searchAPI, 4)
		g.want(t, 2, 2)
	})
	t.Run("by several at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := &gateway{search: func(_ int, query gjson.Result) string {
				time.Sleep(time.Second)
				if query.Get("imageId").String() == "1" {
					return forgotten
				}
				return envelope(noGoods)
			}}
			client := over(t, simulate(t, g.ServeHTTP))
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if _, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			g.want(t, 2, 8)
		})
	})
}

func TestIdsAreTrustedForTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{}
		o := simulate(t, g.ServeHTTP)
		o.UploadTTL = time.Minute
		client := over(t, o)
		for _, calls := range []int32{2, 1, 2} {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
			wantCalls(t, answer, err, calls)
			time.Sleep(40 * time.Second)
		}
	})
}

func TestRefusedPhotoFallsBackToTheAddress(t *testing.T) {
	g := &gateway{
		upload: func(int, *http.Request) string { return envelope(`"0"`) },
		search: func(_ int, query gjson.Result) string {
			if query.Get("imageAddress").String() != "https://cbu01.alicdn.com/a.jpg" || query.Get("imageId").Exists() {
				t.Errorf("searched by %s", query)
			}
			return envelope(noGoods)
		},
	}
	client := over(t, serve(t, g.ServeHTTP))
	answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k", URL: "https://cbu01.alicdn.com/a.jpg"})
	wantCalls(t, answer, err, 2)
	_, err = search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
	wantRefusal(t, err, fault.UpstreamImageRefused, uploadAPI, 1)
	answer, err = search(t.Context(), client, upstream.Picture{URL: "https://cbu01.alicdn.com/a.jpg"})
	wantCalls(t, answer, err, 1)
	g.want(t, 2, 2)
}

// slowUpload reads an upload in two halves with a pause between, and tells whether all of it came.
func slowUpload(complete chan<- bool, want int) func(int, *http.Request) string {
	return func(_ int, r *http.Request) string {
		var got bytes.Buffer
		_, err := io.CopyN(&got, r.Body, 100_000)
		time.Sleep(10 * time.Second)
		if err == nil {
			_, err = got.ReadFrom(r.Body)
		}
		complete <- err == nil && int64(got.Len()) == r.ContentLength && strings.Count(got.String(), "%2B%2B%2B%2BYWJj") == want
		return envelope(`"7"`)
	}
}

// pattern is how often newPhoto's pattern of 21 bytes is met whole and in step with base64.
func pattern(p *photo) int {
	return strings.Count(base64.StdEncoding.EncodeToString(p.bytes), "++++YWJj")
}

func TestWhoLeavesDoesNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		complete := make(chan bool, 1)
		theirs, ours := newPhoto(t, 3_000_000), newPhoto(t, 3_000_000)
		g := &gateway{upload: slowUpload(complete, pattern(ours))}
		o := simulate(t, g.ServeHTTP)
		o.AttemptTimeout = time.Minute
		client := over(t, o)
		var all sync.WaitGroup
		leader, leave := context.WithTimeout(t.Context(), 5*time.Second)
		defer leave()
		all.Go(func() {
			_, err := search(leader, client, upstream.Picture{Photo: theirs, Key: "k"})
			theirs.gone.Store(true)
			wantRefusal(t, err, fault.DeadlineExceeded, uploadAPI, 1) // The upload left for it.
		})
		time.Sleep(time.Second)
		all.Go(func() {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: ours, Key: "k"})
			wantCalls(t, answer, err, 1)
		})
		all.Wait()
		if !<-complete {
			t.Error("the photo did not come as it is")
		}
		g.want(t, 1, 1)
	})
}

func TestTheLastToLeaveEndsTheUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		g := &gateway{upload: func(_ int, r *http.Request) string {
			_, _ = io.Copy(io.Discard, r.Body) // It breaks off.
			close(ended)
			return ""
		}}
		o := simulate(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			time.Sleep(20 * time.Second)
			g.ServeHTTP(w, r)
		})
		o.AttemptTimeout = time.Minute
		client := over(t, o)
		var all sync.WaitGroup
		for i := range 2 {
			p := newPhoto(t, 3_000_000)
			ctx, leave := context.WithCancel(t.Context())
			all.Go(func() {
				_, err := search(ctx, client, upstream.Picture{Photo: p, Key: "k"})
				p.gone.Store(true)
				wantRefusal(t, err, fault.CallerGone, uploadAPI, 1-i)
			})
			time.Sleep(time.Second)
			time.AfterFunc(time.Duration(1+i)*time.Second, leave)
		}
		began := time.Now()
		all.Wait()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the last one left after %s", took)
		}
		<-ended
		time.Sleep(time.Second) // net/http lingers for half a second on a connection that broke off.
	})
}

// A server that answers before it has read the photo ends the call, and the photo is nobody's business then.
func TestPhotoIsLeftAloneAfterTheAnswer(t *testing.T) {
	for name, dialect := range map[string]func(url string) *upstream.Dialect{
		"aop": func(url string) *upstream.Dialect { return aop.New(aop.Config{BaseURL: url}) },
		"top": func(url string) *upstream.Dialect { return top.New(top.Config{URL: url}) },
	} {
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"error_code":"gw.APIACLDecline","error_response":{"code":11}}`)
		})
		o.Dialect = dialect(o.Dialect.Wire.(plainWire).url)
		client := upstream.New(o)
		for range 3 {
			p := newPhoto(t, 5_000_000)
			_, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "k"})
			p.gone.Store(true)
			// The server may also cut the connection while we still write.
			if kind := fault.KindOf(err); kind != fault.UpstreamPermissionDenied && kind != fault.UpstreamUnavailable {
				t.Errorf("%s: got %v", name, err)
			}
		}
		client.Close()
	}
}

func TestPhotoThatIsNotItsSizeIsNotSent(t *testing.T) {
	g := &gateway{}
	client := over(t, serve(t, g.ServeHTTP))
	for _, more := range []int64{-1, 1} {
		p := newPhoto(t, 100_000)
		p.size += more
		_, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: fmt.Sprint(more)})
		wantRefusal(t, err, fault.Internal, uploadAPI, 0)
	}
	g.want(t, 0, 0)
}

func TestPhotoGoesAlongWhereThereIsNoUpload(t *testing.T) {
	var asked []string
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.PostFormValue("image_content")+r.PostFormValue("image_url"))
		if r.PostFormValue("image_url") == "" {
			_, _ = io.WriteString(w, `{"error_response":{"code":3,"msg":"Upload Fail"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"productId":1,"similarity":50}]}`)
	})
	o.Dialect = top.New(top.Config{URL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	defer client.Close()
	answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 3), Key: "k", URL: "http://x.test/"})
	wantCalls(t, answer, err, 2)
	if answer.GetProducts()[0].GetSimilarity() != 0.5 {
		t.Errorf("got %v", answer)
	}
	_, err = search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 3), Key: "k"})
	wantRefusal(t, err, fault.UpstreamImageRefused, top.MethodImageSearch, 1)
	if want := []string{"++++", "http://x.test/", "++++"}; !slices.Equal(asked, want) {
		t.Errorf("asked by %q, want %q", asked, want)
	}
}

func TestUnknownCodesAreLoggedWithoutSecrets(t *testing.T) {
	g := &gateway{search: func(int, gjson.Result) string {
		return `{"error_code":"gw.NobodyKnows","error_message":"the key hush-hush with whisper is odd","request_id":"r-1"}`
	}}
	var log bytes.Buffer
	o := serve(t, g.ServeHTTP)
	o.AppSecret, o.Tokens = "hush-hush", &tokens{left: append((&tokens{}).left, "whisper")}
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	_, err := search(t.Context(), over(t, o), upstream.Picture{URL: "http://x.test/"})
	wantRefusal(t, err, fault.UpstreamRefused, searchAPI, 1)
	const said = "the key [redacted] with [redacted] is odd"
	if f, _ := fault.As(err); f.Meta[fault.MetaUpstreamMessage] != said {
		t.Errorf("told as %v", f.Meta)
	}
	for _, want := range []string{"level=WARN", "upstream_code=gw.NobodyKnows", said, "api=" + searchAPI, "upstream_request_id=r-1"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, log.String())
		}
	}
}

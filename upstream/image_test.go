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
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

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
	client := aopClient(t, serve(t, g.ServeHTTP))
	for _, calls := range []int32{2, 1} {
		answer, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "k", URL: "http://x.test/"})
		wantCalls(t, answer, err, calls)
	}
	g.want(t, 1, 2)
	answer, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "another"})
	wantCalls(t, answer, err, 2)
	for range 2 { // A photo without a key is uploaded each time.
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
		client := aopClient(t, simulate(t, g.ServeHTTP))
		var all sync.WaitGroup
		costs := make(chan int32, 8)
		for range 8 {
			all.Go(func() {
				p := newPhoto(t, 100_000)
				answer, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: "k"})
				p.released.Store(true)
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

func TestFailedUploadIsSharedAndChargedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{upload: func(int, *http.Request) string {
			time.Sleep(time.Second)
			return `{"error_code":"gw.QosAppFrequencyLimit"}`
		}}
		client := aopClient(t, simulate(t, g.ServeHTTP))
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
		failed := fault.UpstreamThrottled.String() + " " + uploadAPI
		if want := []string{failed + " 0", failed + " 0", failed + " 3"}; !slices.Equal(got, want) {
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
		client := aopClient(t, serve(t, g.ServeHTTP))
		for _, calls := range []int32{4, 1} {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
			wantCalls(t, answer, err, calls)
		}
		g.want(t, 2, 3)
	})
	t.Run("never known", func(t *testing.T) {
		g := &gateway{search: func(int, gjson.Result) string { return forgotten }}
		client := aopClient(t, serve(t, g.ServeHTTP))
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
			client := aopClient(t, simulate(t, g.ServeHTTP))
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

func TestIDsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{}
		o := simulate(t, g.ServeHTTP)
		o.UploadTTL = time.Minute
		client := aopClient(t, o)
		for _, calls := range []int32{2, 1, 2} {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
			wantCalls(t, answer, err, calls)
			time.Sleep(40 * time.Second)
		}
	})
}

func TestRefusedPhotoFallsBackToTheURL(t *testing.T) {
	g := &gateway{
		upload: func(int, *http.Request) string { return envelope(`"0"`) },
		search: func(_ int, query gjson.Result) string {
			if query.Get("imageAddress").String() != "https://cbu01.alicdn.com/a.jpg" || query.Get("imageId").Exists() {
				t.Errorf("searched by %s", query)
			}
			return envelope(noGoods)
		},
	}
	client := aopClient(t, serve(t, g.ServeHTTP))
	answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k", URL: "https://cbu01.alicdn.com/a.jpg"})
	wantCalls(t, answer, err, 2)
	_, err = search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
	wantRefusal(t, err, fault.UpstreamImageRefused, uploadAPI, 1)
	answer, err = search(t.Context(), client, upstream.Picture{URL: "https://cbu01.alicdn.com/a.jpg"})
	wantCalls(t, answer, err, 1)
	g.want(t, 2, 2)
}

// slowUpload reads an upload in two halves with a pause between, and reports whether all of it arrived.
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

// pattern is how often newPhoto's pattern of 21 bytes occurs in the photo's base64.
func pattern(p *photo) int {
	return strings.Count(base64.StdEncoding.EncodeToString(p.bytes), "++++YWJj")
}

func TestALeavingCallerDoesNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		complete := make(chan bool, 1)
		theirs, ours := newPhoto(t, 3_000_000), newPhoto(t, 3_000_000)
		g := &gateway{upload: slowUpload(complete, pattern(ours))}
		o := simulate(t, g.ServeHTTP)
		o.AttemptTimeout = time.Minute
		client := aopClient(t, o)
		var all sync.WaitGroup
		leader, leave := context.WithTimeout(t.Context(), 5*time.Second)
		defer leave()
		all.Go(func() {
			_, err := search(leader, client, upstream.Picture{Photo: theirs, Key: "k"})
			theirs.released.Store(true)
			wantRefusal(t, err, fault.DeadlineExceeded, uploadAPI, 1) // It was charged for the upload.
		})
		time.Sleep(time.Second)
		all.Go(func() {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: ours, Key: "k"})
			wantCalls(t, answer, err, 1)
		})
		all.Wait()
		if !<-complete {
			t.Error("the photo did not arrive unchanged")
		}
		g.want(t, 1, 1)
	})
}

func TestTheLastCallerToLeaveEndsTheUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		g := &gateway{upload: func(_ int, r *http.Request) string {
			_, _ = io.Copy(io.Discard, r.Body) // It ends early.
			close(ended)
			return ""
		}}
		o := simulate(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			time.Sleep(20 * time.Second)
			g.ServeHTTP(w, r)
		})
		o.AttemptTimeout = time.Minute
		client := aopClient(t, o)
		var all sync.WaitGroup
		for i := range 2 {
			p := newPhoto(t, 3_000_000)
			ctx, leave := context.WithCancel(t.Context())
			all.Go(func() {
				_, err := search(ctx, client, upstream.Picture{Photo: p, Key: "k"})
				p.released.Store(true)
				wantRefusal(t, err, fault.CallerGone, uploadAPI, 1-i)
			})
			time.Sleep(time.Second)
			time.AfterFunc(time.Duration(1+i)*time.Second, leave)
		}
		began := time.Now()
		all.Wait()
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the last caller returned after %s", took)
		}
		<-ended
		time.Sleep(time.Second) // net/http keeps a cut connection for half a second.
	})
}

// A server may answer before it has read the photo. That ends the call, and the photo is not read any more.
func TestPhotoIsNotReadAfterTheAnswer(t *testing.T) {
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
			p.released.Store(true)
			// The server may also cut the connection during the write.
			if kind := fault.KindOf(err); kind != fault.UpstreamPermissionDenied && kind != fault.UpstreamUnavailable {
				t.Errorf("%s: got %v", name, err)
			}
		}
		client.Close()
	}
}

func TestPhotoThatIsNotItsSizeIsNotSent(t *testing.T) {
	g := &gateway{}
	client := aopClient(t, serve(t, g.ServeHTTP))
	for _, more := range []int64{-1, 1} {
		p := newPhoto(t, 100_000)
		p.size += more
		_, err := search(t.Context(), client, upstream.Picture{Photo: p, Key: fmt.Sprint(more)})
		wantRefusal(t, err, fault.Internal, uploadAPI, 0)
	}
	g.want(t, 0, 0)
}

func TestPhotoIsSentInTheSearchWithoutUploads(t *testing.T) {
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
		t.Errorf("searched by %q, want %q", asked, want)
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
	_, err := search(t.Context(), aopClient(t, o), upstream.Picture{URL: "http://x.test/"})
	wantRefusal(t, err, fault.UpstreamRefused, searchAPI, 1)
	const redacted = "the key [redacted] with [redacted] is odd"
	if f, _ := fault.As(err); f.Meta[fault.MetaUpstreamMessage] != redacted {
		t.Errorf("the fault has %v", f.Meta)
	}
	for _, want := range []string{"level=WARN", "upstream_code=gw.NobodyKnows", redacted, "api=" + searchAPI, "upstream_request_id=r-1"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, log.String())
		}
	}
}

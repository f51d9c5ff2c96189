package upstream_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

const (
	uploadAPI = "com.alibaba.fenxiao.crossborder:product.image.upload-1"
	searchAPI = "com.alibaba.fenxiao.crossborder:product.search.imageQuery-1"
)

// photo is a picture in memory. After its owner has released it, it must not be read.
type photo struct {
	t        *testing.T
	bytes    []byte
	size     int64
	released atomic.Bool
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
	if r.released.Load() {
		r.t.Error("the photo is read after its owner released it")
	}
	return r.r.Read(to)
}

// gateway is an upstream for image searches. upload answers the n-th upload, and search the n-th search; nil succeeds.
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

// reply answers with a text; an empty one is HTTP 503.
func reply(w http.ResponseWriter, text string) {
	if text == "" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = io.WriteString(w, text) // The client may have left already.
}

// aopClient returns a client with the options, in dialect AOP.
func aopClient(t *testing.T, o upstream.Options) *upstream.Client {
	t.Helper()
	o.Dialect = aop.New(aop.Config{BaseURL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	t.Cleanup(client.Close)
	return client
}

func search(ctx context.Context, c *upstream.Client, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	return c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{}, p)
}

// wantCalls compares an answer's number of calls.
func wantCalls(t *testing.T, answer *zhaohuov1.ImageSearchResponse, err error, calls int32) {
	t.Helper()
	if err != nil || answer.GetMeta().GetUpstreamCalls() != calls {
		t.Errorf("got %v, %v, want an answer of %d calls", answer, err, calls)
	}
}

// wantRefusal compares a failure's kind, API and number of calls.
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

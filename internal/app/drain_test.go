package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/emptypb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// wantDraining checks that an RPC failed because the server ended it, with a retry delay.
func wantDraining(t *testing.T, what string, err error) {
	t.Helper()
	st := status.Convert(err)
	wait, known := rpcerr.RetryAfter(st)
	if st.Code() != codes.Unavailable || rpcerr.Reason(st) != "SERVER_DRAINING" || !known || wait <= 0 {
		t.Errorf("%s: %v (wait %v); want SERVER_DRAINING with RetryInfo", what, err, wait)
	}
}

// arrive waits until n questions have reached the upstream.
func (g *gatedUpstream) arrive(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-g.arrived:
		case <-time.After(testTimeout):
			t.Fatal("the questions do not reach the upstream")
		}
	}
}

// restAnswer is the result of a REST request.
type restAnswer struct {
	code  int
	retry string
	lines []string
	err   error
}

func restRequest(ctx context.Context, url, kind string, body io.Reader) restAnswer {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return restAnswer{err: err}
	}
	request.Header.Set("Content-Type", kind)
	if _, unfinished := body.(*io.PipeReader); unfinished {
		request.Header.Set("Expect", "100-continue")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: testTimeout}}
	response, err := client.Do(request)
	if err != nil {
		return restAnswer{err: err}
	}
	defer response.Body.Close()
	got := restAnswer{code: response.StatusCode, retry: response.Header.Get("Retry-After")}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		got.lines = append(got.lines, lines.Text())
	}
	got.err = lines.Err()
	return got
}

// TestCallersSeeTheServerDraining: whatever still runs after the drain timeout, over gRPC or REST, ends with
// SERVER_DRAINING and a retry delay, and is logged as that.
func TestCallersSeeTheServerDraining(t *testing.T) {
	g := newGatedUpstream(t)
	r := start(t, g.settings(t, "--drain-timeout=20ms"), false)
	ctx, cancel := context.WithTimeout(t.Context(), 2*testTimeout)
	defer cancel()
	conn, base := outside(t, r.App), "http://"+r.HTTPAddr().String()
	search := zhaohuov1.NewSearchServiceClient(conn)

	unary := make(chan error, 1)
	go func() {
		_, err := search.KeywordSearch(ctx, headphones())
		unary <- err
	}()
	batch, err := search.BatchKeywordSearch(ctx, &zhaohuov1.BatchKeywordSearchRequest{Keywords: []string{"杯子"}})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := search.StreamKeywordSearch(ctx, &zhaohuov1.StreamKeywordSearchRequest{Keyword: "背包"})
	if err != nil {
		t.Fatal(err)
	}
	rest, lines := make(chan restAnswer, 1), make(chan restAnswer, 1)
	go func() {
		rest <- restRequest(ctx, base+"/v1/products:keywordSearch", "application/json", strings.NewReader(`{"keyword":"雨伞"}`))
	}()
	go func() {
		lines <- restRequest(ctx, base+"/v1/products:batchKeywordSearch", "application/json", strings.NewReader(`{"keywords":["手套"]}`))
	}()
	g.arrive(t, 5)

	upload, err := search.UploadImageSearch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := upload.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := upload.Header(); err != nil {
		t.Fatal(err)
	}
	photos, err := search.BatchImageSearch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := photos.Send(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Options{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := photos.Recv(); err != nil { // It reports progress every second.
		t.Fatal(err)
	}
	restUpload := unfinishedRequest(ctx, t, base+"/v1/products:uploadImageSearch", "image/jpeg")
	restBody := unfinishedRequest(ctx, t, base+"/v1/products:keywordSearch", "application/json")

	r.stop()
	wantDraining(t, "unary", <-unary)
	token := ""
	for err == nil {
		var step *zhaohuov1.BatchKeywordSearchResponse
		if step, err = batch.Recv(); err == nil {
			token = step.GetResumeToken()
		}
	}
	wantDraining(t, "batch", err)
	_, err = stream.Recv()
	wantDraining(t, "whole result", err)
	// Without CloseSend: an end of the image that arrives with the cut would rightly be answered as an empty upload.
	wantDraining(t, "upload", upload.RecvMsg(&zhaohuov1.UploadImageSearchResponse{}))
	for err = nil; err == nil; {
		_, err = photos.Recv()
	}
	wantDraining(t, "photos", err)
	for what, got := range map[string]restAnswer{"REST": <-rest, "REST upload": <-restUpload, "REST body": <-restBody} {
		if got.code != http.StatusServiceUnavailable || got.retry == "" || !strings.Contains(strings.Join(got.lines, ""), "SERVER_DRAINING") {
			t.Errorf("%s: %+v; want 503 SERVER_DRAINING with Retry-After", what, got)
		}
	}
	restToken := lastLine(t, <-lines)
	if err := r.wait(t); err != nil {
		t.Errorf("Run: %v", err)
	}
	if log := r.log.String(); strings.Contains(log, "CALLER_GONE") || strings.Count(log, "reason=SERVER_DRAINING") != 9 {
		t.Errorf("the log does not say 9 times that the server ended calls:\n%s", log)
	}

	close(g.open) // Another replica resumes both batches.
	next := start(t, g.settings(t), false)
	for keyword, token := range map[string]string{"杯子": token, "手套": restToken} {
		resumed, err := zhaohuov1.NewSearchServiceClient(next.Conn()).BatchKeywordSearch(ctx, &zhaohuov1.BatchKeywordSearchRequest{
			Keywords: []string{keyword}, ResumeToken: token,
		})
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = resumed.Recv()
		}
		if token == "" || !errors.Is(err, io.EOF) {
			t.Errorf("resuming with token %q: %v", token, err)
		}
	}
	if err := next.end(t); err != nil {
		t.Error(err)
	}
}

// unfinishedRequest sends the beginning of a body and never ends it. It returns when the server has begun to read:
// net/http then sends "100 Continue".
func unfinishedRequest(ctx context.Context, t *testing.T, url, kind string) <-chan restAnswer {
	t.Helper()
	body, end := io.Pipe()
	t.Cleanup(func() { _ = end.Close() })
	begun := make(chan struct{})
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got100Continue: func() { close(begun) }})
	answer := make(chan restAnswer, 1)
	go func() { answer <- restRequest(traced, url, kind, body) }()
	select {
	case <-begun:
	case <-ctx.Done():
		t.Fatal("the server does not read the body")
	}
	return answer
}

// lastLine checks that a stream of lines ends with the error, and returns the resume token of the line before.
func lastLine(t *testing.T, got restAnswer) string {
	t.Helper()
	n := len(got.lines)
	if got.err != nil || got.code != http.StatusOK || n < 2 {
		t.Fatalf("lines: %+v", got)
	}
	var last struct{ Error json.RawMessage }
	var before struct{ Result json.RawMessage }
	step, drained := &zhaohuov1.BatchKeywordSearchResponse{}, false
	if err := json.Unmarshal([]byte(got.lines[n-1]), &last); err == nil {
		drained = bytes.Contains(last.Error, []byte("SERVER_DRAINING")) && bytes.Contains(last.Error, []byte("RetryInfo"))
	}
	if err := json.Unmarshal([]byte(got.lines[n-2]), &before); err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(before.Result, step); err != nil || !drained {
		t.Errorf("the last line is %s; want SERVER_DRAINING with RetryInfo (%v)", got.lines[n-1], err)
	}
	return step.GetResumeToken()
}

// TestNoCallKeepsTheProcess: a handler that ignores its context does not block Run.
func TestNoCallKeepsTheProcess(t *testing.T) {
	log := &syncBuffer{}
	a, err := New(t.Context(), Options{Settings: settings(t, nil, "--drain-timeout=20ms"), LogTo: log, Goods: sharedGoods(t)})
	if err != nil {
		t.Fatal(err)
	}
	entered, release, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	a.grpc.RegisterService(&grpc.ServiceDesc{
		ServiceName: "test.Stuck", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Stay", Handler: func(any, context.Context, func(any) error, grpc.UnaryServerInterceptor) (any, error) {
			close(entered)
			<-release
			close(left)
			return &emptypb.Empty{}, nil
		}}},
	}, nil)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	answered := make(chan error, 1)
	go func() {
		answered <- outside(t, a).Invoke(t.Context(), "/test.Stuck/Stay", &emptypb.Empty{}, &emptypb.Empty{}, grpc.WaitForReady(true))
	}()
	<-entered
	stop()
	select {
	case err := <-ended:
		if !errors.Is(err, errLeftBehind) || !strings.Contains(log.String(), "calls do not end, and are left behind") {
			t.Errorf("Run: %v; log:\n%s", err, log)
		}
	case <-time.After(testTimeout):
		t.Errorf("Run does not end; log:\n%s", log)
	}
	if err := <-answered; status.Code(err) != codes.Unavailable {
		t.Errorf("the abandoned call ended with %v", err)
	}
	close(release)
	<-left
}

// TestSilentConnectionsDoNotKeepAStoppingServer: connections without a request are not waited for, on both ports.
func TestSilentConnectionsDoNotKeepAStoppingServer(t *testing.T) {
	// The time limit for the first bytes of a connection is longer.
	r := start(t, settings(t, nil, "--drain-timeout=8s"), false)
	for _, says := range []string{"", http2.ClientPreface[:10]} {
		conn, err := net.Dial("tcp", r.GRPCAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, says); err != nil {
			t.Fatal(err)
		}
	}
	silent, err := net.Dial("tcp", r.HTTPAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	// When these are answered, the earlier connections are accepted.
	if _, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(t.Context(), headphones()); err != nil {
		t.Error(err)
	}
	if code, body, err := get(r.App, "/healthz"); err != nil || code != http.StatusOK {
		t.Errorf("%d %s %v", code, body, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	if strings.Contains(r.log.String(), "cut off") {
		t.Errorf("they were waited for:\n%s", r.log)
	}
}

// TestCallersWhoDoNotConfirmDoNotKeepAStoppingServer: a caller whose RPC has ended, and who does not answer when the server announces its
// end, is not waited for as long as gRPC would, five seconds.
func TestCallersWhoDoNotConfirmDoNotKeepAStoppingServer(t *testing.T) {
	r := start(t, settings(t, nil, "--drain-timeout=1m"), false)
	conn, err := net.Dial("tcp", r.GRPCAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	framer := http2.NewFramer(conn, conn)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", "/no/method"}, {":authority", "x"}, {"content-type", "application/grpc"}, {"te", "trailers"},
	} {
		if err := encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			t.Fatal(err)
		}
	}
	err = errors.Join(framer.WriteSettings(), framer.WriteSettingsAck(),
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true}))
	for answered := false; err == nil && !answered; {
		var frame http2.Frame
		if frame, err = framer.ReadFrame(); err == nil {
			headers, ok := frame.(*http2.HeadersFrame)
			answered = ok && headers.StreamEnded()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took >= 5*time.Second {
		t.Errorf("the server waited %v", took)
	}
}

// TestBothPortsDrainAtOnce: callers over gRPC learn that the server ends while REST requests are still under way, and those requests, which are
// gRPC calls inside the process, are finished.
func TestBothPortsDrainAtOnce(t *testing.T) {
	g := newGatedUpstream(t)
	r := start(t, g.settings(t, "--drain-timeout=10m"), false)
	conn := outside(t, r.App)
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	rest := make(chan restAnswer, 1)
	go func() {
		rest <- restRequest(ctx, "http://"+r.HTTPAddr().String()+"/v1/products:batchKeywordSearch", "application/json", strings.NewReader(`{"keywords":["手套"]}`))
	}()
	g.arrive(t, 1)
	r.stop()
	if !conn.WaitForStateChange(ctx, connectivity.Ready) {
		t.Error("a connection without a call is kept while REST is under way")
	}
	select {
	case got := <-rest:
		t.Errorf("REST has ended: %+v", got)
	default:
	}
	close(g.open)
	if got := <-rest; got.err != nil || got.code != http.StatusOK || len(got.lines) < 2 || strings.Contains(strings.Join(got.lines, ""), `"error"`) {
		t.Errorf("REST: %+v", got)
	}
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
}

// TestStoppedBeforeItStarted: a signal that comes while the service starts ends it without an error.
func TestStoppedBeforeItStarted(t *testing.T) {
	a, err := New(t.Context(), Options{Settings: settings(t, nil, "--data-dir="+t.TempDir()), LogTo: t.Output(), Goods: sharedGoods(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(ctx); err != nil {
		t.Errorf("Run ended with %v", err)
	}
}

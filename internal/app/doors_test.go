package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// TestWhoIsNotKnownIsRefusedBeforeItsBody: over gRPC and REST, and the REST connection ends.
func TestWhoIsNotKnownIsRefusedBeforeItsBody(t *testing.T) {
	env, _ := keyed(t, "shop")
	r := start(t, settings(t, env), false)
	for _, method := range []string{keywordSearch, batchImages} {
		conn := dialRawHTTP2(t, r.App)
		if err := conn.begin(method, 4<<20, 60<<10); err != nil {
			t.Fatal(err)
		}
		if code, err := conn.ending(); err != nil || code != codes.Unauthenticated {
			t.Errorf("%s: %v, %v", method, code, err)
		}
	}
	if line, err := statusLine(slowBody(t, r.App, 4<<20, 60<<10)); err != nil || line != "HTTP/1.1 401 Unauthorized" {
		t.Errorf("%q, %v", line, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// TestBodiesThatNeverEndAreCutOff when no key is required.
func TestBodiesThatNeverEndAreCutOff(t *testing.T) {
	r := start(t, settings(t, nil, "--body-timeout=100ms", "--upload-idle-timeout=10m"), false)
	for _, method := range []string{
		keywordSearch, healthpb.Health_Check_FullMethodName, healthpb.Health_Watch_FullMethodName,
		reflectionpb.ServerReflection_ServerReflectionInfo_FullMethodName,
	} {
		conn := dialRawHTTP2(t, r.App)
		if err := conn.begin(method, 1<<20, 1000); err != nil {
			t.Fatal(err)
		}
		if code, err := conn.ending(); err != nil || code != codes.DeadlineExceeded {
			t.Errorf("%s: %v, %v", method, code, err)
		}
	}
	if !strings.Contains(r.log.String(), "reason=UPLOAD_STALLED") {
		t.Errorf("the log does not say so:\n%s", r.log)
	}
	if line, err := statusLine(slowBody(t, r.App, 1<<20, 1000)); err != nil || line != "HTTP/1.1 408 Request Timeout" {
		t.Errorf("%q, %v", line, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// TestUnfinishedBodiesShareMemory: what one address may have in flight is bounded on each port, and small requests
// still work.
func TestUnfinishedBodiesShareMemory(t *testing.T) {
	r := start(t, settings(t, nil, "--request-bytes-max=1048576", "--body-memory=8388608", "--upload-idle-timeout=10m", "--drain-timeout=1s"), false)
	conn := dialRawHTTP2(t, r.App)
	failed := make(chan error, 1)
	go func() {
		for range 40 {
			// The server opens the flow-control window as it reads, and it reads each message at once.
			if err := conn.begin(keywordSearch, 1<<20, 60<<10); err != nil {
				break
			}
		}
		for id := uint32(1); id < conn.next; id += 2 {
			for range 14 {
				if conn.WriteData(id, false, make([]byte, 16<<10)) != nil {
					break
				}
			}
		}
		_, err := conn.ending()
		failed <- err
	}()
	client := zhaohuov1.NewSearchServiceClient(outside(t, r.App))
	for waiting := true; waiting; {
		if _, err := client.KeywordSearch(t.Context(), headphones()); err != nil {
			t.Errorf("a small request beside the unfinished ones: %v", err)
		}
		if used := r.bodies.Used(); used > 4<<20+64<<10 {
			t.Errorf("one address holds %d bytes", used)
		}
		select {
		case err := <-failed:
			if err == nil || errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
				t.Errorf("the connection was not closed: %v", err)
			}
			waiting = false
		default:
		}
	}
	if !strings.Contains(r.log.String(), "why=body_memory") {
		t.Errorf("the log does not say so:\n%s", r.log)
	}

	var bodies []net.Conn
	for range 5 {
		bodies = append(bodies, slowBody(t, r.App, 1<<20, 900<<10))
	}
	refused := make(chan string, len(bodies))
	for _, body := range bodies {
		go func() {
			first := make([]byte, len("HTTP/1.1 503"))
			if _, err := io.ReadFull(body, first); err == nil {
				refused <- string(first)
			}
		}()
	}
	for range 3 { // There is memory for one and a half bodies.
		select {
		case first := <-refused:
			if first != "HTTP/1.1 503" {
				t.Errorf("a body without memory: %q", first)
			}
		case <-time.After(testTimeout):
			t.Fatal("bodies without memory are not refused")
		}
	}
	for _, body := range bodies {
		_ = body.Close()
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	// A request that was cut off releases its memory once its handler notices.
	for late := time.After(testTimeout); r.bodies.Used() != 0; {
		select {
		case <-late:
			t.Fatalf("%d bytes were not released", r.bodies.Used())
		default:
			runtime.Gosched()
		}
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// TestConnectionsAreBounded: many idle connections, on both ports, do not keep out callers with requests.
func TestConnectionsAreBounded(t *testing.T) {
	r := start(t, settings(t, nil, "--connections-max=8", "--drain-timeout=1s"), false)
	for range 40 {
		dialRawHTTP2(t, r.App)
		conn, err := net.Dial("tcp", r.HTTPAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	// A connection that is accepted before the last of these has to make room for them, as long as it asks for nothing.
	eventually(t, r, "the last idle connection", func() bool {
		open, closed := connections(t, r)
		return open+closed >= 80
	})
	if code, body, err := get(r.App, "/v1/products:keywordSearch?keyword=x"); err != nil || code != http.StatusOK {
		t.Errorf("REST: %d %s %v", code, body, err)
	}
	if _, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(t.Context(), headphones()); err != nil {
		t.Errorf("gRPC: %v", err)
	}
	if open, closed := connections(t, r); open < 1 || open > 8 || closed < 70 {
		t.Errorf("%v are open and %v were closed; want at most 8, and at least 70", open, closed)
	}
	if !strings.Contains(r.log.String(), "connections are closed for want of room") {
		t.Errorf("the log does not say so:\n%s", r.log)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// connections is how many connections are open, and how many were closed.
func connections(t *testing.T, r *running) (open, closed float64) {
	t.Helper()
	families, err := r.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			switch family.GetName() {
			case "zhaohuo_connections":
				open += metric.GetGauge().GetValue()
			case "zhaohuo_connections_closed_total":
				closed += metric.GetCounter().GetValue()
			}
		}
	}
	return open, closed
}

// TestIdleConnectionsAreClosed on both ports, before the first byte, in the middle of a request, or after an answer.
func TestIdleConnectionsAreClosed(t *testing.T) {
	r := start(t, settings(t, nil, "--connection-idle-timeout=1s"), false)
	const question, answer = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"
	var all sync.WaitGroup
	for name, test := range map[string]struct {
		port         net.Addr
		send, answer string
	}{
		"gRPC, silent":           {r.GRPCAddr(), "", ""},
		"gRPC, begun":            {r.GRPCAddr(), http2.ClientPreface[:10], ""},
		"REST, silent":           {r.HTTPAddr(), "", ""},
		"REST, begun":            {r.HTTPAddr(), "GET / HTTP/1.1\r\nHost: x\r\n", ""},
		"REST, answered":         {r.HTTPAddr(), question, answer},
		"REST, next one's begun": {r.HTTPAddr(), question + "GET /", answer},
	} {
		all.Go(func() {
			received, open, err := connectionOutput(test.port, test.send)
			// A separate time limit of the headers would be far longer.
			if err != nil || open >= headerTimeout {
				t.Errorf("%s: closed after %v: %v", name, open, err)
			}
			if !strings.HasPrefix(received, test.answer) {
				t.Errorf("%s: %q, want %q first", name, received, test.answer)
			}
		})
	}
	conn := dialRawHTTP2(t, r.App)
	for {
		if f, err := conn.ReadFrame(); err != nil {
			if isTimeout(err) {
				t.Errorf("the gRPC connection stays open: %v", err)
			}
			break
		} else if f.Header().Type == http2.FramePing && !f.Header().Flags.Has(http2.FlagPingAck) {
			_ = conn.WritePing(true, f.(*http2.PingFrame).Data)
		}
	}
	all.Wait()
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// connectionOutput opens a connection and sends the text. It returns all that comes back and how long the connection
// stays open.
func connectionOutput(port net.Addr, text string) (received string, open time.Duration, err error) {
	began := time.Now()
	conn, err := net.Dial("tcp", port.String())
	if err != nil {
		return "", 0, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(began.Add(testTimeout))
	if _, err := io.WriteString(conn, text); err != nil {
		return "", 0, err
	}
	all, err := io.ReadAll(conn)
	if !isTimeout(err) {
		err = nil // A reset closes a connection too.
	}
	return string(all), time.Since(began), err
}

// TestSlowUploadsLeaveRoom: many uploads of one key, a byte each, do not use the memory for another key's photo.
func TestSlowUploadsLeaveRoom(t *testing.T) {
	env, keys := keyed(t, "slow", "shop")
	r := start(t, settings(t, env, "--photo-memory=8388608", "--photo-wait=0s", "--drain-timeout=100ms"), false)
	client := zhaohuov1.NewSearchServiceClient(outside(t, r.App))
	begin := func(key secret.Text) error {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal())
		upload, err := client.UploadImageSearch(ctx)
		if err != nil {
			return err
		}
		_ = upload.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}})
		header, err := upload.Header()
		if err != nil || len(header.Get("x-zhaohuo-upload")) == 0 {
			return upload.RecvMsg(&zhaohuov1.UploadImageSearchResponse{})
		}
		return upload.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: []byte{0xff}}})
	}
	taken := 0
	for range 100 {
		switch err := begin(keys[0]); {
		case err == nil:
			taken++
		case rpcerr.Reason(status.Convert(err)) != "MEMORY_BUDGET_FULL":
			t.Fatal(err)
		}
	}
	if taken < 40 {
		t.Errorf("%d uploads of a byte each have filled 2 MiB", taken)
	}
	if err := begin(keys[1]); err != nil {
		t.Errorf("another key's upload beside %d slow ones: %v", taken, err)
	}
	r.stop()
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
}

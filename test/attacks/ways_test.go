package attacks_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/hostile"
)

// attack is one kind of attack. It lasts until ctx ends, and then releases all that it holds.
type attack struct {
	name string
	run  func(ctx context.Context, a *attacker)
	// connections is the service's connections-max where it is not the default, which is scaled with the attack.
	connections int
	// frames means that each act is a frame, or a few.
	frames bool
}

func attacks() []attack {
	return []attack{
		{name: "oversized requests that break many rules, on every RPC", run: breakRules},
		{name: "50 JSON bodies of 4 MB that never end", run: unfinishedJSON},
		{name: "50 JSON bodies of a byte at a time", run: slowJSON},
		{name: "60 unfinished messages on one gRPC connection", run: unfinishedMessages},
		{name: "256 uploads of a byte a second", run: slowUploads},
		{name: "600 idle connections on each port", run: idle},
		{name: "connections that open and close", run: flood},
		{name: "headers that never end", run: unfinishedHeaders},
		{name: "RPCs that begin and are cancelled", frames: true, run: cancelled},
		{name: "400 slow streams without a key", run: slowStreams},
	}
}

// breakRules sends hostile requests over both ports: first one of each RPC, then the next ones.
func breakRules(ctx context.Context, a *attacker) {
	all, err := hostile.Requests()
	if err != nil {
		panic(err) // The contract is compiled in.
	}
	all = alternate(all)
	conn, err := a.client()
	if err != nil {
		panic(err) // It does not dial.
	}
	defer conn.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, address string) (net.Conn, error) { return a.dial(ctx, address) }}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	queries := hostile.Queries()
	var next atomic.Int64
	a.repeat(ctx, 2, 0, func(ctx context.Context) {
		q := all[int(next.Add(1)-1)%len(all)]
		if q.Method != nil {
			_ = hostile.Invoke(a.with(ctx), conn, q.Method, q.Message)
		}
		bodies, err := q.Bodies()
		if err != nil {
			panic(err) // It was made here.
		}
		header := http.Header{}
		if key := a.credential(); key != "" {
			header.Set("X-Api-Key", key)
		}
		for _, path := range q.Paths {
			for _, body := range bodies {
				_, _ = hostile.Post(ctx, client, "http://"+a.rest+path, header, body)
			}
		}
		for _, query := range queries {
			_, _ = hostile.Get(ctx, client, "http://"+a.rest+"/v1/products:keywordSearch?"+query, header)
		}
		a.acts.Add(1)
	})
}

// alternate orders requests so that the first ones of all RPCs come before their second ones.
func alternate(all []*hostile.Request) []*hostile.Request {
	rank := map[*hostile.Request]int{}
	seen := map[string]int{}
	for _, q := range all {
		rpc, _, _ := strings.Cut(q.String(), " ")
		rank[q] = seen[rpc]
		seen[rpc]++
	}
	slices.SortStableFunc(all, func(x, y *hostile.Request) int { return rank[x] - rank[y] })
	return all
}

func unfinishedJSON(ctx context.Context, a *attacker) {
	beginning := `{"keywords":["` + strings.Repeat("x", unfinishedBytes)
	a.connect(ctx, a.rest, a.count(50), pause, func(_ context.Context, conn net.Conn) {
		_, _ = io.WriteString(conn, a.head("/v1/products:batchKeywordSearch", "application/json", "Content-Length: 4700000")+beginning)
	})
}

func slowJSON(ctx context.Context, a *attacker) {
	a.connect(ctx, a.rest, a.count(50), pause, func(ctx context.Context, conn net.Conn) {
		_, _ = io.WriteString(conn, a.head("/v1/products:batchKeywordSearch", "application/json", "Transfer-Encoding: chunked"))
		slowly(ctx, conn, pause, "1\r\n \r\n")
	})
}

// message is the beginning of a gRPC message: the announced length, then fewer bytes than announced.
func message(size uint32, sent int) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, size), bytes.Repeat([]byte{10}, sent)...)
}

func unfinishedMessages(ctx context.Context, a *attacker) {
	beginning := message(unfinishedBytes+100, unfinishedBytes)
	a.hold(ctx, func(ctx context.Context, l line) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		a.repeat(ctx, a.count(60), pause, func(ctx context.Context) {
			body := newUnfinished(ctx, beginning, 0)
			if l.begin(ctx, a, zhaohuov1.SearchService_BatchKeywordSearch_FullMethodName, a.credential(), body) != nil && !l.CanTakeNewRequest() {
				cancel()
			}
		})
	})
}

// slowUploads are half REST and half gRPC. Each sends the first bytes of a photo.
func slowUploads(ctx context.Context, a *attacker) {
	const interval = time.Second
	beginning := "\xff\xd8\xff\xe0"
	var both sync.WaitGroup
	both.Go(func() {
		a.connect(ctx, a.rest, a.count(128), pause, func(ctx context.Context, conn net.Conn) {
			_, _ = io.WriteString(conn, a.head("/v1/products:uploadImageSearch", "image/jpeg", "Content-Length: 1000000")+beginning)
			slowly(ctx, conn, interval, "x")
		})
	})
	both.Go(func() {
		conn, err := a.client()
		if err != nil {
			panic(err) // It does not dial.
		}
		defer conn.Close()
		client := zhaohuov1.NewSearchServiceClient(conn)
		a.repeat(ctx, a.count(128), pause, func(ctx context.Context) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			upload, err := client.UploadImageSearch(a.with(ctx))
			if err != nil {
				return
			}
			a.acts.Add(1)
			err = upload.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}})
			for piece := beginning; err == nil && until(ctx, time.Now().Add(interval)); piece = "x" {
				err = upload.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: []byte(piece)}})
			}
		})
	})
	both.Wait()
}

// settingsFrame is an empty SETTINGS frame, the first frame of an HTTP/2 connection.
const settingsFrame = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

// idle opens connections without a request. Every second one sends nothing at all.
func idle(ctx context.Context, a *attacker) {
	var both sync.WaitGroup
	for address, greeting := range map[string]string{
		a.grpc: http2.ClientPreface + settingsFrame,
		a.rest: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		both.Go(func() {
			a.connect(ctx, address, a.count(600), time.Second, func(_ context.Context, conn net.Conn) {
				if a.turn.Add(1)%2 == 0 {
					_, _ = io.WriteString(conn, greeting)
				}
			})
		})
	}
	both.Wait()
}

// flood opens connections and closes them: at once, in the middle of a request, or by a reset.
func flood(ctx context.Context, a *attacker) {
	const most = 20000
	var begun atomic.Int64
	a.repeat(ctx, 8, time.Millisecond, func(ctx context.Context) {
		n := begun.Add(1)
		if n > most {
			<-ctx.Done()
			return
		}
		address := a.grpc
		if n%2 == 0 {
			address = a.rest
		}
		conn, err := a.dial(ctx, address)
		if err != nil {
			return
		}
		defer conn.Close()
		a.acts.Add(1)
		if n%3 == 0 {
			_, _ = io.WriteString(conn, "P")
		}
		if tcp, ok := conn.(*net.TCPConn); ok && n%4 < 2 {
			_ = tcp.SetLinger(0) // It is reset.
		}
	})
}

// fields are the headers of an RPC in the form of HTTP/2.
func fields(encoder *hpack.Encoder, block *bytes.Buffer, method, key string) []byte {
	block.Reset()
	all := [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", method}, {":authority", "x"}, {"content-type", "application/grpc"}, {"te", "trailers"},
	}
	if key != "" {
		all = append(all, [2]string{"x-api-key", key})
	}
	for _, field := range all {
		_ = encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}) // A buffer takes all.
	}
	return block.Bytes()
}

func unfinishedHeaders(ctx context.Context, a *attacker) {
	var both sync.WaitGroup
	both.Go(func() {
		a.connect(ctx, a.rest, a.count(100), pause, func(ctx context.Context, conn net.Conn) {
			_, _ = io.WriteString(conn, "GET /v1/products:keywordSearch HTTP/1.1\r\nHost: x\r\n")
			slowly(ctx, conn, pause, "X-More: "+strings.Repeat("x", 100)+"\r\n")
		})
	})
	both.Go(func() {
		a.connect(ctx, a.grpc, a.count(100), pause, func(ctx context.Context, conn net.Conn) {
			framer := http2.NewFramer(conn, nil)
			_, _ = io.WriteString(conn, http2.ClientPreface)
			if framer.WriteSettings() != nil {
				return
			}
			var block bytes.Buffer
			encoder := hpack.NewEncoder(&block)
			beginning := fields(encoder, &block, zhaohuov1.SearchService_KeywordSearch_FullMethodName, "")
			if framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: beginning}) != nil {
				return
			}
			for i := 0; until(ctx, time.Now().Add(pause)); i++ {
				block.Reset()
				_ = encoder.WriteField(hpack.HeaderField{Name: "x-more-" + strconv.Itoa(i), Value: strings.Repeat("x", 100)})
				if framer.WriteContinuation(1, false, block.Bytes()) != nil {
					return
				}
			}
		})
	})
	both.Wait()
}

// cancelled starts RPCs and cancels them at once, as fast as the service reads.
func cancelled(ctx context.Context, a *attacker) {
	const most = 200000
	var begun atomic.Int64
	a.connect(ctx, a.grpc, 2, pause, func(ctx context.Context, conn net.Conn) {
		framer := http2.NewFramer(conn, nil)
		_, _ = io.WriteString(conn, http2.ClientPreface)
		if framer.WriteSettings() != nil {
			return
		}
		var block bytes.Buffer
		encoder := hpack.NewEncoder(&block)
		for id := uint32(1); ctx.Err() == nil && begun.Add(1) <= most; id += 2 {
			all := fields(encoder, &block, zhaohuov1.SearchService_KeywordSearch_FullMethodName, a.credential())
			if framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: all, EndHeaders: true}) != nil ||
				framer.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
				return
			}
			a.acts.Add(1)
		}
	})
}

// slowStreams send no key, and a byte of a message now and then. Some are of the health service, which needs no key.
func slowStreams(ctx context.Context, a *attacker) {
	methods := []string{
		zhaohuov1.SearchService_BatchKeywordSearch_FullMethodName, zhaohuov1.SearchService_BatchImageSearch_FullMethodName,
		zhaohuov1.SearchService_StreamKeywordSearch_FullMethodName, healthpb.Health_Watch_FullMethodName,
		"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
	}
	var next atomic.Int64
	var both sync.WaitGroup
	for range 2 { // A connection may have 250 streams.
		both.Go(func() {
			a.hold(ctx, func(ctx context.Context, l line) {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				a.repeat(ctx, a.count(200), pause, func(ctx context.Context) {
					method := methods[int(next.Add(1))%len(methods)]
					if l.begin(ctx, a, method, "", newUnfinished(ctx, message(1000, 10), pause)) != nil && !l.CanTakeNewRequest() {
						cancel()
					}
				})
			})
		})
	}
	both.Wait()
}

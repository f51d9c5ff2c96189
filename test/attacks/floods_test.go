package attacks_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// idleConnections is how many idle connections the service is promised to hold. Where it may not open twice as many files, it holds
// half as many connections as it may open files, and closes those that were idle for longest.
const idleConnections = 10_000

// floods are attacks that only the long form has, because they need its numbers.
func floods() []attack {
	return []attack{
		{name: "PING frames without end", frames: true, run: frames(nothing, func(f *http2.Framer) error { return f.WritePing(false, [8]byte{1}) })},
		{name: "SETTINGS frames without end", frames: true, run: frames(nothing, func(f *http2.Framer) error {
			return f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		})},
		{name: "WINDOW_UPDATE frames without end", frames: true, run: frames(nothing, func(f *http2.Framer) error { return f.WriteWindowUpdate(0, 1) })},
		{name: "CONTINUATION frames without end", frames: true, run: continuations},
		{name: "empty DATA frames without end", frames: true, run: frames(begun, func(f *http2.Framer) error { return f.WriteData(1, false, nil) })},
		{name: "HEADERS frames beyond the RPCs that may run", frames: true, run: refused},
		{name: "10,000 idle connections", run: manyIdle, connections: idleConnections},
	}
}

func nothing(*http2.Framer) error { return nil }

// begun begins an RPC whose message does not come.
func begun(f *http2.Framer) error {
	var block bytes.Buffer
	all := fields(hpack.NewEncoder(&block), &block, zhaohuov1.SearchService_KeywordSearch_FullMethodName, "")
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: all, EndHeaders: true})
}

// refused begins RPCs and ends none.
func refused(ctx context.Context, a *attacker) {
	a.connect(ctx, a.grpc, 4, pause, func(ctx context.Context, conn net.Conn) {
		framer := http2.NewFramer(conn, nil)
		_, _ = io.WriteString(conn, http2.ClientPreface)
		if framer.WriteSettings() != nil {
			return
		}
		var block bytes.Buffer
		encoder := hpack.NewEncoder(&block)
		for id := uint32(1); ctx.Err() == nil; id += 2 {
			all := fields(encoder, &block, zhaohuov1.SearchService_KeywordSearch_FullMethodName, a.credential())
			if framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: all, EndHeaders: true}) != nil {
				return
			}
			a.acts.Add(1)
		}
	})
}

// frames writes begin and then frames of one kind, as fast as the service reads them, on four connections.
func frames(begin, write func(*http2.Framer) error) func(context.Context, *attacker) {
	return func(ctx context.Context, a *attacker) {
		const most = 5_000_000
		var written atomic.Int64
		a.connect(ctx, a.grpc, 4, pause, func(ctx context.Context, conn net.Conn) {
			framer := http2.NewFramer(conn, nil)
			_, _ = io.WriteString(conn, http2.ClientPreface)
			if framer.WriteSettings() != nil || begin(framer) != nil {
				return
			}
			for ctx.Err() == nil && written.Add(1) <= most {
				if write(framer) != nil {
					return
				}
				a.acts.Add(1)
			}
		})
	}
}

// continuations continues the headers of one RPC without end.
func continuations(ctx context.Context, a *attacker) {
	var block bytes.Buffer
	beginning := bytes.Clone(fields(hpack.NewEncoder(&block), &block, zhaohuov1.SearchService_KeywordSearch_FullMethodName, ""))
	block.Reset()
	// A field that the encoder does not remember, so that it may be repeated.
	_ = hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: "x-more", Value: strings.Repeat("x", 1000), Sensitive: true})
	more := block.Bytes()
	frames(
		func(f *http2.Framer) error {
			return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: beginning})
		},
		func(f *http2.Framer) error { return f.WriteContinuation(1, false, more) },
	)(ctx, a)
}

// manyIdle holds half of the connections on each port. Those over gRPC have begun, those over REST have said nothing.
func manyIdle(ctx context.Context, a *attacker) {
	var both sync.WaitGroup
	for _, address := range []string{a.grpc, a.rest} {
		both.Go(func() {
			a.connect(ctx, address, a.count(idleConnections/2), time.Second, func(_ context.Context, conn net.Conn) {
				if address == a.grpc {
					_, _ = io.WriteString(conn, http2.ClientPreface+settingsFrame)
				}
			})
		})
	}
	both.Wait()
}

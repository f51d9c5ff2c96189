package attacks_test

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

const (
	// attackerIP is the address of the attackers. It is a loopback address too, but not that of other callers.
	attackerIP = "127.0.0.66"
	// pause is how long an attacker waits before it repeats what the service ended.
	pause = 50 * time.Millisecond
	// unfinishedBytes is how much of an unfinished message is sent. It is below the largest message.
	unfinishedBytes = 4 << 20
)

// attacker is a malicious caller.
type attacker struct {
	// grpc and rest are HOST:PORT.
	grpc, rest string
	// key is the attacker's API key where keys are required. It is sent with every second request.
	key   string
	share float64
	turn  atomic.Int64
	// acts counts what the attacker has done.
	acts atomic.Int64
}

func newAttacker(s *process.Service, key string, share float64) *attacker {
	return &attacker{grpc: s.GRPC, rest: strings.TrimPrefix(s.URL, "http://"), key: key, share: share}
}

// count scales a full number down to the present form of the test.
func (a *attacker) count(all int) int { return max(int(math.Ceil(a.share*float64(all))), 2) }

// credential returns the key to send this time, which may be none.
func (a *attacker) credential() string {
	if a.turn.Add(1)%2 == 0 {
		return ""
	}
	return a.key
}

func (a *attacker) dial(ctx context.Context, address string) (net.Conn, error) {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(attackerIP)}}
	return dialer.DialContext(ctx, "tcp", address)
}

// repeat runs n attackers until ctx ends. Each repeats act, with a pause in between.
func (a *attacker) repeat(ctx context.Context, n int, pause time.Duration, act func(ctx context.Context)) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for alive := ctx.Err() == nil; alive; alive = until(ctx, time.Now().Add(pause)) {
				act(ctx)
			}
		})
	}
	all.Wait()
}

// connect runs n attackers until ctx ends. Each holds a connection until the service closes it, and opens another one after
// a pause. say may write to it, and must return when that fails.
func (a *attacker) connect(ctx context.Context, address string, n int, pause time.Duration, say func(ctx context.Context, conn net.Conn)) {
	a.repeat(ctx, n, pause, func(ctx context.Context) {
		conn, err := a.dial(ctx, address)
		if err != nil {
			return
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
		a.acts.Add(1)
		ctx, cancel := context.WithCancel(ctx)
		var saying sync.WaitGroup
		saying.Go(func() { say(ctx, conn) })
		_, _ = io.Copy(io.Discard, conn) // It ends when either side closes.
		cancel()
		_ = conn.Close()
		saying.Wait()
	})
}

// head is the beginning of an HTTP request with a body.
func (a *attacker) head(path, kind, length string) string {
	text := "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + kind + "\r\n" + length + "\r\n"
	if key := a.credential(); key != "" {
		text += "X-Api-Key: " + key + "\r\n"
	}
	return text + "\r\n"
}

// slowly writes a piece every interval, until that fails or ctx ends.
func slowly(ctx context.Context, w io.Writer, interval time.Duration, piece string) {
	for until(ctx, time.Now().Add(interval)) {
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}

// client is a gRPC client that belongs to the attacker.
func (a *attacker) client() (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+a.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(a.dial))
}

// with returns the context of an RPC, with this time's credential.
func (a *attacker) with(ctx context.Context) context.Context {
	if key := a.credential(); key != "" {
		return metadata.AppendToOutgoingContext(ctx, "x-api-key", key)
	}
	return ctx
}

// line is one HTTP/2 connection that obeys the service's flow-control windows.
type line struct{ *http2.ClientConn }

// hold calls use with one HTTP/2 connection. When the connection breaks and use returns, it opens another one, until ctx
// ends.
func (a *attacker) hold(ctx context.Context, use func(ctx context.Context, l line)) {
	a.repeat(ctx, 1, pause, func(ctx context.Context) {
		conn, err := a.dial(ctx, a.grpc)
		if err != nil {
			return
		}
		defer conn.Close()
		//nolint:staticcheck // The replacement dials by itself; this connection comes from an address of the attacker.
		transport := &http2.Transport{AllowHTTP: true}
		client, err := transport.NewClientConn(conn) //nolint:staticcheck // As above.
		if err != nil {
			return
		}
		use(ctx, line{client})
		_ = client.Close()
	})
}

// begin makes an RPC whose request never ends, and returns when the RPC has ended.
func (l line) begin(ctx context.Context, a *attacker, method, key string, body io.ReadCloser) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+a.grpc+method, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("Te", "trailers")
	if key != "" {
		request.Header.Set("X-Api-Key", key)
	}
	a.acts.Add(1)
	response, err := l.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// unfinished is the body of a request that never ends. It sends some bytes at once and then, if interval is set, one byte
// every interval.
type unfinished struct {
	ctx      context.Context //nolint:containedctx // It has its request's.
	first    []byte
	interval time.Duration
	closed   chan struct{}
	close    sync.Once
}

func newUnfinished(ctx context.Context, first []byte, interval time.Duration) *unfinished {
	return &unfinished{ctx: ctx, first: first, interval: interval, closed: make(chan struct{})}
}

// Read implements [io.Reader].
func (u *unfinished) Read(p []byte) (int, error) {
	if len(u.first) > 0 {
		n := copy(p, u.first)
		u.first = u.first[n:]
		return n, nil
	}
	var next <-chan time.Time
	if u.interval > 0 {
		timer := time.NewTimer(u.interval)
		defer timer.Stop()
		next = timer.C
	}
	select {
	case <-u.ctx.Done():
		return 0, u.ctx.Err()
	case <-u.closed:
		return 0, io.ErrClosedPipe
	case <-next:
		p[0] = 0
		return 1, nil
	}
}

// Close implements [io.Closer].
func (u *unfinished) Close() error {
	u.close.Do(func() { close(u.closed) })
	return nil
}

package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/test/bufconn"

	"github.com/zhaohuo-dev/zhaohuo/server/door"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

const (
	headerTimeout = 10 * time.Second
	headerBytes   = 64 << 10
	// streamsMax bounds the concurrent streams of one connection.
	streamsMax = 250
	// pingAfter and pingTimeout detect connections whose peer is gone.
	pingAfter   = time.Minute
	pingTimeout = 20 * time.Second
	// streamWindow and connWindow are how many unread bytes one RPC, and one connection, may have in flight. They are
	// fixed, because gRPC would let each grow to 16 MiB, in memory and outside of any budget. A photo arrives at 5 MB a
	// second with 50 ms latency.
	streamWindow = 256 << 10
	connWindow   = 1 << 20
	// readBuffer is held by every gRPC connection, idle ones too. A request for a search is a few hundred bytes; photos arrive in larger
	// pieces, which are not copied through it.
	readBuffer = 8 << 10
	// memoryBytes is the in-memory listener's buffer in each direction.
	memoryBytes = 1 << 20
)

func (a *App) newGRPC(chain *interceptor.Chain, sealed *tls.Config, buffers mem.BufferPool) *grpc.Server {
	return grpc.NewServer(append(chain.ServerOptions(),
		experimental.BufferPool(buffers),
		grpc.Creds(a.doors.Metered(newHandshake(sealed))),
		grpc.ConnectionTimeout(a.firstTimeout()),
		grpc.MaxConcurrentStreams(streamsMax),
		grpc.MaxHeaderListSize(headerBytes),
		grpc.ReadBufferSize(readBuffer),
		grpc.InitialWindowSize(streamWindow),
		grpc.InitialConnWindowSize(connWindow),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: a.settings.Doors.ConnectionIdle, Time: pingAfter, Timeout: pingTimeout,
		}),
		// Callers behind NATs ping to keep idle connections; gRPC's own bound of 5 minutes would cut them off.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.WaitForHandlers(true),
	)...)
}

// stopUnserved ends the goroutines of gRPC servers that were built and never served. Run stops its own.
func (a *App) stopUnserved(context.Context) error {
	if !a.served.Load() {
		a.grpc.Stop()
		a.inner.Stop()
	}
	return nil
}

// onBoth registers services on two servers.
type onBoth [2]*grpc.Server

// RegisterService implements [grpc.ServiceRegistrar].
func (b onBoth) RegisterService(desc *grpc.ServiceDesc, impl any) {
	for _, s := range b {
		s.RegisterService(desc, impl)
	}
}

// firstTimeout bounds the time to the first request of a connection.
func (a *App) firstTimeout() time.Duration {
	return min(headerTimeout, a.settings.Doors.ConnectionIdle)
}

// handshake uses TLS for callers from outside, if it is on, and none for the process itself.
type handshake struct {
	credentials.TransportCredentials
	inside credentials.TransportCredentials
}

func newHandshake(sealed *tls.Config) credentials.TransportCredentials {
	if sealed == nil {
		return insecure.NewCredentials()
	}
	return handshake{credentials.NewTLS(sealed), insecure.NewCredentials()}
}

// ServerHandshake depends on the listener's network, which callers cannot choose.
func (h handshake) ServerHandshake(c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if c.LocalAddr().Network() == interceptor.InMemoryNetwork {
		return h.inside.ServerHandshake(c)
	}
	return h.TransportCredentials.ServerHandshake(c)
}

// Clone is part of credentials.TransportCredentials.
func (h handshake) Clone() credentials.TransportCredentials {
	return handshake{h.TransportCredentials.Clone(), h.inside.Clone()}
}

// openMemory opens the listener of the process itself.
func (a *App) openMemory(buffers mem.BufferPool) error {
	a.memory = bufconn.Listen(memoryBytes)
	a.onClose(func(context.Context) error { return a.memory.Close() })
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return a.memory.DialContext(ctx) }
	conn, err := grpc.NewClient("passthrough:///in-memory", append(gateway.DialOptions(a.traces, buffers), grpc.WithContextDialer(dial))...)
	if err != nil {
		return err
	}
	a.conn = conn
	a.onClose(func(context.Context) error { return conn.Close() })
	return nil
}

// inside is how REST calls the RPCs. Spans are made by the connection in memory, so with traces all RPCs use it.
func (a *App) inside(chain *interceptor.Chain) grpc.ClientConnInterface {
	if a.traces != nil {
		return a.conn
	}
	return chain.Local(a.conn)
}

// newREST is the HTTP server. It bounds headers and idle time, but neither requests nor answers in total: uploads and
// streams are as fast as their callers, and each RPC has its own deadline.
func (a *App) newREST(routes http.Handler, sealed *tls.Config) *http.Server {
	return &http.Server{
		Handler:           routes,
		TLSConfig:         sealed.Clone(),
		ReadHeaderTimeout: a.firstTimeout(),
		IdleTimeout:       a.settings.Doors.ConnectionIdle,
		ConnContext:       door.WithConn,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), // net/http has no levels, and little of it matters.
	}
}

// openPorts listens at the configured addresses.
func (a *App) openPorts(ctx context.Context) (err error) {
	if a.options.NoPorts {
		return nil
	}
	if a.grpcPort, err = a.openPort(ctx, "grpc-addr", a.settings.Listen.GRPCAddr, "grpc"); err != nil || a.settings.Listen.NoHTTP {
		return err
	}
	a.httpPort, err = a.openPort(ctx, "http-addr", a.settings.Listen.HTTPAddr, "rest")
	return err
}

func (a *App) openPort(ctx context.Context, setting, addr, name string) (net.Listener, error) {
	port, err := listen(ctx, a.options.Settings.Named(setting), addr)
	if err != nil {
		return nil, err
	}
	// Serving closes it too; that is no error then.
	a.onClose(func(context.Context) error { return ignoreClosed(port.Close()) })
	return a.doors.Listener(port, name), nil
}

// listen opens one port and explains a failure; name is the setting or flag of the address.
func listen(ctx context.Context, name, addr string) (net.Listener, error) {
	port, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return port, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: %s is in use by another program: stop it, or choose another address (port 0 takes a free one)%w", name, addr, silent{err})
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s: %s may not be opened by this user: choose a port above 1023", name, addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s: %s is not an address of this machine", name, addr)
	default:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
}

// silent is a cause without text that [errors.Is] finds.
type silent struct{ cause error }

func (silent) Error() string { return "" }

func (s silent) Unwrap() error { return s.cause }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Package app builds the service from its settings and runs it: the graph of quota, dialect, upstream, server and
// gateway, the ports, and an orderly end.
//
// Everything that can fail fails in [New], listening included. The package holds no rule of searching, of protocols or
// of errors: those are the rooms' that it joins.
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/server/door"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
)

// Options are what an App is built from.
type Options struct {
	Settings *config.Loaded
	// Version is told by GetServerInfo, metrics and traces.
	Version string
	// LogTo gets the log.
	LogTo io.Writer
	// Goods are what the sandbox sells, if it shares them with others: see SandboxOptions.
	Goods *Goods
	// Warm has the sandbox look at its pictures at once: see SandboxOptions.
	Warm bool
	// NoPorts has the server reached through Conn only.
	NoPorts bool
}

// App is a service ready to run.
type App struct {
	options  Options
	settings *config.Settings
	log      *slog.Logger
	registry *prometheus.Registry
	// traces is nil for none.
	traces trace.TracerProvider
	// ready is whether Run serves and does not drain.
	ready atomic.Bool
	// cut ends when calls under way are cut off, which cutOff has them be.
	cut    context.Context //nolint:containedctx // It is the server's life, not a request's.
	cutOff context.CancelFunc

	place place
	// sharedTokens is where replicas share access tokens; nil where they do not.
	sharedTokens *oauth.Store

	health *checks
	grpc   *grpc.Server
	rest   *http.Server
	routes *gateway.Handler
	memory *bufconn.Listener
	conn   *grpc.ClientConn

	grpcPort, httpPort, opsPort net.Listener
	doors                       *door.Doors
	// bodies is the memory that all bodies share.
	bodies *share.Pool

	// closers end what New began, the youngest first.
	closers []func(context.Context) error
	// reloaders read files again that are read while serving.
	reloaders []func()
	closing   sync.Once
	// closeBy is when closing has to be done at the latest; zero for closeTimeout from when it begins.
	closeBy time.Time
	closed  error
}

// GRPCAddr is where gRPC is served; nil without ports.
func (a *App) GRPCAddr() net.Addr { return addrOf(a.grpcPort) }

// HTTPAddr is where REST is served; nil without ports or without REST.
func (a *App) HTTPAddr() net.Addr { return addrOf(a.httpPort) }

// OpsAddr is where operators' pages are served; nil without ports.
func (a *App) OpsAddr() net.Addr { return addrOf(a.opsPort) }

// UpstreamURL is the address that is asked: 1688's or the sandbox's.
func (a *App) UpstreamURL() string { return a.place.url }

// Conn reaches the server from within the process, by the same chain as from outside. It works while Run does.
func (a *App) Conn() *grpc.ClientConn { return a.conn }

// Metrics is the registry of everything that is counted.
func (a *App) Metrics() *prometheus.Registry { return a.registry }

func addrOf(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// onClose remembers what must end after all that is begun later has ended.
func (a *App) onClose(end func(context.Context) error) { a.closers = append(a.closers, end) }

// onReload remembers what Reload does.
func (a *App) onReload(read func()) { a.reloaders = append(a.reloaders, read) }

// Reload reads API keys and certificates again at once, as is done anyway within a second of a change. What is broken
// leaves in force what was, and is logged.
func (a *App) Reload() {
	for _, read := range a.reloaders {
		read()
	}
	a.log.Info("API keys and certificates were looked at again, as asked")
}

// Close ends an App that will not run, or has run. Run calls it itself.
func (a *App) Close() error {
	a.closing.Do(func() {
		end := time.Now().Add(closeTimeout)
		if !a.closeBy.IsZero() && a.closeBy.Before(end) {
			end = a.closeBy
		}
		ctx, cancel := context.WithDeadline(context.Background(), end)
		defer cancel()
		a.closed = a.closeAll(ctx)
	})
	return a.closed
}

// closeAll runs the closers, and gives up on them when ctx ends: what a call that was left behind still uses may never
// close.
func (a *App) closeAll(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		var all []error
		for i := len(a.closers) - 1; i >= 0; i-- {
			all = append(all, a.closers[i](ctx))
		}
		done <- errors.Join(all...)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// Those that heed ctx end now.
	select {
	case err := <-done:
		return err
	case <-time.After(closeGrace):
		return errors.New("not everything could be closed in time")
	}
}

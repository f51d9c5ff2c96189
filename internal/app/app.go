// Package app builds the service from its settings and runs it: the graph of quota, dialect, upstream, server and
// gateway, the ports, and an orderly end.
//
// Everything that can fail fails in [New], listening included. The package has no rules of searching, protocols or errors:
// those belong to the packages that it connects.
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
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/daycount"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/door"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
)

// LogDelay is the delay of the log of a program that serves: see [Options].
const LogDelay = 100 * time.Millisecond

// Options configure an App.
type Options struct {
	Settings *config.Loaded
	// Version is reported by GetServerInfo, metrics and traces.
	Version string
	// LogTo receives the log.
	LogTo io.Writer
	// LogDelay is how long lines below WARN may wait, so that many are written together. Nobody waits then for LogTo: lines for which there
	// is no room are lost, and counted. With 0 each line is written before what is logged goes on.
	LogDelay time.Duration
	// Goods is the built-in catalogue, if the sandbox shares it with others: see SandboxOptions.
	Goods *Goods
	// NoPorts opens no ports: the server is reached through Conn only.
	NoPorts bool
	// WithoutRPCMetrics leaves out the metrics of RPCs: to measure what they cost.
	WithoutRPCMetrics bool
}

// App is a service ready to run.
type App struct {
	options  Options
	settings *config.Settings
	log      *slog.Logger
	registry *prometheus.Registry
	// traces is nil for none.
	traces trace.TracerProvider
	// ready is true while Run serves and does not drain.
	ready atomic.Bool
	// served is true once Run was called.
	served atomic.Bool
	// cut ends when running calls are cancelled; cutOff cancels them.
	cut    context.Context //nolint:containedctx // The server's lifetime, not a request's.
	cutOff context.CancelFunc
	// draining ends when no more requests are taken; drainNow ends it.
	draining context.Context //nolint:containedctx // As cut.
	drainNow context.CancelFunc
	// watches has price watches observed; nil where none are served.
	watches *engine.Engine

	place place
	// pictures fetches pictures of goods.
	pictures *fetch.Fetcher
	// keys are the callers' keys; nil without keys.
	keys *callers.Keyring
	// counts are the day's upstream calls of callers.
	counts *daycount.Counts
	// sharedTokens are the stores of access tokens that replicas share, by the account's name.
	sharedTokens map[string]*oauth.Store

	health *checks
	// grpc serves callers from outside. inner serves the process itself, REST included: it ends after REST, and grpc need not wait for that.
	grpc, inner *grpc.Server

	rest   *http.Server
	routes *gateway.Handler
	memory *bufconn.Listener
	conn   *grpc.ClientConn

	// level is what is logged. stopping is closed when an operator asks the service to stop.
	level    *logLevel
	stopping chan struct{}
	stopOnce sync.Once
	// openCalls are the upstream calls that were begun and whose answer has not begun.
	openCalls atomic.Int64
	// admin serves the RPCs of operators; nil until the service is built.
	admin atomic.Pointer[grpc.Server]

	grpcPort, httpPort, opsPort net.Listener
	doors                       *door.Doors
	// bodies is the memory that all bodies share.
	bodies *share.Pool

	// closers stop what New started, in reverse order.
	closers []func(context.Context) error
	// reloaders reload the files that can change while serving.
	reloaders []func()
	closing   sync.Once
	// closeBy is the deadline of closing; zero for closeTimeout after it begins.
	closeBy time.Time
	closed  error
}

// GRPCAddr is the address of gRPC; nil without ports.
func (a *App) GRPCAddr() net.Addr { return addrOf(a.grpcPort) }

// HTTPAddr is the address of REST; nil without ports or without REST.
func (a *App) HTTPAddr() net.Addr { return addrOf(a.httpPort) }

// OpsAddr is the address of the operators' pages; nil without ports.
func (a *App) OpsAddr() net.Addr { return addrOf(a.opsPort) }

// UpstreamURL is the upstream's address: 1688's or the sandbox's.
func (a *App) UpstreamURL() string { return a.place.url }

// Conn is an in-process connection to the server, with the same interceptors as from outside. It works while Run runs.
func (a *App) Conn() *grpc.ClientConn { return a.conn }

// Pictures fetches pictures of goods from the hosts of the upstream.
func (a *App) Pictures() *fetch.Fetcher { return a.pictures }

// Metrics is the registry of all metrics.
func (a *App) Metrics() *prometheus.Registry { return a.registry }

func addrOf(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// onClose adds a closer. Closers run in reverse order.
func (a *App) onClose(end func(context.Context) error) { a.closers = append(a.closers, end) }

// onReload adds a reloader.
func (a *App) onReload(read func()) { a.reloaders = append(a.reloaders, read) }

// Reload reloads API keys and certificates now; otherwise a change is noticed within a second. A file with an error is
// logged, and the old content stays in use.
func (a *App) Reload() {
	for _, read := range a.reloaders {
		read()
	}
	a.log.Info("API keys and certificates were looked at again, as asked")
}

// Close stops an App that does not run. Run calls it itself at its end.
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

// closeAll runs the closers. It gives up when ctx ends, since a leaked call may block a closer forever.
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
	// Closers that respect ctx end now.
	select {
	case err := <-done:
		return err
	case <-time.After(closeGrace):
		return errors.New("not everything could be closed in time")
	}
}

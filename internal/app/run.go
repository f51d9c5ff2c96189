package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// The bounds of an end. After `drain-timeout` has passed, all the rest together takes less than 5 seconds.
const (
	// closeTimeout bounds what is closed after the last call has ended.
	closeTimeout = 4500 * time.Millisecond
	// closeGrace is what closers have to notice that closeTimeout has passed.
	closeGrace = 100 * time.Millisecond
	// drainNoticeTimeout is how long calls that are cut off have to tell their callers so.
	drainNoticeTimeout = 2 * time.Second
	// forcedTimeout is how long calls have to end once their connections are gone.
	forcedTimeout = time.Second
)

// errLeftBehind is what Run ends with when calls do not end however they are asked.
var errLeftBehind = errors.New("calls did not end when they were cut off, and were left behind")

// Run serves until ctx ends or a server fails, then drains and closes all. It may be called once.
func (a *App) Run(ctx context.Context) error {
	serving, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	serving.Go(func() error { return a.serveGRPC(a.memory) })
	if a.grpcPort != nil {
		serving.Go(func() error { return a.serveGRPC(a.grpcPort) })
	}
	if a.httpPort != nil {
		serving.Go(a.serveREST)
	}
	a.health.Resume()
	a.ready.Store(true)
	a.log.Info("serving", "grpc", a.GRPCAddr(), "http", a.HTTPAddr(), "ops", a.OpsAddr(), "live", a.settings.Live())
	select {
	case <-ctx.Done():
		a.lameDuck(failed)
	case <-failed.Done():
	}
	// ctx has ended; draining and closing have times of their own.
	if !a.drain() {
		// The servers wait for their calls, so they are not waited for.
		return errors.Join(errLeftBehind, a.Close())
	}
	return errors.Join(serving.Wait(), a.Close())
}

func (a *App) serveGRPC(l net.Listener) error {
	if err := a.grpc.Serve(l); !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

func (a *App) serveREST() error {
	serve := a.rest.Serve
	if a.rest.TLSConfig != nil {
		serve = func(l net.Listener) error { return a.rest.ServeTLS(l, "", "") }
	}
	if err := serve(a.httpPort); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// lameDuck tells health checks that this server stops, so that balancers look elsewhere, and still serves whoever comes
// meanwhile. A server that fails ends the wait.
func (a *App) lameDuck(failed context.Context) {
	a.unready()
	a.log.Info("stopping", "lame_duck", a.settings.Listen.LameDuck, "drain_timeout", a.settings.Listen.DrainTimeout)
	pause.For(failed, a.settings.Listen.LameDuck)
}

func (a *App) unready() {
	a.ready.Store(false)
	a.health.Shutdown()
}

// drain takes no more requests and lets those under way end. What is left after `drain-timeout` is cut off: first its
// context ends, so that callers are told; then its connection. Calls that do not heed even that are left behind: drain is
// false then.
func (a *App) drain() bool {
	a.unready()
	a.health.drain()
	timeout := a.settings.Listen.DrainTimeout
	a.closeBy = time.Now().Add(timeout + closeTimeout)
	forced, force := context.WithCancel(context.Background())
	defer force()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.endAll(forced)
	}()
	a.doors.Drain()
	if within(timeout, ended) {
		return true
	}
	a.log.Warn("calls under way are cut off", "after", timeout)
	a.cutOff()
	if within(drainNoticeTimeout, ended) {
		return true
	}
	force()
	a.doors.Close()
	_ = a.rest.Close() // It closes connections that are being given up.
	go a.grpc.Stop()   // As above; it waits for the calls, as endAll does.
	if within(forcedTimeout, ended) {
		return true
	}
	a.log.Error("calls do not end, and are left behind")
	return false
}

// endAll waits for all requests to end, those of REST first, because they are calls of gRPC's. When forced ends, it no longer
// waits for REST.
func (a *App) endAll(forced context.Context) {
	_ = a.rest.Shutdown(forced) // It fails with forced alone.
	var lingering sync.WaitGroup
	lingering.Go(func() { a.routes.Shutdown(forced) })
	a.grpc.GracefulStop()
	lingering.Wait()
}

// within reports whether something ends in time.
func within(timeout time.Duration, ended <-chan struct{}) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}

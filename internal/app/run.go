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

// The time limits of stopping. After `drain-timeout`, everything else together takes less than 5 seconds.
const (
	// closeTimeout bounds closing after the last call has ended.
	closeTimeout = 4500 * time.Millisecond
	// closeGrace is what closers have to notice that closeTimeout has passed.
	closeGrace = 100 * time.Millisecond
	// goAwayWait is how long a caller without a call under way has to confirm that the connection ends. gRPC would wait five seconds for
	// each that has gone or does not answer. No round trip on earth takes longer than half a second.
	goAwayWait = 500 * time.Millisecond
	// drainNoticeTimeout is how long cancelled calls have to answer their callers.
	drainNoticeTimeout = 2 * time.Second
	// answerGrace is what the answer to an operator who has the service stop has to arrive.
	answerGrace = 100 * time.Millisecond
	// logTimeout bounds the writing of the log's last lines, which its reader may hold up.
	logTimeout = 2 * time.Second
	// forcedTimeout is how long calls have to end after their connections were closed.
	forcedTimeout = time.Second
)

// errLeftBehind is Run's error if calls do not end after they were cancelled.
var errLeftBehind = errors.New("calls did not end when they were cut off, and were left behind")

// Run serves until ctx ends, an operator asks for it or a server fails, then drains and closes everything. It may be called once.
func (a *App) Run(ctx context.Context) error {
	a.served.Store(true)
	serving, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	serving.Go(func() error { return serveGRPC(a.inner, a.memory) })
	if a.grpcPort != nil {
		serving.Go(func() error { return serveGRPC(a.grpc, a.grpcPort) })
	}
	if a.httpPort != nil {
		serving.Go(a.serveREST)
	}
	if a.watches != nil {
		if err := a.watches.Start(ctx); err != nil {
			if ctx.Err() != nil { // The service was stopped during its start. That is not a failure.
				err = nil
			}
			a.drain()
			return errors.Join(err, serving.Wait(), a.Close())
		}
	}
	a.health.Resume()
	a.ready.Store(true)
	a.log.Info("serving", "grpc", a.GRPCAddr(), "http", a.HTTPAddr(), "ops", a.OpsAddr(), "live", a.settings.Live())
	select {
	case <-ctx.Done():
		a.lameDuck(failed)
	case <-a.stopping:
		a.lameDuck(failed)
	case <-failed.Done():
	}
	// ctx may have ended; draining and closing have their own time limits.
	if !a.drain() {
		// The servers wait for their calls, so they are not waited for.
		return errors.Join(errLeftBehind, a.Close())
	}
	return errors.Join(serving.Wait(), a.Close())
}

func serveGRPC(s *grpc.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, grpc.ErrServerStopped) {
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

// lameDuck reports to health checks that this server is stopping, so that load balancers use others, and still serves
// requests. A failing server ends the wait.
func (a *App) lameDuck(failed context.Context) {
	a.unready()
	a.log.Info("stopping", "lame_duck", a.settings.Listen.LameDuck, "drain_timeout", a.settings.Listen.DrainTimeout)
	pause.For(failed, a.settings.Listen.LameDuck)
}

// stopAsked has Run stop serving, in a moment: who asked for it is to get an answer.
func (a *App) stopAsked() {
	a.stopOnce.Do(func() { time.AfterFunc(answerGrace, func() { close(a.stopping) }) })
}

func (a *App) unready() {
	a.ready.Store(false)
	a.health.Shutdown()
}

// drain accepts no new requests and waits for running ones. After `drain-timeout` it cancels the rest: first their
// contexts, so that callers get an error; then their connections. Calls that still run are abandoned, and drain returns
// false.
func (a *App) drain() bool {
	a.unready()
	a.health.drain()
	a.drainNow()
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
	_ = a.rest.Close() // The connections are discarded anyway.
	go a.grpc.Stop()   // As above; it waits for the calls, like endAll.
	go a.inner.Stop()
	if within(forcedTimeout, ended) {
		return true
	}
	a.log.Error("calls do not end, and are left behind")
	return false
}

// endAll has callers of both ports know at once that they should go elsewhere, and waits for all requests to end. The inner server ends after
// REST, whose requests are gRPC calls. When forced ends, it no longer waits for REST.
func (a *App) endAll(forced context.Context) {
	var lingering sync.WaitGroup
	lingering.Go(func() {
		unconfirmed := time.AfterFunc(goAwayWait, a.doors.CloseIdle)
		defer unconfirmed.Stop()
		a.grpc.GracefulStop()
	})
	_ = a.rest.Shutdown(forced) // Fails only when forced ends.
	lingering.Go(func() { a.routes.Shutdown(forced) })
	a.inner.GracefulStop()
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

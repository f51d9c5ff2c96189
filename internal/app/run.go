package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
)

// closeTimeout bounds what is closed after the last request has ended.
const closeTimeout = 5 * time.Second

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
	a.log.Info("serving", "grpc", a.GRPCAddr(), "http", a.HTTPAddr(), "live", a.settings.Live())
	select {
	case <-ctx.Done():
		a.lameDuck(failed)
	case <-failed.Done():
	}
	a.drain()                                     // ctx has ended; draining has a time of its own.
	return errors.Join(serving.Wait(), a.Close()) // As above.
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
	timer := time.NewTimer(a.settings.Listen.LameDuck)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-failed.Done():
	}
}

func (a *App) unready() {
	a.ready.Store(false)
	a.health.Shutdown()
}

// drain takes no more requests, lets those under way end, and cuts off what is left after the deadline. REST goes first,
// because its requests are calls of gRPC's.
func (a *App) drain() {
	a.unready()
	a.health.drain()
	ctx, cancel := context.WithTimeout(context.Background(), a.settings.Listen.DrainTimeout)
	defer cancel()
	if err := a.rest.Shutdown(ctx); err != nil {
		a.log.Warn("REST requests were cut off", "after", a.settings.Listen.DrainTimeout)
		_ = a.rest.Close() // It closes connections that are being given up.
	}
	a.routes.Shutdown(ctx)
	graceful := make(chan struct{})
	go func() {
		a.grpc.GracefulStop()
		close(graceful)
	}()
	select {
	case <-graceful:
	case <-ctx.Done():
		a.log.Warn("gRPC calls were cut off", "after", a.settings.Listen.DrainTimeout)
		a.grpc.Stop()
		<-graceful
	}
}

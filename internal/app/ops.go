package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/server/ops"
)

// openOps serves the operators' pages until everything else has ended, so that a hanging service can be examined.
func (a *App) openOps(ctx context.Context) error {
	if a.options.NoPorts {
		return nil
	}
	port, err := a.listenOps(ctx)
	if err != nil {
		return err
	}
	a.opsPort = port
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true) // For gRPC.
	pages := &http.Server{
		Handler:           a.withAdmin(ops.New(a.registry, a.ready.Load)),
		Protocols:         protocols,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       a.settings.Doors.ConnectionIdle,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), // As for REST.
	}
	ended := make(chan error, 1)
	go func() { ended <- pages.Serve(port) }()
	a.onClose(func(context.Context) error {
		err := pages.Close()
		if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
			err = errors.Join(err, serving)
		}
		return err
	})
	return nil
}

// listenOps opens the port of the setting. If that is the default port and in use, it opens any free port.
func (a *App) listenOps(ctx context.Context) (net.Listener, error) {
	addr := a.settings.Listen.OpsAddr
	port, err := listen(ctx, a.options.Settings.Named("ops-addr"), addr)
	if !errors.Is(err, syscall.EADDRINUSE) || a.options.Settings.Origins["ops-addr"] != "" {
		return port, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	port, err = listen(ctx, a.options.Settings.Named("ops-addr"), net.JoinHostPort(host, "0"))
	if err == nil {
		a.log.Info("the port of operators' pages is taken; they are on a free one", "taken", addr, "ops", port.Addr())
	}
	return port, err
}

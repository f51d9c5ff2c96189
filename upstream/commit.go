package upstream

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// commitHook holds a request back at the last moment, when the connection is open and nothing has been written, until
// its permit allows it. Committing earlier would count connect time into the spacing of calls.
type commitHook struct {
	permit    Permit
	ctx       context.Context // of the attempt: the hook has no other way to it
	cancel    context.CancelCauseFunc
	committed atomic.Bool
	refusal   atomic.Pointer[error]
}

// withCommitHook returns a context whose requests are sent only when the permit allows it, and the hook, which records
// the result. The hook's cancel function must be called.
func withCommitHook(ctx context.Context, permit Permit) (context.Context, *commitHook) {
	ctx, cancel := context.WithCancelCause(ctx)
	d := &commitHook{permit: permit, ctx: ctx, cancel: cancel}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: d.gotConn}), d
}

// gotConn is called each time the request is about to be written: again when the transport repeats it on another
// connection because the first one was dead.
func (d *commitHook) gotConn(info httptrace.GotConnInfo) {
	err := d.commit()
	if err == nil {
		return
	}
	d.refusal.Store(&err)
	d.cancel(err)
	// HTTP/2 checks the context once more before it writes; HTTP/1 writes first. Its connection serves no other
	// request, so closing it is the one sure way to send nothing.
	if !sharesConnection(info.Conn) {
		_ = info.Conn.Close()
	}
}

// commit charges a caller, once, and waits until the permit allows the request.
func (d *commitHook) commit() error {
	if d.committed.Load() {
		return d.permit.Commit(d.ctx)
	}
	undo, ok := Charge(d.ctx)
	if !ok {
		return budgetExhausted()
	}
	if err := d.permit.Commit(d.ctx); err != nil {
		undo()
		return err
	}
	d.committed.Store(true)
	return nil
}

// countUntraced counts a request that was sent through a transport without tracing.
func (d *commitHook) countUntraced() {
	if !d.committed.Swap(true) { // It was sent already; it can only be counted.
		_, _ = Charge(d.ctx)
		_ = d.permit.Commit(d.ctx)
	}
}

// refusedBy is why the permit did not allow the request; nil if it did.
func (d *commitHook) refusedBy() error {
	if err := d.refusal.Load(); err != nil {
		return *err
	}
	return nil
}

func sharesConnection(conn net.Conn) bool {
	secured, ok := conn.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}

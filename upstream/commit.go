package upstream

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// departure holds a request back at the last moment, when the connection is there and nothing has been written, until
// its turn lets it go. Asking earlier would count the time of dialling into the spacing of calls.
type commitHook struct {
	permit    Permit
	ctx       context.Context // of the attempt: the hook has no other way to it
	cancel    context.CancelCauseFunc
	committed atomic.Bool
	refusal   atomic.Pointer[error]
}

// guardDeparture returns a context whose requests leave only when turn says so, and what became of that. The cancel
// function must be called.
func withCommitHook(ctx context.Context, permit Permit) (context.Context, *commitHook) {
	ctx, cancel := context.WithCancelCause(ctx)
	d := &commitHook{permit: permit, ctx: ctx, cancel: cancel}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: d.gotConn}), d
}

// gotConn is called once for each time the request is about to be written: again when the transport repeats it on
// another connection because the first was dead.
func (d *commitHook) gotConn(info httptrace.GotConnInfo) {
	err := d.commit()
	if err == nil {
		return
	}
	d.refusal.Store(&err)
	d.cancel(err)
	// HTTP/2 looks at the context once more before it writes; HTTP/1 writes first. Its connection serves nobody else,
	// so closing it is the one way to be sure that nothing leaves.
	if !sharesConnection(info.Conn) {
		_ = info.Conn.Close()
	}
}

// depart has the request paid for, once, and waits until the turn lets it go.
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

// answered counts a request that left through a transport which does not trace.
func (d *commitHook) countUntraced() {
	if !d.committed.Swap(true) { // It left already; all that can still be done is to count it.
		_, _ = Charge(d.ctx)
		_ = d.permit.Commit(d.ctx)
	}
}

// refused is why the turn did not let the request go; nil if it did.
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

package upstream

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// commitHook commits a request's permit at the last moment: when the connection is open and nothing has been written
// yet. An earlier commit would count the time to connect into the spacing of calls.
type commitHook struct {
	permit    Permit
	ctx       context.Context // of the attempt: httptrace does not pass it to the hook
	cancel    context.CancelCauseFunc
	committed atomic.Bool
	refusal   atomic.Pointer[error]
	// refund takes the charge back. It is set before committed.
	refund func()
}

// withCommitHook returns a context whose request is written only when the permit allows it, and the hook, which has the
// result. The hook's cancel function must be called.
func withCommitHook(ctx context.Context, permit Permit) (context.Context, *commitHook) {
	ctx, cancel := context.WithCancelCause(ctx)
	h := &commitHook{permit: permit, ctx: ctx, cancel: cancel}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: h.gotConn, WroteRequest: h.wroteRequest}), h
}

// wroteRequest tells the permit that the request is on its way. A busy machine may suspend the process between the commit and
// the write, and the upstream counts the arrival.
func (h *commitHook) wroteRequest(info httptrace.WroteRequestInfo) {
	if info.Err == nil && h.committed.Load() {
		h.permit.Sent()
	}
}

// gotConn is called each time before the request is written: again when the transport repeats it on another connection
// because the first one was closed.
func (h *commitHook) gotConn(info httptrace.GotConnInfo) {
	err := h.commit()
	if err == nil {
		return
	}
	h.refusal.Store(&err)
	h.cancel(err)
	// HTTP/2 checks the context once more before it writes; HTTP/1 does not. Its connection serves no other request, so
	// closing it is the one sure way to send nothing.
	if !sharesConnection(info.Conn) {
		_ = info.Conn.Close()
	}
}

// commit charges a caller, once, and waits until the permit allows the request.
func (h *commitHook) commit() error {
	if h.committed.Load() {
		return h.permit.Commit(h.ctx)
	}
	undo, err := Charge(h.ctx)
	if err != nil {
		return err
	}
	if err := h.permit.Commit(h.ctx); err != nil {
		undo()
		return err
	}
	h.refund = undo
	h.committed.Store(true)
	return nil
}

// countUntraced commits after a request was sent through a transport that ignores httptrace.
func (h *commitHook) countUntraced() {
	if !h.committed.Swap(true) { // It is too late for a refusal: the request can only be counted.
		if undo, err := Charge(h.ctx); err == nil {
			h.refund = undo
		}
		_ = h.permit.Commit(h.ctx)
		h.permit.Sent()
	}
}

// refusedBy is the fault of a refused commit; nil if the permit allowed the request.
func (h *commitHook) refusedBy() error {
	if err := h.refusal.Load(); err != nil {
		return *err
	}
	return nil
}

func sharesConnection(conn net.Conn) bool {
	secured, ok := conn.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}

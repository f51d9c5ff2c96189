package gateway

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// restBytes and restTime bound what is read of a request after its answer is known, so that the connection can serve
	// on: what is on its way already. Net/http does the same, with no bound of time.
	restBytes = 256 << 10
	restTime  = 100 * time.Millisecond
	// lingerTime, lingerSilence and lingerBytes bound how long a caller is listened to who has got the connection's last
	// answer: altogether, while it sends nothing, and in bytes.
	lingerTime    = 5 * time.Second
	lingerSilence = time.Second
	lingerBytes   = 64 << 20
)

// lingering sees to it that callers get the answer they are given while they still send. A connection that is closed with
// bytes unread is reset, and to a reset most clients sacrifice the answer that came before it. So half of the connection
// is closed, which ends the answer, and what still comes by the other half is thrown away for a bounded while.
//
// Net/http only waits for half a second, reading nothing: who has much to send and reads after that, as Python does, is
// reset all the same. Reading on by the request's body is no way either: a chunked body that was once broken off cannot be
// read again. So the connection itself is taken, at the price that net/http no longer counts it: Shutdown does.
type lingering struct {
	// received is called when a request has arrived completely.
	received func(context.Context) (end func())

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	closing bool
	all     sync.WaitGroup
}

// wrap is the outermost handler: it must see the answer as net/http gets it.
func (l *lingering) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// HTTP/2 ends one stream without the others, and tells the caller to stop sending.
		if r.ProtoMajor != 1 || r.Body == nil || r.Body == http.NoBody {
			defer l.received(r.Context())()
			next.ServeHTTP(w, r)
			return
		}
		answer := &parting{ResponseWriter: w, control: http.NewResponseController(w)}
		end := func() {}
		defer func() { end() }()
		answer.body = heard{
			ReadCloser: r.Body, left: r.ContentLength, asks: r.Header.Get("Expect") != "",
			arrived: sync.OnceFunc(func() { end = l.received(r.Context()) }),
		}
		// A copy: net/http knows the body of its own request by its type.
		asked := r.WithContext(r.Context())
		asked.Body = &answer.body
		next.ServeHTTP(answer, asked)
		if answer.last {
			l.part(answer.control)
		}
	})
}

// part ends a connection after its last answer. Whatever cannot be done here is left to net/http.
func (l *lingering) part(control *http.ResponseController) {
	if control.SetWriteDeadline(time.Now().Add(lingerTime)) != nil || control.Flush() != nil {
		return
	}
	conn, _, err := control.Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	if !l.enter(conn) {
		return
	}
	defer l.leave(conn)
	hearOut(conn)
}

// hearOut reads conn until its caller has done, within bounds.
func hearOut(conn net.Conn) {
	end := time.Now().Add(lingerTime)
	_ = conn.SetWriteDeadline(end)
	if half, ok := conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	buffer := make([]byte, 16<<10)
	for left := lingerBytes; left > 0; {
		until := time.Now().Add(lingerSilence)
		if until.After(end) {
			until = end
		}
		if conn.SetReadDeadline(until) != nil {
			return
		}
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		left -= n
	}
}

func (l *lingering) enter(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return false
	}
	if l.conns == nil {
		l.conns = map[net.Conn]struct{}{}
	}
	l.conns[conn] = struct{}{}
	l.all.Add(1)
	return true
}

func (l *lingering) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
	l.all.Done()
}

// shutdown waits for the connections that linger, and closes them when ctx ends.
func (l *lingering) shutdown(ctx context.Context) {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	defer context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for conn := range l.conns {
			_ = conn.Close()
		}
	})()
	l.all.Wait()
}

// parting writes an answer, and says whether it is its connection's last.
type parting struct {
	http.ResponseWriter

	control *http.ResponseController
	body    heard
	begun   bool
	last    bool
}

// WriteHeader implements [http.ResponseWriter].
func (p *parting) WriteHeader(code int) {
	if code >= http.StatusOK {
		p.begin()
	}
	p.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (p *parting) Write(b []byte) (int, error) {
	p.begin()
	return p.ResponseWriter.Write(b)
}

// begin has the answer say that the connection ends with it, if the request has not ended yet.
func (p *parting) begin() {
	if p.begun {
		return
	}
	p.begun = true
	if p.body.finish(p.control) {
		return
	}
	p.Header().Set("Connection", "close")
	// An answer whose length is not known ends when net/http says so.
	p.last = p.Header().Get("Content-Length") != ""
}

// Flush lets streams through.
func (p *parting) Flush() {
	p.begin()
	_ = p.control.Flush() // As http.Flusher, which cannot tell.
}

// Unwrap is for http.ResponseController.
func (p *parting) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// heard is a body that knows how much of it was read.
type heard struct {
	io.ReadCloser

	// left is how much of it is to come; negative if it was not announced.
	left int64
	// asks tells that the caller sends it only when told to, which the first read does.
	asks bool
	// arrived is called when the body was read to its end.
	arrived func()
	// ended tells that all of it was read, and broke that it cannot be.
	ended, broke bool
}

// Read implements [io.Reader].
func (h *heard) Read(b []byte) (int, error) {
	n, err := h.ReadCloser.Read(b)
	h.asks = false
	if h.left >= 0 {
		h.left -= int64(n)
	}
	switch {
	case errors.Is(err, io.EOF):
		h.ended = true
		h.arrived()
	case err != nil:
		h.broke = true
	}
	return n, err
}

// finish reads what little may be left, and reports whether that was all.
func (h *heard) finish(control *http.ResponseController) bool {
	if h.ended || h.broke || h.asks || h.left > restBytes {
		return h.ended
	}
	if control.SetReadDeadline(time.Now().Add(restTime)) != nil {
		return false
	}
	_, _ = io.CopyN(io.Discard, h, restBytes) // It tells by h.
	if h.ended {
		_ = control.SetReadDeadline(time.Time{}) // It was just set.
	}
	return h.ended
}

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
	// restBytes and restTime bound what is read of a request after its answer is known, so that the connection can be
	// reused: bytes that are already on their way. net/http does the same, without a time limit.
	restBytes = 256 << 10
	restTime  = 100 * time.Millisecond
	// lingerTime, lingerSilence and lingerBytes bound how long a connection is read after its last answer: in total,
	// without any bytes, and in bytes.
	lingerTime    = 5 * time.Second
	lingerSilence = time.Second
	lingerBytes   = 64 << 20
)

// lingering makes sure that callers who are still sending receive their answer. A connection that is closed with unread
// bytes is reset, and most clients then drop the answer they have got. So only the sending half of the connection is
// closed, which ends the answer; what still arrives is discarded for a bounded time.
//
// net/http only waits half a second and reads nothing. A client that has much to send and reads only afterwards, such
// as Python's, is still reset. Reading on through the request's body does not work either: an interrupted chunked body
// cannot be read again. So lingering hijacks the connection. net/http then no longer counts it; Shutdown does.
type lingering struct {
	// received is called when a request has arrived completely.
	received func(context.Context) (end func())

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	closing bool
	all     sync.WaitGroup
}

// wrap is the outermost handler: it must see the answer as net/http does.
func (l *lingering) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// HTTP/2 ends one stream without the others, and asks the caller to stop sending.
		if r.ProtoMajor != 1 || r.Body == nil || r.Body == http.NoBody {
			defer l.received(r.Context())()
			next.ServeHTTP(w, r)
			return
		}
		answer := &closingWriter{ResponseWriter: w, control: http.NewResponseController(w)}
		end := func() {}
		defer func() { end() }()
		answer.body = countedBody{
			ReadCloser: r.Body, left: r.ContentLength, asks: r.Header.Get("Expect") != "",
			arrived: sync.OnceFunc(func() { end = l.received(r.Context()) }),
		}
		// A copy: net/http recognises its own request's body by its type.
		asked := r.WithContext(r.Context())
		asked.Body = &answer.body
		next.ServeHTTP(answer, asked)
		if answer.last {
			l.drain(answer.control)
		}
	})
}

// drain ends a connection after its last answer. If it cannot, net/http does.
func (l *lingering) drain(control *http.ResponseController) {
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
	discardRest(conn)
}

// discardRest reads conn until its caller has finished, within bounds.
func discardRest(conn net.Conn) {
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

// closingWriter writes an answer, and knows whether it is the last one on its connection.
type closingWriter struct {
	http.ResponseWriter

	control *http.ResponseController
	body    countedBody
	begun   bool
	last    bool
}

// WriteHeader implements [http.ResponseWriter].
func (p *closingWriter) WriteHeader(code int) {
	if code >= http.StatusOK {
		p.begin()
	}
	p.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (p *closingWriter) Write(b []byte) (int, error) {
	p.begin()
	return p.ResponseWriter.Write(b)
}

// begin adds "Connection: close" to the answer if the request has not ended yet.
func (p *closingWriter) begin() {
	if p.begun {
		return
	}
	p.begun = true
	if p.body.finish(p.control) {
		return
	}
	p.Header().Set("Connection", "close")
	// Without a known length, net/http decides where the answer ends.
	p.last = p.Header().Get("Content-Length") != ""
}

// Flush passes a flush on, for streams.
func (p *closingWriter) Flush() {
	p.begin()
	_ = p.control.Flush() // http.Flusher returns no error.
}

// Unwrap is for http.ResponseController.
func (p *closingWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// countedBody is a body that counts what was read.
type countedBody struct {
	io.ReadCloser

	// left is how many bytes are to come; negative if the length was not announced.
	left int64
	// asks is true if the caller waits for "100 Continue", which the first read sends.
	asks bool
	// arrived is called when the body was read to its end.
	arrived func()
	// ended is true if all of it was read, broke if reading failed.
	ended, broke bool
}

// Read implements [io.Reader].
func (h *countedBody) Read(b []byte) (int, error) {
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

// finish reads a small rest, and reports whether the body has ended.
func (h *countedBody) finish(control *http.ResponseController) bool {
	if h.ended || h.broke || h.asks || h.left > restBytes {
		return h.ended
	}
	if control.SetReadDeadline(time.Now().Add(restTime)) != nil {
		return false
	}
	_, _ = io.CopyN(io.Discard, h, restBytes) // h records the outcome.
	if h.ended {
		_ = control.SetReadDeadline(time.Time{}) // Setting it has just worked.
	}
	return h.ended
}

package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// paced is a body whose reads wait for a bounded time only, and can be broken off from elsewhere.
type paced struct {
	body    io.Reader
	control *http.ResponseController
	idle    time.Duration
	// until, if set, is when reading must have come to an end.
	until time.Time
	// broke is the first error of the body itself.
	broke   error
	stopped atomic.Bool
}

func newPaced(w http.ResponseWriter, r *http.Request, bytesMax int64, idle time.Duration) *paced {
	return &paced{
		body: http.MaxBytesReader(w, r.Body, bytesMax), control: http.NewResponseController(w), idle: idle,
	}
}

// Read implements [io.Reader]. A read that waits too long fails with os.ErrDeadlineExceeded.
func (p *paced) Read(b []byte) (int, error) {
	if p.broke != nil {
		return 0, p.broke
	}
	end := time.Now().Add(p.idle)
	if !p.until.IsZero() && p.until.Before(end) {
		end = p.until
	}
	p.setDeadline(end)
	if p.stopped.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := p.body.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		p.broke = err
	}
	return n, err
}

// interrupt breaks off the read under way, and all others.
func (p *paced) interrupt() {
	p.stopped.Store(true)
	p.setDeadline(time.Unix(1, 0))
}

// finished takes the deadline off the connection: from now on its server waits for the caller to leave.
func (p *paced) finished() {
	if !p.stopped.Load() {
		p.setDeadline(time.Time{})
	}
}

// setDeadline bounds reads from the connection. A server that cannot (none of net/http's) leaves it to the RPC's own
// time to end.
func (p *paced) setDeadline(t time.Time) { _ = p.control.SetReadDeadline(t) }

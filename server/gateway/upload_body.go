package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/server/pace"
)

// paced is a body whose reads wait for a bounded time only, and can be broken off from elsewhere.
//
// Both are done with the connection's read deadline. A deadline that passes while net/http watches the connection for
// the caller's leaving, which it does from the body's end on, counts as that to net/http, for this request and all
// that follow on the connection. So none is left at the body's end, and a connection that was broken off ends: lingering
// sees to that.
type paced struct {
	body    io.Reader
	control *http.ResponseController
	idle    time.Duration
	pace    pace.Pace
	// until, if set, is when reading must have come to an end.
	until time.Time

	// broke is the first error of the body itself, and stalled tells that it is the caller's silence or slowness.
	broke   error
	stalled bool

	mu sync.Mutex
	// over is set at the body's end, and stopped when it is broken off before.
	over, stopped bool
}

// paced is the body of r, of which at most bytesMax are read.
func (g *gateway) paced(w http.ResponseWriter, r *http.Request, bytesMax int64) *paced {
	p := newPaced(w, r, bytesMax, g.UploadIdle)
	p.pace.Min = g.BodyRateMin
	return p
}

func newPaced(w http.ResponseWriter, r *http.Request, bytesMax int64, idle time.Duration) *paced {
	return &paced{
		body: http.MaxBytesReader(w, r.Body, bytesMax), control: http.NewResponseController(w), idle: idle,
		pace: pace.Pace{Grace: idle},
	}
}

// Read implements [io.Reader]. A read that waits too long, or is broken off, fails with os.ErrDeadlineExceeded.
func (p *paced) Read(b []byte) (int, error) {
	if p.broke != nil {
		return 0, p.broke
	}
	began := time.Now()
	end := began.Add(p.idle)
	if !p.until.IsZero() && p.until.Before(end) {
		end = p.until
	}
	if !p.begin(end) {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := p.body.Read(b)
	slow := p.pace.Arrived(n, time.Since(began))
	switch {
	case err == nil && slow != nil:
		p.broke, p.stalled = slow, true
		return n, slow
	case err == nil:
	case errors.Is(err, io.EOF):
		p.end()
	default:
		p.broke = err
		// net/http takes a deadline for the caller's leaving, and breaks the RPC off for it, which breaks this off. So it
		// is time that tells which of the two came first.
		p.stalled = errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(end)
	}
	return n, err
}

// broken names what broke the body; nil for nothing.
func (p *paced) broken() error {
	if p.broke == nil {
		return nil
	}
	return readFault(p.broke)
}

// begin bounds the next read; false if there must be none.
func (p *paced) begin(end time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over && !p.stopped {
		p.setDeadline(end)
	}
	return !p.stopped
}

// end takes the deadline off the connection.
func (p *paced) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if !p.stopped {
		p.setDeadline(time.Time{})
	}
}

// interrupt breaks off the read under way, and all others. After the body's end it does nothing.
func (p *paced) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.stopped = true
		p.setDeadline(time.Unix(1, 0))
	}
}

// interrupted reports whether reading was broken off, and not because the caller had sent nothing for too long.
func (p *paced) interrupted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped && !p.stalled
}

// setDeadline bounds reads from the connection. A server that cannot (none of net/http's) leaves it to the RPC's own
// time to end.
func (p *paced) setDeadline(t time.Time) { _ = p.control.SetReadDeadline(t) }

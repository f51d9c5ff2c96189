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

// paced is a body with a time limit for each read, which can also be interrupted from another goroutine.
//
// Both use the connection's read deadline. From the body's end on, net/http reads the connection to notice when the
// caller leaves. A deadline that passes then counts as such, for this request and all later ones on the connection. So
// no deadline is left at the body's end. After an interrupted body the connection ends; lingering does that.
type paced struct {
	body    io.Reader
	control *http.ResponseController
	idle    time.Duration
	pace    pace.Pace
	// until, if set, is when reading must be complete.
	until time.Time

	// broke is the first error of the body; stalled reports that the caller sent nothing or too slowly.
	broke   error
	stalled bool

	mu sync.Mutex
	// over is set at the body's end, stopped when it is interrupted before.
	over, stopped bool
}

// paced returns the body of r, of which at most bytesMax are read.
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

// Read implements [io.Reader]. A read that takes too long, or is interrupted, fails with os.ErrDeadlineExceeded.
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
		// net/http takes a passed deadline for the caller leaving and ends the RPC, which interrupts this body. So the
		// clock decides which came first.
		p.stalled = errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(end)
	}
	return n, err
}

// broken returns what failed the body; nil if nothing.
func (p *paced) broken() error {
	if p.broke == nil {
		return nil
	}
	return readFault(p.broke)
}

// begin sets the deadline of the next read; false if there must be none.
func (p *paced) begin(end time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over && !p.stopped {
		p.setDeadline(end)
	}
	return !p.stopped
}

// end removes the deadline from the connection.
func (p *paced) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if !p.stopped {
		p.setDeadline(time.Time{})
	}
}

// interrupt ends the current read and all later ones. After the body's end it does nothing.
func (p *paced) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.stopped = true
		p.setDeadline(time.Unix(1, 0))
	}
}

// interrupted reports whether reading was interrupted, and not because the caller sent nothing for too long.
func (p *paced) interrupted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped && !p.stalled
}

// setDeadline bounds reads from the connection. On a server without deadlines (net/http's have them) only the RPC's
// deadline is left.
func (p *paced) setDeadline(t time.Time) { _ = p.control.SetReadDeadline(t) }

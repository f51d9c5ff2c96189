// Package pace bounds how slowly a caller may send.
package pace

import (
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Pace is the arrival of one body. Only time spent waiting for the caller counts: a busy server slows nobody down.
type Pace struct {
	// Min is the lowest rate in bytes per second; 0 for no bound.
	Min int64
	// Grace is how long no rate is required at first: connections start slowly, and a small body may come in pieces.
	Grace time.Duration

	got    int64
	waited time.Duration
}

// Arrived counts n bytes that took this long to arrive. It fails with UploadStalled if the average rate is too low.
func (p *Pace) Arrived(n int, waited time.Duration) error {
	p.got += int64(n)
	p.waited += waited
	if p.Min > 0 && p.waited > p.Grace && float64(p.got) < float64(p.Min)*(p.waited-p.Grace).Seconds() {
		return fault.New(fault.UploadStalled, "%d bytes in %v: at least %d bytes a second are required", p.got, p.waited.Round(time.Millisecond), p.Min)
	}
	return nil
}

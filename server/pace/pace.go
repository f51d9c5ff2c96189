// Package pace bounds how slowly a caller may send.
package pace

import (
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Pace is how one body arrives. Only time that the caller is waited for counts: a server that is busy slows nobody down.
type Pace struct {
	// Min is the fewest bytes a second; 0 is no bound.
	Min int64
	// Grace is how long nothing is asked at first: lines are slow to begin, and a small body may come in pieces.
	Grace time.Duration

	got    int64
	waited time.Duration
}

// Arrived counts n bytes that were waited for so long. It fails with UploadStalled when they have come too slowly, on average.
func (p *Pace) Arrived(n int, waited time.Duration) error {
	p.got += int64(n)
	p.waited += waited
	if p.Min > 0 && p.waited > p.Grace && float64(p.got) < float64(p.Min)*(p.waited-p.Grace).Seconds() {
		return fault.New(fault.UploadStalled, "%d bytes in %v: at least %d a second are wanted", p.got, p.waited.Round(time.Millisecond), p.Min)
	}
	return nil
}

// Package attacks_test has bad callers attack the service, as a process of its own, while others ask: these must be answered all
// along, what the attack took must be given back after it, and the process must end in its time when it is told to amid it.
//
// `go test` runs a short form of each attack, whose bounds hold on a busy machine with the race detector. With -full
// (`make soak`) attacks are as long and large as what is promised, and the bounds are the promised ones.
package attacks_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

var full = flag.Bool("full", false, "attack for as long and as much as what is promised, and hold the service to that; the machine must be idle")

func TestMain(m *testing.M) {
	if process.Started() {
		os.Exit(process.Main()) //nolint:forbidigo // This is a main.
	}
	goleak.VerifyTestMain(m)
}

// form is how much an attack is, and what is allowed for it.
type form struct {
	// calm and attack are how long others are watched before the attack and during it.
	calm, attack time.Duration
	// share is how many attackers there are, of the full number.
	share float64
	// interval is how often each prober asks.
	interval time.Duration
	// p99 is within what time others must be answered, at least, and p99Calm how many times as long as without an attack they
	// may wait if that is longer.
	p99     time.Duration
	p99Calm float64
	// back is within what time memory and processor must be as before, and end how much longer than lame-duck and
	// drain-timeout the process may take to end.
	back, end time.Duration
}

// inForm is the form that was asked for. The short one says nothing about speed: its bounds tell a service that answers
// and gives back from one that does not.
func inForm() form {
	if *full {
		return form{
			calm: 5 * time.Second, attack: 20 * time.Second, share: 1, interval: 50 * time.Millisecond,
			p99: time.Second, back: 10 * time.Second, end: 5 * time.Second,
		}
	}
	return form{
		calm: 500 * time.Millisecond, attack: time.Second, share: 0.25, interval: 100 * time.Millisecond,
		p99: 5 * time.Second, p99Calm: 20, back: process.Timeout, end: process.Timeout,
	}
}

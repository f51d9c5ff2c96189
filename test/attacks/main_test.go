// Package attacks_test attacks the service, in a process of its own, while other callers ask. The others must always get
// answers, the service must release after the attack what the attack used, and the process must end in time when it is
// stopped during an attack.
//
// `go test` runs a short form of each attack. Its bounds hold on a busy machine with the race detector. With -full (`make
// soak`) the attacks are as long and as large as in the promises, the attacker is a process of its own, and the bounds are the promised
// ones. Machines differ, so what can be is compared with the same run without the attack: a flood must not be a cheaper way to keep the
// service busy than to ask it questions, of which each caller may ask only so many.
package attacks_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

var full = flag.Bool("full", false, "attack for as long and as much as what is promised, and hold the service to that; the machine must be idle")

func TestMain(m *testing.M) {
	if process.Started() {
		os.Exit(process.Main()) //nolint:forbidigo // This is a main.
	}
	if os.Getenv(asAttacker) != "" {
		os.Exit(attackApart()) //nolint:forbidigo // As above.
	}
	goleak.VerifyTestMain(service.Tests{M: m})
}

// form is the size of the attacks, with the bounds for it.
type form struct {
	// calm and attack are how long other callers are measured before and during the attack.
	calm, attack time.Duration
	// share is the number of attackers as a share of the full number.
	share float64
	// interval is how often each prober asks.
	interval time.Duration
	// p99 is the time within which 99 % of the other callers must be answered. p99Calm is the same as a multiple of the
	// time without an attack; the longer of the two counts.
	p99     time.Duration
	p99Calm float64
	// back is the time within which memory and processor must be as before. end is how much longer than lame-duck and
	// drain-timeout the process may take to end.
	back, end time.Duration
}

// inForm returns the requested form. The short form does not measure speed: its bounds only distinguish a service that
// answers and releases from one that does not.
func inForm() form {
	if *full {
		return form{
			calm: 5 * time.Second, attack: 20 * time.Second, share: 1, interval: 50 * time.Millisecond,
			// After a second people notice that they wait. On a machine so slow that the slowest wait takes a tenth of that without an attack,
			// ten times as long is accepted: the attacker is one of few programs that share its processors.
			p99: time.Second, p99Calm: 10, back: 10 * time.Second, end: 5 * time.Second,
		}
	}
	return form{
		calm: 500 * time.Millisecond, attack: time.Second, share: 0.25, interval: 100 * time.Millisecond,
		p99: 5 * time.Second, p99Calm: 20, back: process.Timeout, end: process.Timeout,
	}
}

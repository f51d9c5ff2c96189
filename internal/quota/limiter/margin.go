package limiter

import (
	"math"
	"time"
)

// How a margin is learned. A step is large enough that a way which makes calls a tenth of a second late is learned in
// half a dozen throttles, and small enough that what is learned is not far over the need.
const (
	marginStep   = 0.01
	marginGrowth = 1.5
	// marginCeiling bounds what is learned. A way that needs more than a quarter of the rate is not explained by lateness.
	marginCeiling = 0.25
	// marginHalfLife is the time in which half of what was learned is given up again, to find out whether it is needed still.
	marginHalfLife = 24 * time.Hour
	// tightness is how many windows the last calls up to the limit may have taken for their pace to explain a throttle.
	tightness = 1.25
)

// margin is the part of the rate that is left unused: what was set, and what was learned on top of it.
type margin struct {
	least float64
	// excess was over the least at taught; it halves with time.
	excess float64
	learnedAt time.Time
}

func (m margin) at(now time.Time) float64 {
	since := max(now.Sub(m.learnedAt), 0) // A clock that went back unlearns nothing.
	return m.least + m.excess*math.Exp2(-since.Hours()/marginHalfLife.Hours())
}

// grow is what a throttle teaches.
func (m *margin) grow(now time.Time) {
	present := m.at(now)
	next := min(max(present*marginGrowth, present+marginStep), max(marginCeiling, m.least))
	m.excess, m.learnedAt = next-m.least, now
}

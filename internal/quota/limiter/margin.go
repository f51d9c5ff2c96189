package limiter

import (
	"math"
	"time"
)

// How a margin is learned. With this step a delay of a tenth of a second is learned in about six throttles, and the
// result exceeds the need only a little.
const (
	marginStep   = 0.01
	marginGrowth = 1.5
	// marginCeiling bounds what is learned. Network delay does not explain a need for more than a quarter of the rate.
	marginCeiling = 0.25
	// marginHalfLife is the time in which half of the learned margin is given up again, to find out whether it is still
	// needed.
	marginHalfLife = 24 * time.Hour
	// tightness is the most windows that the last calls up to the limit may span for their pace to explain a throttle.
	tightness = 1.25
)

// margin is the unused part of the rate: the configured part and the learned part.
type margin struct {
	least float64
	// excess is what was over the least at learnedAt; it halves with time.
	excess    float64
	learnedAt time.Time
}

func (m margin) at(now time.Time) float64 {
	since := max(now.Sub(m.learnedAt), 0) // A clock that was set back does not reduce the margin.
	return m.least + m.excess*math.Exp2(-since.Hours()/marginHalfLife.Hours())
}

// grow increases the margin after a throttle.
func (m *margin) grow(now time.Time) {
	present := m.at(now)
	next := min(max(present*marginGrowth, present+marginStep), max(marginCeiling, m.least))
	m.excess, m.learnedAt = next-m.least, now
}

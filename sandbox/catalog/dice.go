package catalog

import "hash/fnv"

// dice is a SplitMix64 generator. It is written here because the embedded catalogue must be the same with every Go release
// on every machine. It draws integers only, because floating point may round differently on other processors.
type dice struct{ state uint64 }

// newDice is seeded from text, so that each supplier, goods group and offer has a stream of its own. Adding a kind does not
// change the others.
func newDice(seed string) *dice {
	h := fnv.New64a()
	h.Write([]byte(seed))
	return &dice{state: h.Sum64()}
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below draws from 0 to n-1. The bias of the modulo is too small to show in an invented catalogue.
func (d *dice) below(n int) int { return int(d.next() >> 1 % uint64(n)) }

// between draws from lo to hi, both included.
func (d *dice) between(lo, hi int) int { return lo + d.below(hi-lo+1) }

// chance is true with a probability of percent/100.
func (d *dice) chance(percent int) bool { return d.below(100) < percent }

// hex draws n hexadecimal digits.
func (d *dice) hex(n int) string { return d.text(n, "0123456789abcdef") }

// text draws n letters of an alphabet of single bytes.
func (d *dice) text(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.below(len(alphabet))]
	}
	return string(b)
}

// pick draws one of the values.
func pick[T any](d *dice, values []T) T { return values[d.below(len(values))] }

// sample draws n different values. n must not exceed their number.
func sample[T any](d *dice, values []T, n int) []T {
	order := make([]T, len(values))
	copy(order, values)
	for i := range n {
		j := d.between(i, len(order)-1)
		order[i], order[j] = order[j], order[i]
	}
	return order[:n]
}

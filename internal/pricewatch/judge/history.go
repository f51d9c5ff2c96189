package judge

// history is a product's prices of one kind, the oldest first. It holds a price only as long as no later one is as low:
// the prices rise, the last one is the last known price, and the first one in a time is the lowest of that time.
type history []point

// add adds a price.
func (h history) add(now point) history {
	for len(h) > 0 && h[len(h)-1].Nanos >= now.Nanos {
		h = h[:len(h)-1]
	}
	h = append(h[:len(h):len(h)], now)
	return h[max(0, len(h)-pricesMost):]
}

// last is the last price; false for none.
func (h history) last() (point, bool) {
	if len(h) == 0 {
		return point{}, false
	}
	return h[len(h)-1], true
}

// lowest is the lowest price of observations that were due at a time or later; false for none. Of equal prices it is the
// latest.
func (h history) lowest(since int64) (point, bool) {
	for _, p := range h {
		if p.Due >= since {
			return p, true
		}
	}
	return point{}, false
}

// recent drops prices that no window reaches any more, counted from the last price.
func (h history) recent() history {
	for len(h) > 1 && h[0].Due < h[len(h)-1].Due-remembered.Milliseconds() {
		h = h[1:]
	}
	return h
}

// sound reports whether the prices are of one kind and rise.
func (h history) sound() bool {
	for i, p := range h {
		if !p.known() || p.kind() != h[0].kind() || i > 0 && p.Nanos <= h[i-1].Nanos {
			return false
		}
	}
	return len(h) > 0
}

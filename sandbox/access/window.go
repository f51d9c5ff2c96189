package access

import (
	"slices"
	"time"
)

// span is the length of the sliding window that rates are counted over.
const span = time.Second

// retention is how long a stamp is remembered. A request is stamped when it arrives, and may be decided later (a slow
// body). Stamps that are older than the newest by more than this are no longer compared.
const retention = time.Minute

// window is a multiset of arrival stamps, in order. Its decisions are exact: no half-open second [t, t+1s) ever holds more
// accepted stamps than the limit, in whichever order the stamps come. The zero value is empty.
type window struct {
	stamps []time.Time
}

// fits reports whether every second stays within the limit with one more arrival at t. It changes nothing.
func (w *window) fits(t time.Time, limit int) bool {
	at := w.position(t)
	// Any second that holds t and more than limit stamps holds limit+1 consecutive ones including t. When t is inserted at
	// index at, those runs start at at-limit … at.
	for first := max(0, at-limit); first <= at; first++ {
		last := first + limit // index after insertion
		if last > len(w.stamps) {
			break
		}
		if w.after(last, at, t).Sub(w.after(first, at, t)) < span {
			return false
		}
	}
	return true
}

// add records an arrival and returns the largest number of arrivals in a second that contains it.
func (w *window) add(t time.Time) int {
	at := w.position(t)
	w.stamps = slices.Insert(w.stamps, at, t)
	busiest := 0
	for first := at; first >= 0 && t.Sub(w.stamps[first]) < span; first-- {
		end := at + 1
		for end < len(w.stamps) && w.stamps[end].Sub(w.stamps[first]) < span {
			end++
		}
		busiest = max(busiest, end-first)
	}
	w.forget()
	return busiest
}

// position is the index at which t is inserted, behind equal stamps.
func (w *window) position(t time.Time) int {
	at := len(w.stamps)
	for at > 0 && w.stamps[at-1].After(t) {
		at--
	}
	return at
}

// after is the stamp that would be at index i when t is inserted at index at.
func (w *window) after(i, at int, t time.Time) time.Time {
	switch {
	case i == at:
		return t
	case i > at:
		return w.stamps[i-1]
	}
	return w.stamps[i]
}

// forget drops stamps older than retention. It drops many at once, so that the slice is not moved on every call.
func (w *window) forget() {
	newest := w.stamps[len(w.stamps)-1]
	if newest.Sub(w.stamps[0]) < 2*retention {
		return
	}
	keep := 0
	for newest.Sub(w.stamps[keep]) > retention {
		keep++
	}
	w.stamps = slices.Delete(w.stamps, 0, keep)
}

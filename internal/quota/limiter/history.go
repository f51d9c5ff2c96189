package limiter

import (
	"cmp"
	"slices"
	"time"
)

// history stores slots by the latest time at which they may have been used: the end of their span until the request is
// written, and the time after writing it from then on. Slots are ordered by that time.
//
// A slot that starts one window after the Nth latest of them keeps every window within N calls, in whatever order the
// reserved calls are sent: of N+1 calls in one window, the last one reserved would start a window after another of
// them.
type history struct {
	slots []slotUse
}

type slotUse struct {
	id     int64
	latest time.Time
}

// nth is the time of the nth latest slot; zero when there are fewer.
func (h *history) nth(n int) time.Time {
	if n <= 0 || len(h.slots) < n {
		return time.Time{}
	}
	return h.slots[len(h.slots)-n].latest
}

func (h *history) add(id int64, latest time.Time) {
	at, _ := slices.BinarySearchFunc(h.slots, latest, func(s slotUse, t time.Time) int {
		return cmp.Or(s.latest.Compare(t), -1) // After its equals.
	})
	h.slots = slices.Insert(h.slots, at, slotUse{id, latest})
}

// remove deletes a slot and reports whether it was there. Slots that may still be removed are near the end.
func (h *history) remove(id int64) bool {
	for i := len(h.slots) - 1; i >= 0; i-- {
		if h.slots[i].id == id {
			h.slots = slices.Delete(h.slots, i, i+1)
			return true
		}
	}
	return false
}

// lower replaces the time of a slot by an earlier one.
func (h *history) lower(id int64, latest time.Time) {
	i := slices.IndexFunc(h.slots, func(s slotUse) bool { return s.id == id })
	if i >= 0 && latest.Before(h.slots[i].latest) {
		h.remove(id)
		h.add(id, latest)
	}
}

// prune drops slots before a time.
func (h *history) prune(before time.Time) {
	n := 0
	for n < len(h.slots) && h.slots[n].latest.Before(before) {
		n++
	}
	if 2*n >= len(h.slots) { // Moving them costs no more than looking at them did.
		h.slots = slices.Delete(h.slots, 0, n)
	}
}

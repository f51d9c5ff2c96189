package gate

import (
	"cmp"
	"slices"
	"time"
)

// held remembers slots by the latest time at which they may have been used: the end of their span until they are used, and
// the departure from then on. They are in the order of that time.
//
// A slot that begins a window after the Nth latest of them keeps every window within N calls, in whichever order the
// booked ones leave: of N+1 calls in one window the one booked last would begin a window after another of them.
type held struct {
	slots []heldSlot
}

type heldSlot struct {
	id     int64
	latest time.Time
}

// nth is the time of the nth latest slot; zero when there are fewer.
func (h *held) nth(n int) time.Time {
	if n <= 0 || len(h.slots) < n {
		return time.Time{}
	}
	return h.slots[len(h.slots)-n].latest
}

func (h *held) add(id int64, latest time.Time) {
	at, _ := slices.BinarySearchFunc(h.slots, latest, func(s heldSlot, t time.Time) int {
		return cmp.Or(s.latest.Compare(t), -1) // After its equals.
	})
	h.slots = slices.Insert(h.slots, at, heldSlot{id, latest})
}

// remove takes a slot out and tells whether it was there. Those that may still be removed are near the end.
func (h *held) remove(id int64) bool {
	for i := len(h.slots) - 1; i >= 0; i-- {
		if h.slots[i].id == id {
			h.slots = slices.Delete(h.slots, i, i+1)
			return true
		}
	}
	return false
}

// forget drops what is over before a time.
func (h *held) forget(before time.Time) {
	n := 0
	for n < len(h.slots) && h.slots[n].latest.Before(before) {
		n++
	}
	if 2*n >= len(h.slots) { // Moving them costs no more than looking at them did.
		h.slots = slices.Delete(h.slots, 0, n)
	}
}

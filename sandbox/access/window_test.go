package access

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// busiest is the simple model: the largest number of stamps in a half-open second that begins at a stamp.
func busiest(stamps []time.Time) int {
	most := 0
	for _, from := range stamps {
		n := 0
		for _, t := range stamps {
			if !t.Before(from) && t.Before(from.Add(time.Second)) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// A window accepts a stamp exactly when the brute-force count of every second stays within the limit, also when stamps come
// out of order.
func TestWindowAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 6).Draw(t, "limit")
		steps := rapid.SliceOfN(rapid.IntRange(-900, 1200), 1, 80).Draw(t, "steps")
		var w window
		var kept []time.Time
		now := epoch
		for _, step := range steps {
			now = now.Add(time.Duration(step) * time.Millisecond)
			want := busiest(append(slices.Clone(kept), now)) <= limit
			if got := w.fits(now, limit); got != want {
				t.Fatalf("fits(%v, %d) = %v, model says %v; kept %v", now.Sub(epoch), limit, got, want, kept)
			}
			if want {
				kept = append(kept, now)
				w.add(now)
			}
		}
	})
}

// add returns the busiest second that holds the new stamp. Its maximum over all stamps is the model's.
func TestWindowBusiest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(-500, 700), 1, 60).Draw(t, "steps")
		var w window
		var all []time.Time
		most, now := 0, epoch
		for _, step := range steps {
			now = now.Add(time.Duration(step) * time.Millisecond)
			all = append(all, now)
			most = max(most, w.add(now))
			if want := busiest(all); most != want {
				t.Fatalf("after %v: busiest %d, model %d", all, most, want)
			}
		}
	})
}

func TestWindowEdge(t *testing.T) {
	var w window
	w.add(epoch)
	w.add(epoch.Add(400 * time.Millisecond))
	for _, tc := range []struct {
		after time.Duration
		want  bool
	}{
		{400 * time.Millisecond, false},
		{999_999_999 * time.Nanosecond, false},
		{time.Second, true},
		{1399 * time.Millisecond, true},
		{-500 * time.Millisecond, false}, // [-0.5s, 0.5s) would hold three
		{-600 * time.Millisecond, true},
	} {
		if got := w.fits(epoch.Add(tc.after), 2); got != tc.want {
			t.Errorf("fits(%v) = %v, want %v", tc.after, got, tc.want)
		}
	}
}

func TestWindowForgets(t *testing.T) {
	var w window
	for i := range 1000 {
		w.add(epoch.Add(time.Duration(i) * time.Second))
	}
	if n := len(w.stamps); n > 2*int(retention/time.Second)+1 {
		t.Fatalf("window keeps %d stamps", n)
	}
}

package app

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

const largeBurst = 256 << 20

// fill allocates memory that the system must provide.
func fill() []byte {
	large := make([]byte, largeBurst)
	for i := 0; i < len(large); i += 1 << 10 {
		large[i] = 1
	}
	return large
}

// TestMemoryIsReleased soon after it was needed, although the heap never grows again.
func TestMemoryIsReleased(t *testing.T) {
	trimmer := newMemoryTrimmer(func() int64 { return 0 })
	large := fill()
	runtime.GC() // The next collection would come when the heap has doubled.
	full, _ := trimmer.read()
	runtime.KeepAlive(large) // Nothing holds it from here on.
	expectRelease(t, trimmer, full)
}

// TestMemoryOfLongRequestsIsReleased when they end, although they took so long that it seemed to be the need at rest.
func TestMemoryOfLongRequestsIsReleased(t *testing.T) {
	unfinished := int64(0)
	trimmer := newMemoryTrimmer(func() int64 { return unfinished })
	large := fill()
	unfinished = largeBurst
	for range 4 * trimsInARow {
		trimmer.check()
	}
	full, _ := trimmer.read()
	if full < largeBurst {
		t.Fatalf("%d MiB are held, less than is in use", full>>20)
	}
	runtime.KeepAlive(large)
	unfinished = 0
	// Other requests keep the process busy meanwhile.
	trimmer.allocated -= 1 << 40
	expectRelease(t, trimmer, full)
}

func expectRelease(t *testing.T, trimmer *memoryTrimmer, full uint64) {
	t.Helper()
	for late := time.After(testTimeout); ; {
		trimmer.check()
		if held, _ := trimmer.read(); held+largeBurst/2 < full {
			return
		}
		select {
		case <-late:
			held, _ := trimmer.read()
			t.Fatalf("%d MiB are held, of %d", held>>20, full>>20)
		default:
		}
	}
}

// TestTrimsTakeLittleTime: the longer one takes, the longer is the wait for the next, up to a bound.
func TestTrimsTakeLittleTime(t *testing.T) {
	for takes, want := range map[time.Duration]time.Duration{
		0: trimInterval, 10 * time.Millisecond: trimInterval, 200 * time.Millisecond: 4 * time.Second, time.Second: trimIntervalMax, time.Minute: trimIntervalMax,
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			ended, before := time.Now(), trimInterval // The first check waits for an interval.
			checkRegularly(ctx, func() {
				if waited := time.Since(ended); waited != before {
					t.Errorf("waited %v for a check, after one that took %v; want %v", waited, takes, before)
				}
				time.Sleep(takes)
				ended, before = time.Now(), want
			})
		})
	}
}

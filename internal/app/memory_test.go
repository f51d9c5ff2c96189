package app

import (
	"runtime"
	"testing"
	"time"
)

const largeBurst = 256 << 20

// fill takes memory that the system must give.
func fill() []byte {
	large := make([]byte, largeBurst)
	for i := 0; i < len(large); i += 1 << 10 {
		large[i] = 1
	}
	return large
}

// TestMemoryIsReleased soon after it was needed, though the heap never grows again.
func TestMemoryIsReleased(t *testing.T) {
	trimmer := newMemoryTrimmer(func() int64 { return 0 })
	large := fill()
	runtime.GC() // The next one would come when there is twice as much.
	full, _ := trimmer.read()
	runtime.KeepAlive(large) // From here on nobody holds it.
	expectRelease(t, trimmer, full)
}

// TestMemoryOfLongRequestsIsReleased when they end, though they took it for so long that it seemed to be what the process needs.
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
	// Others keep the process busy meanwhile.
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

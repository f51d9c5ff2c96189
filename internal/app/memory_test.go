package app

import (
	"runtime"
	"testing"
	"time"
)

// TestMemoryIsGivenBack soon after it was needed, though the heap never grows again.
func TestMemoryIsGivenBack(t *testing.T) {
	const size = 256 << 20
	keeper := newMemoryKeeper()
	large := make([]byte, size)
	for i := 0; i < size; i += 1 << 10 {
		large[i] = 1
	}
	runtime.GC() // The next one would come when there is twice as much.
	full, _ := keeper.read()
	runtime.KeepAlive(large) // From here on nobody holds it.
	for late := time.After(patience); ; {
		keeper.look()
		if held, _ := keeper.read(); held+size/2 < full {
			return
		}
		select {
		case <-late:
			held, _ := keeper.read()
			t.Fatalf("%d MiB are held, of %d", held>>20, full>>20)
		default:
		}
	}
}

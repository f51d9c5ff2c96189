package app

import (
	"context"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// heapRoom is how much may be allocated between two collections, however small the heap is. By default the runtime collects when the
// heap has doubled. The heap of a service that sends stored answers is a few megabytes, so it would collect many times a second and
// spend a third of its processor time on that. A heap larger than heapRoom is collected as by default. When the load goes down, the
// [memoryTrimmer] releases what was used.
const heapRoom = 32 << 20

// percentDefault is the runtime's own setting of GOGC.
const percentDefault = 100

// collections keeps heapRoom for the process, as long as at least one App runs.
var collections struct {
	sync.Mutex
	apps    int
	percent int
}

// keepHeapRoom keeps heapRoom until the App is closed. An operator who sets GOGC decides instead.
func (a *App) keepHeapRoom() {
	if _, chosen := os.LookupEnv("GOGC"); chosen {
		return
	}
	collections.Lock()
	defer collections.Unlock()
	if collections.apps++; collections.apps == 1 {
		collections.percent = percentDefault
		setPercent()
		afterCollection()
	}
	a.onClose(func(context.Context) error {
		collections.Lock()
		defer collections.Unlock()
		if collections.apps--; collections.apps == 0 {
			debug.SetGCPercent(percentDefault)
		}
		return nil
	})
}

// afterCollection sets the percentage anew after each collection: the runtime runs the finalizer of an object that is not used.
func afterCollection() {
	unused := new([16]byte) // Tiny objects share their memory, and might stay.
	runtime.SetFinalizer(unused, func(*[16]byte) {
		collections.Lock()
		defer collections.Unlock()
		if collections.apps > 0 {
			setPercent()
			afterCollection()
		}
	})
}

// setPercent needs the lock. A change stops the world for a moment, so small ones are left out.
func setPercent() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	now := percentFor(live[0].Value.Uint64())
	if math.Abs(float64(now-collections.percent)) > float64(collections.percent)/4 {
		debug.SetGCPercent(now)
		collections.percent = now
	}
}

// percentFor is by how many percent a heap with so many live bytes may grow before it is collected.
func percentFor(live uint64) int {
	const least = 4 << 20 // The runtime lets every heap grow to this size.
	return max(percentDefault, int(heapRoom*percentDefault/max(live, least)))
}

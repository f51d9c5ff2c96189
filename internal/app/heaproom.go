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

// collections sets after each collection when the next one comes. The setting is the process's, so an App has its process to itself.
type collections struct {
	mu      sync.Mutex
	percent int
	ended   bool
}

// keepHeapRoom keeps heapRoom until the App is closed. An operator who sets GOGC decides instead.
func (a *App) keepHeapRoom() {
	if _, chosen := os.LookupEnv("GOGC"); chosen {
		return
	}
	c := &collections{percent: percentDefault}
	c.adjust()
	a.onClose(func(context.Context) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended = true
		debug.SetGCPercent(percentDefault)
		return nil
	})
}

// adjust sets the percentage now and after the next collection: the runtime then runs the finalizer of an object that is not used. A
// change stops the world for a moment, so small ones are left out, unless a large heap is to be collected as by default.
func (c *collections) adjust() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	now := percentFor(live[0].Value.Uint64())
	change := math.Abs(float64(now - c.percent))
	if change > float64(c.percent)/4 || (now == percentDefault && change > 0) {
		debug.SetGCPercent(now)
		c.percent = now
	}
	runtime.SetFinalizer(new([16]byte), func(*[16]byte) { c.adjust() }) // Smaller objects share their memory, and might stay.
}

// percentFor is by how many percent a heap with so many live bytes may grow before it is collected.
func percentFor(live uint64) int {
	const least = 4 << 20 // The runtime lets every heap grow to this size.
	return max(percentDefault, int(heapRoom*percentDefault/max(live, least)))
}

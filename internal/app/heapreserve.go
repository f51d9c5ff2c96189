package app

import (
	"os"
	"sync"
)

// heapReserve is memory that is reserved, and never written: the runtime counts it as part of the heap, the machine does not. The runtime
// collects when the heap has doubled. The heap of a service that sends stored answers is a few megabytes, so it would collect many times a
// second and spend a third of its processor time on that. With the reserve it collects when the heap has doubled and grown by twice the
// reserve. When the load goes down, the [memoryTrimmer] releases what was used.
const heapReserve = 16 << 20

// reserveHeap reserves heapReserve for as long as the process lives. An operator who sets GOGC decides instead.
//
//nolint:gochecknoglobals // A process has one heap.
var reserveHeap = sync.OnceValue(func() []byte {
	if _, chosen := os.LookupEnv("GOGC"); chosen {
		return nil
	}
	reserve := make([]byte, heapReserve)
	releasePages(reserve)
	return reserve
})

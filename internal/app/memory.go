package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// memoryLook is how often the process looks whether it holds memory that it does not need. The runtime collects only when the
	// heap has doubled, or after two minutes, and gives back slowly: what a burst of large requests has left would stay until then.
	memoryLook = 2 * time.Second
	// memorySpare and memorySpareShare are how much more than it needed at rest the process may always hold.
	memorySpare      = 16 << 20
	memorySpareShare = 0.25
	// memoryTries is how often in a row memory is given back: for longer than a request that is broken off takes to end.
	memoryTries = 5
)

// memoryKeeper gives memory back to the system once requests have become few. While they are many, what is spare is needed at once,
// and this does nothing.
type memoryKeeper struct {
	samples []metrics.Sample
	// allocated is how many bytes had been allocated, ever, at the last look.
	allocated uint64
	// rest is how many bytes were held after giving back, and tries how often it was tried to come near that again.
	rest  uint64
	tries int
}

func newMemoryKeeper() *memoryKeeper {
	k := &memoryKeeper{samples: []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/heap/allocs:bytes"},
	}}
	k.rest, k.allocated = k.read()
	return k
}

// read gives how many bytes the process holds, and how many it has allocated.
func (k *memoryKeeper) read() (held, allocated uint64) {
	metrics.Read(k.samples)
	return k.samples[0].Value.Uint64() - k.samples[1].Value.Uint64(), k.samples[2].Value.Uint64()
}

// look gives memory back if more of it is spare than was allocated since the last look. What is still in use then may be free by
// the next one, since requests end late: only after some tries is it what the process needs at rest.
func (k *memoryKeeper) look() {
	held, allocated := k.read()
	fewer := k.rest + uint64(memorySpareShare*float64(k.rest)) + memorySpare
	if held > fewer && allocated-k.allocated < held-fewer {
		debug.FreeOSMemory()
		held, allocated = k.read()
		if k.tries++; held <= fewer || k.tries == memoryTries {
			k.rest, k.tries = held, 0
		}
	}
	k.rest, k.allocated = min(k.rest, held), allocated
}

// keepMemory looks after memory until the App is closed.
func (a *App) keepMemory() {
	ctx, stop := context.WithCancel(context.Background())
	var looking sync.WaitGroup
	looking.Go(func() {
		keeper := newMemoryKeeper()
		ticker := time.NewTicker(memoryLook)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				keeper.look()
			case <-ctx.Done():
				return
			}
		}
	})
	a.onClose(func(context.Context) error {
		stop()
		looking.Wait()
		return nil
	})
}

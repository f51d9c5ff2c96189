package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// trimInterval is how often the process checks whether it holds memory that it does not need. The runtime collects only when
	// the heap has doubled, or after two minutes, and releases memory slowly: what a burst of large requests leaves would stay
	// until then.
	trimInterval = 2 * time.Second
	// memorySpare and memorySpareShare are how much more than it needed at rest the process may always hold.
	memorySpare      = 16 << 20
	memorySpareShare = 0.25
	// trimsInARow is how often in a row memory is released: for longer than a request that is broken off takes to end.
	trimsInARow = 5
)

// memoryTrimmer releases memory to the system once requests have become few. While they are many, spare memory is needed at
// once, and the trimmer does nothing.
type memoryTrimmer struct {
	// unfinished is how many bytes of requests are held that have not ended.
	unfinished func() int64
	samples    []metrics.Sample
	// allocated is how many bytes had been allocated, ever, at the last check.
	allocated uint64
	// least is the fewest bytes that were ever held. rest is what the process is taken to need: what it held after the last
	// row of trims. trims counts that row.
	least, rest uint64
	trims       int
	// most is the most unfinished bytes seen since large requests last ended, and due how many trims are due since then.
	most int64
	due  int
}

func newMemoryTrimmer(unfinished func() int64) *memoryTrimmer {
	m := &memoryTrimmer{unfinished: unfinished, samples: []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/heap/allocs:bytes"},
	}}
	m.rest, m.allocated = m.read()
	m.least = m.rest
	return m
}

// read gives how many bytes the process holds, and how many it has allocated.
func (m *memoryTrimmer) read() (held, allocated uint64) {
	metrics.Read(m.samples)
	return m.samples[0].Value.Uint64() - m.samples[1].Value.Uint64(), m.samples[2].Value.Uint64()
}

// check releases memory if more of it is spare than was allocated since the last check. What is still in use then may be free by
// the next check, since requests end late: only after some trims is it what the process needs at rest.
//
// The end of large requests begins a new row of trims, however busy the process is: they were in use all the while, and were
// taken for what the process needs.
func (m *memoryTrimmer) check() {
	now := m.unfinished()
	if m.most = max(m.most, now); m.most-now >= memorySpare {
		m.rest, m.trims, m.most, m.due = m.least, 0, now, trimsInARow
	}
	held, allocated := m.read()
	enough := m.rest + uint64(memorySpareShare*float64(m.rest)) + memorySpare
	if held > enough && (m.due > 0 || allocated-m.allocated < held-enough) {
		debug.FreeOSMemory()
		held, allocated = m.read()
		if m.trims++; held <= enough || m.trims == trimsInARow {
			m.rest, m.trims = held, 0
		}
	}
	m.due = max(m.due-1, 0)
	m.least = min(m.least, held)
	m.rest, m.allocated = min(m.rest, held), allocated
}

// trimMemory releases spare memory until the App is closed.
func (a *App) trimMemory(unfinished func() int64) {
	ctx, stop := context.WithCancel(context.Background())
	var checking sync.WaitGroup
	checking.Go(func() {
		trimmer := newMemoryTrimmer(unfinished)
		ticker := time.NewTicker(trimInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				trimmer.check()
			case <-ctx.Done():
				return
			}
		}
	})
	a.onClose(func(context.Context) error {
		stop()
		checking.Wait()
		return nil
	})
}

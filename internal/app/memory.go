package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

const (
	// trimInterval is how often the process checks for spare memory. The runtime collects only when the heap has
	// doubled, or after two minutes, and releases memory slowly: the memory of a burst of large requests would stay
	// until then.
	trimInterval = 2 * time.Second
	// trimShare is the share of the time that checks may take, as long as they need not be rarer than trimIntervalMax for that: a trim of a
	// large heap collects all of it, and the system takes its pages one by one. Where large requests begin and end all the time, each check may
	// trim.
	trimShare       = 0.05
	trimIntervalMax = 10 * time.Second
	// memorySpare and memorySpareShare are how much more than its need at rest the process may always hold.
	memorySpare      = 16 << 20
	memorySpareShare = 0.25
	// trimsInARow is how many trims follow each other: for longer than a cancelled request takes to end.
	trimsInARow = 5
	// connectionBytes is about what an idle connection holds: its buffers and the stacks of its goroutines.
	connectionBytes = 24 << 10
)

// memoryTrimmer releases memory to the system when the load has gone down. Under load the spare memory is needed again
// soon, and the trimmer does nothing.
type memoryTrimmer struct {
	// unfinished is about how many bytes running requests and open connections hold.
	unfinished func() int64
	samples    []metrics.Sample
	// allocated is the total of allocated bytes at the last check.
	allocated uint64
	// least is the smallest number of bytes ever held. rest is the estimated need at rest: what was held after the last
	// row of trims. trims counts that row.
	least, rest uint64
	trims       int
	// most is the maximum of unfinished bytes since large requests last ended; due is how many trims are due since
	// then.
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

// read returns how many bytes the process holds, and how many it has allocated in total.
func (m *memoryTrimmer) read() (held, allocated uint64) {
	metrics.Read(m.samples)
	return m.samples[0].Value.Uint64() - m.samples[1].Value.Uint64(), m.samples[2].Value.Uint64()
}

// check releases memory if more is spare than was allocated since the last check. Requests end late, so what is still
// in use may be free at the next check: only after some trims it is the need at rest.
//
// The end of large requests, or of many connections, starts a new row of trims even under load: their memory was in use all the time and was
// counted as the need at rest.
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
		checkRegularly(ctx, trimmer.check)
	})
	a.onClose(func(context.Context) error {
		stop()
		checking.Wait()
		return nil
	})
}

// checkRegularly calls check every trimInterval, or up to every trimIntervalMax where it would take more than trimShare of the time, until the
// context ends.
func checkRegularly(ctx context.Context, check func()) {
	for wait := trimInterval; pause.For(ctx, wait); {
		began := time.Now()
		check()
		wait = min(max(trimInterval, time.Duration(float64(time.Since(began))/trimShare)), trimIntervalMax)
	}
}

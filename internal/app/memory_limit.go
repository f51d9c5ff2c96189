package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// memoryReadInterval is how long a reading of the memory is used.
	memoryReadInterval = 50 * time.Millisecond
	// softShare is the part of the limit that Go's own memory limit is set to: from there on garbage is collected as often as it takes,
	// so what is over the limit is in use. softMin bytes are the least, so that a tiny limit does not spend the processor on collections.
	softShare = 0.9
	softMin   = 64 << 20
	// machineShare is the part of the machine's or container's memory that is the limit where none is set. The rest is for what other
	// programs, and the system's own buffers, need.
	machineShare = 0.8
	// shedWait is how long a refused caller is asked to wait.
	shedWait = time.Second
)

// memoryLimit sheds load: it refuses requests while the process holds more memory than it may, before the system ends the process.
type memoryLimit struct {
	// bytes and held are in bytes.
	bytes uint64
	held  func() uint64
	now   func() time.Time

	read    atomic.Int64 // when, in nanoseconds
	full    atomic.Bool
	refused atomic.Int64
}

// shedLoad returns what refuses requests while the process holds more memory than it may; nil if its memory has no limit.
func (a *App) shedLoad() (func() error, error) {
	if a.options.NoPorts { // The memory is that of the program that the service is a part of.
		return nil, nil
	}
	limit := a.settings.Doors.MemoryMax
	if limit == 0 {
		limit = int64(machineShare * float64(machineMemory("/sys/fs/cgroup/memory.max", "/proc/meminfo")))
	}
	if limit <= 0 {
		return nil, nil
	}
	m := &memoryLimit{bytes: uint64(limit), now: time.Now, held: heldMemory}
	if _, chosen := os.LookupEnv("GOMEMLIMIT"); !chosen {
		before := debug.SetMemoryLimit(max(int64(softShare*float64(limit)), softMin))
		a.onClose(func(context.Context) error { debug.SetMemoryLimit(before); return nil })
	}
	return m.shed, register(a.registry,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "zhaohuo_memory_limit_bytes", Help: "Memory that the process may hold before it refuses requests."},
			func() float64 { return float64(m.bytes) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "zhaohuo_memory_refused_total", Help: "Requests that were refused because the process held too much memory."},
			func() float64 { return float64(m.refused.Load()) }),
	)
}

// shed returns why a request is refused, nil while requests are served. The first request of each interval reads the memory for all.
func (m *memoryLimit) shed() error {
	now, last := m.now().UnixNano(), m.read.Load()
	if now-last >= int64(memoryReadInterval) && m.read.CompareAndSwap(last, now) {
		m.full.Store(m.held() > m.bytes)
	}
	if !m.full.Load() {
		return nil
	}
	m.refused.Add(1)
	return fault.New(fault.MemoryBudgetFull, "this server holds as much memory as it may").WithRetryAfter(shedWait)
}

// heldMemory is how many bytes this process holds of the system: what the Go runtime holds, or all private pages where the system tells
// and these are more. Decoders in WebAssembly and the database have memory that the runtime does not count.
func heldMemory() uint64 {
	all := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(all)
	return max(all[0].Value.Uint64()-all[1].Value.Uint64(), memoryLine("/proc/self/status", "RssAnon:"))
}

// memoryLine is the number of bytes in a line of a file of /proc that begins with name; 0 if there is none.
func memoryLine(path, name string) uint64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == name {
			kib, err := strconv.ParseUint(words[1], 10, 54)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// machineMemory is the memory of the container, as a file of cgroups says it, or that of the machine; 0 if neither is known. The smaller one counts.
func machineMemory(container, machine string) uint64 {
	least := memoryLine(machine, "MemTotal:")
	text, err := os.ReadFile(container)
	if err != nil {
		return least
	}
	limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || limit == 0 { // It is "max": no limit.
		return least
	}
	if least == 0 {
		return limit
	}
	return min(least, limit)
}

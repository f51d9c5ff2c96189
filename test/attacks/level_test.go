package attacks_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

const (
	// window is how long processor time is counted to measure the load.
	window = 500 * time.Millisecond
	// ticksPerSecond is the unit of times in /proc: USER_HZ, which is the same on every Linux that Go supports.
	ticksPerSecond = 100
	// memorySlack and memoryShare are how much more memory than before the attack is still accepted, because the runtime
	// keeps some for the next requests.
	memorySlack = 32 << 20
	memoryShare = 0.25
	// processorSlack and processorTimes are the same for the processor, in processors.
	processorSlack = 0.15
	processorTimes = 2
)

// level is the memory and processor use of a process.
type level struct {
	// memory is in bytes, and processor in processors: 1 is one fully used processor.
	memory    int64
	processor float64
	// over is the time in which the processor was used.
	over time.Duration
}

func (l level) String() string {
	return fmt.Sprintf("%d MiB, %.2f processors", l.memory>>20, l.processor)
}

// near reports whether the process has returned to a level.
func (l level) near(calm level) bool {
	return l.memory <= calm.memory+int64(memoryShare*float64(calm.memory))+memorySlack &&
		l.processor <= processorTimes*calm.processor+processorSlack
}

// meter measures the memory and processor use of a process.
type meter struct {
	service *process.Service
	since   time.Time
	used    time.Duration
}

func newMeter(t *testing.T, s *process.Service) *meter {
	t.Helper()
	return &meter{s, time.Now(), processorTime(t, s)}
}

// read returns the level since the last reading.
func (m *meter) read(t *testing.T) level {
	t.Helper()
	now, used := time.Now(), processorTime(t, m.service)
	l := level{memory(t, m.service), float64(used-m.used) / float64(now.Sub(m.since)), now.Sub(m.since)}
	m.since, m.used = now, used
	return l
}

// memory returns the memory of the process. The race detector keeps shadow memory for all memory that was ever used and
// never releases it. With it, only what the Go runtime holds is counted.
func memory(t *testing.T, s *process.Service) int64 {
	t.Helper()
	if raceDetector {
		return int64(s.Metric(t, "go_memstats_sys_bytes") - s.Metric(t, "go_memstats_heap_released_bytes"))
	}
	return statusSize(t, s, "VmRSS:")
}

// peak returns the highest memory of the process. With the race detector it is the present memory.
func peak(t *testing.T, s *process.Service) int64 {
	t.Helper()
	if raceDetector {
		return memory(t, s)
	}
	return statusSize(t, s, "VmHWM:")
}

// statusSize returns a size from the /proc status of the process, in bytes.
func statusSize(t *testing.T, s *process.Service, name string) int64 {
	t.Helper()
	for line := range strings.Lines(proc(t, s, "status")) {
		if value, ok := strings.CutPrefix(line, name); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

// processorTime returns the processor time since the start of the process, in user and kernel mode.
func processorTime(t *testing.T, s *process.Service) time.Duration {
	t.Helper()
	stat := proc(t, s, "stat")
	// The name of the program, in parentheses, may contain spaces. The third field follows it.
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	var ticks int64
	for _, field := range fields[14-3 : 16-3] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

func proc(t *testing.T, s *process.Service, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.Cmd.Process.Pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}

// comesBack waits until the process is near a level again and returns how long that took. It fails the test after within.
func (m *meter) comesBack(t *testing.T, calm level, within time.Duration) (took time.Duration, last level) {
	t.Helper()
	began := time.Now()
	look := time.NewTicker(window)
	defer look.Stop()
	m.read(t)
	for {
		<-look.C
		last = m.read(t)
		switch took = time.Since(began); {
		case last.near(calm):
			return took, last
		case took > within:
			t.Errorf("%v after the attack's end: %v; before it: %v", took, last, calm)
			return took, last
		}
	}
}

package app

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
)

// heapReserveChild makes the test program reserve memory and print what that changes.
const heapReserveChild = "ZHAOHUO_TEST_HEAP_RESERVE"

// TestHeapReserve: the heap may grow by twice the reserve more, which takes no memory of the machine's. An operator's GOGC decides instead.
func TestHeapReserve(t *testing.T) {
	if os.Getenv(heapReserveChild) != "" {
		printGrowth(t)
		return
	}
	for _, c := range []struct {
		environ []string
		reserve int
	}{{nil, heapReserve}, {[]string{"GOGC=100"}, 0}} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestHeapReserve$", "-test.v")
		child.Env = append(child.Environ(), append(c.environ, heapReserveChild+"=1")...)
		output, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		var figures [2]int
		for i, name := range []string{"goal: ", "resident: "} {
			_, after, _ := bytes.Cut(output, []byte(name))
			text, _, _ := bytes.Cut(after, []byte("\n"))
			if figures[i], err = strconv.Atoi(string(text)); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
		}
		// The goal doubles what is reserved, and what else is live changes a little.
		if slack := 4 << 20; figures[0] < 2*c.reserve-slack || figures[0] > 2*c.reserve+slack || figures[1] > 8<<20 {
			t.Errorf("%v: the heap's goal grew by %d bytes, the memory by %d", c.environ, figures[0], figures[1])
		}
	}
}

// printGrowth prints by how many bytes the goal of the heap and the resident memory grow.
func printGrowth(t *testing.T) {
	t.Helper()
	read := func() (goal, resident int) {
		runtime.GC()
		sample := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
		metrics.Read(sample)
		statm, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Fatal(err)
		}
		pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
		if err != nil {
			t.Fatal(err)
		}
		return int(sample[0].Value.Uint64()), pages * os.Getpagesize()
	}
	useHeap()
	goal, resident := read()
	reserveHeap()
	goalAfter, residentAfter := read()
	os.Stdout.WriteString("goal: " + strconv.Itoa(goalAfter-goal) + "\nresident: " + strconv.Itoa(residentAfter-resident) + "\n")
}

// useHeap leaves a heap as a process has it that read large files and went on: most free pages are back at the machine, some are not. The
// runtime writes zeros over the whole of what it takes from such pages.
func useHeap() {
	fill := func(size int) {
		used := make([]byte, size)
		for i := range used {
			used[i] = 1
		}
	}
	for range 4 {
		fill(heapReserve)
	}
	debug.FreeOSMemory()
	for range 4 {
		fill(heapReserve / 16)
	}
}

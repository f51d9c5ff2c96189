package app

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHeapRoom: a heap may grow by the larger of itself and heapRoom.
func TestHeapRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live := rapid.Uint64Range(4<<20, 1<<36).Draw(t, "live")
		growth, want := float64(live)*float64(percentFor(live))/100, float64(max(live, heapRoom))
		if growth > want || growth < 0.98*want {
			t.Fatalf("%d bytes may grow by %.0f, want %.0f", live, growth, want)
		}
	})
	if percentFor(0) != percentFor(4<<20) {
		t.Error("an empty heap has no bound")
	}
}

// TestHeapRoomIsKept while an App runs: a small heap is rarely collected, a large one as by default, and at the end the runtime's setting is back.
func TestHeapRoomIsKept(t *testing.T) {
	t.Setenv("GOGC", "") // So that it is put back at the end.
	if err := os.Unsetenv("GOGC"); err != nil {
		t.Fatal(err)
	}
	defer debug.FreeOSMemory()
	a := &App{}
	a.keepHeapRoom()
	expectPercent(t, func(p int) bool { return p > percentDefault })
	large := fill()
	runtime.GC()
	expectPercent(t, func(p int) bool { return p == percentDefault })
	runtime.KeepAlive(large)
	runtime.GC()
	expectPercent(t, func(p int) bool { return p > percentDefault })
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if now := percentOf(t); now != percentDefault {
		t.Errorf("GOGC is %d at the end", now)
	}
}

func percentOf(t *testing.T) int {
	t.Helper()
	now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(now)
	return int(now[0].Value.Uint64())
}

// expectPercent waits for the finalizer, which runs some time after a collection.
func expectPercent(t *testing.T, as func(int) bool) {
	t.Helper()
	for late := time.After(testTimeout); !as(percentOf(t)); {
		select {
		case <-late:
			t.Fatalf("GOGC is %d", percentOf(t))
		default:
			runtime.GC()
			runtime.Gosched()
		}
	}
}

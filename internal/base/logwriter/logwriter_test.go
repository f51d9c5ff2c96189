package logwriter_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/logwriter"
)

// sheet is a destination that remembers each write.
type sheet struct {
	mu     sync.Mutex
	writes []string
	err    error
}

func (s *sheet) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = append(s.writes, string(p))
	return len(p), s.err
}

func write(t *testing.T, w *logwriter.Writer, line string) {
	t.Helper()
	if n, err := w.Write([]byte(line)); n != len(line) || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestLinesAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sheet
		w := logwriter.New(&s, time.Second)
		write(t, w, "1\n") // At once.
		write(t, w, "2\n")
		write(t, w, "3\n")
		time.Sleep(time.Second)
		synctest.Wait()
		write(t, w, "4\n") // The next delay has begun.
		time.Sleep(2 * time.Second)
		synctest.Wait()
		write(t, w, "5\n") // After a pause.
		if want := []string{"1\n", "2\n3\n", "4\n", "5\n"}; !slices.Equal(s.writes, want) {
			t.Errorf("%q", s.writes)
		}
		time.Sleep(time.Second) // The timer ends.
	})
}

func TestWithoutDelay(t *testing.T) {
	var s sheet
	w := logwriter.New(&s, 0)
	write(t, w, "1\n")
	write(t, w, "2\n")
	if !slices.Equal(s.writes, []string{"1\n", "2\n"}) {
		t.Errorf("%q", s.writes)
	}
}

// TestMuchIsWrittenAtOnce: what waits is bounded, however fast lines come.
func TestMuchIsWrittenAtOnce(t *testing.T) {
	var s sheet
	w := logwriter.New(&s, time.Hour)
	line := strings.Repeat("x", 1023) + "\n"
	for range 200 {
		write(t, w, line)
	}
	if len(s.writes) != 4 || len(s.writes[1]) != 64<<10 {
		t.Errorf("%d writes", len(s.writes))
	}
}

// TestWarningsAreWrittenAtOnce: with the lines before them, also through handlers that others derived.
func TestWarningsAreWrittenAtOnce(t *testing.T) {
	var s sheet
	w := logwriter.New(&s, time.Hour)
	log := slog.New(logwriter.Handler(slog.NewTextHandler(w, nil), w)).With("a", 1).WithGroup("g")
	log.Info("first")
	log.Info("second")
	log.Info("third")
	if len(s.writes) != 1 {
		t.Errorf("%q", s.writes)
	}
	log.Warn("fourth")
	if len(s.writes) != 2 || strings.Count(s.writes[1], "\n") != 3 || !strings.Contains(s.writes[1], "fourth") {
		t.Errorf("%q", s.writes)
	}
}

// TestRefusedLinesAreNotKept: a destination that fails does not make memory grow.
func TestRefusedLinesAreNotKept(t *testing.T) {
	s := sheet{err: errors.New("disk full")}
	w := logwriter.New(&s, time.Hour)
	for _, line := range []string{"1\n", "2\n"} {
		_, _ = w.Write([]byte(line))
	}
	if err := w.Close(); !errors.Is(err, s.err) {
		t.Error(err)
	}
	s.err = nil
	write(t, w, "3\n") // After Close none waits.
	if !slices.Equal(s.writes, []string{"1\n", "2\n", "3\n"}) {
		t.Errorf("%q", s.writes)
	}
}

// TestNoLineIsLost: whatever comes in whatever rhythm, each line is written once, in order, and not later than the delay.
func TestNoLineIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pauses := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 60).Draw(rt, "pauses in quarters of the delay")
		synctest.Test(t, func(*testing.T) {
			const delay = 100 * time.Millisecond
			var s sheet
			w := logwriter.New(&s, delay)
			var want strings.Builder
			for i, pause := range pauses {
				fmt.Fprintln(&want, i)
				write(t, w, fmt.Sprintln(i))
				time.Sleep(time.Duration(pause) * delay / 4)
			}
			time.Sleep(delay)
			synctest.Wait()
			if got := strings.Join(s.writes, ""); got != want.String() {
				rt.Errorf("%q, want %q", got, want.String())
			}
			time.Sleep(delay)
		})
	})
}

func ExampleHandler() {
	var out bytes.Buffer
	w := logwriter.New(&out, time.Minute)
	log := slog.New(logwriter.Handler(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}), w))
	log.Info("at once")
	log.Info("waits")
	fmt.Println(strings.Count(out.String(), "\n"))
	log.Warn("does not wait")
	fmt.Print(out.String())
	// Output:
	// 1
	// level=INFO msg="at once"
	// level=INFO msg=waits
	// level=WARN msg="does not wait"
}

package logwriter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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

func end(t *testing.T, w *logwriter.Writer) {
	t.Helper()
	if err := w.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLinesAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sheet
		w := logwriter.New(&s, time.Second)
		write(t, w, "1\n") // At once.
		synctest.Wait()
		write(t, w, "2\n")
		write(t, w, "3\n")
		time.Sleep(time.Second)
		synctest.Wait()
		write(t, w, "4\n") // The next delay has begun.
		time.Sleep(2 * time.Second)
		synctest.Wait()
		write(t, w, "5\n") // After a pause.
		synctest.Wait()
		if want := []string{"1\n", "2\n3\n", "4\n", "5\n"}; !slices.Equal(s.writes, want) {
			t.Errorf("%q", s.writes)
		}
		end(t, w)
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

// TestMuchIsWrittenAtOnce: much does not wait for the end of a delay.
func TestMuchIsWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sheet
		w := logwriter.New(&s, time.Hour)
		line := strings.Repeat("x", 1023) + "\n"
		write(t, w, line)
		synctest.Wait()
		for range 64 {
			write(t, w, line)
		}
		synctest.Wait()
		if len(s.writes) != 2 || len(s.writes[1]) != 64<<10 {
			t.Errorf("%d writes", len(s.writes))
		}
		end(t, w)
	})
}

// inText writes records as text.
func inText(to io.Writer) slog.Handler { return slog.NewTextHandler(to, nil) }

// TestWarningsAreWrittenAtOnce: with the lines before them, also through handlers that others derived.
func TestWarningsAreWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sheet
		w := logwriter.New(&s, time.Hour)
		log := slog.New(logwriter.Handler(inText, w)).With("a", 1).WithGroup("g")
		log.Info("first")
		synctest.Wait()
		log.Info("second")
		log.Info("third")
		synctest.Wait()
		if len(s.writes) != 1 {
			t.Errorf("%q", s.writes)
		}
		log.Warn("fourth")
		synctest.Wait()
		if len(s.writes) != 2 || strings.Count(s.writes[1], "\n") != 3 || !strings.Contains(s.writes[1], "fourth") {
			t.Errorf("%q", s.writes)
		}
		end(t, w)
	})
}

// TestNobodyWaitsForTheReader: while the destination stalls lines wait for it, up to a bound, and what found no room is counted and reported
// behind the lines before it. The end is bounded too.
func TestNobodyWaitsForTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read, stalled := io.Pipe()
		w := logwriter.New(stalled, time.Second)
		log := slog.New(logwriter.Handler(inText, w))
		const lines = 3000 // Two thirds of them find no room.
		for range lines {
			log.Info("long", "text", strings.Repeat("x", 1000))
		}
		full, failed := w.Lost()
		if full < lines/3 || full >= lines || failed != 0 {
			t.Errorf("%d and %d lines lost", full, failed)
		}
		text := make(chan string)
		go func() {
			all, err := io.ReadAll(read)
			if err != nil {
				t.Error(err)
			}
			text <- string(all)
		}()
		time.Sleep(2 * time.Second)
		log.Info("the last line")
		end(t, w)
		if err := stalled.Close(); err != nil {
			t.Error(err)
		}
		all := <-text
		_, after, reported := strings.Cut(all, fmt.Sprintf(`the reader of the log is too slow" lost=%d`+"\n", full))
		if got := strings.Count(all, "xxx\n"); got != lines-int(full) || !reported || strings.Count(after, "\n") != 1 || !strings.Contains(after, "the last line") {
			t.Errorf("%d lines of %d, of which %d were lost; after the report (%v):\n%.300s", got, lines, full, reported, after)
		}
	})
}

// TestEndIsBounded: a destination that stalls does not keep Close. Lines that come later are lost, and counted.
func TestEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read, stalled := io.Pipe()
		w := logwriter.New(stalled, time.Second)
		write(t, w, "1\n")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closed: %v", err)
		}
		write(t, w, "2\n")
		if full, failed := w.Lost(); full != 1 || failed != 0 {
			t.Errorf("%d and %d lines lost", full, failed)
		}
		if err := read.Close(); err != nil { // The goroutine ends.
			t.Error(err)
		}
	})
}

// TestRefusedLinesAreNotKept: a destination that fails does not make memory grow, and the lines are counted.
func TestRefusedLinesAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sheet{err: errors.New("disk full")}
		w := logwriter.New(&s, time.Hour)
		write(t, w, "1\n")
		synctest.Wait()
		write(t, w, "2\n")
		write(t, w, "3\n")
		end(t, w)
		s.err = nil
		write(t, w, "4\n") // After Close none waits.
		if !slices.Equal(s.writes, []string{"1\n", "2\n3\n", "4\n"}) {
			t.Errorf("%q", s.writes)
		}
		if full, failed := w.Lost(); full != 0 || failed != 3 {
			t.Errorf("%d and %d lines lost", full, failed)
		}
	})
}

// TestNoLineIsLost: whatever comes in whatever rhythm, each line is written once, in order, and not later than the delay.
func TestNoLineIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pauses := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 60).Draw(rt, "pauses in quarters of the delay")
		synctest.Test(t, func(t *testing.T) {
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
			end(t, w)
		})
	})
}

func ExampleHandler() {
	var out bytes.Buffer
	w := logwriter.New(&out, time.Minute)
	log := slog.New(logwriter.Handler(func(to io.Writer) slog.Handler {
		return slog.NewTextHandler(to, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})
	}, w))
	log.Info("nobody waits for its writing")
	log.Info("many are written together")
	if err := w.Close(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Print(out.String())
	// Output:
	// level=INFO msg="nobody waits for its writing"
	// level=INFO msg="many are written together"
}

// Package logwriter writes the lines of a busy log together, and lets nobody wait for them. A system call for each line costs a service
// more than the line itself; and where the reader of the log stalls, each of them would stall the caller.
package logwriter

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/backlog"
)

const (
	// bytesFull is how many bytes end a delay.
	bytesFull = 64 << 10
	// bytesMax is how many bytes wait at most for a destination that stalls: a few thousand lines.
	bytesMax = 1 << 20
)

// Writer writes the first line after a pause at once, and gathers those that follow within its delay. Without a delay each line is written
// before Write returns. It is safe for concurrent use. If the process is killed, the lines that wait are lost.
type Writer struct {
	to io.Writer
	// queue is nil without a delay.
	queue *backlog.Queue[byte]
	// report, if there is one, gets how many lines were lost since it was called before.
	report atomic.Pointer[func(lost int)]
	// full counts the lines that found no room, failed those that could not be written.
	full, failed atomic.Int64

	// closed means that lines do not wait any more.
	closed atomic.Bool
	mu     sync.Mutex // Held while a line is written by its caller.
	stuck  bool       // Lines could not be written when the writer was closed.
}

// New returns a writer whose lines wait for at most the delay, unless the destination stalls: then those for which there is no room are
// lost. With 0 none waits, and none is lost. With a delay it must be closed.
func New(to io.Writer, delay time.Duration) *Writer {
	w := &Writer{to: to}
	if delay > 0 {
		w.queue = backlog.New(backlog.Options[byte]{Max: bytesMax, Delay: delay, Full: bytesFull, Take: w.take})
	}
	return w
}

// Write implements [io.Writer]. With a delay it reports no errors: lost lines are counted.
func (w *Writer) Write(line []byte) (int, error) {
	if w.queue != nil {
		if w.queue.Add(line...) {
			return len(line), nil
		}
		if !w.closed.Load() {
			w.full.Add(1)
			return len(line), nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stuck {
		w.full.Add(1)
		return len(line), nil
	}
	return len(line), w.write(line)
}

// Close writes the lines that wait, and returns ctx's error if it ends before. Lines that come later do not wait: they are written at once, or
// lost if ctx ended.
func (w *Writer) Close(ctx context.Context) error {
	if w.queue == nil {
		return nil
	}
	w.mu.Lock() // Lines that come now are written after those that wait.
	defer w.mu.Unlock()
	w.closed.Store(true)
	err := w.queue.Close(ctx)
	w.stuck = err != nil
	return err
}

// Lost is how many lines found no room while the destination stalled, and how many it refused.
func (w *Writer) Lost() (full, failed int64) { return w.full.Load(), w.failed.Load() }

// take writes lines together.
func (w *Writer) take(lines []byte, lost int) {
	if len(lines) > 0 {
		_ = w.write(lines) // There is nobody to report it to: slog ignores what Write returns too.
	}
	if report := w.report.Load(); lost > 0 && report != nil {
		(*report)(lost)
	}
}

// direct writes to w without waiting in its queue.
type direct struct{ w *Writer }

func (d direct) Write(lines []byte) (int, error) { return len(lines), d.w.write(lines) }

func (w *Writer) write(lines []byte) error {
	_, err := w.to.Write(lines)
	if err != nil {
		w.failed.Add(int64(bytes.Count(lines, []byte{'\n'})))
	}
	return err
}

// Handler is a handler that writes to w, in the form of the handlers that form makes. A record of level WARN or above ends w's delay. Where
// lines were lost, a record says how many.
func Handler(form func(io.Writer) slog.Handler, w *Writer) slog.Handler {
	reports := form(direct{w})
	report := func(lost int) {
		r := slog.NewRecord(time.Now(), slog.LevelWarn, "log lines were lost: the reader of the log is too slow", 0)
		r.AddAttrs(slog.Int("lost", lost))
		_ = reports.Handle(context.Background(), r) // As in take.
	}
	w.report.Store(&report)
	return handler{form(w), w}
}

type handler struct {
	slog.Handler
	w *Writer
}

// Handle implements [slog.Handler].
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn && h.w.queue != nil {
		h.w.queue.Hurry()
	}
	return err
}

// WithAttrs implements [slog.Handler].
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.w}
}

// WithGroup implements [slog.Handler].
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name), h.w} }

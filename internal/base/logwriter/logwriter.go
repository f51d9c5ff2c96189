// Package logwriter writes the lines of a busy log together. A system call for each line costs a service more than the line
// itself.
package logwriter

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// bytesMax is how many bytes wait at most. More are written at once.
const bytesMax = 64 << 10

// Writer writes the first line after a pause at once, and gathers those that follow within its delay. It is safe for concurrent
// use. If the process is killed, the lines that wait are lost.
type Writer struct {
	to    io.Writer
	delay time.Duration

	mu      sync.Mutex
	waiting []byte
	// timer runs while lines are gathered; nil while there is a pause.
	timer *time.Timer
}

// New returns a writer whose lines wait for at most the delay. With 0 none waits.
func New(to io.Writer, delay time.Duration) *Writer { return &Writer{to: to, delay: delay} }

// Write implements [io.Writer]. Lines that the destination refuses are lost, and the error may be that of earlier lines.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.delay > 0 && w.timer == nil {
		w.timer = time.AfterFunc(w.delay, w.end)
		return w.to.Write(line)
	}
	w.waiting = append(w.waiting, line...)
	if w.delay > 0 && len(w.waiting) < bytesMax {
		return len(line), nil
	}
	return len(line), w.flush()
}

// Close writes the lines that wait. Lines that come later do not wait.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delay = 0
	return w.flush()
}

func (w *Writer) writeWaiting() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *Writer) flush() error {
	if len(w.waiting) == 0 {
		return nil
	}
	_, err := w.to.Write(w.waiting)
	w.waiting = w.waiting[:0]
	return err
}

// end ends a delay. If lines came meanwhile the next delay begins, otherwise there is a pause.
func (w *Writer) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		w.timer = nil
		return
	}
	_ = w.flush() // There is nobody to report it to: slog ignores what Write returns too.
	w.timer.Reset(w.delay)
}

// Handler is a handler that writes to w. A record of level WARN or above is written at once, with all that wait.
func Handler(to slog.Handler, w *Writer) slog.Handler { return handler{to, w} }

type handler struct {
	slog.Handler
	w *Writer
}

// Handle implements [slog.Handler].
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level < slog.LevelWarn || err != nil {
		return err
	}
	return h.w.writeWaiting()
}

// WithAttrs implements [slog.Handler].
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.w}
}

// WithGroup implements [slog.Handler].
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name), h.w} }

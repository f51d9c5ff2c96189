package app

import (
	"log/slog"
	"sync"
	"time"
)

// logLevel is what is logged: the level of the setting, or one that an operator set, which may have an end.
type logLevel struct {
	slog.LevelVar
	setting slog.Level

	mu    sync.Mutex
	timer *time.Timer // Nil where the level has no end.
}

// set sets the level until a time, zero for until it is set anew, and returns the level before.
func (l *logLevel) set(level slog.Level, until time.Time) slog.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.Level()
	l.stop()
	l.Set(level)
	if !until.IsZero() {
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(until), func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.timer == timer { // It was not set anew meanwhile.
				l.timer = nil
				l.Set(l.setting)
			}
		})
		l.timer = timer
	}
	return before
}

// stop forgets the end of the level. The lock must be held.
func (l *logLevel) stop() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

// close ends the waiting for an end.
func (l *logLevel) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop()
}

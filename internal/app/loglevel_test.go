package app

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// TestALogLevelEnds: after its time the level of the setting is back, unless it was set anew meanwhile.
func TestALogLevelEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &logLevel{setting: slog.LevelWarn}
		l.Set(l.setting)
		expect := func(step string, want slog.Level) {
			t.Helper()
			if got := l.Level(); got != want {
				t.Errorf("%s: %v, want %v", step, got, want)
			}
		}
		if before := l.set(slog.LevelDebug, time.Now().Add(time.Hour)); before != slog.LevelWarn {
			t.Errorf("before: %v", before)
		}
		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		expect("shortly before its end", slog.LevelDebug)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		expect("after its end", slog.LevelWarn)
		l.set(slog.LevelDebug, time.Now().Add(time.Hour))
		l.set(slog.LevelError, time.Time{})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		expect("set anew without an end", slog.LevelError)
		l.set(slog.LevelInfo, time.Now().Add(time.Hour))
		l.close()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		expect("closed", slog.LevelInfo)
	})
}

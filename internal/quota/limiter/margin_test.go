package limiter

import (
	"math"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestMarginIsUnlearned: half of the learned margin is given up in a day, and the configured part never.
func TestMarginIsUnlearned(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	m := margin{least: 0.01}
	for range 4 {
		m.grow(now)
	}
	const learned = 0.0675 - 0.01
	for after, want := range map[time.Duration]float64{
		-time.Hour: learned, 0: learned, 24 * time.Hour: learned / 2, 48 * time.Hour: learned / 4, 365 * 24 * time.Hour: 0,
	} {
		if got := m.at(now.Add(after)) - 0.01; math.Abs(got-want) > 1e-9 {
			t.Errorf("after %v, the margin is %v above the least, want %v", after, got, want)
		}
	}
	for range 100 {
		m.grow(now)
	}
	if got := m.at(now); math.Abs(got-marginCeiling) > 1e-9 {
		t.Errorf("it grows to %v, want %v at most", got, marginCeiling)
	}
	high := margin{least: 0.4}
	high.grow(now)
	if got := high.at(now); math.Abs(got-0.4) > 1e-9 {
		t.Errorf("a configured margin above the ceiling becomes %v", got)
	}
}

// TestMarginSurvivesRestart: the learned margin is restored after a restart, reduced by the elapsed time.
func TestMarginSurvivesRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "quota.db")
		open := func() *Local {
			days, err := OpenLedger(t.Context(), path, "key", LedgerOptions{Exact: true, Needed: true, OnError: func(err error) { t.Error(err) }})
			if err != nil {
				t.Fatal(err)
			}
			return NewLocal(Limits{App: Limit{PerSecond: 5}, Margin: 0.01}, days)
		}
		g := open()
		g.margin.grow(time.Now())
		g.margin.grow(time.Now())
		g.days.learned(g.margin)
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		g = open()
		if s, err := g.State(t.Context(), ""); err != nil || math.Abs(s.Margin-0.02) > 1e-6 {
			t.Errorf("a day after a restart the margin is %v (%v), want 0.01 and half of 0.02", s.Margin, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

package limiter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
)

func TestPaceOf(t *testing.T) {
	for _, tc := range []struct {
		perSecond, margin float64
		want              pace
		guard, every      time.Duration
		usable            float64
	}{
		{0, 0.01, pace{}, 0, 0, 0},
		{-1, 0.01, pace{}, 0, 0, 0},
		{5, 0, pace{calls: 5, window: time.Second}, time.Second, 200 * time.Millisecond, 5},
		{5, 0.01, pace{calls: 5, window: time.Second}, 1007576 * time.Microsecond, 202021 * time.Microsecond, 5},
		{2.5, 0, pace{calls: 2, window: time.Second}, time.Second, 500 * time.Millisecond, 2},
		{0.25, 0, pace{calls: 1, window: 4 * time.Second}, 4 * time.Second, 4 * time.Second, 0.25},
		{3, 0, pace{calls: 3, window: time.Second}, time.Second, 333334 * time.Microsecond, 3},
	} {
		limit := Limit{PerSecond: tc.perSecond}
		got := paceOf(limit)
		if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(pace{})); diff != "" {
			t.Errorf("%v calls a second (-want +got):\n%s", tc.perSecond, diff)
		}
		if diff := cmp.Diff([]time.Duration{tc.guard, tc.every}, []time.Duration{got.guard(tc.margin), got.interval(tc.margin, 1)}); diff != "" {
			t.Errorf("%v calls a second, margin %v: guard and spacing (-want +got):\n%s", tc.perSecond, tc.margin, diff)
		}
		if got := limit.Usable(); got != tc.usable {
			t.Errorf("of %v calls a second %v are usable, want %v", tc.perSecond, got, tc.usable)
		}
	}
}

func TestUntilMidnight(t *testing.T) {
	for at, want := range map[string]time.Duration{
		"2026-11-23T00:00:00+08:00":           24 * time.Hour,
		"2026-11-23T23:59:59.999999+08:00":    time.Microsecond,
		"2026-11-23T16:00:00Z":                24 * time.Hour,
		"2026-11-23T15:59:00Z":                time.Minute,
		"2026-11-23T08:00:00.000000001-03:00": 5*time.Hour - time.Nanosecond,
	} {
		now, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := UntilMidnight(now); got != want {
			t.Errorf("%s: midnight in %v, want %v", at, got, want)
		}
		if chinaday.Number(now)+1 != chinaday.Number(now.Add(want)) || chinaday.Number(now) != chinaday.Number(now.Add(want-time.Nanosecond)) {
			t.Errorf("%s: the day does not change at midnight", at)
		}
	}
}

package upstream_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// The parts of a range cover each of its days once, in order, and none is over a month.
func TestMonthsCoverTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := time.Date(2026, 1, 1, 0, 0, 0, 0, upstream.Shanghai()).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "first"))
		last := first.AddDate(0, 0, rapid.IntRange(0, upstream.TrendHistory).Draw(t, "days"))
		parts := upstream.TrendDays{First: first, Last: last}.Months()
		if len(parts) == 0 || len(parts) > 4 {
			t.Fatalf("%d parts", len(parts))
		}
		next := first
		for _, part := range parts {
			if !part.First.Equal(next) || part.Last.Before(part.First) {
				t.Fatalf("%v begins not on %v", part, next)
			}
			if months := int(part.Last.Month()-part.First.Month()+12) % 12; months > 1 || months == 1 && part.Last.Day() > part.First.Day() {
				t.Fatalf("%v is over a month", part)
			}
			next = part.Last.AddDate(0, 0, 1)
		}
		if !next.AddDate(0, 0, -1).Equal(last) {
			t.Fatalf("the last day is %v", next)
		}
	})
}

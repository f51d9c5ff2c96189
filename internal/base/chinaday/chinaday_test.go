package chinaday_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
)

// A day of China begins at 16:00 of the day before in UTC.
func ExampleNext() {
	t := time.Date(2026, 11, 26, 16, 30, 0, 0, time.UTC)
	fmt.Println(chinaday.Name(t), chinaday.Next(t).UTC().Format(time.RFC3339))
	// Output: 2026-11-27 2026-11-27T16:00:00Z
}

func TestDaysFollowEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		begin, next := chinaday.Begin(at), chinaday.Next(at)
		last := next.Add(-time.Nanosecond)
		switch {
		case begin.After(at) || !next.After(at) || next.Sub(begin) != 24*time.Hour:
			t.Fatalf("%v is not in the day from %v to %v", at, begin, next)
		case chinaday.Name(begin) != chinaday.Name(last) || chinaday.Number(begin) != chinaday.Number(last):
			t.Fatalf("%v and %v are of two days", begin, last)
		case chinaday.Name(next) == chinaday.Name(at) || chinaday.Number(next) != chinaday.Number(at)+1:
			t.Fatalf("%v is not of the day after %v", next, at)
		}
	})
}

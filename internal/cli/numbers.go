package cli

import (
	"strconv"
	"time"
)

// counted is a number of things in words.
func counted[N int | int32 | int64](words phrases, n N, one, many string) string {
	if n == 1 {
		return words.say("%d "+one, n)
	}
	return words.say("%d "+many, n)
}

// spoken is a duration in words: "1.5 seconds", "3 minutes", "2 h 5 min".
func spoken(d time.Duration, words phrases) string {
	unit := words.units
	switch {
	case d < time.Second:
		return strconv.FormatInt(max(d.Milliseconds(), 1), 10) + unit.millisecond
	case d < 2*time.Minute:
		text := strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64)
		if text == "1" {
			return text + unit.second
		}
		return text + unit.seconds
	case d < 2*time.Hour:
		return strconv.FormatInt(int64(d.Round(time.Minute)/time.Minute), 10) + unit.minutes
	case d < 48*time.Hour:
		d = d.Round(time.Minute)
		text := strconv.FormatInt(int64(d/time.Hour), 10) + unit.hours
		if rest := d % time.Hour; rest > 0 {
			text += strconv.FormatInt(int64(rest/time.Minute), 10) + unit.shortMinutes
		}
		return text
	}
	return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + unit.days
}

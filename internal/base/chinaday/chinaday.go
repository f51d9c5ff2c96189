// Package chinaday is the calendar day in China, by which 1688 and this service count calls, and by which histories are cut into
// days. China has had one time zone without summer time since 1991.
package chinaday

import "time"

// zone is fixed: a machine needs no time zone database for it.
var zone = time.FixedZone("GMT+8", 8*60*60)

// Zone is the time zone of China.
func Zone() *time.Location { return zone }

// Name is the day of a time, as "2026-11-27".
func Name(t time.Time) string { return t.In(zone).Format(time.DateOnly) }

// Begin is when the day of a time began.
func Begin(t time.Time) time.Time { return at(t, 0) }

// Next is when the day after that of a time begins.
func Next(t time.Time) time.Time { return at(t, 1) }

func at(t time.Time, days int) time.Time {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day+days, 0, 0, 0, 0, zone)
}

// Number counts the days: that of the next day is one larger.
func Number(t time.Time) int64 {
	_, offset := t.In(zone).Zone()
	return (t.Unix() + int64(offset)) / 86400
}

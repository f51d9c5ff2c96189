package upstream

import "time"

// TrendDays is a range of days of Shanghai, from its first to its last.
type TrendDays struct{ First, Last time.Time }

// TrendHistory is how many days back the upstream's history of a product goes (docs/PROTOCOL.md §8).
const TrendHistory = 90

// Shanghai is the time zone of the upstream's dates.
func Shanghai() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Months splits the range into parts whose first and last day are at most a month apart, which is the most that one call may
// ask for. All parts but the last are as long as they may be.
func (d TrendDays) Months() []TrendDays {
	var all []TrendDays
	for first := d.First; !first.After(d.Last); {
		last := monthAfter(first)
		if last.After(d.Last) {
			last = d.Last
		}
		all = append(all, TrendDays{first, last})
		first = last.AddDate(0, 0, 1)
	}
	return all
}

// monthAfter is the same day of the next month, or the last day of that month.
func monthAfter(day time.Time) time.Time {
	next := day.AddDate(0, 1, 0)
	if next.Day() < day.Day() {
		next = next.AddDate(0, 0, -next.Day())
	}
	return next
}

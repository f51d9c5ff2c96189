package normal

import (
	"time"

	"github.com/tidwall/gjson"
)

// china is the zone of the upstream's dates without a zone; it has had no daylight saving time since 1991.
func china() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Time reads a point in time: "2024-04-20 08:00:00" and "2024-04-20" in China's time, "20240420080000000+0800" and
// "20240420080000+0800" with their zone. Text that is no time, and times before 1970, which stand for none, are unknown.
func Time(r gjson.Result) (at time.Time, known bool) {
	if r.Type != gjson.String {
		return time.Time{}, false
	}
	text := Text(r)
	// Go reads milliseconds only behind a point.
	if len(text) == len("20240420080000000+0800") {
		text = text[:14] + "." + text[14:]
	}
	for _, layout := range [...]string{time.DateTime, time.DateOnly, "20060102150405.000-0700", "20060102150405-0700"} {
		if at, err := time.ParseInLocation(layout, text, china()); err == nil {
			return at.UTC(), at.Unix() > 0
		}
	}
	return time.Time{}, false
}

package aopwire

import (
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
)

// aopDate writes a moment as the platform does: yyyyMMddHHmmssSSSZ.
func aopDate(t time.Time) string {
	t = access.China(t)
	millis := t.Format(".000")[1:]
	return t.Format("20060102150405") + millis + t.Format("-0700")
}

func currentTime(c *call) (result, error) {
	return result{payload: aopDate(c.Arrived)}, nil
}

func currentTimeMillis(c *call) (result, error) {
	return result{payload: c.Arrived.UnixMilli()}, nil
}

package pace_test

import (
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/pace"
)

func TestPace(t *testing.T) {
	for name, test := range map[string]struct {
		min  int64
		each int
		want time.Duration // When it is cut off; 0 for never.
	}{
		"fast enough": {1000, 1000, 0},
		"no bound":    {0, 0, 0},
		"half":        {1000, 500, 21 * time.Second},
		"a byte":      {1000, 1, 11 * time.Second},
		"nothing":     {1, 0, 11 * time.Second},
	} {
		p := pace.Pace{Min: test.min, Grace: 10 * time.Second}
		var cut time.Duration
		for second := time.Second; second <= time.Hour && cut == 0; second += time.Second {
			if err := p.Arrived(test.each, time.Second); fault.KindOf(err) == fault.UploadStalled {
				cut = second
			}
		}
		if cut != test.want {
			t.Errorf("%s: cut off after %v, want %v", name, cut, test.want)
		}
	}
}

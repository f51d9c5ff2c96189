package app

import (
	"math"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// TestReplicasLeaveMoreUnused: what is counted elsewhere is counted before it is written.
func TestReplicasLeaveMoreUnused(t *testing.T) {
	for _, test := range []struct {
		quota config.Quota
		want  float64
	}{
		{config.Quota{Margin: 0.01}, 0.01},
		{config.Quota{Margin: 0.01, RedisURL: "redis://127.0.0.1:6379/0"}, 0.03},
		{config.Quota{Margin: 0.45, RedisURL: "redis://127.0.0.1:6379/0"}, 0.47}, // The largest setting stays within what the limiter takes.
	} {
		if got := marginOf(test.quota); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v: %v, want %v", test.quota, got, test.want)
		}
	}
}

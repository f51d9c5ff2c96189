package pause_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// TestFor: the earlier of the time and the context's end ends the wait, and the result says which.
func TestFor(t *testing.T) {
	for name, test := range map[string]struct {
		wait, cancelAfter, took time.Duration
		elapsed                 bool
	}{
		"the time passes":        {time.Second, time.Minute, time.Second, true},
		"the context ends first": {time.Minute, time.Second, time.Second, false},
		"no time":                {0, time.Minute, 0, true},
		"less than no time":      {-time.Second, time.Minute, 0, true},
		"ended before":           {time.Minute, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.cancelAfter)
				defer cancel()
				began := time.Now()
				if got := pause.For(ctx, test.wait); got != test.elapsed {
					t.Errorf("reports %v, want %v", got, test.elapsed)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

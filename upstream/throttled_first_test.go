package upstream_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// TestAThrottledCallAsksFirst: the attempt after one that was throttled asks for its turn before those who wait behind it; one
// after another failure does not.
func TestAThrottledCallAsksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []string{"UPSTREAM_UNAVAILABLE", "UPSTREAM_THROTTLED", ""}
		o := simulate(t, func(w http.ResponseWriter, _ *http.Request) {
			says(w, answers[0], 0)
			answers = answers[1:]
		})
		q := &quota{}
		o.Quota = q
		if _, err := ask(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		var second []bool
		for _, a := range q.asked {
			second = append(second, a.Throttled)
		}
		if diff := cmp.Diff([]bool{false, false, true}, second); diff != "" {
			t.Errorf("asked to go first (-want +got):\n%s", diff)
		}
	})
}

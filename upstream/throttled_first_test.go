package upstream_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// TestAThrottledCallGoesFirst: the attempt after a throttled one requests its permit before all others. The attempt after
// another failure does not.
func TestAThrottledCallGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []string{"UPSTREAM_UNAVAILABLE", "UPSTREAM_THROTTLED", ""}
		o := simulate(t, func(w http.ResponseWriter, _ *http.Request) {
			respond(w, answers[0], 0)
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
			t.Errorf("requests to go first (-want +got):\n%s", diff)
		}
	})
}

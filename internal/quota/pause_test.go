package quota_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestPauses: what is paused is refused with the wait, also if it waits already; the rest goes on; and a pause ends by itself or when it
// is resumed.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{t: t, members: []*member{{name: "main", rate: 2}, {name: "second", rate: 2, apis: []string{"search"}}}}
		d := p.pool(t)
		request := func(class upstream.Class, api string) upstream.PermitRequest {
			return upstream.PermitRequest{API: api, Demand: upstream.Demand{Class: class, Caller: "shop"}}
		}
		kinds := func() [3]string {
			var all [3]string
			for i, r := range []upstream.PermitRequest{request(upstream.Interactive, "search"), request(upstream.Batch, "search"), request(upstream.Interactive, "detail")} {
				all[i] = "OK"
				if err := p.call(t.Context(), d, r); err != nil {
					all[i] = fault.KindOf(err).String()
				}
			}
			return all
		}
		const paused = "UPSTREAM_CALLS_PAUSED"
		expect := func(step string, want ...string) {
			t.Helper()
			got := kinds()
			if diff := cmp.Diff(want, got[:]); diff != "" {
				t.Errorf("%s: an interactive search, one of a batch, and a detail that only main serves (-want +got):\n%s", step, diff)
			}
		}
		expect("nothing is paused", "OK", "OK", "OK")
		d.PauseClass(upstream.Batch, time.Now().Add(time.Hour))
		expect("batch is paused", "OK", paused, "OK")
		wantFault(t, attempt(t.Context(), d, request(upstream.Batch, "search"), nil), fault.UpstreamCallsPaused, "class/batch", 50*time.Minute, time.Hour)
		time.Sleep(time.Hour)
		expect("an hour later", "OK", "OK", "OK")

		d.PauseAccount("main", time.Time{})
		before := len(p.member("main").arrivals)
		expect("main is paused", "OK", "OK", paused)
		wantFault(t, attempt(t.Context(), d, request(upstream.Interactive, "detail"), nil), fault.UpstreamCallsPaused, "account/main", 0, 0)
		if n := len(p.member("main").arrivals); n != before {
			t.Errorf("%d calls went through the paused account", n-before)
		}
		d.PauseAccount("second", time.Time{})
		expect("both are paused", paused, paused, paused)
		if was, ok := d.ResumeAccount("main"); !was || !ok {
			t.Errorf("resumed: %v, %v", was, ok)
		}
		expect("main is resumed", "OK", "OK", "OK")
		if _, ok := d.PauseAccount("third", time.Time{}); ok {
			t.Error("an account that is not there was paused")
		}
		if was := d.ResumeClass(upstream.Batch); was {
			t.Error("a pause that had ended was resumed")
		}

		// Two calls wait behind others. One of them is paused meanwhile.
		d.ResumeAccount("second")
		results := map[upstream.Class]chan error{upstream.Interactive: make(chan error, 20), upstream.Batch: make(chan error, 20)}
		for class, result := range results {
			for range cap(result) {
				go func() { result <- p.call(context.Background(), d, request(class, "search")) }()
			}
		}
		synctest.Wait()
		d.PauseClass(upstream.Batch, time.Time{})
		refused := 0
		for class, result := range results {
			for range cap(result) {
				switch err := <-result; {
				case err == nil:
				case class == upstream.Batch && fault.KindOf(err) == fault.UpstreamCallsPaused:
					refused++
				default:
					t.Errorf("%s: %v", class, err)
				}
			}
		}
		if refused < 15 {
			t.Errorf("%d of 20 waiting calls were refused", refused)
		}
	})
}

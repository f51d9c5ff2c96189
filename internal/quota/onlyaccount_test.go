package quota_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestTheOnlyAccountCanBePaused: by its name or, without one, as the default. Its calls are refused, those that wait as well, until it
// is resumed or the pause ends; and its state says so.
func TestTheOnlyAccountCanBePaused(t *testing.T) {
	for name, c := range map[string]struct{ name, label, other string }{
		"without a name": {"", quota.OnlyAccount, "main"},
		"with a name":    {"main", "main", quota.OnlyAccount},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{t: t, members: []*member{{name: c.name, rate: 2}}}
				d := p.pool(t)
				request := upstream.PermitRequest{API: "search", Demand: upstream.Demand{Caller: "shop"}}
				for _, wrong := range []string{c.other, ""} {
					if _, ok := d.PauseAccount(wrong, time.Time{}); ok {
						t.Errorf("%q was paused", wrong)
					}
				}
				results := make(chan error, 10)
				for range cap(results) {
					go func() { results <- p.call(t.Context(), d, request) }()
				}
				synctest.Wait()
				span, ok := d.PauseAccount(c.label, time.Now().Add(time.Hour))
				if !ok {
					t.Fatal("it is not paused")
				}
				refused := 0
				for range cap(results) {
					if err := <-results; fault.KindOf(err) == fault.UpstreamCallsPaused {
						refused++
					} else if err != nil {
						t.Error(err)
					}
				}
				if refused < 5 {
					t.Errorf("%d of 10 waiting calls were refused", refused)
				}
				wantFault(t, attempt(t.Context(), d, request, nil), fault.UpstreamCallsPaused, "account/"+c.label, 50*time.Minute, time.Hour)
				_, accounts := d.Pauses()
				if diff := cmp.Diff(span, accounts[c.label]); diff != "" || len(accounts) != 1 {
					t.Errorf("%v (-want +got):\n%s", accounts, diff)
				}
				if s := d.Snapshot(t.Context()).Accounts[0]; s.Paused != span || s.Name != c.name {
					t.Errorf("%q is paused %v", s.Name, s.Paused)
				}
				if was, ok := d.ResumeAccount(c.label); !was || !ok {
					t.Errorf("resumed: %v, %v", was, ok)
				}
				d.PauseAccount(c.label, time.Now().Add(time.Minute))
				time.Sleep(time.Minute)
				if err := p.call(t.Context(), d, request); err != nil {
					t.Errorf("after the pause: %v", err)
				}
				if s := d.Snapshot(t.Context()).Accounts[0]; !s.Paused.Since.IsZero() {
					t.Errorf("a pause that has ended is there: %v", s.Paused)
				}
			})
		})
	}
}

//go:build unix

package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// TestDeadAfterADay: who takes nothing for 24 hours gets it no more, until it is asked for. Nobody else can ask for it.
func TestDeadAfterADay(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, answering(http.StatusBadGateway))
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		hook := r.watch(t, "w", to.URL).Webhooks[0]
		r.events(t, "w", 1)
		first := r.clock
		r.clock = r.clock.Add(time.Second) // No process was there to send it at once.
		for r.only(t, "w").State == pending {
			r.clock = latest(r.clock, r.only(t, "w").NextAttempt)
			r.send(t, hook.ID)
		}
		d := r.only(t, "w")
		if d.State != dead || d.Attempts < 12 || d.Attempts > 25 || r.clock.Sub(first) > 24*time.Hour || r.clock.Sub(first) < 20*time.Hour {
			t.Errorf("after %v: %+v", r.clock.Sub(first), d)
		}
		if ids := r.claimed(t); len(ids) != 0 || len(to.got()) != int(d.Attempts) {
			t.Errorf("claimed %q; %d messages", ids, len(to.got()))
		}
		listed, err := r.Store.Deliveries(t.Context(), "w", dead, store.DeliveryCursor{}, 10)
		if err != nil || len(listed) != 1 {
			t.Errorf("%v, %v", listed, err)
		}
		for _, bad := range [][2]string{{"other", d.ID()}, {"shop", d.ID() + "x"}, {"shop", ""}, {"shop", "msg_1"}, {"shop", "msg_01_" + hook.ID}} {
			if _, err := r.Store.Redeliver(t.Context(), bad[0], bad[1], r.clock); fault.KindOf(err) != fault.WebhookDeliveryNotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
		to.set(nil)
		r.clock = r.clock.Add(time.Hour)
		repeated, err := r.Store.Redeliver(t.Context(), "shop", d.ID(), r.clock)
		if err != nil || repeated.State != pending || repeated.ID() != d.ID() {
			t.Fatalf("%+v, %v", repeated, err)
		}
		if ids := r.claimed(t); len(ids) != 1 {
			t.Errorf("claimed %q", ids)
		}
		r.clock = r.clock.Add(2 * time.Second)
		r.send(t, hook.ID)
		if d := r.only(t, "w"); d.State != delivered || d.Attempts != 1 {
			t.Errorf("%+v", d)
		}
		// The second delay is that of the redelivery, not of the event, which is of the day before.
		r.counted(t, 1, int(d.Attempts)-1, 1, 0, time.Second, 2*time.Second)
	})
}

// TestWhatWaitsBehindADeadTarget: events that were never sent, because the target took nothing for a day, are dead too. Newer ones
// are not.
func TestWhatWaitsBehindADeadTarget(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, answering(http.StatusBadGateway))
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		hook := r.watch(t, "w", to.URL).Webhooks[0]
		r.events(t, "w", 20)
		for range 2 {
			r.send(t, hook.ID)
			r.clock = r.clock.Add(time.Minute)
		}
		r.clock = r.clock.Add(24 * time.Hour)
		r.events(t, "w", 1)
		r.send(t, hook.ID)
		for i, d := range r.deliveries(t, "w") {
			want := dead
			if i == 2 || i == 20 { // The third one was just sent for the first time.
				want = pending
			}
			if d.State != want || want == dead && d.Failure == "" {
				t.Errorf("%d: %+v", i, d)
			}
		}
		if got := to.got(); len(got) != 3 {
			t.Errorf("%d messages", len(got))
		}
		r.counted(t, 0, 3, 19, 0, 0, time.Minute, 24*time.Hour+2*time.Minute)
	})
}

// TestGone: a target that answers 410 gets nothing more, until its owner names it again.
func TestGone(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, answering(http.StatusGone))
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		w := r.watch(t, "w", to.URL)
		hook := w.Webhooks[0]
		r.events(t, "w", 3)
		r.send(t, hook.ID)
		r.events(t, "w", 1)
		r.send(t, hook.ID)
		all := r.deliveries(t, "w")
		for _, d := range all {
			if d.State != dead || !strings.Contains(d.Failure, "410") {
				t.Errorf("%+v", d)
			}
		}
		if len(all) != 3 || len(to.got()) != 1 || len(r.claimed(t)) != 0 {
			t.Errorf("%d deliveries, %d messages", len(all), len(to.got()))
		}
		r.counted(t, 0, 0, 3, 1, 0)
		read, err := r.Store.GetWatch(t.Context(), "shop", "w")
		if err != nil || !strings.Contains(read.Webhooks[0].Disabled, "410") || read.Version != w.Version {
			t.Errorf("%+v, %v", read, err)
		}
		if _, err := r.Store.Redeliver(t.Context(), "shop", all[0].ID(), r.clock); fault.KindOf(err) != fault.WebhookDisabled {
			t.Errorf("%v", err)
		}
		to.set(nil)
		if w := r.update(t, "w", func(w *store.Watch) { w.Definition.DisplayName = "other" }); w.Webhooks[0].Disabled == "" {
			t.Error("another change makes the webhook active")
		}
		if w := r.update(t, "w", func(w *store.Watch) { w.Webhooks[0].Disabled = "" }); w.Version != read.Version+2 || w.Webhooks[0].ID != hook.ID {
			t.Errorf("%+v", w)
		}
		r.events(t, "w", 1)
		if _, err := r.Store.Redeliver(t.Context(), "shop", all[0].ID(), r.clock); err != nil {
			t.Error(err)
		}
		r.send(t, hook.ID)
		for i, m := range to.got()[1:] {
			if verify(t, m, hook.Plain); i > 1 {
				t.Error("more than two messages")
			}
		}
		if all = r.deliveries(t, "w"); all[0].State != delivered || all[3].State != delivered || all[1].State != dead {
			t.Errorf("%+v", all)
		}
	})
}

//go:build unix

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestOverview: each watch of any owner is visited once; the last success of a watch is found behind failures; and of webhooks those that
// fail are counted and listed by their hosts, the longest failing first.
func TestOverview(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		if state, err := s.WebhookState(t.Context()); state != (store.WebhookState{}) || err != nil {
			t.Errorf("an empty store: %+v, %v", state, err)
		}
		addresses := map[string]string{"h1": "https://shop.example:8443/in?token=CANARY", "h2": "https://other.example/", "h3": "https://gone.example/", "h4": "https://well.example/"}
		for id, hooks := range map[string][]string{"w1": {"h1", "h4"}, "w2": {"h2"}, "w3": {"h3"}} {
			w := &store.Watch{ID: id, Owner: "of " + id, Definition: definition(id, time.Minute), CreateTime: start(), NextDue: start()}
			for _, hook := range hooks {
				w.Webhooks = append(w.Webhooks, store.Webhook{ID: hook, URL: addresses[hook], Secret: []byte("sealed")})
			}
			if err := s.CreateWatch(t.Context(), w, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now().Truncate(time.Millisecond)
		for _, id := range []string{"w1", "w2", "w3"} {
			observe(t, s, id, start(), 100, 1)
		}
		now := time.Now().Add(time.Minute).Truncate(time.Millisecond)
		for i, attempt := range []struct {
			hook string
			what store.Attempt
		}{
			{"h2", store.Attempt{Status: 500, Failure: "the target answers HTTP 500", Next: now.Add(time.Hour), NotBefore: now.Add(time.Hour)}},
			{"h1", store.Attempt{Failure: "no answer", Next: now.Add(2 * time.Hour), NotBefore: now.Add(2 * time.Hour)}},
			{"h3", store.Attempt{Status: 410, Failure: "gone", Disable: "gone"}},
			{"h4", store.Attempt{Status: 200}},
		} {
			next, err := s.NextDelivery(t.Context(), attempt.hook, now)
			if err != nil || next == nil {
				t.Fatalf("%s: %v, %v", attempt.hook, next, err)
			}
			attempt.what.At = now.Add(time.Duration(i) * time.Second)
			if _, err := s.FinishDelivery(t.Context(), next, attempt.what); err != nil {
				t.Fatal(err)
			}
		}
		state, err := s.WebhookState(t.Context())
		if err != nil || state.OldestPending.Before(began) || state.OldestPending.After(now) {
			t.Errorf("the oldest is of %v, %v", state.OldestPending, err)
		}
		state.OldestPending = time.Time{}
		if diff := cmp.Diff(store.WebhookState{Webhooks: 4, Failing: 2, Disabled: 1, Pending: 2, Tried: 2}, state); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		failing, err := s.FailingWebhooks(t.Context(), 10)
		want := []store.FailingWebhook{
			{ID: "h2", WatchID: "w2", Owner: "of w2", Host: "other.example", Since: now.UTC(), Failures: 1, Next: now.Add(time.Hour).UTC(), Pending: 1, Failure: "the target answers HTTP 500"},
			{ID: "h1", WatchID: "w1", Owner: "of w1", Host: "shop.example:8443", Since: now.Add(time.Second).UTC(), Failures: 1, Next: now.Add(2 * time.Hour).UTC(), Pending: 1, Failure: "no answer"},
		}
		if diff := cmp.Diff(want, failing); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if first, err := s.FailingWebhooks(t.Context(), 1); err != nil || len(first) != 1 || first[0].ID != "h2" {
			t.Errorf("the first one: %+v, %v", first, err)
		}

		fail(t, s, "w2", start().Add(time.Minute))
		create(t, s, "nobody", "w4")
		fail(t, s, "w4", start().Add(time.Minute))
		for id, want := range map[string]time.Time{"w1": start(), "w2": start(), "w4": {}, "none": {}} {
			if at, err := s.LastSuccess(t.Context(), id); !at.Equal(want) || err != nil {
				t.Errorf("%s succeeded at %v, %v; want %v", id, at, err, want)
			}
		}
		visited := map[string]string{}
		err = s.EachWatch(t.Context(), func(w *store.Watch) {
			if visited[w.ID] != "" || w.Last == nil || w.Definition.GetDisplayName() != w.ID {
				t.Errorf("%+v", w)
			}
			visited[w.ID] = w.Owner
		})
		if diff := cmp.Diff(map[string]string{"w1": "of w1", "w2": "of w2", "w3": "of w3", "w4": "nobody"}, visited); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// fail stores an observation that failed.
func fail(t *testing.T, s *store.Store, id string, due time.Time) {
	t.Helper()
	w, err := s.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	o := observation(due, 0)
	o.Error = &statuspb.Status{Code: 14, Message: "late"}
	if stored, err := finish(t.Context(), s, store.Tick{Watch: w, Observation: o}); err != nil || !stored {
		t.Fatalf("stored %v, %v", stored, err)
	}
}

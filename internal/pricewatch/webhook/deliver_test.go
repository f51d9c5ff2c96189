//go:build unix

package webhook_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// verify checks a message with the scheme's own library.
func verify(t *testing.T, m message, key secret.Text) {
	t.Helper()
	if !verified(t, m, key) {
		t.Errorf("message %s has a signature that is not good: %s", m.id(), m.header.Get("webhook-signature"))
	}
}

func verified(t *testing.T, m message, key secret.Text) bool {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(key.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return hook.VerifyIgnoringTimestamp(m.body, m.header) == nil
}

// TestMessage: each webhook of a watch gets each event, signed with its own secret, as REST writes it.
func TestMessage(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		one, other := startTarget(t, nil), startTarget(t, answering(http.StatusOK))
		r := newRig(t, url, webhook.Options{Hosts: []string{one.host(), other.host()}})
		w := r.watch(t, "w", one.URL+"/a?b=c", other.URL)
		r.events(t, "w", 2)
		ids := r.claimed(t)
		if len(ids) != 2 || len(r.claimed(t)) != 0 {
			t.Fatalf("claimed %q", ids)
		}
		for i, to := range []*target{one, other} {
			r.send(t, w.Webhooks[i].ID)
			got := to.got()
			if len(got) != 2 {
				t.Fatalf("%d messages", len(got))
			}
			for _, m := range got {
				verify(t, m, w.Webhooks[i].Plain)
				if verified(t, m, w.Webhooks[1-i].Plain) {
					t.Error("two webhooks have the same secret")
				}
			}
			sameAsREST(t, r, got)
		}
		for _, d := range r.deliveries(t, "w") {
			if d.State != delivered || d.Attempts != 1 || d.Failure != "" || !d.LastAttempt.Equal(r.clock) || !d.NextAttempt.IsZero() {
				t.Errorf("%+v", d)
			}
		}
		r.clock = r.clock.Add(time.Hour)
		if ids := r.claimed(t); len(ids) != 0 {
			t.Errorf("%q have something to send", ids)
		}
	})
}

// sameAsREST compares messages with the events of the store.
func sameAsREST(t *testing.T, r *rig, got []message) {
	t.Helper()
	events, err := r.Store.Events(t.Context(), "shop", "w", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range got {
		var body struct {
			Type      string
			Timestamp time.Time
			Data      json.RawMessage
		}
		if err := json.Unmarshal(m.body, &body); err != nil {
			t.Fatal(err)
		}
		var data zhaohuov1.PriceEvent
		if err := protojson.Unmarshal(body.Data, &data); err != nil {
			t.Fatal(err)
		}
		if body.Type != "price.fell" || !body.Timestamp.Equal(events[i].GetTime().AsTime()) || data.String() != events[i].String() {
			t.Errorf("%s", m.body)
		}
		if m.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(m.id(), "msg_"+events[i].GetId()+"_wh_") {
			t.Errorf("%v", m.header)
		}
	}
}

// TestTroubledTargets: what counts is the status that comes in time.
func TestTroubledTargets(t *testing.T) {
	elsewhere := startTarget(t, nil)
	end := make(chan struct{})
	defer close(end)
	for name, test := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request, int)
		state   zhaohuov1.WebhookDeliveryState
		status  int32
		failure string
	}{
		"hangs": {func(_ http.ResponseWriter, r *http.Request, _ int) {
			select {
			case <-r.Context().Done():
			case <-end:
			}
		}, pending, 0, "the target did not answer in time"},
		"hangs up": {func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }, pending, 0, "the connection to the target failed"},
		"redirects": {func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, pending, 307, "the target redirects (HTTP 307), which is not followed"},
		"fails":       {answering(500), pending, 500, "the target answers HTTP 500"},
		"refuses":     {answering(401), pending, 401, "the target answers HTTP 401"},
		"is gone":     {answering(410), dead, 410, "the target is gone (HTTP 410)"},
		"takes later": {answering(202), delivered, 202, ""},
		"never ends its answer": {func(w http.ResponseWriter, r *http.Request, _ int) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-end:
			}
		}, delivered, 200, ""},
		"answers very much": {func(w http.ResponseWriter, r *http.Request, _ int) {
			for block := make([]byte, 1<<20); r.Context().Err() == nil; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, delivered, 200, ""},
		"has a header without end": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			w.WriteHeader(http.StatusOK)
		}, pending, 0, "the connection to the target failed"},
	} {
		t.Run(name, func(t *testing.T) {
			to := startTarget(t, test.answer)
			o := webhook.Options{Hosts: []string{to.host()}}
			if name == "hangs" {
				o.Timeout = 100 * time.Millisecond
			}
			r := newRig(t, filepath.Join(t.TempDir(), "pricewatch.db"), o)
			w := r.watch(t, "w", to.URL)
			r.events(t, "w", 1)
			r.send(t, w.Webhooks[0].ID)
			d := r.only(t, "w")
			if d.State != test.state || d.Status != test.status || d.Failure != test.failure || d.Attempts != 1 {
				t.Errorf("%+v", d)
			}
			if d.NextAttempt.After(r.clock) != (test.state == pending) {
				t.Errorf("it is sent again at %v", d.NextAttempt)
			}
		})
	}
	if got := elsewhere.got(); len(got) != 0 {
		t.Errorf("%d redirects were followed", len(got))
	}
}

// TestRetries: an event that the target does not take at first is sent again with the same id, and signed anew.
func TestRetries(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, func(w http.ResponseWriter, _ *http.Request, number int) {
			if number < 4 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		w := r.watch(t, "w", to.URL)
		hook := w.Webhooks[0]
		r.events(t, "w", 1)
		for n := range 4 {
			if ids := r.claimed(t); !slices.Equal(ids, []string{hook.ID}) {
				t.Fatalf("attempt %d: claimed %q", n, ids)
			}
			r.send(t, hook.ID)
			r.send(t, hook.ID) // It is too early.
			if d := r.only(t, "w"); d.State == pending {
				r.clock = d.NextAttempt
			}
		}
		if d := r.only(t, "w"); d.State != delivered || d.Attempts != 4 || d.Failure != "" {
			t.Errorf("%+v", d)
		}
		got := to.got()
		if len(got) != 4 {
			t.Fatalf("%d messages", len(got))
		}
		for _, m := range got {
			verify(t, m, hook.Plain)
			if m.id() != got[0].id() || string(m.body) != string(got[0].body) {
				t.Errorf("%s %s", m.id(), m.body)
			}
		}
		if got[0].header.Get("webhook-timestamp") == got[3].header.Get("webhook-timestamp") {
			t.Error("the last attempt has the time of the first one")
		}
		r.counted(t, 1, 3, 0, 0, 0)
	})
}

// latest is the later one of two times.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestRetryAfter: a target that asks for time gets it, within bounds, for all of its messages.
func TestRetryAfter(t *testing.T) {
	for header, want := range map[string][2]time.Duration{
		"600": {10 * time.Minute, 11 * time.Minute}, "999999": {time.Hour, 61 * time.Minute}, "-5": {5 * time.Second, 7 * time.Second},
		"soon": {5 * time.Second, 7 * time.Second}, "1": {5 * time.Second, 7 * time.Second},
	} {
		to := startTarget(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		r := newRig(t, filepath.Join(t.TempDir(), "pricewatch.db"), webhook.Options{Hosts: []string{to.host()}})
		hook := r.watch(t, "w", to.URL).Webhooks[0]
		r.events(t, "w", 2)
		r.send(t, hook.ID)
		all := r.deliveries(t, "w")
		if wait := all[0].NextAttempt.Sub(r.clock); wait < want[0] || wait > want[1] || all[1].Attempts != 0 {
			t.Errorf("%q: %v, %+v", header, wait, all[1])
		}
		r.send(t, hook.ID)
		if got := to.got(); len(got) != 1 {
			t.Errorf("%q: %d messages at once", header, len(got))
		}
	}
}

// TestOvertaking: a message that the target refuses is sent later, and those behind it go on in the order of events.
func TestOvertaking(t *testing.T) {
	to := startTarget(t, func(w http.ResponseWriter, _ *http.Request, number int) {
		if number == 2 {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	r := newRig(t, filepath.Join(t.TempDir(), "pricewatch.db"), webhook.Options{Hosts: []string{to.host()}})
	hook := r.watch(t, "w", to.URL).Webhooks[0]
	r.events(t, "w", 4)
	r.send(t, hook.ID)
	if ids := r.claimed(t); len(ids) != 0 {
		t.Error("there is no pause after a failure")
	}
	r.clock = r.clock.Add(4 * time.Second)
	r.send(t, hook.ID)
	r.clock = r.clock.Add(time.Minute)
	r.send(t, hook.ID)
	var order []string
	for _, m := range to.got() {
		order = append(order, strings.Split(m.id(), "_")[1])
	}
	if got := strings.Join(order, " "); got != "1 2 3 4 2" {
		t.Errorf("sent in the order %s", got)
	}
}

//go:build unix

package webhook_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// TestRotation: for a day both secrets sign, then the new one alone.
func TestRotation(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, nil)
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		hook := r.watch(t, "w", to.URL).Webhooks[0]
		plain, sealed := r.Secrets.New(hook.ID)
		for _, bad := range []struct {
			owner, watch, hook string
			want               fault.Kind
		}{
			{"other", "w", hook.ID, fault.PriceWatchNotFound},
			{"shop", "x", hook.ID, fault.PriceWatchNotFound},
			{"shop", "w", "wh_other", fault.WebhookNotFound},
		} {
			_, err := r.Store.RotateWebhookSecret(t.Context(), bad.owner, bad.watch, bad.hook, sealed, r.clock)
			if fault.KindOf(err) != bad.want || err == nil {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		until := r.clock.Add(webhook.RotationTime)
		if _, err := r.Store.RotateWebhookSecret(t.Context(), "shop", "w", hook.ID, sealed, until); err != nil {
			t.Fatal(err)
		}
		r.events(t, "w", 1)
		r.send(t, hook.ID)
		r.clock = until
		r.events(t, "w", 1)
		r.send(t, hook.ID)
		got := to.got()
		if len(got) != 2 {
			t.Fatalf("%d messages", len(got))
		}
		for i, signatures := range []int{2, 1} {
			verify(t, got[i], plain)
			if n := len(strings.Fields(got[i].header.Get("webhook-signature"))); n != signatures {
				t.Errorf("message %d has %d signatures", i, n)
			}
			if verified(t, got[i], hook.Plain) != (signatures == 2) {
				t.Errorf("message %d and the old secret", i)
			}
		}
	})
}

// TestSecretsAtRest: what the store has does not sign, and a process with another App Secret sends nothing.
func TestSecretsAtRest(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, nil)
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		hook := r.watch(t, "w", to.URL).Webhooks[0]
		r.events(t, "w", 1)
		read, err := r.Store.GetWatch(t.Context(), "shop", "w")
		if err != nil {
			t.Fatal(err)
		}
		kept := read.Webhooks[0]
		key := strings.TrimPrefix(hook.Plain.Reveal(), "whsec_")
		if kept.Plain != "" || len(kept.Secret) == 0 || strings.Contains(string(kept.Secret), key) || strings.Contains(fmt.Sprintf("%+v", hook), key) {
			t.Errorf("%+v", kept)
		}
		if r.Secrets, err = webhook.NewSecrets("another one"); err != nil {
			t.Fatal(err)
		}
		r.send(t, hook.ID)
		if d := r.only(t, "w"); d.State != pending || !strings.Contains(d.Failure, "RotateWebhookSecret") || len(to.got()) != 0 {
			t.Errorf("%+v", d)
		}
		if _, err := webhook.NewSecrets(""); err == nil {
			t.Error("there is no secret to encrypt with")
		}
	})
}

// TestWebhooksOfAWatch: webhooks are replaced by id; what a removed one had to send goes with it, as all goes with the watch.
func TestWebhooksOfAWatch(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		r := newRig(t, url, webhook.Options{})
		w := r.watch(t, "w", "https://a.example/", "https://b.example/")
		r.watch(t, "x", "https://c.example/")
		r.events(t, "w", 2)
		a, b, c := w.Webhooks[0], w.Webhooks[1], r.Secrets.NewWebhook("https://c.example/")
		w = r.update(t, "w", func(w *store.Watch) { w.Webhooks = []store.Webhook{c, w.Webhooks[1]} })
		if w.Version != 2 || len(w.Webhooks) != 2 || w.Webhooks[0].Plain != c.Plain || w.Webhooks[1].Plain != "" || w.Webhooks[1].ID != b.ID {
			t.Errorf("%+v", w)
		}
		if w = r.update(t, "w", func(*store.Watch) {}); w.Version != 2 {
			t.Errorf("version %d", w.Version)
		}
		for _, d := range r.deliveries(t, "w") {
			if d.WebhookID != b.ID {
				t.Errorf("%+v; there is no webhook %s", d, a.ID)
			}
		}
		all, err := r.Store.ListWatches(t.Context(), "shop", store.Cursor{}, 10)
		if err != nil || len(all) != 2 || len(all[0].Webhooks)+len(all[1].Webhooks) != 3 {
			t.Errorf("%+v, %v", all, err)
		}
		if err := r.Store.DeleteWatch(t.Context(), "shop", "w"); err != nil {
			t.Fatal(err)
		}
		if left := r.deliveries(t, "w"); len(left) != 0 || len(r.claimed(t)) != 0 {
			t.Errorf("%+v", left)
		}
	})
}

// TestPagesOfDeliveries: a cursor goes through all of them, and old ones go with their events.
func TestPagesOfDeliveries(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		r := newRig(t, url, webhook.Options{})
		r.watch(t, "w", "https://a.example/", "https://b.example/")
		r.events(t, "w", 5)
		seen := map[string]bool{}
		var after store.DeliveryCursor
		for {
			page, err := r.Store.Deliveries(t.Context(), "w", pending, after, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, d := range page {
				if seen[d.ID()] || after.EventID != 0 && d.EventID > after.EventID {
					t.Errorf("%s after %v", d.ID(), after)
				}
				seen[d.ID()] = true
				after = store.DeliveryCursor{EventID: d.EventID, WebhookID: d.WebhookID}
			}
		}
		if len(seen) != 10 {
			t.Errorf("%d deliveries", len(seen))
		}
		if pruned, err := r.Store.Prune(t.Context(), r.due.Add(time.Second), store.Retention{}); err != nil || pruned.Events != 5 || len(r.deliveries(t, "w")) != 0 {
			t.Errorf("%+v, %v; %d deliveries", pruned, err, len(r.deliveries(t, "w")))
		}
	})
}

// TestClockJumpsBack: what a clock wrote that was ahead does not stop deliveries until it has come so far again.
func TestClockJumpsBack(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		to := startTarget(t, nil)
		r := newRig(t, url, webhook.Options{Hosts: []string{to.host()}})
		hook := r.watch(t, "w", to.URL).Webhooks[0]
		now := r.clock
		r.clock = now.AddDate(1, 0, 0)
		r.events(t, "w", 1)
		r.clock = now
		if len(r.claimed(t)) != 0 {
			t.Error("it is due already")
		}
		if err := r.Store.RepairWebhooks(t.Context(), now, 3*time.Hour); err != nil {
			t.Fatal(err)
		}
		if ids := r.claimed(t); len(ids) != 1 {
			t.Errorf("claimed %q", ids)
		}
		r.send(t, hook.ID)
		if d := r.only(t, "w"); d.State != delivered {
			t.Errorf("%+v", d)
		}
	})
}

// TestAddressesThatAreRefused are those of pictures, and plain http or another port where the operator does not allow the host.
func TestAddressesThatAreRefused(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "pricewatch.db"), webhook.Options{
		Hosts: []string{"hooks.corp.example", "receiver:8080", "10.0.0.5:9000", "[fd00::5]:9000"},
	})
	for _, good := range []string{
		"https://hooks.example/a?b=c", "https://HOOKS.example:443/", "https://8.8.8.8/", "http://hooks.corp.example/a", "https://hooks.corp.example/",
		"http://receiver:8080/", "https://receiver:8080/", "http://10.0.0.5:9000/x", "http://[fd00::5]:9000/",
	} {
		if err := r.Check(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "x", "hooks.example", "ftp://hooks.example/", "http://hooks.example/", "https://hooks.example:8443/", "https://u:p@hooks.example/",
		"https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/",
		"https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://10.0.0.5/", "https://10.0.0.5:9001/", "https://169.254.169.254/latest",
		"https://100.100.100.200/", "https://192.168.0.1/", "https://[fd00::5]/", "https://[fe80::1%25eth0]/", "https://receiver/",
		"http://hooks.corp.example:8080/", "https://hooks.corp.example.evil.example:444/", "https://hooks.example/\n", "https://" + strings.Repeat("a.", 2000),
	} {
		if err := r.Check(bad); err == nil {
			t.Errorf("%s is taken", bad)
		} else if strings.Contains(err.Error(), "127") || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

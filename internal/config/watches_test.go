package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestShortestIntervalOfWatchesFollowsTheMode: calls of the sandbox cost nothing, and what is set holds in either.
func TestShortestIntervalOfWatchesFollowsTheMode(t *testing.T) {
	live := Environ{"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": "x"}
	for name, test := range map[string]struct {
		env  Environ
		args []string
		want time.Duration
	}{
		"sandbox":      {nil, nil, time.Second},
		"sandbox, set": {nil, []string{"--watch-interval-min=10m"}, 10 * time.Minute},
		"live":         {live, nil, 10 * time.Minute},
		"live, set":    {live, []string{"--watch-interval-min=30s"}, 30 * time.Second},
	} {
		loaded, err := Load(test.args, test.env)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := loaded.Watches.IntervalMin; got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestStoreOfWatchesIsASecretAddress: an address that is none is refused, and is never quoted.
func TestStoreOfWatchesIsASecretAddress(t *testing.T) {
	for _, good := range []string{"postgres://u:p@db:5432/zhaohuo", "postgresql://db/zhaohuo", "postgres:///zhaohuo?host=/run/postgresql"} {
		loaded, err := Load(nil, Environ{"ZHAOHUO_STORE": good})
		if err != nil || loaded.Watches.Store.Reveal() != good || strings.Contains(loaded.Watches.Store.String(), "zhaohuo") {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"mysql://u:hunter2@db/x", "hunter2", "postgres:///hunter2"} {
		_, err := Load(nil, Environ{"ZHAOHUO_STORE": bad})
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "ZHAOHUO_STORE") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, args := range []string{"--watch-interval-min=0s", "--watch-interval-min=721h", "--watch-retention=1h", "--watch-daily-retention=9599h", "--watch-store-max=-1", "--watch-limit=0", "--watch-workers=0"} {
		if _, err := Load([]string{args}, nil); err == nil || !strings.Contains(err.Error(), "must be") {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// TestHostsOfWebhooks: they are exact names, with a port or without.
func TestHostsOfWebhooks(t *testing.T) {
	loaded, err := Load([]string{"--webhook-hosts=Hooks.corp.example, receiver:8080,[fd00::5]:9000"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := loaded.Watches.WebhookHostList(); !slices.Equal(got, []string{"hooks.corp.example", "receiver:8080", "[fd00::5]:9000"}) {
		t.Errorf("%q", got)
	}
	for _, bad := range []string{"http://a/", "*.example", "a:0", "a b"} {
		if _, err := Load([]string{"--webhook-hosts=" + bad}, nil); err == nil || !strings.Contains(err.Error(), "webhook-hosts") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

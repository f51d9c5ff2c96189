package webhook

import (
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// TestSignature: the signature is the one of `openssl dgst -sha256 -mac HMAC` over id, time and body.
func TestSignature(t *testing.T) {
	const (
		key  = secret.Text("whsec_emhhb2h1byB0ZXN0IGtleSwgMzIgYnl0ZXMgbG9uZyE=")
		want = "v1,QyFzl3y39dN1W1VK/E0zeEdgq1Ews+fZVU49sESdnJ8="
	)
	for secrets, want := range map[int]string{1: want, 2: want + " " + want} {
		got, err := sign([]secret.Text{key, key}[:secrets], "msg_4711_wh_abc", time.Unix(1732665600, 0), []byte(`{"type":"price.fell"}`))
		if err != nil || got != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	if _, err := sign([]secret.Text{"whsec_*"}, "id", time.Now(), nil); err == nil {
		t.Error("a secret that is not base64 signs")
	}
}

// TestWaitsGrow: each wait is longer than the one before, up to the longest, and all attempts together last a day.
func TestWaitsGrow(t *testing.T) {
	var total time.Duration
	attempts := 0
	for total < 24*time.Hour {
		wait := growing(firstRetry, retryGrowth, attempts, retryMax)
		if before := growing(firstRetry, retryGrowth, attempts-1, retryMax); attempts > 0 && wait <= before && wait != retryMax {
			t.Errorf("attempt %d waits for %v, the one before for %v", attempts, wait, before)
		}
		if got := jittered(wait); got < wait || got > wait+wait/5 {
			t.Errorf("%v is spread to %v", wait, got)
		}
		total += wait
		attempts++
	}
	if attempts < 15 || attempts > 25 {
		t.Errorf("%d attempts a day", attempts)
	}
	if got := growing(firstPause, 2, 1<<40, pauseMax); got != pauseMax {
		t.Errorf("after very many failures: %v", got)
	}
}

// Package page_test looks at the page for people with a real browser, Debian's Chromium. `tools/require.sh test` installs it, and
// what drives it.
package page_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// TestPage runs each file of tests against a service on the sandbox.
func TestPage(t *testing.T) {
	at := start(t, nil)
	scripts, err := filepath.Glob("testdata/browser/*.test.mjs")
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no tests", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".test.mjs"), func(t *testing.T) { browse(t, at, filepath.Base(script)) })
	}
}

// TestPageOfMovingPrices looks at price watches, which need prices that change.
func TestPageOfMovingPrices(t *testing.T) {
	browse(t, start(t, config.Environ{"ZHAOHUO_SANDBOX_DRIFT": "2s"}), "moving/watches.test.mjs")
}

// TestPageThatWaits looks at every view while 1688 takes one call every ten seconds.
func TestPageThatWaits(t *testing.T) {
	browse(t, start(t, config.Environ{"ZHAOHUO_UPSTREAM_QPS": "0.1"}), "slow/views.test.mjs")
}

// TestPageOfLimits looks at the page of servers that do less: one keeps no price watches, one keeps few, and one compares no images.
func TestPageOfLimits(t *testing.T) {
	for script, environ := range map[string]config.Environ{
		"limits/one.test.mjs":      {"ZHAOHUO_WATCH_LIMIT": "1", "ZHAOHUO_WATCH_INTERVAL_MIN": "1m"},
		"limits/none.test.mjs":     {"ZHAOHUO_DATA_DIR": "", "ZHAOHUO_STORE": ""},
		"limits/likeness.test.mjs": {"ZHAOHUO_NO_LIKENESS": "true"},
	} {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".test.mjs"), func(t *testing.T) { browse(t, start(t, environ), script) })
	}
}

// TestPageOfWebhooks has the page add a webhook, whose receiver gets the events.
func TestPageOfWebhooks(t *testing.T) {
	type message struct{ id, signature string }
	got := make(chan message, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case got <- message{r.Header.Get("webhook-id"), r.Header.Get("webhook-signature")}:
		default: // The test has seen enough.
		}
	}))
	t.Cleanup(receiver.Close)
	at := start(t, config.Environ{"ZHAOHUO_SANDBOX_DRIFT": "2s", "ZHAOHUO_WEBHOOK_HOSTS": strings.TrimPrefix(receiver.URL, "http://")})
	browse(t, append(at, "RECEIVER="+receiver.URL+"/hook"), "moving/webhooks.test.mjs")
	select {
	case m := <-got:
		if m.id == "" || !strings.HasPrefix(m.signature, "v1,") {
			t.Errorf("the receiver got the id %q and the signature %q", m.id, m.signature)
		}
	default:
		t.Error("the receiver got nothing")
	}
}

const photo = "../scenario/photos/earphones.jpg"

// start runs a service, and searches by a photo once: the first such search waits until the sandbox has read all its pictures,
// which takes longer than a test of the page waits. It returns what the tests in the browser need to know of it.
func start(t *testing.T, environ config.Environ) (variables []string) {
	t.Helper()
	s := service.Start(t, service.Options{Environ: environ})
	content, err := os.Open(photo)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.REST+"/v1/products:uploadImageSearch", content)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "image/jpeg")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("a search by photo has status %s", answer.Status)
	}
	at, err := filepath.Abs(photo)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"SERVICE=" + s.REST, "PICTURES=" + pictureOrigin(t, s.REST), "PHOTO=" + at}
}

// browse runs a file of tests in the browser.
func browse(t *testing.T, variables []string, script string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", script)
	command.Dir = "testdata/browser"
	command.Env = append(os.Environ(), variables...)
	output, err := command.CombinedOutput()
	if t.Log(string(output)); err != nil {
		t.Error(err)
	}
}

// pictureOrigin is from where the page may load pictures, by its own policy.
func pictureOrigin(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	found := regexp.MustCompile(`img-src 'self' blob: (\S+);`).FindStringSubmatch(answer.Header.Get("Content-Security-Policy"))
	if found == nil {
		t.Fatalf("the page's policy is %q: it must name the sandbox's address, and no other, for pictures", answer.Header.Get("Content-Security-Policy"))
	}
	return found[1]
}

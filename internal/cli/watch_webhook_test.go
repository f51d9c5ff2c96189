package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// TestWatchWebhook: the commands about webhooks against a whole server, whose events a receiver gets: the secret that add shows is
// good, so is that of rotate-secret, and a delivery that is listed can be sent again.
func TestWatchWebhook(t *testing.T) {
	type message struct {
		header http.Header
		body   []byte
	}
	messages := make(chan message, 10_000)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		messages <- message{r.Header, body}
	}))
	defer receiver.Close()
	server := launch(t, []string{"ZHAOHUO_DATA_DIR=" + t.TempDir(), "ZHAOHUO_WEBHOOK_HOSTS=" + strings.TrimPrefix(receiver.URL, "http://")},
		"serve", "--sandbox-drift=1s", "--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--ops-addr=127.0.0.1:0", "--lame-duck=0s")
	at := server.stdout.await(t, `gRPC     (\S+)\n`)
	do := func(args ...string) string {
		t.Helper()
		got := run(t, nil, append(append([]string{"watch"}, args...), "--addr", at[0])...)
		if got.code != exitOK {
			t.Fatalf("%q: %+v", args, got)
		}
		return got.stdout
	}
	// signed waits for a message that is signed with the secret, of those with an id if one is given.
	signed := func(secret, id string) message {
		t.Helper()
		hook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		for late := time.After(5 * time.Minute); ; {
			select {
			case m := <-messages:
				if (id == "" || m.header.Get("webhook-id") == id) && hook.Verify(m.body, m.header) == nil {
					return m
				}
			case <-late:
				t.Fatalf("no message %s is signed with the secret; server:\n%s", id, server.stderr)
			}
		}
	}
	const secretLine = `webhook %s\n  signing secret, shown only this once: (whsec_\S+)\n`
	form := regexp.MustCompile(strings.Replace(secretLine, "%s", regexp.QuoteMeta(receiver.URL+"/prices"), 1))
	added := do("add", "保温杯", "--every", "1s", "--falls", "any", "--rises", "any", "--webhook", receiver.URL+"/prices")
	id, first := regexp.MustCompile(`pw_\w+`).FindString(added), form.FindStringSubmatch(added)
	if id == "" || first == nil {
		t.Fatal(added)
	}
	m := signed(first[1], "")
	if !bytes.Contains(m.body, []byte(id)) {
		t.Errorf("%s", m.body)
	}
	if shown := do("show", id); strings.Contains(shown, first[1]) || !strings.Contains(shown, receiver.URL+"/prices\n") {
		t.Errorf("%s", shown)
	}
	rotated := form.FindStringSubmatch(do("rotate-secret", id))
	if rotated == nil || rotated[1] == first[1] {
		t.Fatalf("%q after %q", rotated, first)
	}
	signed(rotated[1], "")
	signed(first[1], "") // For 24 hours the first one signs too.

	do("pause", id)
	delivery := m.header.Get("webhook-id")
	if listed := do("deliveries", id, "--state", "delivered", "-n", "500"); !strings.Contains(listed, delivery) {
		t.Errorf("%s is not in\n%s", delivery, listed)
	}
	if second := do("deliveries", id, "--redeliver", delivery); !strings.HasPrefix(second, delivery+" is sent again; ") {
		t.Error(second)
	}
	var before, after struct{ Data json.RawMessage }
	repeated := signed(rotated[1], delivery)
	if json.Unmarshal(m.body, &before) != nil || json.Unmarshal(repeated.body, &after) != nil || !bytes.Equal(before.Data, after.Data) {
		t.Errorf("%s\nis not\n%s", repeated.body, m.body)
	}
	if code := server.stop(); code != exitOK {
		t.Errorf("exit %d: %s", code, server.stderr)
	}
}

package app

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

// rest asks over REST and reads the answer, which must have the status.
func rest(t *testing.T, a *App, method, path, body string, status int, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+a.HTTPAddr().String()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	// No connection is left idle.
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: testTimeout}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s %s: HTTP %d, %v\n%s", method, path, response.StatusCode, err, text)
	}
	if into != nil && json.Unmarshal(text, into) != nil {
		t.Fatalf("%s %s: %s", method, path, text)
	}
}

// webhookAnswer is what REST answers about webhooks.
type webhookAnswer struct {
	PriceWatch struct {
		ID       string
		Webhooks []struct{ ID, State, SigningSecret string }
	}
	Webhook    struct{ SigningSecret string }
	Delivery   struct{ ID, State string }
	Deliveries []struct {
		ID, State string
		Attempts  int
	}
	NextPageToken string
}

// TestWebhookOverREST: prices of the sandbox move, the whole service tells a receiver, and REST lists, repeats and rotates.
func TestWebhookOverREST(t *testing.T) {
	type message struct {
		header http.Header
		body   []byte
	}
	messages := make(chan message, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		select {
		case messages <- message{r.Header, body}:
		default: // The test has seen enough.
		}
	}))
	defer receiver.Close()
	r := start(t, settings(t, nil, "--data-dir="+t.TempDir(), "--sandbox-drift=1s", "--webhook-hosts="+strings.TrimPrefix(receiver.URL, "http://")), false)
	defer func() {
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	}()
	create := func(url string) string {
		return `{"priceWatch": {"comparison": {"keyword": "保温杯"}, "interval": "1s", "webhooks": [{"url": "` + url + `"}],
			"conditions": [{"kind": "PRICE_EVENT_KIND_PRICE_FELL"}, {"kind": "PRICE_EVENT_KIND_PRICE_ROSE"}]}}`
	}
	rest(t, r.App, http.MethodPost, "/v1/priceWatches", create("https://127.0.0.1/"), http.StatusBadRequest, nil)
	var made, read, rotated, listed, repeated webhookAnswer
	rest(t, r.App, http.MethodPost, "/v1/priceWatches", create(receiver.URL), http.StatusOK, &made)
	watch, hook := "/v1/priceWatches/"+made.PriceWatch.ID, made.PriceWatch.Webhooks[0]

	got := <-messages
	verifier, err := standardwebhooks.NewWebhook(hook.SigningSecret)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(got.body, got.header); err != nil || !bytes.Contains(got.body, []byte(`"watchId":"`+made.PriceWatch.ID)) {
		t.Errorf("%v: %s", err, got.body)
	}
	rest(t, r.App, http.MethodPost, watch+":pause", "{}", http.StatusOK, nil)
	rest(t, r.App, http.MethodGet, watch, "", http.StatusOK, &read)
	if w := read.PriceWatch.Webhooks[0]; w.SigningSecret != "" || w.ID != hook.ID || w.State != "PRICE_WEBHOOK_STATE_ACTIVE" {
		t.Errorf("%+v", w)
	}
	rest(t, r.App, http.MethodPost, watch+"/webhooks/"+hook.ID+":rotateSecret", "{}", http.StatusOK, &rotated)
	if !strings.HasPrefix(rotated.Webhook.SigningSecret, "whsec_") || rotated.Webhook.SigningSecret == hook.SigningSecret {
		t.Errorf("%+v", rotated)
	}
	rest(t, r.App, http.MethodPost, watch+"/webhooks/wh_other:rotateSecret", "{}", http.StatusNotFound, nil)
	rest(t, r.App, http.MethodGet, watch+"/webhookDeliveries?pageSize=1", "", http.StatusOK, &listed)
	if len(listed.Deliveries) != 1 || listed.Deliveries[0].ID == "" {
		t.Fatalf("%+v", listed)
	}
	rest(t, r.App, http.MethodGet, watch+"/webhookDeliveries?state=WEBHOOK_DELIVERY_STATE_DEAD", "", http.StatusOK, &repeated)
	if len(repeated.Deliveries) != 0 {
		t.Errorf("%+v", repeated)
	}
	first := got.header.Get("webhook-id")
	rest(t, r.App, http.MethodPost, "/v1/webhookDeliveries/"+first+":redeliver", "{}", http.StatusOK, &repeated)
	if repeated.Delivery.ID != first || repeated.Delivery.State != "WEBHOOK_DELIVERY_STATE_PENDING" {
		t.Errorf("%+v", repeated)
	}
	for limit := time.After(time.Minute); ; {
		select {
		case m := <-messages:
			if m.header.Get("webhook-id") != first {
				continue
			}
			if fresh, err := standardwebhooks.NewWebhook(rotated.Webhook.SigningSecret); err != nil || fresh.Verify(m.body, m.header) != nil {
				t.Errorf("%v: %v", err, m.header)
			}
		case <-limit:
			t.Error("the delivery was not sent again")
		}
		break
	}
	rest(t, r.App, http.MethodPost, "/v1/webhookDeliveries/msg_1_wh_other:redeliver", "{}", http.StatusNotFound, nil)
	_, metrics := getOps(t, r.App, "/metrics")
	for _, want := range []string{`zhaohuo_price_webhook_messages_total{outcome="delivered"} [1-9]`, `zhaohuo_price_webhook_delay_seconds_count [1-9]`} {
		if !regexp.MustCompile(want).MatchString(metrics) {
			t.Errorf("no metric is like %s", want)
		}
	}
}

package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/push"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
)

// pushed counts what pushes cause.
type pushed struct {
	mu       sync.Mutex
	outcomes map[push.Outcome]int
	products []string
	woken    chan struct{}
}

// Received implements [push.Metrics].
func (p *pushed) Received(o push.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcomes[o]++
}

// of is how often an outcome was counted.
func (p *pushed) of(o push.Outcome) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outcomes[o]
}

// named are the goods whose watches were woken.
func (p *pushed) named() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.products)
}

// Undelivered implements [push.Metrics].
func (*pushed) Undelivered(push.Outcome) {}

// Looked implements [push.Metrics].
func (*pushed) Looked(int, int) {}

// Failed implements [push.Metrics].
func (*pushed) Failed() {}

// WakeProducts implements [push.Waker].
func (p *pushed) WakeProducts(_ context.Context, products []string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.products = append(p.products, products...)
	close(p.woken)
	return 1, nil
}

const pushSecret secret.Text = "s3cret"

// takesPushes starts a server that takes pushes and knows API keys.
func takesPushes(t *testing.T) (*pushed, func(method, kind, body string) (int, string)) {
	t.Helper()
	p := &pushed{outcomes: map[push.Outcome]int{}, woken: make(chan struct{})}
	receiver, err := push.New(push.Options{
		Secret:  func(key string) (secret.Text, bool) { return pushSecret, key == "77" },
		Watches: p, Metrics: p, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		receiver.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	r := start(t, &searcher{}, func(c *gateway.Config) {
		c.Pushes = gateway.Pushes{Path: "/push/1688", Receiver: receiver}
		c.CallerOf = func(*http.Request) (string, error) { panic("a push has no API key") }
	})
	return p, func(method, kind, body string) (int, string) {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), method, r.url+"/push/1688", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", kind)
		answer, err := r.http.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
}

const (
	form     = "application/x-www-form-urlencoded; charset=UTF-8"
	price    = `{"msgId":1,"type":"FENXIAO_PRICE_CHANGE","appKey":"77","data":{"productId":"620201390233","note":"a&b=%+价"}}`
	unsigned = "0000000000000000000000000000000000000000"
)

func pushOf(message, signature string) string {
	return url.Values{"message": {message}, "_aop_signature": {signature}}.Encode()
}

// TestPush: a signed push is confirmed and works afterwards, as a form and as JSON. All others are refused with their status, and
// cause nothing.
func TestPush(t *testing.T) {
	p, send := takesPushes(t)
	good := push.Signature(pushSecret, price)
	other := strings.Replace(price, `"77"`, `"78"`, 1)
	for _, c := range []struct {
		name, method, kind, body string
		want                     int
		outcome                  push.Outcome
	}{
		{"another's signature", "POST", form, pushOf(price, push.Signature("other", price)), 403, push.BadSignature},
		{"a signature of nothing", "POST", form, pushOf(price, unsigned), 403, push.BadSignature},
		{"another text", "POST", form, pushOf(price+" ", good), 403, push.BadSignature},
		{"another app", "POST", form, pushOf(other, push.Signature(pushSecret, other)), 403, push.UnknownApp},
		{"no signature", "POST", form, url.Values{"message": {price}}.Encode(), 400, push.Malformed},
		{"two messages", "POST", form, pushOf(price, good) + "&message=x", 400, push.Malformed},
		{"many fields", "POST", form, pushOf(price, good) + strings.Repeat("&a=b", 20), 400, push.Malformed},
		{"no form", "POST", "multipart/form-data; boundary=x", pushOf(price, good), 400, push.Malformed},
		{"no JSON", "POST", "application/json", pushOf(price, good), 400, push.Malformed},
		{"nothing", "POST", form, "", 400, push.Malformed},
		{"too large", "POST", form, pushOf(price, good) + "&a=" + strings.Repeat("x", 256<<10), 413, push.Malformed},
		{"a GET", "GET", form, "", 405, ""},
	} {
		before := p.of(c.outcome)
		if got, text := send(c.method, c.kind, c.body); got != c.want || c.outcome != "" && p.of(c.outcome) != before+1 {
			t.Errorf("%s: %d, want %d: %s", c.name, got, c.want, text)
		}
	}
	if len(p.named()) > 0 {
		t.Errorf("%v were woken", p.named())
	}
	if got, text := send("POST", form, pushOf(price, good)); got != 200 || text != "success" {
		t.Errorf("%d %s", got, text)
	}
	<-p.woken
	asJSON, err := json.Marshal(map[string]string{"message": price, "_aop_signature": strings.ToLower(good)})
	if err != nil {
		t.Fatal(err)
	}
	if got, text := send("POST", "application/json", string(asJSON)); got != 200 || text != "success" {
		t.Errorf("JSON: %d %s", got, text)
	}
	if p.of(push.Taken) != 1 || p.of(push.Duplicate) != 1 || len(p.named()) != 1 {
		t.Errorf("%d taken, %d duplicates, %v", p.of(push.Taken), p.of(push.Duplicate), p.named())
	}
}

// TestPushRate: more pushes than can be examined are refused before they are read.
func TestPushRate(t *testing.T) {
	p, send := takesPushes(t)
	for i := range 5000 {
		message := `{"msgId":` + strconv.Itoa(i) + `}`
		if got, _ := send("POST", form, pushOf(message, unsigned)); got == 429 {
			if p.of(push.TooMany) != 1 || p.of(push.UnknownApp) < 400 {
				t.Errorf("%d too many, %d of an unknown app", p.of(push.TooMany), p.of(push.UnknownApp))
			}
			return
		}
	}
	t.Error("all were examined")
}

// TestNoPushes: without the setting the path is not there.
func TestNoPushes(t *testing.T) {
	r := start(t, &searcher{}, nil)
	answer, err := r.http.Post(r.url+"/push/1688", form, strings.NewReader(pushOf(price, push.Signature(pushSecret, price))))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 404 {
		t.Errorf("%d", answer.StatusCode)
	}
}

package push_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/push"
)

// recorder notes what a receiver causes, in order.
type recorder struct {
	mu       sync.Mutex
	did      record
	failures int
	hold     chan struct{} // if set, watches wait for it
}

// record is what was caused.
type record struct {
	steps    []string
	outcomes map[push.Outcome]int
	watches  int
}

// now is what was caused so far. The test reads it while the receiver's goroutines go on.
func (r *recorder) now() record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return record{slices.Clone(r.did.steps), maps.Clone(r.did.outcomes), r.did.watches}
}

func (r *recorder) note(what string, products []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.did.steps = append(r.did.steps, what+" "+strings.Join(products, ","))
}

// Forget implements [push.Forgetter].
func (r *recorder) Forget(products []string) { r.note("forget", products) }

// WakeProducts implements [push.Waker].
func (r *recorder) WakeProducts(ctx context.Context, products []string) (int, error) {
	if r.hold != nil {
		select {
		case <-r.hold:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	r.mu.Lock()
	failing := r.failures > 0
	r.failures--
	r.mu.Unlock()
	if failing {
		return 0, errors.New("the store is away")
	}
	r.note("wake", products)
	return 2, nil
}

// Received implements [push.Metrics].
func (r *recorder) Received(o push.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.did.outcomes == nil {
		r.did.outcomes = map[push.Outcome]int{}
	}
	r.did.outcomes[o]++
}

// Undelivered implements [push.Metrics].
func (r *recorder) Undelivered(o push.Outcome) { r.Received("not delivered: " + o) }

// Looked implements [push.Metrics].
func (r *recorder) Looked(_, watches int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.did.watches += watches
}

// Failed implements [push.Metrics].
func (r *recorder) Failed() { r.Received("store failed") }

const appSecret secret.Text = "s3cret"

// receiver runs until the test ends.
func receiver(t *testing.T, r *recorder, change ...func(*push.Options)) *push.Receiver {
	t.Helper()
	o := push.Options{
		Secret:  func(key string) (secret.Text, bool) { return appSecret, key == "" || key == "77" },
		Answers: r, Watches: r, Metrics: r, Log: slog.New(slog.DiscardHandler),
	}
	for _, each := range change {
		each(&o)
	}
	p, err := push.New(o)
	if err != nil {
		t.Fatal(err)
	}
	runUntilEnd(t, p.Run)
	return p
}

// runUntilEnd runs what ends with its context, until the test ends.
func runUntilEnd(t *testing.T, run func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

func priceChanged(id int, product string) string {
	return fmt.Sprintf(`{"msgId":%d,"type":"FENXIAO_PRICE_CHANGE","appKey":"77","data":{"productId":"%s"},"gmtBorn":1715184000000}`, id, product)
}

func want(t *testing.T, what string, got, want push.Outcome) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// TestReceive: a signed message is taken once; answers are dropped before watches are made due. Anything else causes nothing.
func TestReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		p := receiver(t, r)
		first := priceChanged(1, "620201390233")
		good := push.Signature(appSecret, first)
		want(t, "another's signature", p.Receive(first, push.Signature("other", first)), push.BadSignature)
		want(t, "another text", p.Receive(priceChanged(1, "620201390234"), good), push.BadSignature)
		want(t, "no signature", p.Receive(first, ""), push.BadSignature)
		want(t, "half a signature", p.Receive(first, good[:20]), push.BadSignature)
		other := strings.Replace(first, "77", "78", 1)
		want(t, "another app", p.Receive(other, push.Signature(appSecret, other)), push.UnknownApp)
		synctest.Wait()
		if len(r.now().steps) > 0 || !p.Unsigned() || !p.Arrived().IsZero() {
			t.Errorf("%q, %v", r.now().steps, p.Arrived())
		}
		want(t, "first", p.Receive(first, good), push.Taken)
		want(t, "replayed", p.Receive(first, strings.ToLower(good)), push.Duplicate)
		synctest.Wait()
		if !slices.Equal(r.now().steps, []string{"forget 620201390233", "wake 620201390233"}) || r.now().watches != 2 {
			t.Errorf("%q, %d watches", r.now().steps, r.now().watches)
		}
		for _, c := range []struct {
			message string
			want    push.Outcome
		}{{`{"msgId":2,"type":"ORDER_PAY","data":{}}`, push.OtherTopic}, {`{"type":"FENXIAO_PRICE_CHANGE"}`, push.Unreadable}, {`x`, push.Unreadable}} {
			want(t, c.message, p.Receive(c.message, push.Signature(appSecret, c.message)), c.want)
		}
		// What was forgotten is taken once more.
		time.Sleep(25 * time.Hour)
		want(t, "a day later", p.Receive(first, good), push.Taken)
		if !p.Arrived().Equal(time.Now()) {
			t.Errorf("the last arrived at %v", p.Arrived())
		}
		synctest.Wait()
		// A message without an id cannot be known.
		for range 2 {
			m := strings.Replace(first, `"msgId":1,`, "", 1)
			want(t, "without an id", p.Receive(m, push.Signature(appSecret, m)), push.Taken)
			synctest.Wait()
		}
		if r.now().watches != 8 || r.now().outcomes[push.BadSignature] != 4 || r.now().outcomes[push.Duplicate] != 1 || r.now().outcomes[push.UnknownApp] != 1 {
			t.Errorf("%d watches, %v", r.now().watches, r.now().outcomes)
		}
	})
}

// TestQueue: goods that wait are looked at once, however often they are named. More than the bound are refused, and the same message
// is taken when there is room.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{hold: make(chan struct{})}
		p := receiver(t, r, func(o *push.Options) { o.QueueMax = 2 })
		send := func(id int, product string) push.Outcome {
			m := priceChanged(id, product)
			return p.Receive(m, push.Signature(appSecret, m))
		}
		want(t, "worked on", send(1, "10"), push.Taken)
		synctest.Wait()
		want(t, "waits", send(2, "11"), push.Taken)
		want(t, "waits already", send(3, "11"), push.Taken)
		want(t, "worked on, once more", send(4, "10"), push.Taken)
		want(t, "no room", send(5, "12"), push.Full)
		if p.Waiting() != 2 {
			t.Errorf("%d goods wait", p.Waiting())
		}
		close(r.hold)
		synctest.Wait()
		want(t, "sent once more", send(5, "12"), push.Taken)
		synctest.Wait()
		if !slices.Equal(r.now().steps, []string{"forget 10", "wake 10", "forget 11,10", "wake 11,10", "forget 12", "wake 12"}) {
			t.Errorf("%q", r.now().steps)
		}
	})
}

// TestStoreAway: what the store of watches did not take is offered until it does.
func TestStoreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{failures: 3}
		p := receiver(t, r)
		m := priceChanged(1, "10")
		want(t, "first", p.Receive(m, push.Signature(appSecret, m)), push.Taken)
		time.Sleep(time.Minute)
		synctest.Wait()
		if !slices.Equal(r.now().steps, []string{"forget 10", "wake 10"}) || r.now().outcomes["store failed"] != 3 {
			t.Errorf("%q, %v", r.now().steps, r.now().outcomes)
		}
	})
}

// TestNothingSecretIsLogged: neither the secret nor a signature, whatever arrives.
func TestNothingSecretIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := receiver(t, &recorder{failures: 1}, func(o *push.Options) {
			o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.QueueMax = 1
		})
		for _, m := range []string{priceChanged(1, "10"), priceChanged(2, "11,12"), `x`, `{"type":"ORDER_PAY","data":{}}`} {
			signature := push.Signature(appSecret, m)
			p.Receive(m, signature)
			time.Sleep(time.Minute)
			synctest.Wait()
			if strings.Contains(log.String(), signature) || strings.Contains(log.String(), appSecret.Reveal()) {
				t.Errorf("%s", log.String())
			}
		}
		if !strings.Contains(log.String(), "too many goods wait") || !strings.Contains(log.String(), "cannot be read") {
			t.Errorf("%s", log.String())
		}
	})
}

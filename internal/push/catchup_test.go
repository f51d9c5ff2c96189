package push_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/push"
)

// platform is where messages stay until they are confirmed.
type platform struct {
	mu       sync.Mutex
	messages []string
	steps    []string
	fails    error
	// stuck: what is confirmed stays on the list.
	stuck bool
}

// List implements [push.Undelivered].
func (p *platform) List(_ context.Context, most int) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, "list")
	if p.fails != nil {
		return nil, p.fails
	}
	return slices.Clone(p.messages[:min(most, len(p.messages))]), nil
}

// Confirm implements [push.Undelivered].
func (p *platform) Confirm(_ context.Context, ids []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, fmt.Sprintf("confirm %d", len(ids)))
	p.messages = slices.DeleteFunc(p.messages, func(m string) bool {
		return !p.stuck && slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(m, `"msgId":`+id+`,`) })
	})
	return nil
}

// listed is how many messages are not confirmed.
func (p *platform) listed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.messages)
}

// take returns the steps so far, and forgets them.
func (p *platform) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	steps := p.steps
	p.steps = nil
	return steps
}

// catchUp runs until the test ends.
func catchUp(t *testing.T, p push.Undelivered, r *push.Receiver, m *recorder) *push.CatchUp {
	t.Helper()
	c := push.NewCatchUp(push.CatchUpOptions{
		Receiver: r, Accounts: []push.CatchUpAccount{{Undelivered: p}}, Every: time.Hour, Log: slog.New(slog.DiscardHandler),
		Observe: func(err error) {
			if err != nil {
				m.Received("catch-up failed")
			} else {
				m.Received("catch-up done")
			}
		},
	})
	runUntilEnd(t, c.Run)
	return c
}

func sameSteps(t *testing.T, when string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", when, got, want)
	}
}

// TestCatchUp: messages that were not delivered are worked off at start, those of other topics and those that cannot be read are
// confirmed too, and a message that was also pushed is taken once. Nothing is confirmed before its goods were looked at.
func TestCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r := &platform{}, &recorder{hold: make(chan struct{})}
		for i := range 250 {
			p.messages = append(p.messages, priceChanged(i+1, fmt.Sprint(1000+i%40)))
		}
		p.messages = append(p.messages, `{"msgId":800,"type":"ORDER_PAY","data":{}}`, `{"msgId":801,"type":"FENXIAO_PRICE_CHANGE"}`)
		taker := receiver(t, r)
		want(t, "pushed before", taker.Receive(p.messages[0], push.Signature(appSecret, p.messages[0])), push.Taken)
		c := catchUp(t, p, taker, r)
		synctest.Wait()
		sameSteps(t, "goods wait for the store of watches", p.take(), "list")
		close(r.hold)
		synctest.Wait()
		sameSteps(t, "goods are worked off", p.take(), "confirm 200", "list", "confirm 52")
		if stay := p.listed(); stay > 0 || c.Failed("") != nil {
			t.Errorf("%d stay, %v", stay, c.Failed(""))
		}
		for outcome, want := range map[push.Outcome]int{"not delivered: taken": 249, "not delivered: duplicate": 1, "not delivered: other_topic": 1, "not delivered: unreadable": 1} {
			if r.now().outcomes[outcome] != want {
				t.Errorf("%s: %d, want %d", outcome, r.now().outcomes[outcome], want)
			}
		}
		time.Sleep(2*time.Hour + time.Second)
		synctest.Wait()
		sameSteps(t, "regularly", p.take(), "list", "list")
	})
}

// TestCatchUpThatFails: it is tried again after a minute, then more rarely; a list that does not become shorter ends it.
func TestCatchUpThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r := &platform{fails: errors.New("not permitted")}, &recorder{}
		c := catchUp(t, p, receiver(t, r), r)
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		sameSteps(t, "three times in four minutes", p.take(), "list", "list", "list")
		if c.Failed("") == nil || r.now().outcomes["catch-up failed"] != 3 {
			t.Errorf("%v, %v", c.Failed(""), r.now().outcomes)
		}
		p.mu.Lock()
		p.fails, p.stuck, p.messages = nil, true, slices.Repeat([]string{priceChanged(1, "10")}, 200)
		p.mu.Unlock()
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		sameSteps(t, "the list stays", p.take(), "list", "confirm 1", "list")
		if c.Failed("") == nil {
			t.Error("a list that stays is no failure")
		}
	})
}

// TestCatchUpAfterAFullQueue: a push that found no room is asked for as soon as there is some, and not more often than once a minute.
func TestCatchUpAfterAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r := &platform{}, &recorder{hold: make(chan struct{})}
		taker := receiver(t, r, func(o *push.Options) { o.QueueMax = 1 })
		catchUp(t, p, taker, r)
		synctest.Wait()
		sameSteps(t, "at start", p.take(), "list")
		for i, outcome := range []push.Outcome{push.Taken, push.Taken, push.Full} {
			m := priceChanged(i, fmt.Sprint(10+i))
			want(t, m, taker.Receive(m, push.Signature(appSecret, m)), outcome)
			synctest.Wait()
		}
		p.mu.Lock()
		p.messages = []string{priceChanged(2, "12")}
		p.mu.Unlock()
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		sameSteps(t, "after a minute", p.take(), "list")
		close(r.hold)
		synctest.Wait()
		sameSteps(t, "there is room", p.take(), "list", "confirm 1")
	})
}

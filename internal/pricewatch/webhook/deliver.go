// Package webhook sends the events of price watches to the addresses that their owners name, after the Standard Webhooks scheme
// (standardwebhooks.com): signed by HMAC-SHA256, with an id that stays the same however often a message is sent.
//
// An event is delivered at least once, or its delivery is dead after 24 hours of failures. One message at a time is sent to a
// webhook, in the order of events. A message that failed is sent again later and does not hold up those behind it; after some
// failures in a row the webhook gets a pause, so that a target that hangs does not take the workers' time.
package webhook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

const (
	// A message is repeated after firstRetry, and after retryGrowth times as long each time, at most retryMax: some 17 times in the
	// 24 hours of [store.DeliveryTime].
	firstRetry  = 5 * time.Second
	retryGrowth = 3
	retryMax    = 2 * time.Hour
	// A webhook gets a pause of firstPause after a failure, and twice as long after each further one in a row, at most pauseMax.
	firstPause = 2 * time.Second
	pauseMax   = 5 * time.Minute
	// retryAfterMax is the longest wait that a target can ask for.
	retryAfterMax = time.Hour
	// deliverFor is how long messages are sent to a webhook before others have their turn.
	deliverFor = 5 * time.Second
)

// Options configure a Deliverer. Store, Secrets and Log must be set.
type Options struct {
	Store   *store.Store
	Secrets *Secrets
	Log     *slog.Logger
	// Hosts are those that may be sent to wherever they are and by plain http, as HOST or HOST:PORT in lower case.
	Hosts []string
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Timeout bounds one request. 0: [DefaultTimeout].
	Timeout time.Duration
	// Resolver resolves names. Nil: Go's own. It must not resolve numbers.
	Resolver *net.Resolver
	// Metrics receives what becomes of messages. Nil discards it.
	Metrics Metrics
}

// Metrics receives what becomes of messages. Its methods must not block.
type Metrics interface {
	// Begun is called before a message is sent for the first time: delay is how long ago its event was stored, or its redelivery
	// was asked for.
	Begun(delay time.Duration)
	// Delivered is called for a message that its target took, and Retried for an attempt after which the message is sent again.
	Delivered()
	Retried()
	// Dead is called with how many messages were given up: they are not sent again.
	Dead(messages int)
	// Disabled is called for a webhook whose target answered 410.
	Disabled()
}

type nobody struct{}

func (nobody) Begun(time.Duration) {}
func (nobody) Delivered()          {}
func (nobody) Retried()            {}
func (nobody) Dead(int)            {}
func (nobody) Disabled()           {}

// Deliverer delivers. It is safe for concurrent use.
type Deliverer struct {
	Options
	sender *sender
}

// New makes a Deliverer.
func New(o Options) *Deliverer {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Resolver == nil {
		o.Resolver = &net.Resolver{PreferGo: true}
	}
	if o.Metrics == nil {
		o.Metrics = nobody{}
	}
	return &Deliverer{Options: o, sender: newSender(o.Hosts, o.Timeout, o.Resolver)}
}

// Check refuses an address that may not be sent to. The error's text says what is wrong with "it".
func (d *Deliverer) Check(address string) error {
	_, err := d.sender.parse(address)
	return err
}

// Deliver sends what is due to a webhook, for some seconds or until something fails. At most one call at a time should be made
// for a webhook. The error is the store's, or ctx's: what was under way then is sent again.
func (d *Deliverer) Deliver(ctx context.Context, webhookID string) error {
	for began := time.Now(); time.Since(began) < deliverFor; {
		next, err := d.Store.NextDelivery(ctx, webhookID, d.Now())
		if err != nil || next == nil {
			return err
		}
		if next.Attempts == 0 {
			d.Metrics.Begun(max(d.Now().Sub(next.Since), 0))
		}
		attempt := d.attempt(ctx, next)
		if attempt.Failure != "" && ctx.Err() != nil {
			return ctx.Err() // The target is not to blame.
		}
		givenUp, err := d.Store.FinishDelivery(context.WithoutCancel(ctx), next, attempt)
		if err != nil {
			return err
		}
		d.count(attempt, givenUp)
		if attempt.Failure != "" {
			return nil
		}
	}
	return nil
}

// count passes on what became of an attempt.
func (d *Deliverer) count(a store.Attempt, givenUp int) {
	switch {
	case a.Failure == "":
		d.Metrics.Delivered()
	case !a.Next.IsZero():
		d.Metrics.Retried()
	}
	if givenUp > 0 {
		d.Metrics.Dead(givenUp)
	}
	if a.Disable != "" {
		d.Metrics.Disabled()
	}
}

// attempt sends a delivery once.
func (d *Deliverer) attempt(ctx context.Context, o *store.Outgoing) store.Attempt {
	began := d.Now()
	r := d.sendOutgoing(ctx, o, began)
	ended := d.Now()
	a := store.Attempt{At: ended, Status: r.status, Failure: r.failure}
	if r.failure == "" {
		return a
	}
	since := o.Since
	if o.Attempts == 0 {
		since = began
	}
	asked := min(r.retryAfter, retryAfterMax)
	a.NotBefore = ended.Add(max(jittered(growing(firstPause, 2, o.Failures, pauseMax)), asked))
	next := ended.Add(max(jittered(growing(firstRetry, retryGrowth, int(o.Attempts), retryMax)), asked))
	switch {
	case r.gone:
		a.Disable = r.failure
	case next.Before(since.Add(store.DeliveryTime)):
		a.Next = next
	}
	about := []any{
		slog.String("watch", o.WatchID), slog.String("webhook", o.WebhookID), slog.String("delivery", o.ID()),
		slog.String("failure", r.failure),
	}
	switch {
	case ctx.Err() != nil:
	case r.gone:
		d.Log.WarnContext(ctx, "a webhook is disabled: its target is gone", about...)
	case a.Next.IsZero():
		d.Log.WarnContext(ctx, "an event of a price watch could not be delivered to a webhook for 24 hours", about...)
	default:
		d.Log.InfoContext(ctx, "an event of a price watch could not be delivered to a webhook; it is tried again", about...)
	}
	return a
}

func (d *Deliverer) sendOutgoing(ctx context.Context, o *store.Outgoing, at time.Time) result {
	var secrets []secret.Text
	body, err := bodyOf(o.Event)
	if err == nil {
		secrets, err = d.Secrets.open(&o.Webhook, at)
	}
	if err != nil {
		return result{failure: err.Error()}
	}
	return d.sender.send(ctx, o.Webhook.URL, o.ID(), secrets, at, body)
}

// growing is a wait that is multiplied with each of n failures before, up to a longest one.
func growing(wait time.Duration, factor, n int, longest time.Duration) time.Duration {
	for range n {
		if wait >= longest {
			break
		}
		wait *= time.Duration(factor)
	}
	return min(wait, longest)
}

// jittered is a wait that is up to a fifth longer, so that targets that failed together are not tried together.
func jittered(wait time.Duration) time.Duration { return wait + rand.N(wait/5+1) }

// NewWebhook makes an active webhook with a new secret, which is in Plain too.
func (d *Deliverer) NewWebhook(address string) store.Webhook { return d.Secrets.NewWebhook(address) }

// NewSecret makes a secret for the webhook: as its owner gets it, and encrypted.
func (d *Deliverer) NewSecret(webhookID string) (plain string, sealed []byte) {
	text, sealed := d.Secrets.New(webhookID)
	return text.Reveal(), sealed
}

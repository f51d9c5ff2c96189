// Package push takes the messages by which 1688 announces that goods have changed: their price, their stock, that they were
// edited or taken off sale. It checks a message's signature, answers at once, and does the work afterwards: stored answers about
// the goods are dropped, and price watches of them are observed soon.
//
// A message is only a hint to look. Nothing in it is taken for a price, so duplicates, messages out of order and repeated ones
// do no harm: they have goods looked at once more, as often as the shortest interval of watches allows. It knows neither HTTP
// nor where answers and watches are kept.
package push

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Outcome is what became of a message that arrived. The values name metrics.
type Outcome string

// The outcomes. After the first four the platform need not send the message once more.
const (
	// Taken: its goods are looked at.
	Taken Outcome = "taken"
	// Duplicate: the same message was taken before.
	Duplicate Outcome = "duplicate"
	// OtherTopic: it is signed, and its topic is not among [Topics].
	OtherTopic Outcome = "other_topic"
	// Unreadable: it is signed, and its text could not be read.
	Unreadable Outcome = "unreadable"
	// Full: too many goods wait to be looked at. The platform should send it later.
	Full Outcome = "queue_full"
	// UnknownApp: it names an App Key that is not this service's.
	UnknownApp Outcome = "unknown_app"
	// BadSignature: it was not signed with the App Secret.
	BadSignature Outcome = "bad_signature"
	// Malformed: the request is not a form with one message and one signature, or is too large.
	Malformed Outcome = "malformed"
	// TooMany: more requests arrive than are examined.
	TooMany Outcome = "too_many"
)

// Outcomes are all of them.
func Outcomes() []Outcome {
	return []Outcome{Taken, Duplicate, OtherTopic, Unreadable, Full, UnknownApp, BadSignature, Malformed, TooMany}
}

// Forgetter drops stored answers about products.
type Forgetter interface {
	// Forget has no answer about the products used that was stored before now. It returns at once.
	Forget(products []string)
}

// Waker has watches of products observed soon.
type Waker interface {
	// WakeProducts makes the watches of the products due, and returns how many.
	WakeProducts(ctx context.Context, products []string) (int, error)
}

// Metrics count what happens.
type Metrics interface {
	// Received: a message arrived.
	Received(Outcome)
	// Undelivered: a message that had not been delivered was asked for.
	Undelivered(Outcome)
	// Looked: so many goods were looked at: their stored answers are dropped, and watches of them due.
	Looked(products, watches int)
	// Failed: watches could not be made due. It is tried once more.
	Failed()
}

// Options configure a [Receiver]. Secret, Metrics and Log must be set.
type Options struct {
	// Secret is the App Secret of an App Key; false for an app that is not this service's. The key is empty where a message
	// names none.
	Secret func(appKey string) (secret.Text, bool)
	// Answers and Watches may be nil: there are none.
	Answers Forgetter
	Watches Waker
	Metrics Metrics
	Log     *slog.Logger
	// QueueMax bounds the goods that wait; 10,000 by default.
	QueueMax int
	// SeenMax bounds the messages that are remembered, and SeenFor how long: 100,000 and a day by default. A message that was
	// forgotten and comes once more is taken once more.
	SeenMax int
	SeenFor time.Duration
}

const (
	queueMax = 10_000
	seenMax  = 100_000
	seenFor  = 24 * time.Hour
)

// Receiver takes messages. It is safe for concurrent use.
type Receiver struct {
	options Options
	queue   *queue

	// mu makes one step of: not seen before, in the queue, seen.
	mu sync.Mutex
	// seen has when each message was taken, by app and id.
	seen *otter.Cache[string, time.Time]
	// refused has a value after a message found the queue full.
	refused chan struct{}

	// arrived is when the last signed message was pushed, in nanoseconds since 1970; 0 for never. unsigned: one was pushed whose
	// signature or App Key was wrong.
	arrived  atomic.Int64
	unsigned atomic.Bool
}

// New makes a receiver. [Receiver.Run] does its work.
func New(o Options) (*Receiver, error) {
	if o.QueueMax <= 0 {
		o.QueueMax = queueMax
	}
	if o.SeenMax <= 0 {
		o.SeenMax = seenMax
	}
	if o.SeenFor <= 0 {
		o.SeenFor = seenFor
	}
	seen, err := otter.New(&otter.Options[string, time.Time]{MaximumSize: o.SeenMax})
	if err != nil {
		return nil, err
	}
	return &Receiver{options: o, queue: newQueue(o.QueueMax), seen: seen, refused: make(chan struct{}, 1)}, nil
}

// Receive takes a message with its signature. It does not wait for what the message causes.
func (r *Receiver) Receive(message, signature string) Outcome {
	outcome := r.receive(message, signature)
	if outcome == UnknownApp || outcome == BadSignature {
		r.unsigned.Store(true)
	} else {
		r.arrived.Store(time.Now().UnixNano())
	}
	r.options.Metrics.Received(outcome)
	return outcome
}

// Arrived is when the last message was pushed that is signed, whatever became of it; zero for none.
func (r *Receiver) Arrived() time.Time {
	if at := r.arrived.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// Unsigned reports whether a message was pushed with a wrong signature, or with an App Key that is not this service's.
func (r *Receiver) Unsigned() bool { return r.unsigned.Load() }

// Refused counts a request that was refused before there was a message.
func (r *Receiver) Refused(why Outcome) { r.options.Metrics.Received(why) }

func (r *Receiver) receive(message, signature string) Outcome {
	appSecret, known := r.options.Secret(AppKeyOf(message))
	if !known || appSecret.Empty() {
		return UnknownApp
	}
	if !signed(appSecret, message, signature) {
		return BadSignature
	}
	m, err := Parse(message)
	outcome := r.outcome(message, m, err)
	if outcome == Full {
		select {
		case r.refused <- struct{}{}:
		default:
		}
	}
	return outcome
}

// outcome takes a message of the platform that was read, or could not be.
func (r *Receiver) outcome(message string, m Message, err error) Outcome {
	switch {
	case errors.Is(err, ErrTopic):
		r.options.Log.Debug("a pushed message has a topic that is not used", "topic", m.Type, "message", m.ID)
		return OtherTopic
	case err != nil:
		r.options.Log.Warn("a pushed message is signed and cannot be read", "bytes", len(message))
		return Unreadable
	}
	return r.enqueue(m)
}

func (r *Receiver) enqueue(m Message) Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := m.AppKey + "/" + m.ID
	if m.ID != "" {
		if taken, before := r.seen.GetIfPresent(name); before && time.Since(taken) < r.options.SeenFor {
			return Duplicate
		}
	}
	if !r.queue.add(m.Products) {
		r.options.Log.Warn("a pushed message is refused: too many goods wait to be looked at", "topic", m.Type, "waiting", r.queue.len())
		return Full
	}
	if m.ID != "" {
		r.seen.Set(name, time.Now())
	}
	return Taken
}

// Waiting is how many goods wait to be looked at.
func (r *Receiver) Waiting() int { return r.queue.len() }

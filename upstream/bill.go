package upstream

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bill is what a request of a caller came to: its upstream calls, how long it waited for the first of them, and what answered its questions.
// It is safe for concurrent use.
type Bill struct {
	began time.Time

	mu    sync.Mutex
	calls int
	// waited is until the first call was about to be sent; 0 before that.
	waited time.Duration
	// answered counts questions by what answered them, in the order of their first.
	answered []answeredBy
	question string
}

type answeredBy struct {
	by string
	n  int
}

type billKey struct{}

// WithBill returns a context whose request has a bill. Calls are put on it under [Billed].
func WithBill(ctx context.Context, began time.Time) (context.Context, *Bill) {
	b := &Bill{began: began}
	return context.WithValue(ctx, billKey{}, b), b
}

// BillOf is the bill of the request; nil for none.
func BillOf(ctx context.Context) *Bill {
	b, _ := ctx.Value(billKey{}).(*Bill)
	return b
}

// Billed puts the upstream calls for the callers of ctx on the bill of its request, if it has one. A later [WithDemand] ends that.
func Billed(ctx context.Context) context.Context {
	b := BillOf(ctx)
	if b == nil {
		return ctx
	}
	return withCallers(ctx, billed{callersOf(ctx), b})
}

// billed are callers whose calls are on a bill.
type billed struct {
	Callers

	bill *Bill
}

// Charge implements [Callers].
func (c billed) Charge() (func(), error) {
	undo, err := c.Callers.Charge()
	if err != nil {
		return nil, err
	}
	c.bill.add(1)
	return func() { c.bill.add(-1); undo() }, nil
}

func (b *Bill) add(calls int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls += calls
	if b.waited == 0 {
		b.waited = max(time.Since(b.began), 1)
	}
}

// Answered notes that one more question of the request was answered, by what, and the question's hash.
func (b *Bill) Answered(by, question string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.answered) == 0 {
		b.question = question
	} else if b.question != question {
		b.question = ""
	}
	for i := range b.answered {
		if b.answered[i].by == by {
			b.answered[i].n++
			return
		}
	}
	b.answered = append(b.answered, answeredBy{by, 1})
}

// Calls is the number of upstream calls that were made for the request. Calls that another request paid for are not among them.
func (b *Bill) Calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// Waited is how long it took from the begin of the request until its first upstream call was about to be sent; false if none was.
func (b *Bill) Waited() (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waited, b.waited > 0 && b.calls > 0
}

// Cache is what answered the request's questions: "memory" for a single one, "memory:3,upstream:1" for several, empty for none.
func (b *Bill) Cache() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.answered) == 1 && b.answered[0].n == 1 {
		return b.answered[0].by
	}
	parts := make([]string, 0, len(b.answered))
	for _, one := range b.answered {
		parts = append(parts, one.by+":"+strconv.Itoa(one.n))
	}
	return strings.Join(parts, ",")
}

// Question is the hash of the request's question, equal for equal questions; empty for none and for several.
func (b *Bill) Question() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.question
}

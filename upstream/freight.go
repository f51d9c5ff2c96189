package upstream

import (
	"context"
	"sync"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// EstimateFreight implements [Products]. Where no App Key may call the estimate, it previews an order, which makes none. An
// estimate that was refused several times in a row is not asked for a while, because each refusal costs a call.
func (c *Client) EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	var refusal error
	if !c.Dialect.PreviewFreight.Offered() || c.freight.mayAsk(c.Now()) {
		answer, meta, err := run(ctx, c, c.Dialect.EstimateFreight, q)
		denied := fault.KindOf(err) == fault.UpstreamPermissionDenied
		c.freight.note(denied, err == nil, c.Now())
		if err == nil {
			answer.Meta = meta
			return answer, nil
		}
		if !denied || !c.Dialect.PreviewFreight.Offered() {
			return nil, ofProduct(err, q.GetId())
		}
		refusal = err
	}
	answer, meta, err := run(ctx, c, c.Dialect.PreviewFreight, q)
	if err != nil {
		return nil, previewFailed(refusal, ofProduct(err, q.GetId()))
	}
	answer.Meta = meta
	meta.UpstreamCalls += int32(fault.CallsOf(refusal))
	return answer, nil
}

// previewFailed is the error where a preview failed too, with the calls of both. If the App Key may call neither, or no call
// is left, what to say is that the estimate was refused.
func previewFailed(refusal, err error) error {
	if refusal == nil {
		return err
	}
	said := err
	switch fault.KindOf(err) {
	case fault.UpstreamPermissionDenied, fault.BudgetExhausted:
		said = refusal
	}
	f, ok := fault.As(said)
	if !ok {
		return said
	}
	return f.WithCalls(fault.CallsOf(refusal) + fault.CallsOf(err))
}

// How often an estimate must be refused in a row until only orders are previewed, and for how long.
const (
	freightRefusalsMax  = 3
	freightRefusalPause = 10 * time.Minute
)

// freightRefusals remembers whether the App Key may call the estimate of freight. The zero value asks. It is safe for
// concurrent use.
type freightRefusals struct {
	mu    sync.Mutex
	inRow int
	until time.Time
}

func (r *freightRefusals) mayAsk(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !now.Before(r.until)
}

// note counts a refusal. An answer ends the row; other failures say nothing about permission.
func (r *freightRefusals) note(denied, answered bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case answered:
		r.inRow = 0
	case denied:
		if r.inRow++; r.inRow >= freightRefusalsMax {
			r.until = now.Add(freightRefusalPause)
		}
	}
}

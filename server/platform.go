package server

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// CallFunc calls an API. It must return before ctx ends, and every failure as a fault. It must not change q.
type CallFunc func(ctx context.Context, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error)

// PlatformParts are what [NewPlatform] needs.
type PlatformParts struct {
	// Check refuses a name or a parameter that the dialect does not take.
	Check func(q *zhaohuov1.CallRequest) error
	// Read asks the upstream, Stored gives a stored answer first where max_staleness allows it, and Write asks and repeats
	// nothing that may have arrived.
	Read, Stored, Write CallFunc
	// APIs are those of callers without an API key.
	APIs callers.APIs
}

// Platform is PlatformService.
type Platform struct {
	zhaohuov1.UnimplementedPlatformServiceServer
	parts PlatformParts
	days  callDays
}

var _ zhaohuov1.PlatformServiceServer = (*Platform)(nil)

// NewPlatform makes the platform service.
func NewPlatform(p PlatformParts) *Platform { return &Platform{parts: p} }

// Call implements [zhaohuov1.PlatformServiceServer]. The list decides before anything is looked up, so that a stored answer of
// another caller stays hidden as well.
func (p *Platform) Call(ctx context.Context, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
	if err := p.parts.Check(q); err != nil {
		return nil, err
	}
	api, caller, err := p.allowed(ctx, q.GetApi())
	if err != nil {
		return nil, err
	}
	if api.Batch {
		ctx = upstream.WithDemand(ctx, upstream.DemandOf(ctx).Lowered(upstream.Batch))
	}
	if api.Budget == 0 {
		return p.ask(ctx, api, q)
	}
	now := time.Now()
	budget := p.days.budget(caller, api, now)
	answer, err := p.ask(upstream.WithBudget(ctx, budget), api, q)
	if fault.KindOf(err) == fault.BudgetExhausted && budget.Left() <= 0 {
		err = fault.New(fault.QuotaDayUsedUp, "the %d calls that the list of APIs allows in a day are made", api.Budget).
			WithSubject(api.Name).WithCalls(fault.CallsOf(err)).WithRetryAfter(chinaday.Next(now).Sub(now))
	}
	return answer, err
}

// allowed returns the API with what the caller's list says of it, and the name under which its calls are counted.
func (p *Platform) allowed(ctx context.Context, name string) (api callers.API, caller string, err error) {
	apis, known := callers.APIsOf(ctx)
	if known {
		caller = upstream.DemandOf(ctx).Caller
	} else {
		apis = p.parts.APIs
	}
	api, ok := apis.Find(name)
	if ok {
		return api, caller, nil
	}
	refusal := fault.New(fault.CallerAPINotAllowed,
		"callers without an API key may not call %s: the file of the setting call-apis-file lacks {api: %q, kind: read}, or kind: write", name, name)
	if known {
		refusal = fault.New(fault.CallerAPINotAllowed,
			"the API key of %s may not call %s: its entry lacks apis: [{api: %q, kind: read}], or kind: write", caller, name, name)
	}
	return api, caller, refusal.WithSubject(name)
}

// ask asks as the list says.
func (p *Platform) ask(ctx context.Context, api callers.API, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
	switch {
	case api.Write:
		return p.parts.Write(ctx, q)
	case api.Cache == 0:
		return p.parts.Read(ctx, q)
	}
	age := api.Cache
	if q.GetMaxStaleness() != nil {
		age = min(age, q.GetMaxStaleness().AsDuration())
	}
	q = proto.CloneOf(q)
	q.MaxStaleness = durationpb.New(age)
	return p.parts.Stored(ctx, q)
}

// callDays counts the calls of a day by caller and API, in this process. All callers without a key are one. The operator's lists
// bound how many there are.
type callDays struct {
	mu   sync.Mutex
	days map[callKey]callDay
}

type callKey struct{ caller, api string }

type callDay struct {
	day    int64
	limit  int
	budget *upstream.Budget
}

// budget is what is left of the day.
func (d *callDays) budget(caller string, api callers.API, now time.Time) *upstream.Budget {
	d.mu.Lock()
	defer d.mu.Unlock()
	key, today := callKey{caller, api.Name}, chinaday.Number(now)
	known, ok := d.days[key]
	switch {
	case ok && known.day == today && known.limit == api.Budget:
		return known.budget
	case d.days == nil:
		d.days = map[callKey]callDay{}
	}
	left := api.Budget
	if ok && known.day == today { // The list was changed during the day.
		left = max(left-(known.limit-int(known.budget.Left())), 0)
	}
	fresh := callDay{today, api.Budget, upstream.NewBudget(left)}
	d.days[key] = fresh
	return fresh.budget
}

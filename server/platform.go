package server

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
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
	// APIs are at present those of callers without an API key.
	APIs func() callers.APIs
	// Day is what a caller may still spend today on an API with a budget. The caller is empty for all without an API key.
	Day func(caller string, api callers.API) *upstream.Budget
}

// Platform is PlatformService.
type Platform struct {
	zhaohuov1.UnimplementedPlatformServiceServer
	parts PlatformParts
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
		ctx = upstream.Billed(upstream.WithDemand(ctx, upstream.DemandOf(ctx).Lowered(upstream.Batch)))
	}
	if api.Budget == 0 {
		return p.ask(ctx, api, q)
	}
	return p.ask(upstream.WithBudget(ctx, p.parts.Day(caller, api)), api, q)
}

// allowed returns the API with what the caller's list says of it, and the name under which its calls are counted.
func (p *Platform) allowed(ctx context.Context, name string) (api callers.API, caller string, err error) {
	apis, known := callers.APIsOf(ctx)
	if known {
		caller = upstream.DemandOf(ctx).Caller
	} else {
		apis = p.parts.APIs()
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

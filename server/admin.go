package server

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// PauseSpan is when a pause began and when it ends; zero for when it is resumed.
type PauseSpan struct{ Since, Until time.Time }

// Pausable is one kind of what can be paused, by name. Its methods report false if there is nothing of that name.
type Pausable interface {
	Pause(name string, until time.Time) (span PauseSpan, ok bool)
	Resume(name string) (was, ok bool)
	// Pauses are those that hold now.
	Pauses() map[string]PauseSpan
}

// AdminParts are what [NewAdmin] needs.
type AdminParts struct {
	// Callers, Accounts and Classes can be paused.
	Callers, Accounts, Classes Pausable
	// List are the callers with their use, by name.
	List func() []*zhaohuov1.CallerState
	// Audit receives a record for each change, with who made it.
	Audit *slog.Logger
}

// Admin is AdminService.
type Admin struct {
	zhaohuov1.UnimplementedAdminServiceServer
	parts AdminParts
}

var _ zhaohuov1.AdminServiceServer = (*Admin)(nil)

// NewAdmin makes the service of operators.
func NewAdmin(p AdminParts) *Admin { return &Admin{parts: p} }

// The bounds of a pause with an end.
const (
	pauseLeast = time.Second
	pauseMost  = 31 * 24 * time.Hour
)

// ListCallers implements [zhaohuov1.AdminServiceServer].
func (a *Admin) ListCallers(context.Context, *zhaohuov1.ListCallersRequest) (*zhaohuov1.ListCallersResponse, error) {
	return &zhaohuov1.ListCallersResponse{Callers: a.parts.List()}, nil
}

// ListPauses implements [zhaohuov1.AdminServiceServer].
func (a *Admin) ListPauses(context.Context, *zhaohuov1.ListPausesRequest) (*zhaohuov1.ListPausesResponse, error) {
	answer := &zhaohuov1.ListPausesResponse{}
	for _, kind := range a.kinds() {
		for _, name := range sortedKeys(kind.all.Pauses()) {
			answer.Pauses = append(answer.Pauses, callPause(kind.target(name), kind.all.Pauses()[name]))
		}
	}
	return answer, nil
}

// PauseCalls implements [zhaohuov1.AdminServiceServer].
func (a *Admin) PauseCalls(ctx context.Context, q *zhaohuov1.PauseCallsRequest) (*zhaohuov1.PauseCallsResponse, error) {
	kind, name, err := a.kindOf(q.GetTarget())
	if err != nil {
		return nil, err
	}
	var until time.Time
	if q.GetPauseTime() != nil {
		length := q.GetPauseTime().AsDuration()
		if !q.GetPauseTime().IsValid() || length < pauseLeast || length > pauseMost {
			return nil, fault.Invalid("pause_time", "PAUSE_TIME", "must be %v to %v", pauseLeast, pauseMost)
		}
		until = time.Now().Add(length)
	}
	span, ok := kind.all.Pause(name, until)
	if !ok {
		return nil, kind.missing()
	}
	a.audit(ctx, "pause", kind.name, name, slog.Time("until", until))
	return &zhaohuov1.PauseCallsResponse{Pause: callPause(q.GetTarget(), span)}, nil
}

// ResumeCalls implements [zhaohuov1.AdminServiceServer].
func (a *Admin) ResumeCalls(ctx context.Context, q *zhaohuov1.ResumeCallsRequest) (*zhaohuov1.ResumeCallsResponse, error) {
	kind, name, err := a.kindOf(q.GetTarget())
	if err != nil {
		return nil, err
	}
	was, ok := kind.all.Resume(name)
	if !ok {
		return nil, kind.missing()
	}
	a.audit(ctx, "resume", kind.name, name, slog.Bool("was_paused", was))
	return &zhaohuov1.ResumeCallsResponse{WasPaused: was}, nil
}

// audit logs a change. The group has the same form for all changes, so that it can be sent elsewhere.
func (a *Admin) audit(ctx context.Context, action, kind, name string, more slog.Attr) {
	a.parts.Audit.LogAttrs(ctx, slog.LevelInfo, "admin", slog.GroupAttrs("audit",
		slog.String("action", action), slog.String("kind", kind), slog.String("name", name), more,
		slog.String("by", interceptor.CallerName(ctx)), slog.String("address", interceptor.CallerAddress(ctx)),
		slog.String("request_id", interceptor.RequestIDFrom(ctx))))
}

// pausableKind is one field of a target.
type pausableKind struct {
	name   string
	all    Pausable
	target func(name string) *zhaohuov1.PauseTarget
}

func (a *Admin) kinds() []pausableKind {
	return []pausableKind{
		{"caller", a.parts.Callers, func(name string) *zhaohuov1.PauseTarget { return &zhaohuov1.PauseTarget{Caller: name} }},
		{"account", a.parts.Accounts, func(name string) *zhaohuov1.PauseTarget { return &zhaohuov1.PauseTarget{Account: name} }},
		{"call_class", a.parts.Classes, func(name string) *zhaohuov1.PauseTarget { return &zhaohuov1.PauseTarget{CallClass: name} }},
	}
}

// kindOf is the kind and the name of a target.
func (a *Admin) kindOf(t *zhaohuov1.PauseTarget) (kind pausableKind, name string, err error) {
	set := 0
	for i, given := range []string{t.GetCaller(), t.GetAccount(), t.GetCallClass()} {
		if given != "" {
			kind, name = a.kinds()[i], given
			set++
		}
	}
	if set != 1 {
		return kind, "", fault.Invalid("target", "PAUSE_TARGET", "must have one of caller, account and call_class")
	}
	return kind, name, nil
}

// missing is the refusal of a name that is not there.
func (k pausableKind) missing() error {
	return fault.Invalid("target."+k.name, "PAUSE_TARGET", "names nothing that is there")
}

func callPause(target *zhaohuov1.PauseTarget, span PauseSpan) *zhaohuov1.CallPause {
	p := &zhaohuov1.CallPause{Target: target, SinceTime: timestamppb.New(span.Since)}
	if !span.Until.IsZero() {
		p.UntilTime = timestamppb.New(span.Until)
	}
	return p
}

func sortedKeys(all map[string]PauseSpan) []string { return slices.Sorted(maps.Keys(all)) }

package server

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Pausable is one kind of what can be paused, by name. Its methods report false if there is nothing of that name.
type Pausable interface {
	Pause(name string, until time.Time) (span paused.Span, ok bool)
	Resume(name string) (was, ok bool)
	// Pauses are those that hold now.
	Pauses() map[string]paused.Span
}

// AdminParts are what [NewAdmin] needs.
type AdminParts struct {
	// Callers, Accounts and Classes can be paused.
	Callers, Accounts, Classes Pausable
	// List are the callers with their use, by name.
	List func() []*zhaohuov1.CallerState
	// ListAccounts are the accounts at 1688 with their state, and whether calls are sent at all. It returns soon after ctx ends.
	ListAccounts func(ctx context.Context) ([]*zhaohuov1.AccountState, zhaohuov1.UpstreamCircuit)
	// Cache is the cache of answers; nil if none are stored.
	Cache AnswerCache
	// Watches are the price watches of all callers; nil if none are served. Quota is the upstream calls of today, nil if they are not known.
	Watches WatchOverview
	Quota   func(ctx context.Context) *zhaohuov1.QuotaUsage
	// SetLevel sets what is logged until a time, zero for until it is set anew, and returns the level before.
	SetLevel func(level slog.Level, until time.Time) slog.Level
	// Drain has the server stop. It must not wait. LameDuck and DrainTimeout are how long that takes at most.
	Drain                  func()
	LameDuck, DrainTimeout time.Duration
	// Audit receives a record for each change, with who made it, whatever its level.
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

// The bounds of a pause or a level with an end.
const (
	pauseLeast = time.Second
	pauseMost  = 31 * 24 * time.Hour
)

// endOf is the end of what lasts for a time from now; zero for no end.
func endOf(field string, length *durationpb.Duration) (time.Time, error) {
	if length == nil {
		return time.Time{}, nil
	}
	if d := length.AsDuration(); !length.IsValid() || d < pauseLeast || d > pauseMost {
		return time.Time{}, fault.Invalid(field, strings.ToUpper(field), "must be %v to %v", pauseLeast, pauseMost)
	}
	return time.Now().Add(length.AsDuration()), nil
}

// ListCallers implements [zhaohuov1.AdminServiceServer].
func (a *Admin) ListCallers(context.Context, *zhaohuov1.ListCallersRequest) (*zhaohuov1.ListCallersResponse, error) {
	return &zhaohuov1.ListCallersResponse{Callers: a.parts.List()}, nil
}

// ListPauses implements [zhaohuov1.AdminServiceServer].
func (a *Admin) ListPauses(context.Context, *zhaohuov1.ListPausesRequest) (*zhaohuov1.ListPausesResponse, error) {
	answer := &zhaohuov1.ListPausesResponse{}
	for _, kind := range a.kinds() {
		all := kind.all.Pauses()
		for _, name := range sortedKeys(all) {
			answer.Pauses = append(answer.Pauses, callPause(kind.target(name), all[name]))
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
	until, err := endOf("pause_time", q.GetPauseTime())
	if err != nil {
		return nil, err
	}
	span, ok := kind.all.Pause(name, until)
	if !ok {
		return nil, kind.missing()
	}
	a.audit(ctx, "pause", kind.name, name, untilTime(until))
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

// logLevels are the levels by their names.
func logLevels() map[string]slog.Level {
	return map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
}

// SetLogLevel implements [zhaohuov1.AdminServiceServer].
func (a *Admin) SetLogLevel(ctx context.Context, q *zhaohuov1.SetLogLevelRequest) (*zhaohuov1.SetLogLevelResponse, error) {
	level, ok := logLevels()[q.GetLogLevel()]
	if !ok {
		return nil, fault.Invalid("log_level", "LOG_LEVEL", "must be one of %s", "debug, info, warn, error")
	}
	until, err := endOf("level_time", q.GetLevelTime())
	if err != nil {
		return nil, err
	}
	before := a.parts.SetLevel(level, until)
	a.audit(ctx, "set", "log_level", q.GetLogLevel(), untilTime(until))
	return &zhaohuov1.SetLogLevelResponse{PreviousLevel: strings.ToLower(before.String()), UntilTime: fields.Time(until)}, nil
}

// DrainServer implements [zhaohuov1.AdminServiceServer].
func (a *Admin) DrainServer(ctx context.Context, _ *zhaohuov1.DrainServerRequest) (*zhaohuov1.DrainServerResponse, error) {
	a.audit(ctx, "drain", "server", "", slog.Duration("lame_duck", a.parts.LameDuck))
	a.parts.Drain()
	return &zhaohuov1.DrainServerResponse{LameDuck: durationpb.New(a.parts.LameDuck), DrainTimeout: durationpb.New(a.parts.DrainTimeout)}, nil
}

// untilTime is the end of a change in the log; nothing for a change without an end.
func untilTime(until time.Time) slog.Attr {
	if until.IsZero() {
		return slog.Attr{}
	}
	return slog.Time("until", until)
}

// audit logs a change. The group has the same form for all changes, so that it can be sent elsewhere. It passes by the logger's level:
// a change must not be hidden by a change of the level.
func (a *Admin) audit(ctx context.Context, action, kind, name string, more slog.Attr) {
	record := slog.NewRecord(time.Now(), slog.LevelInfo, "admin", 0)
	record.AddAttrs(slog.GroupAttrs("audit",
		slog.String("action", action), slog.String("kind", kind), slog.String("name", name), more,
		slog.String("by", interceptor.CallerName(ctx)), slog.String("address", interceptor.CallerAddress(ctx)),
		slog.String("request_id", interceptor.RequestIDFrom(ctx))))
	_ = a.parts.Audit.Handler().Handle(ctx, record) // A log that cannot be written fails no change.
}

// pausableKind is one field of a target.
type pausableKind struct {
	name   string
	all    Pausable
	target func(name string) *zhaohuov1.PauseTarget
	// missing is the refusal of a name that is not there. It does not repeat the name, which may be a key in the wrong place.
	missing func() error
}

func (a *Admin) kinds() []pausableKind {
	return []pausableKind{
		{"caller", a.parts.Callers, func(name string) *zhaohuov1.PauseTarget { return &zhaohuov1.PauseTarget{Caller: name} }, a.missingCaller},
		{"account", a.parts.Accounts, func(name string) *zhaohuov1.PauseTarget { return &zhaohuov1.PauseTarget{Account: name} }, missingAccount},
		{"call_class", a.parts.Classes, func(name string) *zhaohuov1.PauseTarget { return &zhaohuov1.PauseTarget{CallClass: name} }, missingClass},
	}
}

func (a *Admin) missingCaller() error {
	if len(a.parts.List()) == 0 {
		return fault.Invalid("target.caller", "PAUSE_TARGET", "cannot be paused: this server has no API keys, so callers have no names")
	}
	return fault.Invalid("target.caller", "PAUSE_TARGET", "must be the name in a caller's entry, as ListCallers gives it")
}

func missingAccount() error {
	return fault.Invalid("target.account", "PAUSE_TARGET", "must be the name of an account, as ListAccounts gives it")
}

func missingClass() error {
	var names []string
	for _, class := range upstream.Classes() {
		names = append(names, class.String())
	}
	return fault.Invalid("target.call_class", "PAUSE_TARGET", "must be one of %s", strings.Join(names, ", "))
}

// kindOf is the kind and the name of a target.
func (a *Admin) kindOf(t *zhaohuov1.PauseTarget) (kind pausableKind, name string, err error) {
	names := []string{t.GetCaller(), t.GetAccount(), t.GetCallClass()}
	place, ok := fields.Only(names[0] != "", names[1] != "", names[2] != "")
	if !ok {
		return kind, "", fault.Invalid("target", "PAUSE_TARGET", "must have one of caller, account and call_class")
	}
	return a.kinds()[place], names[place], nil
}

func callPause(target *zhaohuov1.PauseTarget, span paused.Span) *zhaohuov1.CallPause {
	return &zhaohuov1.CallPause{Target: target, SinceTime: timestamppb.New(span.Since), UntilTime: fields.Time(span.Until)}
}

func sortedKeys(all map[string]paused.Span) []string { return slices.Sorted(maps.Keys(all)) }

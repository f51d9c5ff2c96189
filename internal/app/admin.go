package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// openAdmin serves the RPCs of operators on their port, behind the same chain as all others.
func (a *App) openAdmin(chain *interceptor.Chain, p parts, watches *pricewatch.Service) {
	if a.options.NoPorts {
		return
	}
	rpcs := grpc.NewServer(chain.ServerOptions()...)
	zhaohuov1.RegisterAdminServiceServer(chain.Registrar(rpcs), server.NewAdmin(server.AdminParts{
		Callers: pausedCallers{a}, Accounts: pausedAccounts{p.limiter}, Classes: pausedClasses{p.limiter}, Cache: answerCache(p.cached),
		List: func() []*zhaohuov1.CallerState { return a.callerStates(chain) }, ListAccounts: p.listAccounts, Audit: a.log,
		Watches: overviewOf(watches), Quota: p.callsOfToday,
		SetLevel: a.level.set, Drain: a.stopAsked, LameDuck: a.settings.Listen.LameDuck, DrainTimeout: a.settings.Listen.DrainTimeout,
	}))
	a.onClose(func(context.Context) error {
		rpcs.Stop()
		return nil
	})
	a.admin.Store(rpcs)
}

// withAdmin serves gRPC beside the pages of operators, once the service is built.
func (a *App) withAdmin(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rpcs := a.admin.Load(); rpcs != nil && r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			rpcs.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// callerStates are the callers with an entry, by name.
func (a *App) callerStates(chain *interceptor.Chain) []*zhaohuov1.CallerState {
	if a.keys == nil {
		return nil
	}
	var all []*zhaohuov1.CallerState
	for _, e := range a.keys.Entries() {
		if len(all) == 0 || all[len(all)-1].GetName() != e.Name {
			requests, running := chain.UseOf(e.Name)
			state := &zhaohuov1.CallerState{
				Name: e.Name, Admin: e.Admin, PausedByEntry: e.Paused, Requests: requests, RunningRequests: int32(running),
				PauseSinceTime: fields.Time(e.Pause.Since), PauseUntilTime: fields.Time(e.Pause.Until),
			}
			if e.Daily > 0 {
				used := a.counts.Used(dayName(e.Name))
				state.CallsPerDay, state.CallsToday = &e.Daily, &used
			}
			all = append(all, state)
		}
		if e.Expires.IsZero() || time.Now().Before(e.Expires) {
			all[len(all)-1].Entries++
		}
	}
	return all
}

// pausedCallers are the callers that can be paused: those with an entry.
type pausedCallers struct{ app *App }

var _ server.Pausable = pausedCallers{}

// Pause implements [server.Pausable].
func (p pausedCallers) Pause(name string, until time.Time) (paused.Span, bool) {
	if p.app.keys == nil {
		return paused.Span{}, false
	}
	return p.app.keys.Pause(name, until)
}

// Resume implements [server.Pausable].
func (p pausedCallers) Resume(name string) (was, ok bool) {
	if p.app.keys == nil {
		return false, false
	}
	return p.app.keys.Resume(name)
}

// Pauses implements [server.Pausable].
func (p pausedCallers) Pauses() map[string]paused.Span {
	all := map[string]paused.Span{}
	if p.app.keys == nil {
		return all
	}
	for _, e := range p.app.keys.Entries() {
		if !e.Pause.Since.IsZero() {
			all[e.Name] = e.Pause
		}
	}
	return all
}

// pausedAccounts are the accounts at 1688, an only one too.
type pausedAccounts struct{ limiter *quota.Dispatcher }

var _ server.Pausable = pausedAccounts{}

// Pause implements [server.Pausable].
func (p pausedAccounts) Pause(name string, until time.Time) (paused.Span, bool) {
	return p.limiter.PauseAccount(name, until)
}

// Resume implements [server.Pausable].
func (p pausedAccounts) Resume(name string) (was, ok bool) { return p.limiter.ResumeAccount(name) }

// Pauses implements [server.Pausable].
func (p pausedAccounts) Pauses() map[string]paused.Span {
	_, accounts := p.limiter.Pauses()
	return accounts
}

// pausedClasses are the classes of upstream calls.
type pausedClasses struct{ limiter *quota.Dispatcher }

var _ server.Pausable = pausedClasses{}

// Pause implements [server.Pausable].
func (p pausedClasses) Pause(name string, until time.Time) (paused.Span, bool) {
	class, ok := upstream.ParseClass(name)
	if !ok {
		return paused.Span{}, false
	}
	return p.limiter.PauseClass(class, until), true
}

// Resume implements [server.Pausable].
func (p pausedClasses) Resume(name string) (was, ok bool) {
	class, ok := upstream.ParseClass(name)
	return ok && p.limiter.ResumeClass(class), ok
}

// Pauses implements [server.Pausable].
func (p pausedClasses) Pauses() map[string]paused.Span {
	classes, _ := p.limiter.Pauses()
	all := map[string]paused.Span{}
	for class, span := range classes {
		all[class.String()] = span
	}
	return all
}

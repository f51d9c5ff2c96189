package interceptor

import (
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// newConcurrency keeps each caller within the requests that its entry allows at the same time, streams included. The others are
// refused and do not wait: a queue here would be in the way of the one that knows what is urgent.
func newConcurrency(all *uses) link {
	return link{
		name: Concurrency, after: []string{Authentication, ClientRate},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			all.running.Add(1)
			defer all.running.Add(-1)
			e := callerOf(ss.Context()).entry
			if e.Name == "" {
				return handler(srv, ss)
			}
			u := all.of(e.Name)
			u.requests.Add(1)
			defer u.running.Add(-1)
			if n := u.running.Add(1); e.Concurrent > 0 && n > int64(e.Concurrent) {
				return fault.New(fault.CallerConcurrencyLimited, "%s has %d requests at the same time already, as many as its entry allows", e.Name, e.Concurrent).
					WithSubject(e.Name)
			}
			return handler(srv, ss)
		},
	}
}

// uses count the requests of callers with an entry, and those of all callers that run.
type uses struct {
	callers sync.Map
	running atomic.Int64
}

// use is that of one caller.
type use struct{ requests, running atomic.Int64 }

func (all *uses) of(caller string) *use {
	if u, ok := all.callers.Load(caller); ok {
		return u.(*use)
	}
	u, _ := all.callers.LoadOrStore(caller, &use{})
	return u.(*use)
}

// UseOf returns how many requests a caller with an entry has sent, and how many of them run.
func (c *Chain) UseOf(caller string) (requests, running int64) {
	u := c.uses.of(caller)
	return u.requests.Load(), u.running.Load()
}

// Running is how many requests of all callers run, without those of health and reflection.
func (c *Chain) Running() int64 { return c.uses.running.Load() }

package interceptor

import (
	"sync"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// newConcurrency keeps each caller within the requests that its entry allows at the same time, streams included. The others are
// refused and do not wait: a queue here would be in the way of the one that knows what is urgent.
func newConcurrency() link {
	r := running{callers: map[string]int{}}
	return link{
		name: Concurrency, after: []string{Authentication, ClientRate},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			e := callerOf(ss.Context()).entry
			if e.Concurrent == 0 {
				return handler(srv, ss)
			}
			if !r.begin(e.Name, e.Concurrent) {
				return fault.New(fault.CallerConcurrencyLimited, "%s has %d requests at the same time already, as many as its entry allows", e.Name, e.Concurrent).
					WithSubject(e.Name)
			}
			defer r.end(e.Name)
			return handler(srv, ss)
		},
	}
}

// running counts the requests of callers with a bound.
type running struct {
	mu      sync.Mutex
	callers map[string]int
}

func (r *running) begin(caller string, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.callers[caller] >= most {
		return false
	}
	r.callers[caller]++
	return true
}

func (r *running) end(caller string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.callers[caller]--; r.callers[caller] == 0 {
		delete(r.callers, caller)
	}
}

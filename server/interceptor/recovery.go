package interceptor

import (
	"runtime/debug"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// panicked is a panic as an error. Callers do not see its text; the log receives value and stack.
type panicked struct {
	value any
	stack []byte
}

func (*panicked) Error() string { return "panic" }

// newRecovery turns a panic into an INTERNAL fault, for health and reflection too.
func newRecovery() link {
	return link{
		name: Recovery, after: []string{FaultMapping}, always: true,
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
			defer func() {
				if value := recover(); value != nil {
					err = panicFault(value)
				}
			}()
			return handler(srv, ss)
		},
	}
}

func panicFault(value any) error {
	return fault.New(fault.Internal, "").WithCause(&panicked{value: value, stack: debug.Stack()})
}

package interceptor

import (
	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// newLoadShedding refuses RPCs, before their message is read, while shed returns an error, which is the refusal. A nil shed refuses none.
// Operators are not refused: what they do may be what helps.
func newLoadShedding(shed func() error) link {
	return link{
		name: LoadShedding, after: []string{FaultMapping, Recovery},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if shed != nil && !contract.Steers(info.FullMethod) {
				if err := shed(); err != nil {
					return err
				}
			}
			return handler(srv, ss)
		},
	}
}

package interceptor

import (
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// receiveSlack is the distance between our limit and gRPC's. gRPC refuses larger messages before any link runs and
// without details, which is acceptable only for absurd sizes.
const receiveSlack = 1 << 20

func receiveLimits(bytesMax int) []grpc.ServerOption {
	if bytesMax <= 0 {
		return nil
	}
	return []grpc.ServerOption{grpc.MaxRecvMsgSize(bytesMax + receiveSlack)}
}

// newSize refuses messages over the limit.
func newSize(bytesMax int) link {
	check := func(msg any) error {
		m, ok := messageOf(msg)
		if !ok || bytesMax <= 0 || proto.Size(m) <= bytesMax {
			return nil
		}
		return fault.New(fault.RequestTooLarge, "the request is larger than %d bytes", bytesMax)
	}
	return checking(Size, []string{Recovery, Deadline, Authentication, ClientRate, Arrival}, check)
}

// checking is a link that checks each message from the caller.
func checking(name string, after []string, check func(msg any) error) link {
	return link{
		name: name, after: after,
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, &checked{ss, check})
		},
	}
}

// checked is a stream whose messages are checked as they arrive.
type checked struct {
	grpc.ServerStream
	check func(msg any) error
}

func (c *checked) RecvMsg(msg any) error {
	if err := c.ServerStream.RecvMsg(msg); err != nil {
		return err
	}
	return c.check(msg)
}

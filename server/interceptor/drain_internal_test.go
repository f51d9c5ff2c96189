package interceptor

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// TestCutKeepsALostWrite: a server that stops says that the caller may ask another one, but not about a call that may have been done.
func TestCutKeepsALostWrite(t *testing.T) {
	cut, end := context.WithCancel(context.Background())
	defer end()
	drain := newDrain(cut)
	for err, want := range map[*fault.Fault]fault.Kind{
		fault.New(fault.CallerGone, "left"):                                     fault.ServerDraining,
		fault.New(fault.UpstreamUnavailable, "").WithCause(context.Canceled):    fault.ServerDraining,
		fault.New(fault.CallMayHaveArrived, "lost").WithCause(context.Canceled): fault.CallMayHaveArrived,
		fault.New(fault.UpstreamThrottled, "not because of us").WithCause(nil):  fault.UpstreamThrottled,
	} {
		got := drain.stream(nil, &scoped{nil, t.Context()}, &grpc.StreamServerInfo{}, func(_ any, ss grpc.ServerStream) error {
			end()
			<-ss.Context().Done()
			return err
		})
		if fault.KindOf(got) != want {
			t.Errorf("%v: %v, want %s", err, got, want)
		}
	}
}

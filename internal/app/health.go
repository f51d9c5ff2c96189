package app

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// checks answers health checks, and ends watches when the server drains: gRPC's own watches never end, and a graceful
// stop would wait for them until its deadline.
type checks struct {
	*health.Server
	drain    context.CancelFunc
	draining context.Context //nolint:containedctx // The server's lifetime, not a request's.
}

// newChecks registers health checks for the server and each of its services. All is NOT_SERVING until Run.
func newChecks(s *grpc.Server, services grpc.ServiceRegistrar) *checks {
	draining, drain := context.WithCancel(context.Background())
	c := &checks{Server: health.NewServer(), drain: drain, draining: draining}
	for name := range s.GetServiceInfo() {
		c.SetServingStatus(name, healthpb.HealthCheckResponse_NOT_SERVING)
	}
	c.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	healthpb.RegisterHealthServer(services, c)
	return c
}

// Watch implements healthpb.HealthServer. The last status that a watcher gets from a draining server is NOT_SERVING.
func (c *checks) Watch(q *healthpb.HealthCheckRequest, stream healthpb.Health_WatchServer) error {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(c.draining, cancel)()
	err := c.Server.Watch(q, watcher{stream, ctx})
	if c.draining.Err() == nil || stream.Context().Err() != nil {
		return err
	}
	if err := stream.Send(&healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_NOT_SERVING}); err != nil {
		return err
	}
	return status.Error(codes.Unavailable, "this server is stopping")
}

// watcher is a stream that ends with another context.
type watcher struct {
	healthpb.Health_WatchServer
	ctx context.Context //nolint:containedctx // A stream has a context.
}

// Context is part of grpc.ServerStream.
func (w watcher) Context() context.Context { return w.ctx }

// Package interceptor is the chain that every RPC passes, on every listener: one list of named links, in an order that
// is checked when the chain is built. gRPC sees every RPC as a stream, so that a caller is known, or refused, before
// its message is read: see [Chain.Registrar].
//
// It has no RPCs of its own. Health and reflection skip all links except those that bound a request's time or report
// its result.
package interceptor

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"

	"github.com/zhaohuo-dev/zhaohuo/server/audit"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Config is the configuration of the chain.
type Config struct {
	// Log receives one line per RPC; nil for none.
	Log *slog.Logger
	// Audit receives every RPC that has ended; nil for none. It must not wait.
	Audit func(audit.Entry)
	// Metrics is where the chain registers its metrics; nil for none. Each chain needs its own registry.
	Metrics prometheus.Registerer
	// Traces creates the spans; nil for none.
	Traces trace.TracerProvider
	// DefaultTimeout is for unary RPCs without a deadline; 0 for none.
	DefaultTimeout time.Duration
	// StreamTimeout is for streaming RPCs without a deadline; 0 for none.
	StreamTimeout time.Duration
	// TimeoutMax caps every deadline of unary RPCs; 0 for no cap.
	TimeoutMax time.Duration
	// StreamTimeoutMax caps every deadline of streaming RPCs; 0 for no cap.
	StreamTimeoutMax time.Duration
	// Keys are the API keys of callers; nil lets everybody call.
	Keys Keys
	// AdminOpen says that everybody may steer the server where there are no keys: nobody else reaches the port of AdminService.
	AdminOpen bool
	// DayOf is what a caller may still spend today; nil for no bounds.
	DayOf func(entry callers.Entry) *upstream.Budget
	// CallerRate is the number of requests per second for callers whose key sets none; 0 for no limit.
	CallerRate float64
	// Shed returns why RPCs are refused while the process is overloaded, nil while it is not. It must be quick. Nil refuses none.
	Shed func() error
	// Cut, when it ends, ends all running RPCs with SERVER_DRAINING; nil for never.
	Cut context.Context //nolint:containedctx // The server's lifetime, not a request's.
	// BodyTimeout is how long the single message of a request may take to arrive; 0 for no bound. Requests that are
	// streams of messages have their own bounds.
	BodyTimeout time.Duration
	// Buffers is the pool for messages; nil for the chain's own pool.
	Buffers mem.BufferPool
	// RequestBytesMax is the largest request message in bytes; 0 leaves only gRPC's limit.
	RequestBytesMax int
}

// The links' names.
const (
	Telemetry      = "telemetry"
	RequestID      = "request-id"
	Caller         = "caller"
	Metrics        = "metrics"
	AccessLog      = "access-log"
	FaultMapping   = "fault-mapping"
	Recovery       = "recovery"
	Drain          = "drain"
	LoadShedding   = "load-shedding"
	Deadline       = "deadline"
	Authentication = "authentication"
	ClientRate     = "client-rate"
	Concurrency    = "concurrency"
	Authorization  = "authorization"
	Demand         = "demand"
	Arrival        = "arrival"
	Size           = "size"
	Validation     = "validation"
)

// streamWorkers is how many goroutines serve RPCs one after the other. If all of them are busy, an RPC gets a goroutine of its own.
const streamWorkers = 64

// link is one part of the chain.
type link struct {
	name string
	// after names the links that must come before. Each of them must exist.
	after  []string
	stream grpc.StreamServerInterceptor
	// always makes the link run for health and reflection too.
	always bool
}

// Chain is a checked list of links.
type Chain struct {
	links   []link
	keys    Keys
	uses    *uses
	options []grpc.ServerOption
	// local are the unary RPCs that were registered, by full method.
	local map[string]localMethod
}

// New builds the chain, including everything that can fail: metrics, validation rules, the order.
func New(c Config) (*Chain, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Buffers == nil {
		c.Buffers = wire.NewBuffers()
	}
	metrics, err := newMetrics(c.Metrics)
	if err != nil {
		return nil, err
	}
	validation, err := newValidation()
	if err != nil {
		return nil, err
	}
	counted := &uses{}
	chain, err := newChain([]link{
		newTelemetry(c.Traces),
		newRequestID(),
		newCaller(),
		metrics,
		newAccessLog(c.Log, c.Audit),
		newFaultMapping(),
		newRecovery(),
		newDrain(c.Cut),
		newLoadShedding(c.Shed),
		newDeadline(timeouts{c.DefaultTimeout, c.TimeoutMax}, timeouts{c.StreamTimeout, c.StreamTimeoutMax}),
		newAuthentication(c.Keys),
		newClientRate(c.CallerRate),
		newConcurrency(counted),
		newAuthorization(c.Keys, c.AdminOpen),
		newDemand(c.DayOf),
		newArrival(c.BodyTimeout),
		newSize(c.RequestBytesMax),
		validation,
	}, append(receiveLimits(c.RequestBytesMax), decoding(c.Buffers))...)
	if err != nil {
		return nil, err
	}
	chain.keys, chain.uses = c.Keys, counted
	return chain, nil
}

func newChain(links []link, options ...grpc.ServerOption) (*Chain, error) {
	if err := checkOrder(links); err != nil {
		return nil, err
	}
	return &Chain{links: links, options: options, local: map[string]localMethod{}}, nil
}

// checkOrder checks each link's after list.
func checkOrder(links []link) error {
	var passed []string
	for _, l := range links {
		if slices.Contains(passed, l.name) {
			return fmt.Errorf("interceptor: link %q is listed twice", l.name)
		}
		for _, before := range l.after {
			if !slices.Contains(passed, before) {
				return fmt.Errorf("interceptor: link %q must come after %q", l.name, before)
			}
		}
		if l.stream == nil {
			return fmt.Errorf("interceptor: link %q does nothing", l.name)
		}
		passed = append(passed, l.name)
	}
	return nil
}

// Names lists the links in order.
func (c *Chain) Names() []string {
	names := make([]string, len(c.links))
	for i, l := range c.links {
		names[i] = l.name
	}
	return names
}

// ServerOptions adds the chain to a gRPC server. Its services are registered by [Chain.Registrar]. Unknown RPCs pass
// the chain too, so that their refusal looks like all others.
func (c *Chain) ServerOptions() []grpc.ServerOption {
	return append(slices.Clone(c.options),
		// A new goroutine for each RPC would grow its stack each time.
		grpc.NumStreamWorkers(streamWorkers),
		grpc.ChainStreamInterceptor(c.interceptors()...),
		grpc.UnknownServiceHandler(refuseUnknown),
	)
}

// interceptors are the links, from the outermost inwards.
func (c *Chain) interceptors() []grpc.StreamServerInterceptor {
	var all []grpc.StreamServerInterceptor
	for _, l := range c.links {
		if l.always {
			all = append(all, l.stream)
		} else {
			all = append(all, exceptExempt(l.stream))
		}
	}
	return all
}

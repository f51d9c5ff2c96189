// Package interceptor is the chain every RPC passes, from whichever listener: one list of named links in an order that is
// checked when the chain is built. To gRPC every RPC is a stream, so that a caller is known, or refused, before its message
// is read: see [Chain.Registrar].
//
// It knows no RPC of its own. Health and reflection are exempt by name from all links but those that end requests which take too
// long, and those that say how a request ended.
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

	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// Config is what the chain is made of.
type Config struct {
	// Log gets one line for each RPC; nil for none.
	Log *slog.Logger
	// Metrics is where the chain registers its metrics; nil for none. One registry takes one chain.
	Metrics prometheus.Registerer
	// Traces makes the spans; nil for none.
	Traces trace.TracerProvider
	// DefaultTimeout is given to an RPC whose caller set no deadline; zero for none.
	DefaultTimeout time.Duration
	// StreamTimeout is given instead to an RPC that answers with a stream; zero for none.
	StreamTimeout time.Duration
	// TimeoutMax is the longest an RPC may take whatever deadline its caller set; zero for no bound.
	TimeoutMax time.Duration
	// StreamTimeoutMax is that of an RPC that answers with a stream; zero for no bound.
	StreamTimeoutMax time.Duration
	// Keys are the API keys that callers must show; nil for none, and anybody may call.
	Keys Keys
	// CallerRate is how many requests a second each caller may send whose key does not say; zero for any number.
	CallerRate float64
	// Cut, when it ends, ends all RPCs that are under way, which then fail with SERVER_DRAINING; nil for never.
	Cut context.Context //nolint:containedctx // It is the server's life, not a request's.
	// BodyTimeout is how long the one message of a request may take to arrive; zero for no bound. RPCs whose request is a
	// stream of messages have bounds of their own.
	BodyTimeout time.Duration
	// Buffers are what messages are gathered in; nil for a pool of the chain's own.
	Buffers mem.BufferPool
	// RequestBytesMax is the largest request message in bytes; zero for gRPC's own limit alone.
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
	Deadline       = "deadline"
	Authentication = "authentication"
	ClientRate     = "client-rate"
	Authorization  = "authorization"
	Demand         = "demand"
	Arrival        = "arrival"
	Size           = "size"
	Validation     = "validation"
)

// link is one part of the chain. It is either an interceptor, or an option that gRPC itself applies before any
// interceptor.
type link struct {
	name string
	// after names the links it must come after. Each of them must be there.
	after  []string
	stream grpc.StreamServerInterceptor
	option grpc.ServerOption
	// always has the link run for health and reflection too.
	always bool
}

// Chain is a checked list of links.
type Chain struct {
	links   []link
	keys    Keys
	options []grpc.ServerOption
}

// New builds the chain and everything in it that can fail: metrics, validation rules, the order.
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
	chain, err := newChain([]link{
		newTelemetry(c.Traces),
		newRequestID(),
		newCaller(),
		metrics,
		newAccessLog(c.Log),
		newFaultMapping(),
		newRecovery(),
		newDrain(c.Cut),
		newDeadline(timeouts{c.DefaultTimeout, c.TimeoutMax}, timeouts{c.StreamTimeout, c.StreamTimeoutMax}),
		newAuthentication(c.Keys),
		newClientRate(c.CallerRate),
		newAuthorization(c.Keys),
		newDemand(),
		newArrival(c.BodyTimeout),
		newSize(c.RequestBytesMax),
		validation,
	}, append(receiveLimits(c.RequestBytesMax), decoding(c.Buffers))...)
	if err != nil {
		return nil, err
	}
	chain.keys = c.Keys
	return chain, nil
}

func newChain(links []link, options ...grpc.ServerOption) (*Chain, error) {
	if err := checkOrder(links); err != nil {
		return nil, err
	}
	return &Chain{links: links, options: options}, nil
}

// checkOrder holds each link to the names it must come after, and options to come before interceptors, since
// gRPC runs them so wherever they are listed.
func checkOrder(links []link) error {
	var passed []string
	interceptors := false
	for _, l := range links {
		if slices.Contains(passed, l.name) {
			return fmt.Errorf("interceptor: link %q is listed twice", l.name)
		}
		for _, before := range l.after {
			if !slices.Contains(passed, before) {
				return fmt.Errorf("interceptor: link %q must come after %q", l.name, before)
			}
		}
		if l.option != nil && interceptors {
			return fmt.Errorf("interceptor: link %q is run by gRPC before all interceptors, and must be listed so", l.name)
		}
		if (l.stream == nil) == (l.option == nil) {
			return fmt.Errorf("interceptor: link %q is neither an interceptor nor an option", l.name)
		}
		interceptors = interceptors || l.stream != nil
		passed = append(passed, l.name)
	}
	return nil
}

// Names lists the links in their order.
func (c *Chain) Names() []string {
	names := make([]string, len(c.links))
	for i, l := range c.links {
		names[i] = l.name
	}
	return names
}

// ServerOptions puts the chain into a gRPC server, whose services are registered by [Chain.Registrar]. The options also send
// unknown RPCs through the chain, so that their refusal looks like all others.
func (c *Chain) ServerOptions() []grpc.ServerOption {
	options := slices.Clone(c.options)
	for _, l := range c.links {
		if l.option != nil {
			options = append(options, l.option)
		}
	}
	return append(options,
		grpc.ChainStreamInterceptor(c.interceptors()...),
		grpc.UnknownServiceHandler(refuseUnknown),
	)
}

// interceptors are the links that are no options, from the outermost inwards.
func (c *Chain) interceptors() []grpc.StreamServerInterceptor {
	var all []grpc.StreamServerInterceptor
	for _, l := range c.links {
		switch {
		case l.option != nil:
		case l.always:
			all = append(all, l.stream)
		default:
			all = append(all, exceptExempt(l.stream))
		}
	}
	return all
}

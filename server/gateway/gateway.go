// Package gateway is REST: it turns HTTP requests into RPCs over an in-process connection, so that both use the same
// chain of interceptors, and turns faults into HTTP answers.
//
// It reads strictly: anything that the contract does not have is refused by name. It also serves health and the API
// description. It opens no port and makes no decision about RPCs.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/mem"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// Config is what the gateway needs.
type Config struct {
	// Conn reaches the gRPC server: over its in-memory listener, opened with [DialOptions], or as interceptor.Local, which is
	// faster. The caller closes it.
	Conn grpc.ClientConnInterface
	// RequestBytesMax bounds a request's body; 0 means 1 MiB.
	RequestBytesMax int64
	// PhotoBytesMax bounds an uploaded image; 0 means 20 MiB.
	PhotoBytesMax int64
	// CallerOf authenticates a request before its body is read; nil accepts every request at that point.
	CallerOf func(r *http.Request) (string, error)
	// Received is called when a request has arrived completely. The function it returns is called when the request
	// ends. May be nil.
	Received func(context.Context) (end func())
	// Bodies is the memory budget of all bodies together; nil for no bound.
	Bodies *share.Pool
	// Cut ends when running requests are cancelled; nil for never.
	Cut context.Context
	// BodyTimeout is how long a body other than an upload may take; 0 means a minute.
	BodyTimeout time.Duration
	// BodyRateMin is the lowest rate of bodies and uploads in bytes per second, after UploadIdle; 0 for no bound.
	BodyRateMin int64
	// UploadIdle is how long an upload may send nothing; 0 means 15 seconds.
	UploadIdle time.Duration
	// Ready reports on /readyz whether this process can serve; nil for always. It must not block.
	Ready func() bool
	// Page are handlers of GET and HEAD by exact path, for people who use a browser. May be nil.
	Page map[string]http.Handler
	// Pictures fetches pictures of goods for /v1/products/{id}/pictures.zip; nil for no such path.
	Pictures PictureFetcher
	// Agents serves AI agents at /mcp; nil for no such path. The caller is identified before, and the body bounded.
	Agents http.Handler
	// Pushes are the messages that 1688 pushes.
	Pushes Pushes
	// Origins are the web origins whose pages may call REST, such as https://shop.example; none by default.
	Origins []string
	// OpenAPI is served at /openapi.json, with Version and the address filled in; empty for no such path.
	OpenAPI []byte
	// Version is the server's version.
	Version string
	// Traces creates the spans; nil for none.
	Traces trace.TracerProvider
	// Log receives panics and requests that are refused before they are an RPC; nil for none.
	Log *slog.Logger
}

const (
	defaultRequestBytesMax = 1 << 20
	defaultPhotoBytesMax   = 20 << 20
	defaultUploadIdle      = 15 * time.Second
	defaultBodyTimeout     = time.Minute
)

// Handler is the REST handler.
type Handler struct {
	http.Handler
	linger *lingering
}

// Shutdown waits for callers who were answered while they were still sending; an [http.Server] does not count them. It
// closes their connections when ctx ends. From then on such answers end their connections at once.
func (h *Handler) Shutdown(ctx context.Context) { h.linger.shutdown(ctx) }

type gateway struct {
	Config
	routes map[string]route
	api    *runtime.ServeMux
	// probe has the routes of api without handlers: it finds the methods of a path.
	probe *runtime.ServeMux
	// direct is nil where every request takes the generated code.
	direct *direct
	// pushRate bounds how many pushes are examined.
	pushRate *rate.Limiter
	// zips has a place for each file of pictures that is being made.
	zips chan struct{}
}

// New makes the REST handler.
func New(c Config) (*Handler, error) {
	if c.Conn == nil {
		return nil, errors.New("gateway: no connection")
	}
	if c.RequestBytesMax <= 0 {
		c.RequestBytesMax = defaultRequestBytesMax
	}
	if c.PhotoBytesMax <= 0 {
		c.PhotoBytesMax = defaultPhotoBytesMax
	}
	if c.UploadIdle <= 0 {
		c.UploadIdle = defaultUploadIdle
	}
	if c.BodyTimeout <= 0 {
		c.BodyTimeout = defaultBodyTimeout
	}
	if c.CallerOf == nil {
		c.CallerOf = func(*http.Request) (string, error) { return "", nil }
	}
	if c.Cut == nil {
		c.Cut = context.Background()
	}
	if c.Received == nil {
		c.Received = func(context.Context) func() { return func() {} }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	routes, err := contractRoutes()
	if err != nil {
		return nil, err
	}
	g := &gateway{Config: c, routes: routes, pushRate: newPushRate()}
	if g.direct, err = newDirect(c.Conn); err != nil {
		return nil, err
	}
	g.api = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newCodec()),
		runtime.WithMiddlewares(g.strict),
		runtime.WithIncomingHeaderMatcher(passedIn),
		runtime.WithMetadata(annotate),
		runtime.WithOutgoingHeaderMatcher(passNone),
		runtime.WithOutgoingTrailerMatcher(passNone),
		runtime.WithErrorHandler(g.rpcFailed),
		runtime.WithRoutingErrorHandler(g.notRouted),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved),
		// A POST stays a POST: no form or header turns it into a GET.
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
	)
	g.probe = newProbe()
	for _, mux := range []*runtime.ServeMux{g.api, g.probe} {
		if err := register(mux, c.Conn); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(g.registerChart(), g.registerPictureZip()); err != nil {
		return nil, err
	}
	edge, err := g.edge(g.paths())
	if err != nil {
		return nil, err
	}
	linger := &lingering{received: c.Received}
	return &Handler{linger.wrap(edge), linger}, nil
}

// register adds every service of the contract to mux.
func register(mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
	ctx := context.Background() // The generated functions do not use it.
	return errors.Join(
		named("SearchService", zhaohuov1.RegisterSearchServiceHandlerClient(ctx, mux, zhaohuov1.NewSearchServiceClient(conn))),
		named("ProductService", zhaohuov1.RegisterProductServiceHandlerClient(ctx, mux, zhaohuov1.NewProductServiceClient(conn))),
		named("CategoryService", zhaohuov1.RegisterCategoryServiceHandlerClient(ctx, mux, zhaohuov1.NewCategoryServiceClient(conn))),
		named("ComboService", zhaohuov1.RegisterComboServiceHandlerClient(ctx, mux, zhaohuov1.NewComboServiceClient(conn))),
		named("PriceWatchService", zhaohuov1.RegisterPriceWatchServiceHandlerClient(ctx, mux, zhaohuov1.NewPriceWatchServiceClient(conn))),
		named("PlatformService", zhaohuov1.RegisterPlatformServiceHandlerClient(ctx, mux, zhaohuov1.NewPlatformServiceClient(conn))),
		named("InfoService", zhaohuov1.RegisterInfoServiceHandlerClient(ctx, mux, zhaohuov1.NewInfoServiceClient(conn))),
	)
}

func named(service string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("gateway: registering %s: %w", service, err)
}

// streamWindow and connWindow are how many bytes that were not read one RPC, and the connection in memory, may have in flight. They
// are fixed: gRPC would let each grow to 16 MiB, and a caller who reads slowly keeps its RPC's window full.
const (
	streamWindow = 256 << 10
	connWindow   = 1 << 20
)

// DialOptions are for the connection to the in-memory listener; the caller adds the dialer. Messages from the server
// have no size limit: nothing leaves the process. Messages use the buffers of the pool.
func DialOptions(traces trace.TracerProvider, buffers mem.BufferPool) []grpc.DialOption {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.ForceCodecV2(wire.NewCodec(buffers))),
		experimental.WithBufferPool(buffers),
		grpc.WithInitialWindowSize(streamWindow),
		grpc.WithInitialConnWindowSize(connWindow),
	}
	if traces == nil {
		return options
	}
	return append(options, grpc.WithStatsHandler(otelgrpc.NewClientHandler(
		otelgrpc.WithTracerProvider(traces),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
	)))
}

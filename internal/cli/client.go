package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// probeTimeout is how long a local server may take to say that it is there. Nobody should wait for one that is not.
const probeTimeout = 500 * time.Millisecond

// answerBytesMax bounds what a client command takes from a server.
const answerBytesMax = 64 << 20

// target is which server a client command asks.
type target struct {
	Addr    string        `name:"addr" placeholder:"HOST:PORT" help:"gRPC address of the server. Unset: the local server if one answers, else one started within this command."`
	TLS     bool          `name:"tls" help:"Speak TLS to --addr."`
	CA      string        `name:"ca" type:"existingfile" placeholder:"FILE" help:"Certificates (PEM) the server's is checked against, instead of the system's."`
	Cert    string        `name:"cert" type:"existingfile" placeholder:"FILE" help:"Certificate (PEM) this client shows."`
	Key     string        `name:"key" type:"existingfile" placeholder:"FILE" help:"Private key (PEM) of --cert."`
	Timeout time.Duration `name:"timeout" default:"30s" help:"How long the answer may take."`
	Config  string        `name:"config" placeholder:"FILE" help:"Settings file, for the local address and for a server started here."`
}

// connection is a way to a server.
type connection struct {
	grpc.ClientConnInterface
	// close ends it, and the server with it if it was started here.
	close func() error
}

// open finds or starts the server.
func (t target) open(s *session) (*connection, error) {
	if _, err := s.apiKey(); err != nil {
		return nil, err
	}
	if t.Addr != "" {
		return t.dial(s, t.Addr)
	}
	if t.TLS || t.CA != "" || t.Cert != "" || t.Key != "" {
		return nil, usage("--tls, --ca, --cert and --key need --addr")
	}
	var flags []string
	if t.Config != "" {
		flags = []string{"--config", t.Config}
	}
	settings, err := config.Load(flags, s.env)
	if err != nil {
		return nil, usageError{err}
	}
	if local := t.local(s, settings.Listen.GRPCAddr); local != nil {
		return local, nil
	}
	return s.start(settings)
}

func (t target) dial(s *session, addr string) (*connection, error) {
	transport, err := t.credentials()
	if err != nil {
		return nil, err
	}
	key, err := s.apiKey()
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(answerBytesMax)),
	}
	if !key.Empty() {
		options = append(options, grpc.WithPerRPCCredentials(key))
		if transport.Info().SecurityProtocol == "insecure" && inClear(addr) {
			s.note("warning: %s travels to %s in clear: use --tls", config.ClientKeyEnv, addr)
		}
	}
	conn, err := grpc.NewClient(addr, options...)
	if err != nil {
		return nil, usage("--addr: %v", err)
	}
	return &connection{conn, conn.Close}, nil
}

func (t target) credentials() (credentials.TransportCredentials, error) {
	if !t.TLS && t.CA == "" && t.Cert == "" && t.Key == "" {
		return insecure.NewCredentials(), nil
	}
	if (t.Cert == "") != (t.Key == "") {
		return nil, usage("--cert and --key belong together")
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, usage("--ca: %v", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, usage("--ca: %s holds no certificate", t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, usage("--cert: %v", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(c), nil
}

// local connects to a server at the local address; nil if none of ours answers there soon.
func (t target) local(s *session, addr string) *connection {
	conn, err := t.dial(s, addr)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, probeTimeout)
	defer cancel()
	// The service is named, since another program's gRPC server may well answer at a popular port.
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: zhaohuov1.SearchService_ServiceDesc.ServiceName})
	if err != nil || answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		_ = conn.close() // Nothing was said over it that could be lost.
		return nil
	}
	return conn
}

// start runs a server within this process, without a port.
func (s *session) start(settings *config.Loaded) (*connection, error) {
	if settings.Live() {
		s.note("no server answers at %s: asking 1688 from this process, with a rate limiter of its own that other processes do not see",
			settings.Listen.GRPCAddr)
	}
	return s.within(settings, s.Stderr)
}

// within is start without a word, with a log of its own.
func (s *session) within(settings *config.Loaded, logTo io.Writer) (*connection, error) {
	if settings.Origins["log-level"] == "" {
		settings.Watching.LogLevel = "error" // The failure itself is shown; the server's view of it would say it twice.
	}
	settings.Listen.LameDuck = 0
	server, err := app.New(s.ctx, app.Options{Settings: settings, Version: s.Version, LogTo: logTo, NoPorts: true})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	return &connection{server.Conn(), func() error {
		stop()
		return <-ended
	}}, nil
}

// ask opens the target, puts one question through method and closes it again.
func ask[Q, A any](s *session, t target, method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (A, error), q Q) (A, error) {
	conn, err := t.open(s)
	if err != nil {
		var none A
		return none, err
	}
	return askOver(s, conn, t.Timeout, method, q)
}

// askOver puts one question through method over conn, and closes it.
func askOver[Q, A any](s *session, conn *connection, timeout time.Duration, method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (A, error), q Q) (A, error) {
	var none A
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", s.acceptLanguage())
	var header metadata.MD
	answer, err := method(ctx, conn, q, grpc.Header(&header))
	if err != nil {
		failed := callError{error: err}
		if ids := header.Get("x-request-id"); len(ids) > 0 {
			failed.requestID = ids[0]
		}
		return none, errors.Join(failed, conn.close())
	}
	if err := conn.close(); err != nil {
		return none, fmt.Errorf("stopping: %w", err)
	}
	return answer, nil
}

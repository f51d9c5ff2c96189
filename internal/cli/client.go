package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/server/agent"
)

// answerBytesMax bounds what a client command accepts from a server.
const answerBytesMax = 64 << 20

// connection is a connection to a server.
type connection struct {
	grpc.ClientConnInterface
	// at is the server's address; the zero value is this process.
	at place
	// pictures fetches pictures of goods as a server in this process does; nil for a server elsewhere.
	pictures agent.PictureFetcher
	// close ends it, and also a server that was started for it.
	close func() error
}

func (t target) dial(s *session, addr string) (*connection, error) {
	secure, err := t.tlsConfig()
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if secure != nil {
		transport = credentials.NewTLS(secure)
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
		if secure == nil && inClear(addr) {
			s.note("warning: %s is sent to %s unencrypted: use --tls", config.ClientKeyEnv, addr)
		}
	}
	conn, err := grpc.NewClient(addr, options...)
	if err != nil {
		return nil, usage("--addr: %v", err)
	}
	return &connection{conn, place{addr: addr, tls: secure, ops: t.ops}, nil, conn.Close}, nil
}

// withVariables fills in what no flag says from the variables that the packages in clients/ read too.
func (t target) withVariables(s *session) (target, error) {
	if !t.TLS {
		switch value := s.env[config.ClientTLSEnv]; value {
		case "1", "true", "on":
			t.TLS = true
		case "", "0", "false", "off":
		default:
			return t, usage("%s must be 1, true or on; 0, false or off", config.ClientTLSEnv)
		}
	}
	if t.CA == "" {
		t.CA, t.caFrom = s.env[config.ClientCAEnv], config.ClientCAEnv
	}
	if t.Cert == "" && t.Key == "" { // The two belong together.
		t.Cert, t.Key, t.certFrom, t.keyFrom = s.env[config.ClientCertEnv], s.env[config.ClientCertKeyEnv], config.ClientCertEnv, config.ClientCertKeyEnv
	}
	return t, nil
}

// wantsTLS reports whether any flag or variable requires TLS.
func (t target) wantsTLS() bool { return t.TLS || t.CA != "" || t.Cert != "" || t.Key != "" }

// tlsConfig is the configuration from flags and variables; nil for no TLS.
func (t target) tlsConfig() (*tls.Config, error) {
	if !t.wantsTLS() {
		return nil, nil
	}
	if (t.Cert == "") != (t.Key == "") {
		return nil, usage("%s and %s belong together", cmp.Or(t.certFrom, "--cert"), cmp.Or(t.keyFrom, "--key"))
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, usage("%s: %v", cmp.Or(t.caFrom, "--ca"), err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, usage("%s: %s holds no certificate", cmp.Or(t.caFrom, "--ca"), t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, usage("%s: %v", cmp.Or(t.certFrom, "--cert"), err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// within runs a server in this process, without a port.
func (s *session) within(settings *config.Loaded, logTo io.Writer) (*connection, error) {
	if settings.Origins["log-level"] == "" {
		settings.Watching.LogLevel = "error" // The command shows the failure; the server's log would repeat it.
	}
	settings.Listen.LameDuck = 0
	server, err := app.New(s.ctx, app.Options{Settings: settings, Version: s.Version, LogTo: logTo, Goods: s.goods, NoPorts: true})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	return &connection{server.Conn(), place{}, server.Pictures(), func() error {
		stop()
		return <-ended
	}}, nil
}

// unary turns a method of a service's client into a function of the connection, for ask.
func unary[C, Q, A any](client func(grpc.ClientConnInterface) C, method func(C, context.Context, Q, ...grpc.CallOption) (A, error)) func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (A, error) {
	return func(ctx context.Context, conn grpc.ClientConnInterface, q Q, o ...grpc.CallOption) (A, error) {
		return method(client(conn), ctx, q, o...)
	}
}

// ask connects to the target, calls method once and closes the connection.
func ask[Q, A any](s *session, t target, method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (A, error), q Q) (A, error) {
	conn, err := t.open(s)
	if err != nil {
		var none A
		return none, err
	}
	return askOver(s, conn, t.Timeout, method, q)
}

// askOver calls method once over conn, and closes it.
func askOver[Q, A any](s *session, conn *connection, timeout time.Duration, method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (A, error), q Q) (A, error) {
	return askShowing(s, conn, timeout, func(ctx context.Context, _ *spinner, o ...grpc.CallOption) (A, error) {
		return method(ctx, conn, q, o...)
	})
}

// askShowing makes one RPC over conn, and closes it. Meanwhile there is a spinner, which the RPC may use.
func askShowing[A any](s *session, conn *connection, timeout time.Duration, rpc func(context.Context, *spinner, ...grpc.CallOption) (A, error)) (A, error) {
	var none A
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", s.acceptLanguage())
	var header metadata.MD
	working := s.working()
	answer, err := rpc(ctx, working, grpc.Header(&header))
	working.end()
	if err != nil {
		return none, errors.Join(conn.failure(s.ctx, err, header), conn.close())
	}
	if err := conn.close(); err != nil {
		return none, trouble("stopping: %w", err)
	}
	return answer, nil
}

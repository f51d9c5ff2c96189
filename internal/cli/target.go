package cli

import (
	"cmp"
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// defaultPort and defaultOpsPort are the default ports of servers: gRPC for callers, and for operators.
const (
	defaultPort    = "9090"
	defaultOpsPort = "9464"
)

// addrNone is the address for no server: the command answers from its own process.
const addrNone = "none"

// healthTimeout is how long an unnamed local server may take to answer a health check.
const healthTimeout = 5 * time.Second

// target is the server that a client command asks.
type target struct {
	Addr    string        `name:"addr" placeholder:"HOST:PORT" help:"gRPC address of the server; the default port is 9090. none: run the request in this process. Unset: the server of ZHAOHUO_GRPC_ADDR or the settings file; otherwise a local server if there is one, else this process."`
	TLS     bool          `name:"tls" help:"Speak TLS to the server. Without this and the next three flags ZHAOHUO_TLS, ZHAOHUO_CA, ZHAOHUO_CERT and ZHAOHUO_CERT_KEY decide."`
	CA      string        `name:"ca" type:"existingfile" placeholder:"FILE" help:"CA certificates (PEM) to verify the server with, instead of the system's."`
	Cert    string        `name:"cert" type:"existingfile" placeholder:"FILE" help:"Client certificate (PEM)."`
	Key     string        `name:"key" type:"existingfile" placeholder:"FILE" help:"Private key (PEM) of --cert."`
	Timeout time.Duration `name:"timeout" default:"30s" help:"Timeout of the request."`
	Config  string        `name:"config" placeholder:"FILE" help:"Settings file. It may name the server, and has the settings for --addr none."`

	// caFrom, certFrom and keyFrom are the variables that named the files; empty for flags.
	caFrom, certFrom, keyFrom string `kong:"-"`
	// ops is set for the operators' port, which never speaks TLS.
	ops bool `kong:"-"`
}

// alone is what a command has where there is no server: its own process, and the settings for it.
type alone struct {
	settings *config.Loaded
	// missed is the usual address, at which nothing answered; empty where no server was wanted.
	missed string
}

// open finds or starts the server. A server that was named, by a flag, a variable or the settings file, is asked and no
// other: only where none is named and nothing answers at the usual address does the command answer from its own process.
func (t target) open(s *session) (*connection, error) {
	conn, here, err := t.find(s)
	if err != nil || here == nil {
		return conn, err
	}
	if here.missed != "" {
		s.noteWithin(here.settings, here.missed)
	}
	return s.within(here.settings, s.Stderr)
}

// openServer is open for what only a server can do that goes on when the command has ended.
func (t target) openServer(s *session) (*connection, error) {
	conn, here, err := t.find(s)
	switch {
	case err != nil || here == nil:
		return conn, err
	case here.missed != "":
		return nil, unreachable{reached: reached{what: noServer, addr: here.missed}}
	}
	return nil, usage("--addr is none, but a price watch needs a server that keeps running: start it with `zhaohuo serve` and leave out --addr none")
}

// find finds the server, or else says that this process is to answer.
func (t target) find(s *session) (*connection, *alone, error) {
	if t.ops {
		conn, err := t.operators(s)
		return conn, nil, err
	}
	if t.Addr == addrNone && t.wantsTLS() {
		return nil, nil, usage("--tls, --ca, --cert and --key need a server, but --addr is none")
	}
	t, err := t.withVariables(s)
	if err != nil {
		return nil, nil, err
	}
	key, err := s.apiKey()
	if err != nil {
		return nil, nil, err
	}
	if t.Addr != "" && t.Addr != addrNone {
		conn, err := t.named(s, "--addr", t.Addr)
		return conn, nil, err
	}
	settings, err := t.settings(s)
	if err != nil {
		return nil, nil, err
	}
	if t.Addr == addrNone {
		return nil, &alone{settings: settings}, nil
	}
	origin, named := settings.Origins["grpc-addr"], settings.Listen.GRPCAddr
	if origin == "" && s.usualAddr != "" {
		named = s.usualAddr
	}
	switch {
	case origin != "":
	case t.wantsTLS():
		origin = "--grpc-addr"
	case !key.Empty(): // A key comes from a server.
		origin = config.ClientKeyEnv
	default:
		return t.unnamed(s, settings, named)
	}
	conn, err := t.named(s, origin, named)
	return conn, nil, err
}

// operators dials an operators' port: the one that is named, or that of the environment or the settings file, as the server finds it.
func (t target) operators(s *session) (*connection, error) {
	origin, addr := "--ops-addr", t.Addr
	if addr == "" {
		settings, err := t.settings(s)
		if err != nil {
			return nil, err
		}
		origin, addr = cmp.Or(settings.Origins["ops-addr"], origin), settings.Listen.OpsAddr
	}
	if addr == "" || addr == addrNone {
		return nil, usage("--ops-addr: give HOST:PORT of a running server's operators' port")
	}
	return t.named(s, origin, addr)
}

// named dials the server at an address that origin gave.
func (t target) named(s *session, origin, addr string) (*connection, error) {
	addr, err := t.dialable(origin, addr)
	if err != nil {
		return nil, err
	}
	return t.dial(s, addr)
}

// settings are those of the environment and of the settings file.
func (t target) settings(s *session) (*config.Loaded, error) {
	var flags []string
	if t.Config != "" {
		flags = []string{"--config", t.Config}
	}
	settings, err := config.Load(flags, s.env)
	if err != nil {
		return nil, usageError{err}
	}
	return settings, nil
}

// unnamed finds the server at the usual local address; this process is to answer if nothing is there. What else answers
// there may be the user's server in a form that was not expected, so it is never passed over.
func (t target) unnamed(s *session, settings *config.Loaded, addr string) (*connection, *alone, error) {
	conn, err := t.dial(s, addr)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(s.ctx, healthTimeout)
	defer cancel()
	// The service is named, because another program's gRPC server may use a popular port.
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: zhaohuov1.SearchService_ServiceDesc.ServiceName})
	if err == nil && answer.GetStatus() == healthpb.HealthCheckResponse_SERVING {
		return conn, nil, nil
	}
	_ = conn.close() // Nothing was sent over it.
	if s.ctx.Err() != nil {
		return nil, nil, unfinished{s.ctx.Err()}
	}
	finding := conn.at.examine(s.ctx)
	switch {
	case finding.what == nothingThere:
		return nil, &alone{settings, addr}, nil
	case err == nil:
		finding = reached{what: notReady, addr: addr}
	case status.Code(err) == codes.NotFound || status.Code(err) == codes.Unimplemented:
		finding = reached{what: otherService, addr: addr}
	}
	return nil, nil, unreachable{reached: finding, unnamed: true}
}

// noteWithin says that no server is asked, and what is asked instead.
func (s *session) noteWithin(settings *config.Loaded, addr string) {
	if settings.Live() {
		s.note("no server answers at %s: asking 1688 from this process, with a rate limiter of its own that other processes do not see", addr)
		return
	}
	s.note("no server answers at %s: asking the sandbox in this process", addr)
}

// dialable is the address of a server in a form that can be dialed: with a port and one host. A number alone is a port of this machine. origin
// is who named it.
func (t target) dialable(origin, addr string) (string, error) {
	usual, flag, aboutURL := defaultPort, "--addr", "%s: %s is a web address: give HOST:PORT of the server's gRPC port, without %s://"
	if t.ops {
		usual, flag, aboutURL = defaultOpsPort, "--ops-addr", "%s: %s is a web address: give HOST:PORT of the server's operators' port, without %s://"
	}
	if strings.Contains(addr, ":///") || strings.HasPrefix(addr, "unix:") {
		return addr, nil // A target in gRPC's own form.
	}
	if scheme, _, isURL := strings.Cut(addr, "://"); isURL {
		return "", usage(aboutURL, origin, addr, scheme)
	}
	if _, err := strconv.ParseUint(addr, 10, 16); err == nil {
		addr = ":" + addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.Trim(addr, "[]"), usual
		if strings.Contains(host, ":") && net.ParseIP(host) == nil || strings.ContainsAny(host, "/ ") {
			return "", usage("%s: %s is not an address: give HOST:PORT, such as 127.0.0.1:%s", origin, addr, usual)
		}
	}
	switch port {
	case "":
		port = usual
	case "0":
		return "", usage("%s: port 0 means that the server chooses a free port: give that port with %s", origin, flag)
	}
	return net.JoinHostPort(dialHost(host), port), nil
}

// dialHost is the host to dial for one that a server of this machine listens on: a wildcard address can be listened on, but not dialed.
func dialHost(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

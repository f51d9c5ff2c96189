package cli

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// examineTimeout bounds each step of examining an address.
const examineTimeout = 2 * time.Second

// place is the address of a server. The zero value is this process.
type place struct {
	addr string
	// tls is the TLS configuration; nil for no TLS.
	tls *tls.Config
	// ops is true for an operators' port.
	ops bool
}

// what is the finding at an address.
type what int

const (
	// sound: nothing wrong was found.
	sound what = iota
	nothingThere
	unknownHost
	noWay
	silent
	speaksTLS
	speaksHTTP
	speaksNoTLS
	otherName
	untrusted
	outdated
	wantsCertificate
	notReady
	otherService
	lost
	// noServer: nothing is there, and only a server can do what was asked.
	noServer
	// otherProgram: what answers speaks neither HTTP nor TLS.
	otherProgram
	// notOperators and notCallers: a server's other port is there, or an older version.
	notOperators
	notCallers
)

// reached is a finding with its address.
type reached struct {
	what what
	addr string
	// detail is what the finding's sentence needs beside the address.
	detail string
}

// unreachable is an error: the server cannot be asked.
type unreachable struct {
	reached
	// unnamed means that the user named no server.
	unnamed bool
	// ops means that an operators' port was asked for: another flag names it.
	ops bool
}

// Error says in one line what is wrong and what to do.
func (u unreachable) Error() string { return u.sentence(english) }

// sentence is the error in the user's language.
func (u unreachable) sentence(words phrases) string {
	replaced := []string{"ADDR", u.addr, "DETAIL", u.detail}
	if u.ops {
		replaced = append(replaced, "--addr", "--ops-addr")
	}
	text := strings.NewReplacer(replaced...).Replace(words.reach[u.what])
	if u.unnamed {
		text += words.unnamed
	}
	return text
}

// later reports whether the same command may succeed later.
func (u unreachable) later() bool {
	switch u.what {
	case nothingThere, noWay, silent, notReady, lost, noServer:
		return true
	}
	return false
}

// failure is the error of an RPC over the connection. If the answer is not from our server, it says what is at the
// address.
func (c *connection) failure(ctx context.Context, err error, header metadata.MD) error {
	failed := callError{error: err}
	if ids := header.Get("x-request-id"); len(ids) > 0 {
		failed.requestID = ids[0]
	}
	st := status.Convert(err)
	if c.at.addr == "" || ctx.Err() != nil {
		return failed
	}
	if rpcerr.Reason(st) == fault.RouteNotFound.String() {
		return unreachable{reached: reached{what: c.at.otherPort(), addr: c.at.addr}, ops: c.at.ops}
	}
	if len(st.Details()) > 0 {
		return failed
	}
	switch st.Code() {
	case codes.Unavailable, codes.Unknown, codes.Internal, codes.Unimplemented, codes.DeadlineExceeded:
	default:
		return failed
	}
	found := c.at.examine(ctx)
	switch {
	case c.at.ops && found.what == speaksHTTP && st.Code() == codes.DeadlineExceeded: // An operators' port speaks HTTP too.
		return failed
	case c.at.ops && found.what == speaksHTTP:
		found.what = notOperators
	case found.what != sound:
	case failed.requestID != "": // Our server answered.
		return failed
	case st.Code() == codes.Unavailable:
		found.what = lost
	case st.Code() == codes.Unimplemented:
		found.what = otherService
	default:
		return failed
	}
	return unreachable{reached: found, ops: c.at.ops}
}

// otherPort is the finding that a server does not have the request's RPC on this port.
func (p place) otherPort() what {
	if p.ops {
		return notOperators
	}
	return notCallers
}

// examine finds out what is at the address.
func (p place) examine(ctx context.Context) reached {
	ctx, cancel := context.WithTimeout(ctx, 2*examineTimeout)
	defer cancel()
	if _, _, err := net.SplitHostPort(p.addr); err != nil {
		return reached{what: sound, addr: p.addr} // A target in gRPC's own form: only gRPC can resolve it.
	}
	conn, err := (&net.Dialer{Timeout: examineTimeout}).DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return p.notReached(err)
	}
	if p.tls != nil {
		return p.examineTLS(ctx, conn)
	}
	answer := ask1(ctx, conn)
	switch {
	case p.handshakes(ctx): // Checked first, because web servers answer plain requests with a request for TLS.
		return reached{what: speaksTLS, addr: p.addr}
	case strings.HasPrefix(answer, "HTTP/"):
		return reached{what: speaksHTTP, addr: p.addr}
	case answer == "":
		return reached{what: silent, addr: p.addr}
	case !p.speaksHTTP2(ctx):
		return reached{what: otherProgram, addr: p.addr}
	}
	return reached{what: sound, addr: p.addr}
}

// speaksHTTP2 reports whether the address answers the start of an HTTP/2 connection with one, as gRPC servers do. It reports true where
// it cannot be known.
func (p place) speaksHTTP2(ctx context.Context) bool {
	conn, err := (&net.Dialer{Timeout: examineTimeout}).DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return true
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(examineTimeout))
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return true
	}
	framer := http2.NewFramer(conn, conn)
	if err := framer.WriteSettings(); err != nil {
		return true
	}
	frame, err := framer.ReadFrame()
	if err != nil {
		return false
	}
	_, settings := frame.(*http2.SettingsFrame)
	return settings
}

// notReached finds out why there is no connection.
func (p place) notReached(err error) reached {
	var unresolved *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return reached{what: nothingThere, addr: p.addr}
	case errors.As(err, &unresolved) && unresolved.IsNotFound:
		host, _, _ := net.SplitHostPort(p.addr)
		return reached{what: unknownHost, addr: p.addr, detail: host}
	}
	return reached{what: noWay, addr: p.addr}
}

// examineTLS finds out why TLS fails, over a new connection.
func (p place) examineTLS(ctx context.Context, conn net.Conn) reached {
	host, _, _ := net.SplitHostPort(p.addr)
	config := p.tls.Clone()
	config.ServerName = host
	config.NextProtos = []string{"h2"}
	secure := tls.Client(conn, config)
	defer func() { _ = secure.Close() }()
	if err := secure.HandshakeContext(ctx); err != nil {
		return p.handshakeFailed(err)
	}
	if secure.ConnectionState().NegotiatedProtocol != "h2" {
		return reached{what: speaksHTTP, addr: p.addr}
	}
	// With TLS 1.3 the server reports a missing client certificate only on the first read.
	_ = secure.SetDeadline(time.Now().Add(examineTimeout))
	if _, err := secure.Read(make([]byte, 1)); refusedByPeer(err) {
		return reached{what: wantsCertificate, addr: p.addr}
	}
	if p.isWeb(ctx) {
		return reached{what: speaksHTTP, addr: p.addr}
	}
	return reached{what: sound, addr: p.addr}
}

// isWeb reports whether the server answers a web request, as a REST port does and a gRPC port does not.
func (p place) isWeb(ctx context.Context) bool {
	transport := &http.Transport{TLSClientConfig: p.tls.Clone(), ForceAttemptHTTP2: true, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+p.addr+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := transport.RoundTrip(question)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.Header.Get("Grpc-Status") == "" && answer.Trailer.Get("Grpc-Status") == ""
}

// refusedByPeer reports whether the server ended TLS with an alert.
func refusedByPeer(err error) bool {
	var alert *net.OpError
	return errors.As(err, &alert) && alert.Op == "remote error"
}

func (p place) handshakeFailed(err error) reached {
	var (
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		timeout net.Error
	)
	switch {
	case errors.As(err, &name):
		names := name.Certificate.DNSNames
		for _, ip := range name.Certificate.IPAddresses {
			names = append(names, ip.String())
		}
		return reached{what: otherName, addr: p.addr, detail: strings.Join(names, ", ")}
	case errors.As(err, &unknown):
		return reached{what: untrusted, addr: p.addr}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return reached{what: outdated, addr: p.addr, detail: invalid.Cert.NotAfter.Format(time.DateOnly)}
	case errors.As(err, &record):
		return reached{what: speaksNoTLS, addr: p.addr}
	case refusedByPeer(err):
		return reached{what: wantsCertificate, addr: p.addr}
	case errors.As(err, &timeout) && timeout.Timeout():
		return reached{what: silent, addr: p.addr}
	}
	return reached{what: untrusted, addr: p.addr}
}

// handshakes reports whether the address speaks TLS. It sends nothing over the connection, so it need not verify the
// server.
func (p place) handshakes(ctx context.Context) bool {
	conn, err := (&net.Dialer{Timeout: examineTimeout}).DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return false
	}
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // See above.
	defer func() { _ = secure.Close() }()
	ctx, cancel := context.WithTimeout(ctx, examineTimeout)
	defer cancel()
	err = secure.HandshakeContext(ctx)
	return err == nil || refusedByPeer(err)
}

// ask1 sends an HTTP/1.1 request and returns the first line of the answer; empty for none. A gRPC server answers with
// an HTTP/2 frame or closes the connection.
func ask1(ctx context.Context, conn net.Conn) string {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(examineTimeout))
	if _, err := fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: zhaohuo\r\nConnection: close\r\n\r\n"); err != nil {
		return "closed"
	}
	first := make([]byte, 64)
	n, err := bufio.NewReader(conn).Read(first)
	var timeout net.Error
	if n == 0 && err != nil {
		if errors.As(err, &timeout) && timeout.Timeout() || ctx.Err() != nil {
			return ""
		}
		return "closed"
	}
	return string(first[:n])
}

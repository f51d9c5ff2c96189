package publicnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// ErrForbidden is the error of a connection to an address that is not of the public internet.
var ErrForbidden = errors.New("not an address of the public internet")

// Dialer connects to the public internet only. It is for [net/http.Transport.DialContext], with no proxy: a proxy would resolve
// the name and connect without the check.
type Dialer struct {
	// Resolver resolves names. It must not resolve numbers, as Go's own does not.
	Resolver *net.Resolver
	// Trusted reports whether connections to this host and port, as the URL names them, are not checked: an operator configured
	// them. Nil: none.
	Trusted func(hostPort string) bool
	// Permit allows connections to further IP addresses. Nil: none.
	Permit func(netip.AddrPort) bool
}

// DialContext connects. Names are absolute, so that no search domain is appended, unless they are trusted. Every IP address is
// checked after the socket is created and before it connects, so that it cannot change after the check.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Resolver: d.Resolver, KeepAlive: -1}
	if d.Trusted != nil && d.Trusted(address) {
		return dialer.DialContext(ctx, network, address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err != nil {
		host = strings.TrimSuffix(host, ".") + "."
	}
	dialer.ControlContext = d.control
	return dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
}

func (d *Dialer) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") || !d.Reachable(to) {
		return ErrForbidden
	}
	return nil
}

// Reachable reports whether an IP address may be connected to.
func (d *Dialer) Reachable(to netip.AddrPort) bool {
	return Public(to.Addr()) || d.Permit != nil && d.Permit(to)
}

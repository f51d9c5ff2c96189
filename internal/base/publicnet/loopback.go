package publicnet

import (
	"net"
	"net/netip"
)

// Loopback reports whether only this machine reaches the host: it is "localhost", or a loopback address. An empty host is every address
// there is.
func Loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// Host is the IP address or name in "host:port", without the brackets of version 6; empty for anything else, as the address of a Unix
// socket.
func Host(hostPort string) string {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return ""
	}
	return host
}

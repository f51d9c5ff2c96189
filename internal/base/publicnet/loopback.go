package publicnet

import "net/netip"

// Loopback reports whether only this machine reaches the host: it is "localhost", or a loopback address. An empty host is every address
// there is.
func Loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

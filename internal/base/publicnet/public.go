// Package publicnet keeps requests to addresses that callers name on the public internet (SSRF). [Parse] reads such an address in
// one way only, [Public] tells public IP addresses from others, and a [Dialer] checks the IP address of each connection. The
// dialer's check decides: a name may resolve to anything, and to something else the next time. [Host] and [Loopback] read the addresses
// of connections.
package publicnet

import "net/netip"

// Public reports whether an address belongs to the public internet. IPv6 has an allow list (2000::/3, which
// leaves out loopback, mapped, compatible, locally translated, unique-local, link-local and multicast addresses), minus
// special ranges. IPv4 has a deny list, which also applies to IPv4 addresses inside NAT64 addresses. Source: IANA's registries
// of special-purpose addresses.
func Public(addr netip.Addr) bool {
	// A dialer writes an IPv4-mapped address as IPv4; the same rule applies if it does not.
	addr = addr.Unmap().WithZone("")
	if bits := addr.As16(); addr.Is6() && string(bits[:len(nat64)]) == nat64 {
		// Networks with DNS64 reach IPv4 hosts by such addresses. The connection goes to the IPv4 address inside.
		addr = netip.AddrFrom4([4]byte(bits[len(nat64):]))
	}
	if addr.Is6() && addr.As16()[0]>>5 != 1 {
		return false
	}
	for _, block := range special {
		if block.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}

// nat64 is 64:ff9b::/96, the well-known prefix of RFC 6052. A network's own prefix is not known here, so its addresses stay
// refused unless they are public by themselves.
const nat64 = "\x00\x64\xff\x9b\x00\x00\x00\x00\x00\x00\x00\x00"

var special = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),         // this network
	netip.MustParsePrefix("10.0.0.0/8"),        // private
	netip.MustParsePrefix("100.64.0.0/10"),     // carrier-grade NAT; the metadata of some clouds
	netip.MustParsePrefix("127.0.0.0/8"),       // loopback
	netip.MustParsePrefix("168.63.129.16/32"),  // the metadata of one cloud, in a public range
	netip.MustParsePrefix("169.254.0.0/16"),    // link-local; the metadata of most clouds
	netip.MustParsePrefix("172.16.0.0/12"),     // private
	netip.MustParsePrefix("192.0.0.0/24"),      // protocol assignments; the metadata of one cloud
	netip.MustParsePrefix("192.0.2.0/24"),      // documentation
	netip.MustParsePrefix("192.31.196.0/24"),   // AS112
	netip.MustParsePrefix("192.52.193.0/24"),   // AMT
	netip.MustParsePrefix("192.88.99.0/24"),    // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),    // private
	netip.MustParsePrefix("192.175.48.0/24"),   // AS112
	netip.MustParsePrefix("198.18.0.0/15"),     // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),   // documentation
	netip.MustParsePrefix("203.0.113.0/24"),    // documentation
	netip.MustParsePrefix("224.0.0.0/4"),       // multicast
	netip.MustParsePrefix("240.0.0.0/4"),       // reserved, broadcast
	netip.MustParsePrefix("2001::/23"),         // protocol assignments: Teredo, benchmarks, ORCHID
	netip.MustParsePrefix("2001:db8::/32"),     // documentation
	netip.MustParsePrefix("2002::/16"),         // 6to4, which leads to any IPv4 address
	netip.MustParsePrefix("2620:4f:8000::/48"), // AS112
	netip.MustParsePrefix("3fff::/20"),         // documentation
}

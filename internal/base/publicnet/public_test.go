package publicnet_test

import (
	"net/netip"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

// Networks with DNS64 give every IPv4 host an address in 64:ff9b::/96. It is as public as the IPv4 address in it.
func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2400:3200::1": true, "::ffff:8.8.8.8": true,
		"64:ff9b::8.8.8.8": true, "64:ff9b::2f5f:1": true,

		"64:ff9b::10.0.0.1": false, "64:ff9b::127.0.0.1": false, "64:ff9b::169.254.169.254": false, "64:ff9b::168.63.129.16": false,
		"64:ff9b::100.100.100.200": false, "64:ff9b::0.0.0.0": false, "64:ff9b::224.0.0.1": false, "64:ff9b::192.168.1.1": false,
		// Only the last 32 bits of the well-known prefix hold an address; the local-use prefix is anybody's.
		"64:ff9b:0:0:0:1:808:808": false, "64:ff9b:1::808:808": false, "64:ff9a::808:808": false,
	} {
		if got := publicnet.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestNamesOfTheLocalNetwork: only who asks for them gets them, and never in an unusual form.
func TestNamesOfTheLocalNetwork(t *testing.T) {
	for text, want := range map[string]struct{ local, anywhere string }{
		"http://receiver:8080/a":      {"receiver:8080", ""},
		"http://LOCALHOST:80":         {"localhost", ""},
		"https://Hooks.Example.:443/": {"hooks.example", "hooks.example"},
		"http://127.1/":               {"", ""},
		"http://2130706433/":          {"", ""},
		"http://a..b/":                {"", ""},
	} {
		for _, local := range []bool{true, false} {
			host := want.anywhere
			if local {
				host = want.local
			}
			u, err := publicnet.Parse(text, local)
			if (err == nil) != (host != "") || err == nil && u.Host != host {
				t.Errorf("%s, local %v: %v, %v", text, local, u, err)
			}
		}
	}
}

package fetch

import (
	"net/netip"
	"testing"
)

// Networks with DNS64 give every IPv4 host an address in 64:ff9b::/96. It is as public as the IPv4 address in it.
func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2400:3200::1": true, "::ffff:8.8.8.8": true,
		"64:ff9b::8.8.8.8": true, "64:ff9b::2f5f:1": true,

		"64:ff9b::10.0.0.1": false, "64:ff9b::127.0.0.1": false, "64:ff9b::169.254.169.254": false, "64:ff9b::168.63.129.16": false,
		"64:ff9b::100.100.100.200": false, "64:ff9b::0.0.0.0": false, "64:ff9b::224.0.0.1": false, "64:ff9b::192.168.1.1": false,
		// Only the last 32 bits of the well-known prefix contain an address; the local-use prefix can be anything.
		"64:ff9b:0:0:0:1:808:808": false, "64:ff9b:1::808:808": false, "64:ff9a::808:808": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	f := New(Config{})
	if _, err := f.allowed("https://[64:ff9b::808:808]/a.jpg"); err != nil {
		t.Errorf("a public host behind NAT64: %v", err)
	}
}

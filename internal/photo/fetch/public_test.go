package fetch

import "testing"

// Networks with DNS64 give every IPv4 host an address in 64:ff9b::/96. A public host behind it is fetched from.
func TestPublicHostBehindNAT64(t *testing.T) {
	f := New(Config{})
	if _, err := f.allowed("https://[64:ff9b::808:808]/a.jpg"); err != nil {
		t.Error(err)
	}
}

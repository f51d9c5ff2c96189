package publicnet_test

import (
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.8.7": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "::": false, "192.168.1.1": false, "localhost.example": false, "shop.example": false, "127.1": false,
	} {
		if got := publicnet.Loopback(host); got != want {
			t.Errorf("%q: %t, want %t", host, got, want)
		}
	}
}

//go:build unix

package webhook_test

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// resolving resolves every name to an address, by a real DNS server on loopback.
func resolving(t *testing.T, to netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for buffer := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buffer[:n]) != nil || len(q.Questions) != 1 {
				continue
			}
			q.Header.Response = true
			q.Additionals = nil
			if q.Questions[0].Type == dnsmessage.TypeA {
				q.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
					Body:   &dnsmessage.AResource{A: to.As4()},
				}}
			}
			if answer, err := q.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		serving.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// TestNamesOfThisNetwork: a name of the public internet that resolves to an address of this network is not connected to, and the
// failure says nothing of what is there. An allowed name is.
func TestNamesOfThisNetwork(t *testing.T) {
	to := startTarget(t, nil)
	at := netip.MustParseAddrPort(to.host())
	resolver := resolving(t, at.Addr())
	listed := netip.AddrPortFrom(at.Addr(), at.Port()).String()
	_, port, err := net.SplitHostPort(listed)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, filepath.Join(t.TempDir(), "pricewatch.db"), webhook.Options{Resolver: resolver, Hosts: []string{"receiver.corp.example:" + port}})
	for id, test := range map[string]struct{ address, failure string }{
		"public":  {"https://hooks.example/", "the target's host is not on the public internet"},
		"allowed": {"http://receiver.corp.example:" + port + "/", ""},
	} {
		hook := r.watch(t, id, test.address).Webhooks[0]
		r.events(t, id, 1)
		r.send(t, hook.ID)
		if d := r.only(t, id); d.Failure != test.failure || d.Status == 0 != (test.failure != "") {
			t.Errorf("%s: %+v", id, d)
		}
	}
	if got := to.got(); len(got) != 1 || got[0].header.Get("webhook-id") == "" {
		t.Errorf("%d messages", len(got))
	}
	// An address that was allowed when the webhook was created is not connected to when it no longer is.
	stored := r.watch(t, "no longer", to.URL).Webhooks[0]
	r.events(t, "no longer", 1)
	r.send(t, stored.ID)
	if d := r.only(t, "no longer"); d.Failure == "" || d.Status != 0 || len(to.got()) != 1 {
		t.Errorf("%+v", d)
	}
}

package fetch_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trap listens where nothing may connect: on one port of every address of this machine.
type trap struct {
	port      string
	connected atomic.Int64
}

func startTrap(t *testing.T) *trap {
	t.Helper()
	any4, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(any4.Addr().String())
	trap := &trap{port: port}
	listeners := []net.Listener{any4}
	any6, err := net.Listen("tcp6", "[::]:"+port)
	if err == nil {
		listeners = append(listeners, any6)
	}
	done := make(chan struct{}, len(listeners))
	for _, l := range listeners {
		go func() {
			defer func() { done <- struct{}{} }()
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				trap.connected.Add(1)
				_ = conn.Close()
			}
		}()
	}
	t.Cleanup(func() {
		for _, l := range listeners {
			_ = l.Close()
			<-done
		}
		if n := trap.connected.Load(); n != 0 {
			t.Errorf("%d connections were made", n)
		}
	})
	// The trap works: a connection is counted.
	probe, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = probe.Read(make([]byte, 1))
	_ = probe.Close()
	if trap.connected.Swap(0) != 1 {
		t.Fatal("the trap does not count connections")
	}
	return trap
}

// spellings are hosts that lead to forbidden places, in every form that some reader takes for an address.
func spellings() []string {
	return []string{
		// This machine.
		"127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7f.1",
		"0177.0.0.1", "0177.0.0.01", "0x7f.0x0.0x0.0x1", "127.000.000.001", "127.0.0.1.", "127.0.0.0x1", "00000177.0.0.1",
		"１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "localhost", "LOCALHOST", "localhost.", "ip6-localhost",
		"0.0.0.0", "0", "0x0", "00", "0.0", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000::0001]", "[::]", "[::1%25lo]",
		// Addresses within addresses.
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::7f00:1]",
		"[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::a00:1]", "[64:ff9b::10.0.0.1]",
		"[64:ff9b::c0a8:101]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::100.100.100.200]", "[64:ff9b::]", "[2002:7f00:1::]", "[2002:7f00:0001::1]",
		"[2001:0:7f00:1::]", "[2001:0000:4136:e378:8000:63bf:80ff:fffe]", "[::ffff:0:127.0.0.1]", "[fe80::5efe:127.0.0.1]",
		// Networks that are not reachable from outside.
		"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1.254", "0xc0a80001", "3232235521",
		"100.64.0.1", "100.127.255.255", "169.254.1.1", "192.0.0.1", "192.0.0.8", "198.18.0.1", "198.19.255.255",
		"192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"0.1.2.3", "[fc00::1]", "[fd12:3456:789a::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]", "[ff0e::1]",
		"[100::1]", "[2001:db8::1]", "[2001:2::1]", "[2001:10::1]", "[2001:20::1]", "[3fff::1]", "[5f00::1]", "[4000::1]",
		// Metadata services of clouds.
		"169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]",
		"[fd00:ec2::254]", "[fd20:ce::254]", "100.100.100.200", "168.63.129.16", "192.0.0.192", "169.254.170.2", "169.254.0.23",
	}
}

func refusedQuietly(t *testing.T, err error) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.ImageFetchRefused {
		t.Errorf("%v", err)
		return
	}
	if f.Subject != "" || len(f.Meta) != 0 || strings.ContainsAny(strings.ReplaceAll(f.Detail, "80, 443", ""), "0123456789[") {
		t.Errorf("the fault reveals too much: %q %q %v", f.Detail, f.Subject, f.Meta)
	}
}

// TestForbiddenSpellings: none of them is connected to, or even resolved.
func TestForbiddenSpellings(t *testing.T) {
	trap, dns := startTrap(t), startNames(t)
	f := fetch.New(fetch.Config{Ports: []string{trap.port}, Resolver: dns.resolver(), Timeout: 5 * time.Second})
	for _, scheme := range []string{"http", "https"} {
		for _, host := range spellings() {
			var got bytes.Buffer
			err := f.Fetch(t.Context(), scheme+"://"+host+":"+trap.port+"/a.jpg", &got)
			if t.Run(scheme+" "+host, func(t *testing.T) { refusedQuietly(t, err) }); got.Len() != 0 {
				t.Errorf("%s: %q", host, got.String())
			}
		}
	}
	if asked := dns.questions(); asked != nil {
		t.Errorf("asked for %q", asked)
	}
}

// literals are the addresses among the spellings, as results of resolving a name.
func literals() []netip.Addr {
	var all []netip.Addr
	for _, host := range spellings() {
		if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
			all = append(all, addr)
		}
	}
	return all
}

// TestForbiddenNames: what counts is the address that a name resolves to when the connection is made.
func TestForbiddenNames(t *testing.T) {
	trap, dns := startTrap(t), startNames(t)
	f := fetch.New(fetch.Config{Ports: []string{trap.port}, Resolver: dns.resolver(), Timeout: 5 * time.Second})
	for i, addr := range literals() {
		name := fmt.Sprintf("n%d.example.com", i)
		dns.set(name, []netip.Addr{addr})
		t.Run(addr.String(), func(t *testing.T) {
			refusedQuietly(t, f.Fetch(t.Context(), "http://"+name+":"+trap.port+"/a.jpg", new(bytes.Buffer)))
		})
	}
	// Several at once.
	dns.set("many.example.com", []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"), netip.MustParseAddr("10.0.0.1")})
	refusedQuietly(t, f.Fetch(t.Context(), "http://many.example.com:"+trap.port+"/", new(bytes.Buffer)))
	if len(literals()) < 50 {
		t.Errorf("only %d", len(literals()))
	}
}

// TestForbiddenRedirects: every redirect is checked like the first address.
func TestForbiddenRedirects(t *testing.T) {
	trap, dns := startTrap(t), startNames(t)
	dns.set("inside.example.com", []netip.Addr{netip.MustParseAddr("127.0.0.1")})
	var to atomic.Pointer[string]
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", *to.Load())
		w.WriteHeader(http.StatusFound)
	}))
	defer web.Close()
	own := netip.MustParseAddrPort(web.Listener.Addr().String())
	f := fetch.New(fetch.Config{
		Ports: []string{trap.port, strconv.Itoa(int(own.Port()))}, Resolver: dns.resolver(), Timeout: 5 * time.Second,
		Permit: func(a netip.AddrPort) bool { return a == own },
	})
	for _, host := range append(spellings(), "inside.example.com") {
		for _, scheme := range []string{"http://", "https://", "//"} {
			target := scheme + host + ":" + trap.port + "/a.jpg"
			to.Store(&target)
			err := f.Fetch(t.Context(), web.URL, new(bytes.Buffer))
			t.Run(target, func(t *testing.T) {
				if !refusedOrUnreadable(err) {
					t.Errorf("%v", err)
				}
			})
		}
	}
	for _, target := range []string{
		"file:///etc/passwd", "gopher://127.0.0.1:" + trap.port, "ftp://example.com/", "http://user:pw@example.com/", "javascript:alert(1)",
		"http://example.com:" + strconv.Itoa(1) + "/", "http:///", "http://a/", "data:image/png;base64,AAAA",
	} {
		to.Store(&target)
		if err := f.Fetch(t.Context(), web.URL, new(bytes.Buffer)); fault.KindOf(err) != fault.ImageFetchRefused {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// refusedOrUnreadable: a redirect that net/http cannot parse is refused too.
func refusedOrUnreadable(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.ImageFetchRefused || kind == fault.ImageFetchFailed
}

// TestRebinding: a name that changes between two questions gains nothing, because only the connected address counts.
func TestRebinding(t *testing.T) {
	trap, dns := startTrap(t), startNames(t)
	pictures := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pictures++
		if r.URL.Path == "/again" {
			http.Redirect(w, r, "/a.jpg", http.StatusFound)
			return
		}
		_, _ = w.Write(jpegHead)
	}))
	defer web.Close()
	good := netip.MustParseAddr("127.0.0.1")
	own := netip.MustParseAddrPort(web.Listener.Addr().String())
	port := strconv.Itoa(int(own.Port()))
	bad := netip.MustParseAddr("127.0.0.77")
	f := fetch.New(fetch.Config{
		Ports: []string{port, trap.port}, Resolver: dns.resolver(), Timeout: 5 * time.Second,
		Permit: func(a netip.AddrPort) bool { return a == own },
	})
	// Another address of this machine, on the same port.
	second, err := net.Listen("tcp", netip.AddrPortFrom(bad, own.Port()).String())
	if err != nil {
		t.Fatal(err)
	}
	reached := make(chan struct{})
	go func() {
		defer close(reached)
		if conn, err := second.Accept(); err == nil {
			_ = conn.Close()
			t.Error("the second address was connected to")
		}
	}()
	defer func() {
		_ = second.Close()
		<-reached
	}()

	dns.set("first-good.example.com", []netip.Addr{good}, []netip.Addr{bad})
	var got bytes.Buffer
	if err := f.Fetch(t.Context(), "http://first-good.example.com:"+port+"/a.jpg", &got); err != nil || !bytes.Equal(got.Bytes(), jpegHead) {
		t.Errorf("%v", err)
	}
	// The name has changed by now, and no connection is reused.
	refusedQuietly(t, f.Fetch(t.Context(), "http://first-good.example.com:"+port+"/a.jpg", new(bytes.Buffer)))

	dns.set("changes.example.com", []netip.Addr{good}, []netip.Addr{bad})
	refusedQuietly(t, f.Fetch(t.Context(), "http://changes.example.com:"+port+"/again", new(bytes.Buffer)))
	if pictures != 2 {
		t.Errorf("%d requests", pictures)
	}
	asked := dns.questions()
	if slices.ContainsFunc(asked, func(name string) bool { return strings.Count(name, ".") != 2 }) {
		t.Errorf("names were resolved with a search domain: %q", asked)
	}
}

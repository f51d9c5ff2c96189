package cli

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/credentials"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
)

// selfSigned is a self-signed certificate and its key, as PEM files.
func selfSigned(t *testing.T, change func(*x509.Certificate)) (certFile, keyFile string) {
	t.Helper()
	certFile, keyFile, err := certificate.Write(t.TempDir(), change)
	if err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile
}

// overTLS starts a server with TLS and the certificate, and returns its gRPC and REST addresses.
func overTLS(t *testing.T, certFile, keyFile string, args ...string) (grpcAddr, restAddr string) {
	t.Helper()
	d := launch(t, nil, append([]string{
		"serve", "--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--lame-duck=0s", "--tls-cert=" + certFile, "--tls-key=" + keyFile,
	}, args...)...)
	at := d.stdout.await(t, `gRPC     (\S+)\n  REST     https://(\S+)\n`)
	return at[0], at[1]
}

// sealed is a gRPC server with TLS and the certificate.
func sealed(t *testing.T, certFile, keyFile string, change func(*tls.Config)) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if change != nil {
		change(config)
	}
	addr, _ := openSearchOver(t, credentials.NewTLS(config), &searchServer{})
	return addr
}

// silence is an address that accepts connections and sends nothing.
func silence(t *testing.T) string {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = port.Close() })
	return port.Addr().String()
}

// nobody is an address without a listener.
const nobody = "127.0.0.1:1"

// TestServerThatIsNotThere: if something else than our server is at the address, the error says what it is, in one
// line. Nothing else answers instead, however the server was named.
func TestServerThatIsNotThere(t *testing.T) {
	cert, key := selfSigned(t, nil)
	byTLS, sealedREST := overTLS(t, cert, key)
	otherCert, otherKey := selfSigned(t, func(c *x509.Certificate) {
		c.IPAddresses, c.DNSNames = nil, []string{"shop.example", "www.shop.example"}
	})
	otherName := sealed(t, otherCert, otherKey, nil)
	oldCert, oldKey := selfSigned(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	ended := time.Now().Add(-time.Minute).UTC().Format(time.DateOnly)
	outdated := sealed(t, oldCert, oldKey, nil)
	picky := sealed(t, cert, key, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert })
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	webAddr := strings.TrimPrefix(web.URL, "http://")
	foreign := (&searchServer{}).serve(t, "")
	open := (&searchServer{}).serve(t)
	quiet := silence(t)
	for name, test := range map[string]struct {
		addr, flags string
		code        int
		want        string
	}{
		"nothing":          {nobody, "", exitLater, "no server answers at 127.0.0.1:1: start it with `zhaohuo serve`, or name another with --addr"},
		"nothing over TLS": {nobody, "--tls", exitLater, "no server answers at 127.0.0.1:1: start it with `zhaohuo serve`, or name another with --addr"},
		"REST":             {webAddr, "", exitUsage, webAddr + " speaks HTTP, as the REST port does: name the gRPC port with --addr (9090 by default)"},
		"TLS":              {byTLS, "", exitUsage, byTLS + " speaks TLS: add --tls, and --ca FILE if the certificate is signed by an authority of your own"},
		"REST over TLS":    {sealedREST, "", exitUsage, sealedREST + " speaks TLS: add --tls, and --ca FILE if the certificate is signed by an authority of your own"},
		"TLS to REST":      {sealedREST, "--ca=" + cert, exitUsage, sealedREST + " speaks HTTP, as the REST port does: name the gRPC port with --addr (9090 by default)"},
		"no TLS":           {open, "--tls", exitUsage, open + " does not speak TLS: leave out --tls, --ca, --cert and --key"},
		"strange":          {byTLS, "--tls", exitUsage, "the certificate of " + byTLS + " is not signed by a CA that this machine trusts: name the CA certificate with --ca FILE"},
		"other name":       {otherName, "--ca=" + otherCert, exitUsage, "the certificate of " + otherName + " is for other names (shop.example, www.shop.example): name the server by one of them with --addr"},
		"outdated":         {outdated, "--ca=" + oldCert, exitUsage, "the certificate of " + outdated + " expired on " + ended + ": renew it on the server"},
		"who are you":      {picky, "--ca=" + cert, exitUsage, picky + " requires a client certificate: add --cert FILE and --key FILE"},
		"silent":           {quiet, "--timeout=1s", exitLater, quiet + " accepts connections but does not answer: it is no gRPC server, or it hangs; name the server with --addr"},
		"another service":  {foreign, "", exitUsage, foreign + " is a gRPC server, but not one of zhaohuo, or of an older version: name the server with --addr"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := strings.Fields(test.flags)
			// The other gRPC server has no product service.
			want := outcome{test.code, "", "error: " + test.want + "\n"}
			if got := run(t, nil, append([]string{"product", "1", "--addr", test.addr}, flags...)...); got != want {
				t.Errorf("by flag: %+v, want %+v", got, want)
			}
			if got := run(t, []string{"ZHAOHUO_GRPC_ADDR=" + test.addr}, append([]string{"product", "1"}, flags...)...); got != want {
				t.Errorf("by variable: %+v, want %+v", got, want)
			}
			settings := filepath.Join(t.TempDir(), "z.yaml")
			if err := os.WriteFile(settings, []byte("grpc_addr: "+test.addr+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := run(t, nil, append([]string{"product", "1", "--config", settings}, flags...)...); got != want {
				t.Errorf("by file: %+v, want %+v", got, want)
			}
			if got := run(t, []string{"ZHAOHUO_CONFIG=" + settings}, append([]string{"product", "1"}, flags...)...); got != want {
				t.Errorf("by a variable's file: %+v, want %+v", got, want)
			}
			if got := runBeside(t, test.addr, []string{"ZHAOHUO_API_KEY=zhk_x"}, append([]string{"product", "1"}, flags...)...); got != want {
				t.Errorf("by a key: %+v, want %+v", got, want)
			}
		})
	}
}

// TestNobodyIsNamed: the sandbox in the command answers only if nothing else does, and a note says so.
func TestNobodyIsNamed(t *testing.T) {
	service := zhaohuov1.SearchService_ServiceDesc.ServiceName
	cert, key := selfSigned(t, nil)
	byTLS := sealed(t, cert, key, nil)
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	const instead = "; or ask without a server: --addr none\n"
	t.Run("ours", func(t *testing.T) {
		s := &searchServer{answer: goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)}
		got := runBeside(t, s.serve(t, service), nil, "search", "x", "-o", "json")
		if got.code != 0 || got.stderr != "" || parse(t, got.stdout).Meta.Source != "ANSWER_SOURCE_LIVE" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		got := runBeside(t, nobody, nil, "search", "蓝牙耳机", "-o", "json")
		want := "zhaohuo: no server answers at 127.0.0.1:1: asking the sandbox in this process\n" + sandboxNote
		if got.code != 0 || got.stderr != want || parse(t, got.stdout).Meta.Source != "ANSWER_SOURCE_SANDBOX" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("on purpose", func(t *testing.T) {
		got := run(t, []string{"ZHAOHUO_GRPC_ADDR=" + nobody, "ZHAOHUO_API_KEY=zhk_x"}, "search", "蓝牙耳机", "--addr=none", "-o", "json")
		if got.code != 0 || got.stderr != sandboxNote || parse(t, got.stdout).Meta.Source != "ANSWER_SOURCE_SANDBOX" {
			t.Errorf("%+v", got)
		}
	})
	for name, test := range map[string]struct {
		addr string
		code int
		want string
	}{
		"TLS":             {byTLS, exitUsage, byTLS + " speaks TLS: add --tls, and --ca FILE if the certificate is signed by an authority of your own"},
		"REST":            {strings.TrimPrefix(web.URL, "http://"), exitUsage, strings.TrimPrefix(web.URL, "http://") + " speaks HTTP, as the REST port does: name the gRPC port with --addr (9090 by default)"},
		"another service": {(&searchServer{}).serve(t, ""), exitUsage, " is a gRPC server, but not one of zhaohuo, or of an older version: name the server with --addr"},
		"silent":          {silence(t), exitLater, " accepts connections but does not answer: it is no gRPC server, or it hangs; name the server with --addr"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			if strings.HasPrefix(want, " ") {
				want = test.addr + want
			}
			got := runBeside(t, test.addr, nil, "search", "蓝牙耳机")
			if got != (outcome{test.code, "", "error: " + want + instead}) {
				t.Errorf("%+v, want %s", got, want)
			}
		})
	}
}

// TestServerOverTLSIsAsked: with the right flags, the server answers.
func TestServerOverTLSIsAsked(t *testing.T) {
	cert, key := selfSigned(t, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	})
	addr, _ := overTLS(t, cert, key, "--tls-client-ca="+cert)
	got := run(t, []string{"ZHAOHUO_GRPC_ADDR=" + addr}, "search", "蓝牙耳机", "--ca", cert, "--cert", cert, "--key", key)
	if got.code != 0 || got.stderr != sandboxNote {
		t.Errorf("%+v", got)
	}
	// The variables of the packages in clients/ do the same, and a flag goes before them.
	at := "ZHAOHUO_GRPC_ADDR=" + addr
	for _, c := range []struct {
		env  []string
		args []string
		code int
		want string
	}{
		{[]string{at, "ZHAOHUO_CA=" + cert, "ZHAOHUO_CERT=" + cert, "ZHAOHUO_CERT_KEY=" + key}, nil, 0, sandboxNote},
		{[]string{at, "ZHAOHUO_TLS=0", "ZHAOHUO_CA=" + key, "ZHAOHUO_CERT=" + cert, "ZHAOHUO_CERT_KEY=" + key}, []string{"--ca=" + cert}, 0, sandboxNote},
		{[]string{at, "ZHAOHUO_CA=" + key}, nil, 2, "error: ZHAOHUO_CA: " + key + " holds no certificate\n"},
		{[]string{at, "ZHAOHUO_CERT=" + cert}, nil, 2, "error: ZHAOHUO_CERT and ZHAOHUO_CERT_KEY belong together\n"},
		{[]string{at, "ZHAOHUO_CERT=" + cert}, []string{"--key=" + key}, 2, "error: --cert and --key belong together\n"},
		{[]string{at, "ZHAOHUO_TLS=yes"}, nil, 2, "error: ZHAOHUO_TLS must be 1, true or on; 0, false or off\n"},
		{[]string{at, "ZHAOHUO_TLS=on"}, nil, 2, "is not signed by a CA"},
		{[]string{"ZHAOHUO_TLS=on"}, []string{"--addr=none"}, 0, sandboxNote},
	} {
		got := run(t, c.env, append([]string{"search", "蓝牙耳机"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%q %q: %+v, want %d %s", c.env, c.args, got, c.code, c.want)
		}
	}
}

func TestAddressesThatCanBeDialed(t *testing.T) {
	for given, want := range map[string]string{
		"localhost": "localhost:9090", "127.0.0.1": "127.0.0.1:9090", "::1": "[::1]:9090", "[::1]": "[::1]:9090", "[::1]:7": "[::1]:7",
		":9091": "127.0.0.1:9091", "9091": "127.0.0.1:9091", "0.0.0.0:7": "127.0.0.1:7", "[::]:7": "127.0.0.1:7", "shop.example:443": "shop.example:443", "shop.example:": "shop.example:9090",
		"dns:///shop.example:7": "dns:///shop.example:7",
	} {
		if got, err := (target{}).dialable("--addr", given); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", given, got, err, want)
		}
	}
	for given, want := range map[string]string{
		"http://localhost:8080": "--addr: http://localhost:8080 is a web address: give HOST:PORT of the server's gRPC port, without http://",
		"127.0.0.1:0":           "--addr: port 0 means that the server chooses a free port: give that port with --addr",
		"a:b:c":                 "--addr: a:b:c is not an address: give HOST:PORT, such as 127.0.0.1:9090",
		"shop.example/x":        "--addr: shop.example/x is not an address: give HOST:PORT, such as 127.0.0.1:9090",
	} {
		if got, err := (target{}).dialable("--addr", given); err == nil || err.Error() != want {
			t.Errorf("%s: %s, %v; want %s", given, got, err, want)
		}
	}
}

// TestHandshakeNeedsNoTrust: the examination sends nothing to an unverified server.
func TestHandshakeNeedsNoTrust(t *testing.T) {
	cert, key := selfSigned(t, nil)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	port, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = port.Close() })
	said := make(chan int, 1)
	go func() {
		conn, err := port.Accept()
		if err != nil {
			said <- -1
			return
		}
		n, _ := conn.Read(make([]byte, 1))
		said <- n
		_ = conn.Close()
	}()
	if !(place{addr: port.Addr().String()}).handshakes(t.Context()) {
		t.Error("TLS is not recognised")
	}
	if n := <-said; n != 0 {
		t.Errorf("%d bytes were sent", n)
	}
}

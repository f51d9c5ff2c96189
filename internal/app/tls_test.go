package app

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
)

// identity is a certificate with its own authority, for server and client on loopback.
type identity struct {
	cert, key string
	pair      tls.Certificate
	pool      *x509.CertPool
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	id := identity{pool: x509.NewCertPool()}
	var err error
	if id.cert, id.key, err = certificate.Write(t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(id.cert)
	if err != nil {
		t.Fatal(err)
	}
	id.pool.AppendCertsFromPEM(text)
	if id.pair, err = tls.LoadX509KeyPair(id.cert, id.key); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTLSAsksCallersForCertificates(t *testing.T) {
	us, caller, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	r := start(t, settings(t, nil, "--tls-cert="+us.cert, "--tls-key="+us.key, "--tls-client-ca="+caller.cert), false)
	for _, test := range []struct {
		name string
		tls  *tls.Config
		ok   bool
	}{
		{"a known caller", &tls.Config{RootCAs: us.pool, Certificates: []tls.Certificate{caller.pair}}, true},
		{"a stranger", &tls.Config{RootCAs: us.pool, Certificates: []tls.Certificate{stranger.pair}}, false},
		{"nobody", &tls.Config{RootCAs: us.pool}, false},
	} {
		conn, err := grpc.NewClient(r.GRPCAddr().String(), grpc.WithTransportCredentials(credentials.NewTLS(test.tls)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(t.Context(), headphones())
		if (err == nil) != test.ok || (!test.ok && status.Code(err) != codes.Unavailable) {
			t.Errorf("gRPC, %s: %v; want ok %v", test.name, err, test.ok)
		}
		conn.Close()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: test.tls, DisableKeepAlives: true}, Timeout: testTimeout}
		response, err := client.Get("https://" + r.HTTPAddr().String() + "/v1/products:keywordSearch?keyword=x")
		if (err == nil) != test.ok {
			t.Errorf("REST, %s: %v; want ok %v", test.name, err, test.ok)
		}
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("REST, %s: %s", test.name, response.Status)
			}
		}
	}
	if _, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(t.Context(), headphones()); status.Code(err) != codes.Unavailable {
		t.Errorf("plain text against TLS: %v; want UNAVAILABLE", err)
	}
	if _, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones()); err != nil {
		t.Errorf("in memory: %v", err)
	}
	if err := r.end(t); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// TestCertificatesNameCallers: over gRPC and REST, with and without a body; and nobody can say another name than that of the
// certificate.
func TestCertificatesNameCallers(t *testing.T) {
	us, caller := newIdentity(t), newIdentity(t)
	other := t.TempDir()
	cert, key, err := certificate.Write(other, func(c *x509.Certificate) { c.Subject.CommonName = "guest" })
	if err != nil {
		t.Fatal(err)
	}
	guest, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	var both []byte
	for _, file := range []string{caller.cert, cert} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, text...)
	}
	authorities := filepath.Join(other, "both.pem")
	if err := os.WriteFile(authorities, both, 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, settings(t, nil, "--tls-cert="+us.cert, "--tls-key="+us.key, "--tls-client-ca="+authorities,
		"--api-keys="+callers.Entry{Name: "shop", Certificate: "CN=test"}.YAML()), false)
	for _, test := range []struct {
		pair tls.Certificate
		ok   bool
	}{{caller.pair, true}, {guest, false}} {
		secured := &tls.Config{RootCAs: us.pool, Certificates: []tls.Certificate{test.pair}}
		conn, err := grpc.NewClient(r.GRPCAddr().String(), grpc.WithTransportCredentials(credentials.NewTLS(secured)))
		if err != nil {
			t.Fatal(err)
		}
		forged := metadata.AppendToOutgoingContext(t.Context(), "x-zhaohuo-caller-certificate-bin", "CN=test")
		_, err = zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(forged, headphones())
		if (err == nil) != test.ok || !test.ok && status.Code(err) != codes.Unauthenticated {
			t.Errorf("gRPC: %v; want ok %v", err, test.ok)
		}
		conn.Close()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: secured, DisableKeepAlives: true}, Timeout: testTimeout}
		for method, path := range map[string]string{http.MethodGet: "/v1/products:keywordSearch?keyword=x", http.MethodPost: "/v1/products:keywordSearch"} {
			request, err := http.NewRequestWithContext(t.Context(), method, "https://"+r.HTTPAddr().String()+path, strings.NewReader(`{"keyword":"x"}`))
			if err != nil {
				t.Fatal(err)
			}
			if method == http.MethodGet {
				request.Body, request.ContentLength = http.NoBody, 0
			}
			request.Header.Set("Content-Type", "application/json")
			for _, header := range []string{"X-Zhaohuo-Caller-Certificate-Bin", "Grpc-Metadata-X-Zhaohuo-Caller-Certificate-Bin"} {
				request.Header.Set(header, "Q049dGVzdA==")
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if (response.StatusCode == http.StatusOK) != test.ok || !test.ok && response.StatusCode != http.StatusUnauthorized {
				t.Errorf("REST, %s: %s; want ok %v", method, response.Status, test.ok)
			}
		}
	}
	if err := r.end(t); err != nil {
		t.Errorf("Run: %v", err)
	}
	if n := strings.Count(r.log.String(), "code=OK"); n != 3 || strings.Count(r.log.String(), "caller=shop") < n {
		t.Errorf("%d good requests in the log, want 3 of shop:\n%s", n, r.log)
	}
}

func TestBadCertificatesAreRefusedAtStart(t *testing.T) {
	id := newIdentity(t)
	for _, test := range []struct{ flags []string }{
		{[]string{"--tls-cert=" + id.cert, "--tls-key=" + newIdentity(t).key}},
		{[]string{"--tls-cert=/nowhere", "--tls-key=" + id.key}},
		{[]string{"--tls-cert=" + id.cert, "--tls-key=" + id.key, "--tls-client-ca=" + id.key}},
		{[]string{"--tls-cert=" + id.cert, "--tls-key=" + id.key, "--tls-client-ca=/nowhere"}},
	} {
		a, err := New(t.Context(), Options{Settings: settings(t, nil, test.flags...), LogTo: &syncBuffer{}, Goods: sharedGoods(t)})
		if err == nil {
			_ = a.Close()
			t.Errorf("%v: accepted", test.flags)
		}
	}
}

// serves reports whether the server presents the identity over gRPC and REST, to a caller who trusts only that.
func serves(t *testing.T, r *running, id identity) bool {
	t.Helper()
	sealed := &tls.Config{RootCAs: id.pool}
	conn, err := grpc.NewClient(r.GRPCAddr().String(), grpc.WithTransportCredentials(credentials.NewTLS(sealed)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, overGRPC := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(t.Context(), headphones())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: sealed, DisableKeepAlives: true}, Timeout: testTimeout}
	response, overREST := client.Get("https://" + r.HTTPAddr().String() + "/healthz")
	if overREST == nil {
		response.Body.Close()
	}
	return overGRPC == nil && overREST == nil
}

func replace(t *testing.T, path, by string) {
	t.Helper()
	text, err := os.ReadFile(by)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, r *running, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(testTimeout); !is(); {
		if time.Now().After(late) {
			t.Fatalf("%s did not happen; log:\n%s", what, r.log)
		}
	}
}

// TestCertificatesAreReloaded: changed ones are used without a restart, and invalid ones leave the old ones in use.
func TestCertificatesAreReloaded(t *testing.T) {
	before, after, last := newIdentity(t), newIdentity(t), newIdentity(t)
	files := newIdentity(t)
	replace(t, files.cert, before.cert)
	replace(t, files.key, before.key)
	r := start(t, settings(t, nil, "--tls-cert="+files.cert, "--tls-key="+files.key), false)
	if !serves(t, r, before) {
		t.Error("the first certificate is not shown")
	}
	replace(t, files.cert, after.cert) // The matching key is missing.
	eventually(t, r, "a word of the broken pair", func() bool {
		return strings.Contains(r.log.String(), "the TLS certificates were not read again; those read before are in force")
	})
	if !serves(t, r, before) {
		t.Error("an invalid pair replaced a valid one")
	}
	replace(t, files.key, after.key)
	eventually(t, r, "the second certificate", func() bool { return serves(t, r, after) })
	replace(t, files.cert, last.cert)
	replace(t, files.key, last.key)
	r.Reload()
	if !serves(t, r, last) || serves(t, r, before) {
		t.Error("the last certificate is not used after Reload")
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

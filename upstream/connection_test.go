package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// TestCertificateFaultsAreDistinct makes net/http itself fail for every reason.
func TestCertificateFaultsAreDistinct(t *testing.T) {
	for _, test := range []struct {
		name, host string
		until      time.Duration
		trusted    bool
		want       string
	}{
		{"expired", "upstream.test", -time.Hour, true, "expired"},
		{"another name", "other.test", time.Hour, true, "another host name"},
		{"self-signed", "upstream.test", time.Hour, false, "does not trust"},
	} {
		t.Run(test.name, func(t *testing.T) {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			template := &x509.Certificate{
				SerialNumber: big.NewInt(1), DNSNames: []string{test.host}, NotBefore: time.Now().Add(-48 * time.Hour),
				NotAfter: time.Now().Add(test.until), IsCA: true, BasicConstraintsValid: true,
			}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			known, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
			server.StartTLS()
			defer server.Close()
			pool := x509.NewCertPool()
			if test.trusted {
				pool.AddCert(known)
			}
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "upstream.test"}}
			defer transport.CloseIdleConnections()
			response, err := (&http.Client{Transport: transport}).Get(server.URL)
			if err == nil {
				response.Body.Close()
				t.Fatal("the certificate is accepted")
			}
			got, ok := fault.As(transportFault(err))
			if !ok || got.Kind != fault.UpstreamCertificateInvalid || !strings.Contains(got.Detail, test.want) {
				t.Errorf("%v; want UPSTREAM_CERTIFICATE_INVALID with %q", got, test.want)
			}
		})
	}
}

package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// sealedUpstream is an upstream with a certificate, which counts connection attempts.
func sealedUpstream(t *testing.T, name string, until time.Time) (url string, tried *atomic.Int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "upstream"}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	tried = &atomic.Int64{}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			tried.Add(1)
			return nil, nil
		},
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, tried
}

// TestOperatorErrorsAreNotRetried: an upstream that no retry can reach is tried once, and the error names the cause
// without a retry delay.
func TestOperatorErrorsAreNotRetried(t *testing.T) {
	selfSigned, tried := sealedUpstream(t, "127.0.0.1.example", time.Now().Add(time.Hour))
	for name, test := range map[string]struct {
		url, reason string
		tried       *atomic.Int64
	}{
		"a certificate of its own": {selfSigned, "UPSTREAM_CERTIFICATE_INVALID", tried},
		// RFC 6761 reserves the name to never exist.
		"an unknown host": {"https://gateway.invalid", "UPSTREAM_HOST_UNKNOWN", nil},
	} {
		r := start(t, settings(t, config.Environ{
			"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_UPSTREAM_URL": test.url, "ZHAOHUO_UPSTREAM_QPS": "0",
		}), true)
		for _, language := range []string{"en", "zh-CN"} {
			before := int64(0)
			if test.tried != nil {
				before = test.tried.Load()
			}
			ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", language)
			_, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(ctx, headphones())
			st := status.Convert(err)
			if _, retryable := rpcerr.RetryAfter(st); st.Code() != codes.FailedPrecondition || rpcerr.Reason(st) != test.reason || retryable {
				t.Errorf("%s: %v (retryable: %v); want %s without a retry", name, err, retryable, test.reason)
			}
			if test.tried != nil && test.tried.Load() != before+1 {
				t.Errorf("%s: %d connections were tried, want 1", name, test.tried.Load()-before)
			}
		}
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	}
}

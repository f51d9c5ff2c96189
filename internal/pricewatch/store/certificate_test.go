//go:build unix

package store_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
)

// TestCertificateOfPostgres: a store whose certificate cannot be trusted is not opened. The error says to the operator and to callers why.
func TestCertificateOfPostgres(t *testing.T) {
	database, err := url.Parse(cluster.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	pid := os.Getpid() // Test binaries that run at the same time have addresses of their own.
	host := fmt.Sprintf("127.%d.%d.%d", 1+pid>>16&0x7f, pid>>8&0xff, 1+pid&0x7f)
	named := func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP(host)} }
	kinds := []struct {
		says   string
		change func(*x509.Certificate)
	}{
		{"has expired", func(c *x509.Certificate) { named(c); c.NotAfter = time.Now().Add(-time.Minute) }},
		{"another host name", func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} }},
		{"does not trust", named},
		{"", named},
	}
	var trusted []byte
	var certs, keys []string
	for _, kind := range kinds {
		cert, key, err := certificate.Write(t.TempDir(), kind.change)
		if err != nil {
			t.Fatal(err)
		}
		certs, keys = append(certs, cert), append(keys, key)
		if text, err := os.ReadFile(cert); err != nil {
			t.Fatal(err)
		} else if kind.says != "does not trust" {
			trusted = append(trusted, text...)
		}
	}
	authorities := filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(authorities, trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	address := cluster.ServeTLS(t, host, certs[0], keys[0])
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i, kind := range kinds {
		cluster.Present(t, certs[i], keys[i])
		for {
			s, err := store.Open(ctx, store.Options{URL: "postgres://postgres@" + address + database.Path + "?sslmode=verify-full&sslrootcert=" + authorities})
			if err == nil {
				err = s.Close()
			}
			f, _ := fault.As(err)
			if kind.says == "" && err == nil ||
				f != nil && f.Kind == fault.PriceStoreUnavailable && strings.Contains(f.Detail, kind.says) && strings.Contains(err.Error(), "certificate") && kind.says != "" {
				break
			}
			if !pause.For(ctx, 20*time.Millisecond) { // The server reads a new certificate soon.
				t.Fatalf("%q: %v: %+v", kind.says, err, f)
			}
		}
	}
}

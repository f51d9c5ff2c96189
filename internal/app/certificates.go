package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// certificates are the server's key pair and the client CAs, reloaded when their files change.
type certificates struct {
	settings config.Listen
	current  atomic.Pointer[tls.Config]
}

// openCertificates loads the certificates, and reloads them on change until the App closes; nil without TLS. Open
// connections keep their certificate.
func (a *App) openCertificates() (*tls.Config, error) {
	if a.settings.Listen.TLSCert == "" {
		return nil, nil
	}
	c := &certificates{settings: a.settings.Listen}
	files, err := c.read()
	if err != nil {
		return nil, err
	}
	if err := c.apply(files); err != nil {
		return nil, err
	}
	watcher := filewatch.Start(filewatch.Config{
		Read: c.read, Apply: c.apply,
		Applied: func() { a.log.Info("TLS certificates were read again", "file", c.settings.TLSCert) },
		Failed: func(err error) {
			a.log.Error("the TLS certificates were not read again; those read before are in force", "cause", err.Error())
		},
	}, files)
	a.onClose(func(context.Context) error {
		watcher.Close()
		return nil
	})
	a.onReload(watcher.Reload)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: c.current.Load().NextProtos,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	}, nil
}

// apply uses the files' content for new connections.
func (c *certificates) apply(files [][]byte) error {
	sealed, err := c.parse(files)
	if err == nil {
		c.current.Store(sealed)
	}
	return err
}

// read returns the content of the certificate, key and client CA files; nil for a client CA that is not set.
func (c *certificates) read() ([][]byte, error) {
	pair := fmt.Sprintf("tls-cert %s with tls-key %s", c.settings.TLSCert, c.settings.TLSKey)
	files := make([][]byte, 3)
	for i, file := range []struct{ path, what string }{
		{c.settings.TLSCert, pair}, {c.settings.TLSKey, pair}, {c.settings.TLSClientCA, "tls-client-ca"},
	} {
		if file.path == "" {
			continue
		}
		var err error
		if files[i], err = os.ReadFile(file.path); err != nil {
			return nil, fmt.Errorf("%s: %w", file.what, err)
		}
	}
	return files, nil
}

// parse builds the TLS configuration, which gRPC and REST share.
func (c *certificates) parse(files [][]byte) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(files[0], files[1])
	if err != nil {
		return nil, fmt.Errorf("tls-cert %s with tls-key %s: %w", c.settings.TLSCert, c.settings.TLSKey, err)
	}
	sealed := &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"},
	}
	if c.settings.TLSClientCA == "" {
		return sealed, nil
	}
	sealed.ClientCAs = x509.NewCertPool()
	if !sealed.ClientCAs.AppendCertsFromPEM(files[2]) {
		return nil, fmt.Errorf("tls-client-ca: %s holds no certificate", c.settings.TLSClientCA)
	}
	sealed.ClientAuth = tls.RequireAndVerifyClientCert
	return sealed, nil
}

package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// certificatesEvery is how soon changed certificates are noticed. The files are read each time: times of change are too
// coarse to tell two changes of the same moment apart.
const certificatesEvery = time.Second

// certificates are the server's own pair and the authorities of its callers, read again when their files change.
type certificates struct {
	settings config.Listen
	log      *slog.Logger
	current  atomic.Pointer[tls.Config]

	mu sync.Mutex
	// seen are the files as they were last taken, failed how the last reading went.
	seen   [][]byte
	failed string
}

// openCertificates reads the certificates, and looks at them again every second until the App closes; nil for no TLS.
func (a *App) openCertificates() (*tls.Config, error) {
	if a.settings.Listen.TLSCert == "" {
		return nil, nil
	}
	c := &certificates{settings: a.settings.Listen, log: a.log}
	files, err := c.read()
	if err != nil {
		return nil, err
	}
	sealed, err := c.parse(files)
	if err != nil {
		return nil, err
	}
	c.seen = files
	c.current.Store(sealed)
	ctx, stop := context.WithCancel(context.Background())
	var looking sync.WaitGroup
	looking.Go(func() { c.look(ctx) })
	a.onClose(func(context.Context) error {
		stop()
		looking.Wait()
		return nil
	})
	a.onReload(c.reload)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: sealed.NextProtos,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	}, nil
}

func (c *certificates) look(ctx context.Context) {
	ticker := time.NewTicker(certificatesEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.reload()
		}
	}
}

// reload takes what is in the files if it has changed. Connections that are open stay as they are. A broken pair leaves in
// force what was, and is logged once.
func (c *certificates) reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	files, err := c.read()
	if err == nil && c.failed == "" && equalFiles(files, c.seen) {
		return
	}
	var sealed *tls.Config
	if err == nil {
		sealed, err = c.parse(files)
	}
	if err != nil {
		if c.failed != err.Error() {
			c.log.Error("the TLS certificates were not read again; those read before are in force", "cause", err.Error())
		}
		c.failed = err.Error()
		return
	}
	c.seen, c.failed = files, ""
	c.current.Store(sealed)
	c.log.Info("TLS certificates were read again", "file", c.settings.TLSCert)
}

func equalFiles(a, b [][]byte) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// read gives the files of certificate, key and, if there is one, client authorities.
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

// parse makes the configuration of a handshake, over gRPC and over REST.
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

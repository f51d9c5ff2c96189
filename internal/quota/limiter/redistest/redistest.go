// Package redistest starts redis-server children for tests, on random loopback ports and without persistence. It is not
// for production code.
package redistest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

// Server is a redis-server child.
type Server struct {
	Addr string

	port string
	dir  string
	cmd  *exec.Cmd
	// cert and key are PEM files of a server with TLS, and tls is how clients reach it. Nil and empty without TLS.
	cert, key string
	tls       *tls.Config
}

// Start starts a server that is killed with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(t, Server{})
}

// StartTLS starts a server that takes connections over TLS only, and is killed with the test. The certificate and its key are PEM files; the
// certificate is its own authority.
func StartTLS(t testing.TB, cert, key string) *Server {
	t.Helper()
	authority, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		t.Fatalf("%s holds no certificate", cert)
	}
	return start(t, Server{cert: cert, key: key, tls: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
}

func start(t testing.TB, s Server) *Server {
	t.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr, s.dir = listener.Addr().String(), t.TempDir()
	s.port = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	listener.Close()
	s.Restart(t)
	t.Cleanup(func() { s.Kill(t) })
	return &s
}

// Option is how a client reaches the server.
func (s *Server) Option() rueidis.ClientOption {
	return rueidis.ClientOption{InitAddress: []string{s.Addr}, TLSConfig: s.tls, ForceSingleClient: true, DisableCache: true}
}

// Restart starts the server, empty, on the same port, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	args := []string{"--port", s.port}
	if s.tls != nil {
		args = []string{
			"--port", "0", "--tls-port", s.port, "--tls-cert-file", s.cert, "--tls-key-file", s.key, "--tls-ca-cert-file", s.cert, "--tls-auth-clients", "no",
		}
	}
	//nolint:gosec // the arguments are a free port and a test's files
	s.cmd = exec.CommandContext(context.Background(), "redis-server", append(args, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.dir)...)
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start redis-server (make test installs it): %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		client, err := rueidis.NewClient(s.Option())
		if err == nil {
			client.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("redis-server does not answer: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Kill kills the server at once; its data is lost.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Freeze stops the server, connections open, until Thaw.
func (s *Server) Freeze(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGSTOP)
}

// Thaw ends a freeze.
func (s *Server) Thaw(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGCONT)
}

func (s *Server) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Do runs one command.
func (s *Server) Do(t testing.TB, words ...string) error {
	t.Helper()
	client, err := rueidis.NewClient(s.Option())
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Do(t.Context(), client.B().Arbitrary(words...).Build()).Error()
}

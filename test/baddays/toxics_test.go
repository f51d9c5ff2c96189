package baddays_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// toxiproxy is a proxy process that spoils what goes through it: github.com/Shopify/toxiproxy, pinned in tools/toxiproxy.mod.
type toxiproxy struct {
	api  string
	http *http.Client
}

// startToxiproxy builds and starts the proxy, which ends with the test.
func startToxiproxy(t *testing.T) *toxiproxy {
	t.Helper()
	program := filepath.Join(t.TempDir(), "toxiproxy")
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile=tools/toxiproxy.mod", "-o", program, "github.com/Shopify/toxiproxy/v2/cmd/server")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	address := freeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-host", host, "-port", port)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	x := &toxiproxy{api: "http://" + address, http: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // a killed process returns an error
		x.http.CloseIdleConnections()
	})
	process.Eventually(t, "the proxy serves", func() bool {
		_, err := x.call(t.Context(), http.MethodGet, "/version", nil)
		return err == nil
	})
	return x
}

// freeAddress is an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// call calls the proxy's own API.
func (x *toxiproxy) call(ctx context.Context, method, path string, message any) ([]byte, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, x.api+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := x.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: HTTP %d: %s", method, path, response.StatusCode, answer)
	}
	return answer, err
}

// link is a way through the proxy.
type link struct {
	x    *toxiproxy
	name string
	// addr is where the way begins.
	addr string
}

// link makes a way to a server.
func (x *toxiproxy) link(t *testing.T, name, server string) *link {
	t.Helper()
	answer, err := x.call(t.Context(), http.MethodPost, "/proxies", map[string]any{
		"name": name, "listen": "127.0.0.1:0", "upstream": server, "enabled": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ Listen string }
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	return &link{x, name, made.Listen}
}

// spoil adds a toxic to both directions, or to the way back alone.
func (l *link) spoil(t *testing.T, kind string, attributes map[string]any, streams ...string) {
	t.Helper()
	for _, stream := range streams {
		_, err := l.x.call(t.Context(), http.MethodPost, "/proxies/"+l.name+"/toxics", map[string]any{
			"name": kind + "_" + stream, "type": kind, "stream": stream, "attributes": attributes,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// heal removes what [link.spoil] added.
func (l *link) heal(t *testing.T) {
	t.Helper()
	answer, err := l.x.call(t.Context(), http.MethodGet, "/proxies/"+l.name+"/toxics", nil)
	if err != nil {
		t.Fatal(err)
	}
	var toxics []struct{ Name string }
	if err := json.Unmarshal(answer, &toxics); err != nil {
		t.Fatal(err)
	}
	for _, one := range toxics {
		if _, err := l.x.call(t.Context(), http.MethodDelete, "/proxies/"+l.name+"/toxics/"+one.Name, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// enable opens the way, or closes it: then connections end and none is accepted.
func (l *link) enable(ctx context.Context, open bool) error {
	_, err := l.x.call(ctx, http.MethodPost, "/proxies/"+l.name, map[string]any{"enabled": open})
	return err
}

// relay passes TCP connections on to a Unix socket until the test ends, and returns where.
func relay(t *testing.T, socket string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			distant, err := net.Dial("unix", socket)
			if err != nil {
				_ = near.Close()
				continue
			}
			pass := func(to, from net.Conn) {
				_, _ = io.Copy(to, from) // It ends when either side closes.
				_ = to.Close()
				_ = from.Close()
			}
			all.Go(func() { pass(near, distant) })
			all.Go(func() { pass(distant, near) })
		}
	})
	return listener.Addr().String()
}

// origin is an address of HTTPS.
func (l *link) origin() string { return "https://" + strings.TrimPrefix(l.addr, "http://") }

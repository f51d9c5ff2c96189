package clients_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// cutter is one or more TCP proxies whose connections can be cut.
type cutter struct {
	// URL is where clients ask for it: POST …/cut cuts all connections now, POST …/cut?after=N the next connection that has
	// brought N more bytes from the server.
	URL string

	mu    sync.Mutex
	conns map[net.Conn]bool
	// left is how many bytes a server may still send before its connection is cut; below zero for all.
	left atomic.Int64
	work sync.WaitGroup
}

// newCutter starts the place to ask.
func newCutter(t *testing.T) *cutter {
	t.Helper()
	c := &cutter{conns: map[net.Conn]bool{}}
	c.left.Store(-1)
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if after := r.URL.Query().Get("after"); after != "" {
			n, err := strconv.ParseInt(after, 10, 64)
			if err != nil || n < 0 {
				http.Error(w, "after is no number of bytes", http.StatusBadRequest)
				return
			}
			c.left.Store(n)
			return
		}
		c.cut()
	}))
	c.URL = control.URL
	t.Cleanup(func() {
		control.Close()
		c.cut()
		c.work.Wait()
	})
	return c
}

// line starts a proxy to a server and returns its address.
func (c *cutter) line(t *testing.T, server string) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	c.work.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // It is closed.
			}
			c.work.Go(func() { c.carry(client, server) })
		}
	})
	return listener.Addr().String()
}

// carry carries the bytes of one connection until one side ends it.
func (c *cutter) carry(client net.Conn, address string) {
	defer client.Close()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	c.know(client, server)
	defer c.forget(client, server)
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	both.Go(func() {
		_, _ = io.Copy(counted{client, c}, server)
		_ = client.Close()
	})
	both.Wait()
}

func (c *cutter) know(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		c.conns[conn] = true
	}
}

func (c *cutter) forget(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		delete(c.conns, conn)
	}
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Close()
	}
}

// errCut ends a connection that has brought enough.
var errCut = errors.New("cut")

// counted writes to the client what the server sends, up to the byte at which the connection is to be cut.
type counted struct {
	client net.Conn
	c      *cutter
}

func (w counted) Write(b []byte) (int, error) {
	for {
		left := w.c.left.Load()
		if left < 0 {
			return w.client.Write(b)
		}
		if n := int64(len(b)); n < left {
			if w.c.left.CompareAndSwap(left, left-n) {
				return w.client.Write(b)
			}
			continue
		}
		if w.c.left.CompareAndSwap(left, -1) {
			n, _ := w.client.Write(b[:left])
			return n, errCut
		}
	}
}

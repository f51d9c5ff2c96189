package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// ErrNotLoopback means that the redirect address is on another machine: the user must paste what arrives there.
var ErrNotLoopback = errors.New("the redirect address is not on this machine")

// Redirect waits on this machine for the browser to return from the authorize page.
type Redirect struct {
	address string
	path    string
	state   string
	server  *http.Server
	ended   chan error

	once sync.Once
	came chan arrival
}

type arrival struct {
	code secret.Text
	err  error
}

// Listen listens at the redirect address, which must be http on loopback. Port 0 means a free port. Only the first request
// with the state counts.
func Listen(ctx context.Context, address, state string) (*Redirect, error) {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "http" || !publicnet.Loopback(at.Hostname()) {
		return nil, ErrNotLoopback
	}
	port := at.Port()
	if port == "" {
		port = "80"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(at.Hostname(), port))
	if err != nil {
		return nil, fmt.Errorf("the redirect address cannot be listened at: %w", err)
	}
	if port == "0" {
		_, port, _ = net.SplitHostPort(listener.Addr().String())
		at.Host = net.JoinHostPort(at.Hostname(), port)
	}
	r := &Redirect{address: at.String(), path: at.Path, state: state, ended: make(chan error, 1), came: make(chan arrival, 1)}
	if r.path == "" {
		r.path = "/"
	}
	r.server = &http.Server{
		Handler: r, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		MaxHeaderBytes: 16 << 10,
	}
	go func() { r.ended <- r.server.Serve(listener) }()
	return r, nil
}

// Address is the redirect address with the port in use.
func (r *Redirect) Address() string { return r.address }

// Wait returns the code that the browser brought, or why there is none.
func (r *Redirect) Wait(ctx context.Context) (secret.Text, error) {
	select {
	case got := <-r.came:
		return got.code, got.err
	case err := <-r.ended:
		r.ended <- err
		return "", err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Close stops listening after the page that is being sent.
func (r *Redirect) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if r.server.Shutdown(ctx) != nil {
		_ = r.server.Close() // Connections that are kept open are cut.
	}
	if err := <-r.ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP shows the result in the browser. It repeats nothing of the request.
func (r *Redirect) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer") // The address contains the code.
	header.Set("Content-Security-Policy", "default-src 'none'")
	header.Set("Connection", "close")
	if q.URL.Path != r.path || q.Method != http.MethodGet {
		http.NotFound(w, q)
		return
	}
	code, err := codeFrom(q.URL.Query(), r.state)
	if errors.Is(err, errState) {
		// A request without the state must not end the login.
		http.Error(w, "zhaohuo: this is not the login that is waited for.\n这不是当前等待的登录。", http.StatusBadRequest)
		return
	}
	first := false
	r.once.Do(func() {
		first = true
		r.came <- arrival{code, err}
	})
	switch {
	case !first:
		http.Error(w, "zhaohuo: this login has been used.\n该登录已使用。", http.StatusGone)
	case err != nil:
		http.Error(w, "zhaohuo: not authorized; the terminal says more.\n未授权,详情见终端。", http.StatusForbidden)
	default:
		header.Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprintln(w, "zhaohuo: received. You can close this page; the terminal says how it went.\n已收到,可以关闭此页面,结果见终端。")
	}
}

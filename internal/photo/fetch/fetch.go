// Package fetch downloads pictures from URLs that callers name, and protects against SSRF: it never connects to this machine
// or its networks, however the URL is written, whatever its name resolves to, wherever it redirects.
//
// The dialer checks the IP address of every connection it makes; this check decides. The earlier checks of the URL only make
// refusals faster and clearer. URLs on the upstream's own picture hosts are not fetched: see [Fetcher.Passed].
//
// The package examines only the first bytes of a picture. Package imaging decides which pictures are acceptable.
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// Config configures a Fetcher. A zero field means its default.
type Config struct {
	// Off disables fetching. URLs on Hosts are still passed.
	Off bool
	// Hosts are the hosts whose URLs are passed to the upstream unchanged: exact names for the scheme's default port, or
	// "host:port". None by default.
	Hosts []string
	// Ports are the allowed ports; 80 and 443 by default.
	Ports []string
	// BytesMax is the largest picture in bytes; imaging.DefaultMaxBytes by default.
	BytesMax int64
	// Timeout bounds one fetch, from resolving the name to the last byte; 10 seconds by default.
	Timeout time.Duration
	// Redirects is how many redirects are followed; 3 by default.
	Redirects int
	// Resolver resolves names; Go's own by default. It must not resolve numbers.
	Resolver *net.Resolver
	// HostsOnly allows fetching from Hosts only, redirects included, on the ports given there. A host written as an IP address
	// and a port is allowed even if it is not public, since an operator configured it.
	HostsOnly bool
	// Permit allows connections to addresses that are not public. It is for tests with servers on loopback; no setting
	// sets it.
	Permit func(netip.AddrPort) bool
}

// The defaults of [Config].
const (
	DefaultTimeout   = 10 * time.Second
	DefaultRedirects = 3
)

// Fetcher fetches pictures. It is safe for concurrent use and keeps no connection.
type Fetcher struct {
	Config
	client *http.Client
	dialer *publicnet.Dialer
}

// New makes a Fetcher.
func New(c Config) *Fetcher {
	if len(c.Ports) == 0 {
		c.Ports = []string{"80", "443"}
	}
	if c.BytesMax <= 0 {
		c.BytesMax = imaging.DefaultMaxBytes
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Redirects <= 0 {
		c.Redirects = DefaultRedirects
	}
	if c.Resolver == nil {
		c.Resolver = &net.Resolver{PreferGo: true}
	}
	f := &Fetcher{Config: c, dialer: &publicnet.Dialer{Resolver: c.Resolver, Permit: func(to netip.AddrPort) bool {
		return c.HostsOnly && slices.Contains(c.Hosts, to.String()) || c.Permit != nil && c.Permit(to)
	}}}
	f.client = &http.Client{CheckRedirect: f.follow, Transport: &http.Transport{
		// No proxy: it would resolve the name and connect without our checks.
		Proxy:                  nil,
		DialContext:            f.dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    c.Timeout,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 32 << 10,
	}}
	return f
}

// Passed reports whether the URL is passed to the upstream unchanged, because it is on one of the upstream's own hosts. An
// invalid URL is an ImageFetchRefused fault.
func (f *Fetcher) Passed(address string) (bool, error) {
	u, err := parse(address)
	if err != nil {
		return false, err
	}
	return slices.Contains(f.Hosts, u.Host), nil
}

// Fetch writes the picture at the URL into the writer. It returns at the latest when ctx ends.
//
// Faults: ImageFetchRefused (the address, or one it redirects to, may not be fetched), ImageFetchFailed (it did not
// answer, or not with a picture), ImageTooLarge, CallerGone and DeadlineExceeded. Any other error is the writer's own.
// A fault of a forbidden address reveals nothing else about it.
func (f *Fetcher) Fetch(ctx context.Context, address string, into io.Writer) error {
	u, err := f.allowed(address)
	if err != nil {
		return err
	}
	if f.Off {
		return refuse("this server fetches no images")
	}
	within, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(within, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return refuse("it cannot be read").WithCause(err)
	}
	request.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/gif, image/heic, image/avif")
	request.Header.Set("User-Agent", "zhaohuo")
	response, err := f.client.Do(request)
	if err != nil {
		return failure(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fail("its address answers HTTP %d", response.StatusCode)
	}
	return f.read(ctx, response, into)
}

// read copies the response's body if it begins like a picture.
func (f *Fetcher) read(ctx context.Context, response *http.Response, into io.Writer) error {
	if response.ContentLength > f.BytesMax {
		return fault.New(fault.ImageTooLarge, "the image has %d bytes; at most %d are accepted", response.ContentLength, f.BytesMax)
	}
	head := make([]byte, imaging.SniffLen)
	n, err := io.ReadFull(response.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return failure(ctx, err)
	}
	head = head[:n]
	if imaging.Sniff(head) == imaging.Unknown {
		return fail("its address does not answer with an image")
	}
	if _, err := into.Write(head); err != nil {
		return err
	}
	out := &sink{w: into}
	copied, err := io.CopyBuffer(out, io.LimitReader(response.Body, f.BytesMax-int64(n)+1), make([]byte, 64<<10))
	switch {
	case out.err != nil:
		return out.err
	case err != nil:
		return failure(ctx, err)
	case copied+int64(n) > f.BytesMax:
		return fault.New(fault.ImageTooLarge, "the image has more than %d bytes, which is the most that is accepted", f.BytesMax)
	}
	return nil
}

// sink keeps the writer's error apart from the reader's.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// follow checks each redirect.
func (f *Fetcher) follow(next *http.Request, gone []*http.Request) error {
	if len(gone) > f.Redirects {
		return fail("its address redirects more than %d times", f.Redirects)
	}
	u, err := f.allowed(next.URL.String())
	if err != nil {
		return err
	}
	next.URL = u
	next.Host = ""
	next.Header.Del("Referer") // It may contain a signature, and must not leak.
	return nil
}

// allowed parses a URL and checks its host and port.
func (f *Fetcher) allowed(address string) (*url.URL, error) {
	u, err := parse(address)
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if port == "" {
		port = publicnet.DefaultPort(u.Scheme)
	}
	switch {
	case f.HostsOnly && !slices.Contains(f.Hosts, u.Host):
		return nil, refuse("its host is not on the list of hosts that images are fetched from")
	case !f.HostsOnly && !slices.Contains(f.Ports, port):
		return nil, refuse("its port is not one of %s", strings.Join(f.Ports, ", "))
	}
	if to, err := netip.ParseAddrPort(net.JoinHostPort(u.Hostname(), port)); err == nil && !f.dialer.Reachable(to) {
		return nil, refuse("its host is not on the public internet")
	}
	return u, nil
}

// parse reads a URL in the one way that is compared and dialled.
func parse(address string) (*url.URL, error) {
	u, err := publicnet.Parse(address, false)
	if err != nil {
		return nil, refuse("%s", err).WithCause(err)
	}
	return u, nil
}

func refuse(format string, args ...any) *fault.Fault {
	return fault.New(fault.ImageFetchRefused, "the address may not be fetched: "+format, args...)
}

func fail(format string, args ...any) *fault.Fault {
	return fault.New(fault.ImageFetchFailed, "the image could not be fetched: "+format, args...)
}

// failure is the fault of a failed request. The error may reveal what a name resolves to, so it is only the cause.
func failure(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.CallerGone, "the caller left").WithCause(err)
	case ctx.Err() != nil:
		return fault.New(fault.DeadlineExceeded, "the deadline ended while the image was being fetched").WithCause(err)
	}
	if f, ok := fault.As(err); ok {
		return f // A redirect was refused.
	}
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, publicnet.ErrForbidden):
		return refuse("its host is not on the public internet").WithCause(err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fail("its host does not answer in time").WithCause(err)
	case errors.As(err, &name):
		return fail("its host's name cannot be resolved").WithCause(err)
	default:
		return fail("the connection to its host failed").WithCause(err)
	}
}

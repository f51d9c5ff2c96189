// Package door stands between the ports and the servers. It bounds how many connections callers hold, chooses which one
// to close if there are too many, and bounds the bytes of unfinished gRPC messages in this process.
//
// It knows callers only by address, and no RPCs: the servers decide who may ask what.
package door

import (
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// misusePause is how long an address that misused a gRPC connection may open no other one: otherwise each new connection would forget what
// the one before has done. Callers behind the same address keep their connections, and new ones come a second later.
const misusePause = time.Second

// misusersMax is the number of addresses above which those whose pause has ended are looked for and forgotten.
const misusersMax = 1024

// logEvery is the shortest interval between log lines about connections closed for capacity.
const logEvery = 10 * time.Second

// Options are the parameters of [New].
type Options struct {
	// Max is the most connections on all ports together.
	Max int
	// Streams is how many RPCs a gRPC connection may have under way. One that begins more, which gRPC refuses, misuses it. 0 is no bound.
	Streams int
	// Bodies is the memory budget that unfinished messages share with all other bodies.
	Bodies *share.Pool
	// Log receives that connections were closed for capacity; nil for none.
	Log *slog.Logger
	// Metrics counts connections; nil for none.
	Metrics prometheus.Registerer
}

// Doors are all ports for callers.
type Doors struct {
	options Options
	gauge   *prometheus.GaugeVec
	closed  *prometheus.CounterVec

	mu   sync.Mutex
	open map[*Conn]struct{}
	// idle are those of open that wait for a request.
	idle peers
	// misusers are addresses that may open no gRPC connection until a time.
	misusers map[string]time.Time
	// draining means that connections without a request are closed.
	draining bool
	// said is when the last line was logged, and since how many connections were closed after it.
	said  time.Time
	since int
}

// Why a connection was closed, in metrics.
const (
	whyMakeRoom = "make_room"
	whyNoRoom   = "no_room"
	whyMemory   = "body_memory"
	whyResets   = "resets"
	whyFrames   = "frames"
	whyMisuse   = "misuse"
)

// New builds doors and registers their metrics.
func New(o Options) (*Doors, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Doors{
		options: o, open: map[*Conn]struct{}{}, idle: peers{byAddress: map[string]*peer{}}, misusers: map[string]time.Time{},
		gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "zhaohuo_connections", Help: "Connections of callers that are open now, of connections-max on all ports together.",
		}, []string{"port"}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_connections_closed_total",
			Help: "Connections that were closed: make_room (connections-max was reached, and of the address with the most waiting ones it had waited longest for a request), no_room (a new one, when all others had requests under way), body_memory (no room for its unfinished messages), resets (it cancels RPCs as fast as it begins them, or begins more than may run), frames (it floods the service with frames that ask for nothing), misuse (a new one, within a second after one of the same address was closed for the last two reasons).",
		}, []string{"port", "why"}),
	}
	if o.Metrics == nil {
		return d, nil
	}
	for _, c := range []prometheus.Collector{d.gauge, d.closed} {
		if err := o.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("door: registering metrics: %w", err)
		}
	}
	return d, nil
}

// portGRPC is the name of the port whose connections can be misused by frames.
const portGRPC = "grpc"

// Listener counts the connections of a port and bounds them. The name is for metrics; the port of gRPC is "grpc".
func (d *Doors) Listener(port net.Listener, name string) net.Listener {
	// They are 0 from the beginning, so that their first growth is seen.
	d.gauge.WithLabelValues(name)
	for _, why := range []string{whyMakeRoom, whyNoRoom, whyMemory, whyResets, whyFrames, whyMisuse} {
		d.closed.WithLabelValues(name, why)
	}
	return &listener{port, d, name}
}

type listener struct {
	net.Listener
	doors *Doors
	name  string
}

// Accept implements [net.Listener]. It returns connections of type *[Conn].
func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &Conn{Conn: accepted, doors: l.doors, port: l.name, address: publicnet.Host(accepted.RemoteAddr().String()), since: time.Now()}
		oldest, ok := l.doors.enter(c)
		if oldest != nil {
			_ = oldest.Close() // It is discarded anyway.
		}
		if ok {
			return c, nil
		}
		_ = accepted.Close() // It is discarded anyway.
	}
}

// enter counts a connection. If there are too many, it returns the one to close; false if there is none.
func (d *Doors) enter(c *Conn) (oldest *Conn, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.draining {
		return nil, false
	}
	if until, ok := d.misusers[c.address]; ok && c.port == portGRPC && time.Now().Before(until) {
		d.note(c.port, whyMisuse)
		return nil, false
	}
	if len(d.open) >= d.options.Max {
		if oldest = d.idle.oldest(); oldest == nil {
			d.note(c.port, whyNoRoom)
			return nil, false
		}
		d.note(oldest.port, whyMakeRoom)
		d.forget(oldest)
	}
	d.open[c] = struct{}{}
	d.idle.add(c)
	d.gauge.WithLabelValues(c.port).Inc()
	return oldest, true
}

// Drain closes connections without a request so far, and accepts no new ones. The servers would wait for their first
// bytes: gRPC does not know a connection before its handshake ends, and net/http counts a new one as busy.
func (d *Doors) Drain() {
	d.closeAll(func(c *Conn) bool { return !c.asked.Load() })
}

// CloseIdle closes gRPC connections without an RPC under way. It is for a server that has announced its end: gRPC waits five seconds for each
// caller to confirm that, and one that has gone, or does not want to, never does.
func (d *Doors) CloseIdle() {
	d.closeAll(func(c *Conn) bool { return c.framed.Load() && c.running.Load() == 0 })
}

// Open is how many connections are open now.
func (d *Doors) Open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.open)
}

// Close closes all connections, and accepts no new ones.
func (d *Doors) Close() {
	d.closeAll(func(*Conn) bool { return true })
}

func (d *Doors) closeAll(which func(*Conn) bool) {
	d.mu.Lock()
	d.draining = true
	var closing []*Conn
	for c := range d.open {
		if which(c) {
			closing = append(closing, c)
		}
	}
	d.mu.Unlock()
	for _, c := range closing {
		_ = c.Close() // It is discarded anyway.
	}
}

// forget removes a connection from the count.
func (d *Doors) forget(c *Conn) {
	if _, ok := d.open[c]; ok {
		delete(d.open, c)
		d.idle.remove(c)
		d.gauge.WithLabelValues(c.port).Dec()
	}
}

// note counts a connection closed for capacity, and logs it at intervals.
func (d *Doors) note(port, why string) {
	d.closed.WithLabelValues(port, why).Inc()
	d.since++
	if now := time.Now(); now.Sub(d.said) >= logEvery {
		d.options.Log.Warn("connections are closed for want of room, or for what they do", "port", port, "why", why, "closed", d.since,
			"open", len(d.open), "connections_max", d.options.Max)
		d.said, d.since = now, 0
	}
}

// Conn is a caller's connection.
type Conn struct {
	net.Conn
	doors *Doors
	port  string
	// address is the caller's, without the port.
	address string

	// complete is the number of running requests that have arrived completely, and since is since when there is none.
	// waiting is its place among those without one. The doors' mutex guards all three.
	complete int
	since    time.Time
	waiting  *list.Element

	// framed is true if gRPC serves the connection. asked is set when the first RPC begins, or by the first byte on
	// other connections.
	framed, asked atomic.Bool
	// running is the number of RPCs under way, if gRPC serves the connection.
	running atomic.Int32
}

// Read implements [net.Conn].
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.framed.Load() {
		c.asked.Store(true)
	}
	return n, err
}

// Close implements [net.Conn].
func (c *Conn) Close() error {
	c.doors.mu.Lock()
	c.doors.forget(c)
	c.doors.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite closes the sending half, if the connection can.
func (c *Conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("door: %T cannot be closed by halves", c.Conn)
	}
	return half.CloseWrite()
}

// begin and end count requests that have arrived completely. A connection that waits for the rest of a request may be
// closed for another one, like a connection that waits for its first byte.
func (c *Conn) begin() {
	c.doors.mu.Lock()
	defer c.doors.mu.Unlock()
	if c.complete++; c.complete == 1 {
		c.doors.idle.remove(c)
	}
}

func (c *Conn) end() {
	c.doors.mu.Lock()
	defer c.doors.mu.Unlock()
	if c.complete--; c.complete == 0 {
		c.since = time.Now()
		if _, ok := c.doors.open[c]; ok {
			c.doors.idle.add(c)
		}
	}
}

type connKey struct{}

// WithConn is for [http.Server.ConnContext].
func WithConn(ctx context.Context, c net.Conn) context.Context {
	if sealed, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = sealed.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

// Begin reports that the request with this context has arrived completely. The returned function ends it.
func Begin(ctx context.Context) (end func()) {
	c, ok := ctx.Value(connKey{}).(*Conn)
	if !ok {
		return func() {}
	}
	c.begin()
	return c.end
}

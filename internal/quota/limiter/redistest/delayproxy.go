package redistest

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// DelayProxy is a proxy in front of a server that delays all data, in each direction, without limiting how much is in
// flight.
type DelayProxy struct {
	Addr string

	listener net.Listener
	server   string
	delay    func() time.Duration
	wg       sync.WaitGroup

	mu    sync.Mutex
	ended bool
	conns []net.Conn
}

// NewDelayProxy starts a proxy in front of server. It calls delay for each piece of data. Order within a connection is
// kept. Delay must be safe for concurrent use.
func NewDelayProxy(server string, delay func() time.Duration) (*DelayProxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It is over at once.
	if err != nil {
		return nil, err
	}
	f := &DelayProxy{Addr: listener.Addr().String(), listener: listener, server: server, delay: delay}
	f.wg.Go(f.serve)
	return f, nil
}

func (f *DelayProxy) serve() {
	for {
		near, err := f.listener.Accept()
		if err != nil {
			return
		}
		network := "tcp"
		if f.server[0] == '/' {
			network = "unix"
		}
		distant, err := net.Dial(network, f.server) //nolint:noctx // It is over at once.
		if err != nil {
			_ = near.Close()
			continue
		}
		if !f.keep(near, distant) {
			return
		}
		f.wg.Go(func() { f.pass(near, distant) })
		f.wg.Go(func() { f.pass(distant, near) })
	}
}

// keep stores connections to close with the proxy, or closes them if it is closed already.
func (f *DelayProxy) keep(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns = append(f.conns, conns...)
	if f.ended {
		f.closeConns()
	}
	return !f.ended
}

func (f *DelayProxy) closeConns() {
	for _, c := range f.conns {
		_ = c.Close()
	}
}

type piece struct {
	bytes []byte
	due   time.Time
}

func (f *DelayProxy) pass(from, to net.Conn) {
	pieces := make(chan piece, 1024)
	f.wg.Go(func() {
		defer to.Close()
		for p := range pieces {
			<-time.After(time.Until(p.due)) // Also when the proxy closes: half a second is short.
			if _, err := to.Write(p.bytes); err != nil {
				_ = from.Close() // Reading ends, and with it this loop.
			}
		}
	})
	defer close(pieces)
	var last time.Time
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			if due := time.Now().Add(f.delay()); due.After(last) {
				last = due
			}
			pieces <- piece{buffer[:n], last}
		}
		if err != nil {
			return
		}
	}
}

// Close stops the proxy and closes all connections through it.
func (f *DelayProxy) Close() error {
	f.mu.Lock()
	f.ended = true
	f.closeConns()
	f.mu.Unlock()
	err := f.listener.Close()
	f.wg.Wait()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

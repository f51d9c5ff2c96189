package door

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

const (
	// connFree is how many bytes in flight each connection has without a budget: nearly all requests are smaller, and
	// the number of connections bounds the sum.
	connFree = 64 << 10
	// step is the unit in which the budget is used and released.
	step = 64 << 10
	// frameCost is what gRPC keeps for each DATA frame in addition to its bytes.
	frameCost = 256
	// memoryWait is how long a connection waits, unread, for memory for its messages.
	memoryWait = 5 * time.Second
	// resetsBurst is how many RPCs a connection may cancel at once, twice its limit of running ones; after that, one
	// more per resetsEvery. A cancelled RPC costs its caller nothing, and the limit of running RPCs does not stop
	// callers who begin and cancel.
	resetsBurst = 500
	resetsEvery = 10 * time.Millisecond
	// framesBurst is how many frames that ask for nothing a connection may send at once, beside those that belong to its RPCs; after that,
	// one more per framesEvery. gRPC answers each SETTINGS frame, and queues each WINDOW_UPDATE frame in memory while the caller does not
	// read. An honest connection sends some frames when it opens, and then a PING every ten seconds at most.
	framesBurst = 200
	framesEvery = 100 * time.Millisecond
	// framesPerRPC are the frames that each RPC may need without any content: more headers of up to 64 KiB, the end of the request, a
	// priority, a cancellation. framesPerAnswer is how many WINDOW_UPDATE and PING frames may follow each DATA frame that was sent to the
	// caller: two are needed, and ten is what Envoy allows.
	framesPerRPC    = 8
	framesPerAnswer = 10
	// framesPerEnd is how many frames of an upload may still be on their way when the service ends its RPC: the window of an RPC, 256 KiB,
	// in pieces of 1 KiB.
	framesPerEnd = 256
	// prefixSize is the length of a gRPC message's prefix: a flag and the message's length.
	prefixSize = 5
)

// Metered makes gRPC's connections respect the doors' budget, below their TLS. gRPC collects each message completely
// before any handler runs, and has no bound over all of its streams.
func (d *Doors) Metered(sealed credentials.TransportCredentials) credentials.TransportCredentials {
	return &metering{sealed, d}
}

type metering struct {
	credentials.TransportCredentials
	doors *Doors
}

// ServerHandshake implements [credentials.TransportCredentials]. Connections that no listener of the doors has
// accepted, such as those within the process, stay unchanged.
func (m *metering) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	caller, ok := raw.(*Conn)
	if ok {
		caller.framed.Store(true)
	}
	c, info, err := m.TransportCredentials.ServerHandshake(raw)
	if err != nil || !ok {
		return c, info, err
	}
	return &metered{
		Conn: c, caller: caller, address: caller.address, pool: m.doors.options.Bodies,
		in: frames{skip: len(preface)}, streams: map[uint32]*stream{},
	}, info, nil
}

// Clone implements [credentials.TransportCredentials].
func (m *metering) Clone() credentials.TransportCredentials {
	return &metering{m.TransportCredentials.Clone(), m.doors}
}

// metered is a gRPC connection that knows how many bytes it has in flight: for each stream the incoming message, and
// the one before it, which its handler may still hold. It reads the frames itself, because gRPC does not report them.
type metered struct {
	net.Conn
	caller  *Conn
	address string
	pool    *share.Pool

	in  frames // Used only by Read.
	out frames // Used only by Write.

	mu      sync.Mutex
	streams map[uint32]*stream
	last    uint32
	// held is how many bytes are in flight, and taken how many of them are from the pool.
	held, taken int64
	closed      bool
	// resets counts cancelled RPCs, and empty frames that ask for nothing, without the credit that RPCs and answers gave.
	resets, empty tally
	credit        int
}

// tally counts what a caller should do seldom. It forgets one at each interval.
type tally struct {
	n     int
	since time.Time
}

func (t *tally) add(every time.Duration) {
	now := time.Now()
	if t.n == 0 {
		t.since = now
	}
	forgotten := min(int(now.Sub(t.since)/every), t.n)
	t.n += 1 - forgotten
	t.since = t.since.Add(time.Duration(forgotten) * every)
}

// stream is one RPC.
type stream struct {
	prefix [prefixSize]byte
	have   int
	// left is how much of the message is to come.
	left uint32
	// now and before are the sizes of this message and of the one before it.
	now, before int64
	// complete is true if a message has arrived.
	complete bool
}

// errRefused closes a connection.
var errRefused = errors.New("door: no room for the connection's unfinished messages, too many RPCs were cancelled, or too many frames ask for nothing")

// Read implements [net.Conn]. It returns what was read once there is memory for it.
func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if n > 0 && !m.arrived(p[:n]) {
		return 0, errRefused
	}
	return n, err
}

// arrived counts what was read; false if the connection must close.
func (m *metered) arrived(p []byte) bool {
	m.mu.Lock()
	m.in.pass(p, m.begun, m.data)
	m.settle()
	more := m.wanted() - m.taken
	resets, frames := m.resets.n > resetsBurst, m.empty.n > framesBurst
	m.mu.Unlock()
	switch {
	case resets:
		m.caller.doors.refuse(m.caller, whyResets)
		return false
	case frames:
		m.caller.doors.refuse(m.caller, whyFrames)
		return false
	}
	if more <= 0 {
		return true
	}
	if !m.pool.Take(context.Background(), m.address, more, memoryWait) {
		m.caller.doors.refuse(m.caller, whyMemory)
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken += more
	m.settle() // Streams or the connection may have ended meanwhile.
	return true
}

// Write implements [net.Conn].
func (m *metered) Write(p []byte) (int, error) {
	m.mu.Lock()
	m.out.pass(p, func(f frame) {
		if f.kind == frameReset || f.kind == frameHeaders && f.flags&flagEndStream != 0 {
			if m.streams[f.stream] != nil {
				m.credit += framesPerEnd
			}
			m.drop(f.stream)
		}
		if f.kind == frameData {
			m.credit += framesPerAnswer
		}
	}, func(uint32, []byte) {})
	m.settle()
	m.mu.Unlock()
	return m.Conn.Write(p)
}

// Close implements [net.Conn].
func (m *metered) Close() error {
	m.mu.Lock()
	for id := range m.streams {
		m.drop(id)
	}
	m.closed = true
	m.settle()
	m.mu.Unlock()
	return m.Conn.Close()
}

// begun handles the start of a frame from the caller.
func (m *metered) begun(f frame) {
	switch {
	case f.kind == frameHeaders && f.stream > m.last && !m.closed:
		m.last = f.stream
		m.streams[f.stream] = &stream{}
		m.caller.running.Add(1)
		m.caller.asked.Store(true)
		if most := m.caller.doors.options.Streams; most > 0 && len(m.streams) > most {
			m.resets.add(resetsEvery) // gRPC refuses it.
			return
		}
		m.credit += framesPerRPC
		return
	case f.kind == frameReset:
		if m.streams[f.stream] != nil { // Its caller cancels it before the answer.
			m.resets.add(resetsEvery)
		}
		m.drop(f.stream)
	case f.kind == frameData:
		if s := m.streams[f.stream]; s != nil {
			s.now += frameCost
			m.held += frameCost
			if m.in.left > 0 {
				return // It has content.
			}
		}
	}
	m.useless()
}

// useless counts a frame that asks for nothing.
func (m *metered) useless() {
	if m.credit > 0 {
		m.credit--
		return
	}
	m.empty.add(framesEvery)
}

// data counts bytes of messages. gRPC discards those of RPCs that are not running.
func (m *metered) data(id uint32, p []byte) {
	s := m.streams[id]
	if s == nil {
		return
	}
	for len(p) > 0 {
		if s.have < prefixSize {
			n := copy(s.prefix[s.have:], p)
			s.have += n
			p = p[n:]
			if s.have < prefixSize {
				return
			}
			s.left = binary.BigEndian.Uint32(s.prefix[1:])
		}
		n := min(len(p), int(s.left))
		s.left -= uint32(n)
		s.now += int64(n)
		m.held += int64(n)
		p = p[n:]
		if s.left == 0 {
			m.complete(s)
		}
	}
}

// complete ends a message: the one before it was read by now, or is in the stream's window.
func (m *metered) complete(s *stream) {
	m.held -= s.before
	s.before, s.now, s.have = s.now, 0, 0
	if !s.complete {
		s.complete = true
		m.caller.begin()
	}
}

// drop ends a stream.
func (m *metered) drop(id uint32) {
	s := m.streams[id]
	if s == nil {
		return
	}
	delete(m.streams, id)
	m.caller.running.Add(-1)
	m.held -= s.now + s.before
	if s.complete {
		m.caller.end()
	}
}

// wanted is how much of what is in flight must be in the budget.
func (m *metered) wanted() int64 {
	over := m.held - connFree
	if over <= 0 {
		return 0
	}
	return (over + step - 1) / step * step
}

// settle releases the budget of what is no longer in flight.
func (m *metered) settle() {
	if less := m.taken - m.wanted(); less > 0 {
		m.taken -= less
		m.pool.Give(m.address, less)
	}
}

// refuse counts a connection that is closed for what it does.
func (d *Doors) refuse(c *Conn, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note(c.port, why)
	if why == whyMemory {
		return // There may be no room because of others.
	}
	now := time.Now()
	if len(d.misusers) >= misusersMax {
		maps.DeleteFunc(d.misusers, func(_ string, until time.Time) bool { return until.Before(now) })
	}
	d.misusers[c.address] = now.Add(misusePause)
}

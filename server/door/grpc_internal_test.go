package door

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// spoken is a metered connection and its caller's side.
type spoken struct {
	*metered
	*http2.Framer
	answers *http2.Framer
	wire    bytes.Buffer
	t       *testing.T
}

// say makes the connection read all that was written to it.
func (s *spoken) say(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	if !s.arrived(s.wire.Bytes()) {
		s.t.Fatal("no memory")
	}
	s.wire.Reset()
}

func speak(t *testing.T, pool *share.Pool) *spoken {
	t.Helper()
	doors, err := New(Options{Max: 1, Bodies: pool})
	if err != nil {
		t.Fatal(err)
	}
	server, client := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, client) }()
	t.Cleanup(func() { _ = client.Close() })
	c, _, err := doors.Metered(insecure.NewCredentials()).ServerHandshake(&Conn{Conn: server, doors: doors, port: "grpc"})
	if err != nil {
		t.Fatal(err)
	}
	s := &spoken{metered: c.(*metered), t: t}
	s.Framer = http2.NewFramer(&s.wire, nil)
	s.answers = http2.NewFramer(c, nil)
	s.wire.WriteString(http2.ClientPreface)
	s.say(nil)
	return s
}

func message(size int) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(size)), make([]byte, size)...)
}

func (s *spoken) open(id uint32) {
	s.say(s.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte{0x82}, EndHeaders: true}))
}

// TestUnfinishedBytesAreCounted: an unfinished message counts, and one that its handler has; nothing counts after the
// RPC's end.
func TestUnfinishedBytesAreCounted(t *testing.T) {
	pool := share.NewPool(64 << 20)
	s := speak(t, pool)
	const size = 1 << 20
	full := message(size)
	send := func(id uint32, p []byte) {
		for len(p) > 0 {
			n := min(len(p), 16<<10)
			s.say(s.WriteData(id, false, p[:n]))
			p = p[n:]
		}
	}
	about := func(want int64) {
		t.Helper()
		if got := pool.Used(); got < want-connFree || got > want+want/8 {
			t.Errorf("%d bytes counted, want %d", got, want)
		}
	}
	s.open(1)
	send(1, message(100))
	about(0) // A small request is free.
	send(1, full[:size/2])
	about(size / 2)
	s.open(3)
	send(3, full[:size/2])
	about(size)
	send(3, full[size/2:])
	send(1, full[size/2:])
	about(2 * size)
	if s.caller.complete != 2 {
		t.Errorf("%d complete requests, want 2", s.caller.complete)
	}
	for range 5 { // A stream that is read counts its newest message and the part of the next one.
		send(3, full)
	}
	about(2 * size)
	if err := s.answers.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: []byte{0x88}, EndHeaders: true, EndStream: true}); err != nil {
		t.Fatal(err)
	}
	about(size)
	send(3, full) // No RPC receives it.
	about(size)
	s.say(s.WriteRSTStream(1, http2.ErrCodeCancel))
	about(0)
	if s.caller.complete != 0 || s.held != 0 || len(s.streams) != 0 {
		t.Errorf("%d requests, %d bytes and %d streams are left", s.caller.complete, s.held, len(s.streams))
	}
	s.open(5)
	send(5, full)
	if err := s.metered.Close(); err != nil {
		t.Fatal(err)
	}
	if pool.Used() != 0 {
		t.Errorf("a closed connection holds %d bytes", pool.Used())
	}
}

// TestTinyFramesAreCounted with gRPC's memory per frame.
func TestTinyFramesAreCounted(t *testing.T) {
	pool := share.NewPool(64 << 20)
	s := speak(t, pool)
	s.open(1)
	for _, b := range message(4000)[:4000] {
		s.say(s.WriteData(1, false, []byte{b}))
	}
	if used := pool.Used(); used < 4000*200 {
		t.Errorf("4000 frames of a byte count as %d bytes", used)
	}
}

// TestFloodsOfCancelledRPCsEnd: a caller who keeps starting and cancelling RPCs is disconnected; cancelling as many as
// may run is allowed.
func TestFloodsOfCancelledRPCsEnd(t *testing.T) {
	s := speak(t, share.NewPool(64<<20))
	cancel := func(from, to uint32) bool {
		for id := from; id < to; id++ {
			s.open(2*id + 1)
		}
		for id := from; id < to; id++ {
			if err := s.WriteRSTStream(2*id+1, http2.ErrCodeCancel); err != nil {
				t.Fatal(err)
			}
		}
		going := s.arrived(s.wire.Bytes())
		s.wire.Reset()
		return going
	}
	if !cancel(0, 250) || !cancel(250, 500) {
		t.Error("twice the limit of running RPCs must be cancellable")
	}
	for id := uint32(500); cancel(id, id+250); id += 250 {
		if id > 100000 {
			t.Fatal("any number of RPCs can be cancelled")
		}
	}
}

// TestFloodsOfEmptyFramesEnd: a caller who keeps sending frames that ask for nothing is disconnected, whatever their kind.
func TestFloodsOfEmptyFramesEnd(t *testing.T) {
	for name, write := range map[string]func(*http2.Framer) error{
		"SETTINGS":      func(f *http2.Framer) error { return f.WriteSettings() },
		"PING":          func(f *http2.Framer) error { return f.WritePing(false, [8]byte{1}) },
		"WINDOW_UPDATE": func(f *http2.Framer) error { return f.WriteWindowUpdate(0, 1) },
		"PRIORITY":      func(f *http2.Framer) error { return f.WritePriority(1, http2.PriorityParam{Weight: 1}) },
		"CONTINUATION":  func(f *http2.Framer) error { return f.WriteContinuation(1, false, nil) },
		"DATA, empty":   func(f *http2.Framer) error { return f.WriteData(1, false, nil) },
		"DATA, unasked": func(f *http2.Framer) error { return f.WriteData(99, false, []byte{1}) },
		"unknown":       func(f *http2.Framer) error { return f.WriteRawFrame(0x77, 0, 0, []byte{1}) },
	} {
		t.Run(name, func(t *testing.T) {
			s := speak(t, share.NewPool(64<<20))
			s.open(1)
			sent := 0
			for going := true; going; sent++ {
				if err := write(s.Framer); err != nil {
					t.Fatal(err)
				}
				going = s.arrived(s.wire.Bytes())
				s.wire.Reset()
				if sent > 100*framesBurst {
					t.Fatalf("%d frames were read", sent)
				}
			}
			if sent < framesBurst/2 {
				t.Errorf("the connection ended after %d frames", sent)
			}
		})
	}
}

// TestFramesOfAnswersPass: a caller who confirms what it gets is never disconnected, however much it gets.
func TestFramesOfAnswersPass(t *testing.T) {
	s := speak(t, share.NewPool(64<<20))
	content := make([]byte, 100)
	for id := uint32(1); id < 2*3*framesBurst; id += 2 {
		s.open(id)
		s.say(s.WriteData(id, false, message(10)))
		s.say(s.WriteData(id, true, nil))
		for range 3 {
			if err := s.answers.WriteData(id, false, content); err != nil {
				t.Fatal(err)
			}
			s.say(s.WriteWindowUpdate(0, 100))
			s.say(s.WriteWindowUpdate(id, 100))
			s.say(s.WritePing(false, [8]byte{1}))
		}
		if err := s.answers.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte{0x88}, EndHeaders: true, EndStream: true}); err != nil {
			t.Fatal(err)
		}
	}
	s.open(1<<20 + 1)
	s.credit = 0 // What the answers before gave is used up.
	if err := s.answers.WriteRSTStream(1<<20+1, http2.ErrCodeNo); err != nil {
		t.Fatal(err)
	}
	for range framesPerEnd + framesBurst/2 { // The rest of an upload that was refused was on its way.
		s.say(s.WriteData(1<<20+1, false, content))
	}
	if running := s.caller.running.Load(); running != 0 {
		t.Errorf("%d RPCs are under way, of which none is", running)
	}
}

// TestFloodsOfRefusedRPCsEnd: a caller who begins more RPCs than may run, which gRPC refuses one by one, is disconnected.
func TestFloodsOfRefusedRPCsEnd(t *testing.T) {
	const most = 250
	s := speak(t, share.NewPool(64<<20))
	s.caller.doors.options.Streams = most
	begun := 0
	for going := true; going; begun++ {
		if err := s.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*begun + 1), BlockFragment: []byte{0x82}, EndHeaders: true}); err != nil {
			t.Fatal(err)
		}
		going = s.arrived(s.wire.Bytes())
		s.wire.Reset()
		if begun > 100*resetsBurst {
			t.Fatalf("%d RPCs were begun", begun)
		}
	}
	if begun <= most+resetsBurst {
		t.Errorf("the connection ended after %d RPCs; %d may run", begun, most)
	}
}

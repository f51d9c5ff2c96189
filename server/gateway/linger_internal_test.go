package gateway

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// halved is a pipe that pretends to close one half.
type halved struct {
	net.Conn
	closed bool
}

func (h *halved) CloseWrite() error {
	h.closed = true
	return nil
}

// TestDiscardRest: how long a connection is read after its answer.
func TestDiscardRest(t *testing.T) {
	const trickle = 300 * time.Millisecond
	for name, test := range map[string]struct {
		caller func(conn net.Conn) (sent int)
		want   time.Duration
		bytes  int
	}{
		"silent": {func(net.Conn) int { return 0 }, lingerSilence, 0},
		"leaves": {func(conn net.Conn) int {
			time.Sleep(trickle)
			_ = conn.Close()
			return 0
		}, trickle, 0},
		"trickles": {func(conn net.Conn) (sent int) {
			for {
				n, err := conn.Write([]byte{1})
				if sent += n; err != nil {
					return sent
				}
				time.Sleep(trickle)
			}
		}, lingerTime, int(lingerTime/trickle) + 1},
		"floods": {func(conn net.Conn) (sent int) {
			for chunk := make([]byte, 1<<20); ; {
				n, err := conn.Write(chunk)
				if sent += n; err != nil {
					return sent
				}
			}
		}, 0, lingerBytes},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				half := &halved{Conn: ours}
				sent := make(chan int)
				go func() { sent <- test.caller(theirs) }()
				began := time.Now()
				discardRest(half)
				took := time.Since(began)
				_ = ours.Close()
				if got := <-sent; took != test.want || got != test.bytes || !half.closed {
					t.Errorf("%v for %d bytes, want %v for %d; half closed: %t", took, got, test.want, test.bytes, half.closed)
				}
				_ = theirs.Close()
			})
		})
	}
}

// TestLingeringShutdown: lingering connections get the remaining time and no more; none lingers after it.
func TestLingeringShutdown(t *testing.T) {
	for name, timeout := range map[string]time.Duration{"in time": time.Minute, "cut off": lingerSilence / 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &lingering{received: func(context.Context) func() { return func() {} }}
				ours, theirs := net.Pipe()
				defer theirs.Close()
				if !l.enter(ours) {
					t.Fatal("the connection does not linger")
				}
				go func() {
					defer l.leave(ours)
					discardRest(&halved{Conn: ours})
				}()
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				began := time.Now()
				l.shutdown(ctx)
				if took := time.Since(began); took != min(timeout, lingerSilence) {
					t.Errorf("%v", took)
				}
				if wasCut := errors.Is(ctx.Err(), context.DeadlineExceeded); wasCut != (timeout < lingerSilence) {
					t.Errorf("cut off: %t", wasCut)
				}
				if l.enter(ours) {
					t.Error("lingers after the end")
				}
				_ = ours.Close()
			})
		})
	}
}

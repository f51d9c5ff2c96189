//go:build unix

package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// When a cutter cuts the connection that a statement comes over.
const (
	passesOn       = iota // never
	cutsBefore            // before the server gets a commit
	cutsAfter             // after the server has answered the commit
	cutsStatements        // before the server gets a statement that locks a row of a watch
)

// cutter stands between the store and PostgreSQL.
type cutter struct {
	server string // the server's socket
	mode   atomic.Int32
	cut    atomic.Int32 // how many connections were cut
	group  sync.WaitGroup
}

// startCutter returns an address of the database that leads through the cutter.
func startCutter(t *testing.T, address string) (*cutter, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	const socket = ".s.PGSQL.5432"
	c := &cutter{server: filepath.Join(query.Get("host"), socket)}
	dir := t.TempDir()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	c.group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			c.group.Go(func() { c.serve(t, client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		c.group.Wait()
	})
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	return c, u.String()
}

// serve passes a connection on until it is cut. The store sends a commit in one piece and waits for its answer.
func (c *cutter) serve(t *testing.T, client net.Conn) {
	defer client.Close()
	server, err := (&net.Dialer{}).DialContext(t.Context(), "unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	answers := make(chan struct{})
	var silent atomic.Bool
	go func() {
		defer close(answers)
		for buffer := make([]byte, 1<<16); ; {
			n, err := server.Read(buffer)
			if err != nil || silent.Load() {
				_ = client.Close()
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	for buffer := make([]byte, 1<<16); ; {
		n, err := client.Read(buffer)
		if err != nil {
			_ = server.Close()
			<-answers
			return
		}
		commit, locks := bytes.Contains(buffer[:n], []byte("commit\x00")), bytes.Contains(buffer[:n], []byte("FROM price_watch WHERE id"))
		switch mode := c.mode.Load(); {
		case commit && mode == cutsAfter:
			silent.Store(true)
			c.cut.Add(1)
			_, _ = server.Write(buffer[:n])
			<-answers
			return
		case commit && mode == cutsBefore, locks && mode == cutsStatements:
			c.cut.Add(1)
			_ = server.Close()
			<-answers
			return
		}
		if _, err := io.Copy(server, bytes.NewReader(buffer[:n])); err != nil {
			return
		}
	}
}

// TestLostCommit: when the connection dies during a commit, the answer does not say that nothing was changed, and to repeat the
// observation stores it once. When it dies earlier, the answer says so and nothing was changed.
func TestLostCommit(t *testing.T) {
	c, address := startCutter(t, cluster.Database(t))
	s := open(t, address)
	create(t, s, "a", "w")
	for i, each := range []struct {
		name   string
		mode   int32
		kind   fault.Kind
		stored bool
	}{
		{"before the commit", cutsStatements, fault.PriceStoreUnavailable, false},
		{"the commit gets lost", cutsBefore, fault.PriceStoreOutcomeUnknown, false},
		{"its answer gets lost", cutsAfter, fault.PriceStoreOutcomeUnknown, true},
	} {
		w, err := s.FindWatch(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		tick := store.Tick{Watch: w, Observation: observation(start().Add(time.Duration(i)*time.Minute), 100), Events: events(1)}
		c.mode.Store(each.mode)
		_, err = finish(t.Context(), s, tick)
		c.mode.Store(passesOn)
		wantKind(t, each.name, err, each.kind)
		if !store.Lost(err) || int(c.cut.Load()) != i+1 {
			t.Errorf("%s: %d connections were cut; %v", each.name, c.cut.Load(), err)
		}
		if got, err := s.FindWatch(t.Context(), "w"); err != nil || got.Ticks != w.Ticks+int64(map[bool]int{true: 1}[each.stored]) {
			t.Errorf("%s: %d ticks, before %d; %v", each.name, got.Ticks, w.Ticks, err)
		}
		repeated, err := finish(t.Context(), s, tick)
		if repeated == each.stored || err != nil {
			t.Errorf("%s: repeated, it is stored: %v, %v", each.name, repeated, err)
		}
		if n := rows(t, s, "price_observation"); n != i+1 {
			t.Errorf("%s: %d observations", each.name, n)
		}
	}
}

// TestCommitIntoAMovedFile: a change that went into a file which was moved away meanwhile may come back with it.
func TestCommitIntoAMovedFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, _ := seeded(t, filepath.Join(dir, "pricewatch.db"))
	err := s.InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE price_watch SET waiting_for = 2`)
		return errors.Join(err, os.Rename(dir, dir+".away"))
	})
	wantKind(t, "moved during the transaction", err, fault.PriceStoreOutcomeUnknown)
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	if w, err := s.FindWatch(t.Context(), "w"); err != nil || w.WaitingFor != 2 {
		t.Errorf("%+v, %v", w, err)
	}
}

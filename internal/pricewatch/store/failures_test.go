//go:build unix

package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// operations are all that callers ask of a store, each with an error; those that write last.
func operations(s *store.Store, w *store.Watch) (reads, writes map[string]func(context.Context) error) {
	reads = map[string]func(context.Context) error{
		"get":   func(ctx context.Context) error { _, err := s.GetWatch(ctx, w.Owner, w.ID); return err },
		"find":  func(ctx context.Context) error { _, err := s.FindWatch(ctx, w.ID); return err },
		"list":  func(ctx context.Context) error { _, err := s.ListWatches(ctx, w.Owner, store.Cursor{}, 9); return err },
		"image": func(ctx context.Context) error { _, err := s.Image(ctx, w.ID); return err },
		"observations": func(ctx context.Context) error {
			_, err := s.Observations(ctx, w.ID, store.Range{}, 9, true)
			return err
		},
		"observation": func(ctx context.Context) error { _, err := s.Observation(ctx, w.ID, start()); return err },
		"trend":       func(ctx context.Context) error { _, err := s.TrendRows(ctx, w.ID, store.Range{}, 10); return err },
		"events":      func(ctx context.Context) error { _, err := s.Events(ctx, w.Owner, w.ID, 0, 9); return err },
		"last event":  func(ctx context.Context) error { _, err := s.LastEventID(ctx); return err },
	}
	writes = map[string]func(context.Context) error{
		"create": func(ctx context.Context) error {
			return s.CreateWatch(ctx, &store.Watch{ID: "new", Definition: w.Definition}, []byte("image"), 9)
		},
		"update": func(ctx context.Context) error {
			_, err := s.UpdateWatch(ctx, w.Owner, w.ID, func(w *store.Watch) ([]byte, bool, error) { w.Paused = !w.Paused; return nil, false, nil })
			return err
		},
		"advance":     func(ctx context.Context) error { _, err := advance(ctx, s, start(), 9); return err },
		"set waiting": func(ctx context.Context) error { return s.SetWaiting(ctx, w.ID, 2) },
		"spend calls": func(ctx context.Context) error { return s.SpendCalls(ctx, w.ID, "2026-11-27", 1) },
		"finish": func(ctx context.Context) error {
			_, err := finish(ctx, s, store.Tick{Watch: w, Observation: observation(start().Add(time.Hour), 1), Events: events(1)})
			return err
		},
		"prune": func(ctx context.Context) error {
			_, err := s.Prune(ctx, start().Add(2*time.Hour), store.Retention{})
			return err
		},
		"delete": func(ctx context.Context) error { return s.DeleteWatch(ctx, w.Owner, w.ID) },
	}
	return reads, writes
}

// unavailable returns what is wrong with the answers of operations that cannot be done.
func unavailable(ctx context.Context, all map[string]func(context.Context) error) error {
	var wrong []error
	for name, do := range all {
		err := do(ctx)
		if fault.KindOf(err) != fault.PriceStoreUnavailable || err.Error() != "PRICE_STORE_UNAVAILABLE: the store of price watches cannot be used right now" {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(wrong...)
}

// seeded is a store with one watch that was observed once.
func seeded(t *testing.T, url string) (*store.Store, *store.Watch) {
	t.Helper()
	s := open(t, url)
	create(t, s, "a", "w")
	observe(t, s, "w", start(), 100, 1)
	w, err := s.FindWatch(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	return s, w
}

// intact wants what seeded stored, and nothing else, and a store that works.
func intact(t *testing.T, s *store.Store) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// The first ones may still get connections that died.
	for _, err := s.FindWatch(deadline, "w"); err != nil; _, err = s.FindWatch(deadline, "w") {
		if !pause.For(deadline, 10*time.Millisecond) {
			t.Fatal(err)
		}
	}
	w, err := s.FindWatch(t.Context(), "w")
	if err != nil || w.Paused || w.Version != 1 || w.Ticks != 1 || !w.NextDue.Equal(start()) || w.DayCalls != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	for table, want := range map[string]int{"price_watch": 1, "price_observation": 1, "price_event": 1, "price_watch_image": 0} {
		if n := rows(t, s, table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	observe(t, s, "w", start().Add(time.Minute), 90, 1)
}

// TestFileGone: while the directory of the SQLite file is not there nothing is read or acknowledged, and all is there with it again.
func TestFileGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, w := seeded(t, filepath.Join(dir, "pricewatch.db"))
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	reads, writes := operations(s, w)
	if err := errors.Join(unavailable(t.Context(), reads), unavailable(t.Context(), writes)); err != nil {
		t.Error(err)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	intact(t, s)
}

// TestReadOnly: a store that cannot be written to is still read.
func TestReadOnly(t *testing.T) {
	check := func(t *testing.T, s *store.Store, w *store.Watch) {
		t.Helper()
		reads, writes := operations(s, w)
		for name, do := range reads {
			if err := do(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := unavailable(t.Context(), writes); err != nil {
			t.Error(err)
		}
	}
	set := func(t *testing.T, s *store.Store, statement string) {
		t.Helper()
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		s, w := seeded(t, filepath.Join(t.TempDir(), "pricewatch.db"))
		set(t, s, "PRAGMA query_only = 1") // SQLite then answers as for a file that is read-only.
		check(t, s, w)
		set(t, s, "PRAGMA query_only = 0")
		intact(t, s)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := cluster.Database(t)
		s, err := store.Open(t.Context(), store.Options{URL: url, Connections: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, "a", "w")
		observe(t, s, "w", start(), 100, 1)
		w, err := s.FindWatch(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		s.DB().SetMaxOpenConns(1) // A setting of the session then holds for all.
		set(t, s, "SET default_transaction_read_only = on")
		check(t, s, w)
		set(t, s, "SET default_transaction_read_only = off")
		intact(t, s)
	})
}

// TestServerStopped: while PostgreSQL does not run the store is unavailable, and afterwards it works again.
func TestServerStopped(t *testing.T) {
	s, w := seeded(t, cluster.Database(t))
	cluster.Stop(t)
	reads, writes := operations(s, w)
	if err := errors.Join(unavailable(t.Context(), reads), unavailable(t.Context(), writes)); err != nil {
		t.Error(err)
	}
	cluster.Start(t)
	intact(t, s)
}

// asWriter has this program be the writer of TestFullDisk; it names the SQLite file.
const asWriter = "ZHAOHUO_TEST_STORE_WRITER"

// TestFullDisk: what cannot be written is not acknowledged, what was is there, and with room again the store works.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pricewatch.db")
	s, _ := seeded(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), asWriter+"="+path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	intact(t, open(t, path))
}

// writer is a process whose disk is full for a while: its files may not grow. Its result is an exit code.
func writer() int {
	signal.Ignore(syscall.SIGXFSZ) // Writing beyond the limit then fails as on a full disk.
	limit := func(bytes uint64) error {
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: 1 << 62})
	}
	err := func() error {
		ctx := context.Background()
		s, err := store.Open(ctx, store.Options{URL: os.Getenv(asWriter)})
		if err != nil {
			return err
		}
		defer s.Close()
		w, err := s.FindWatch(ctx, "w")
		if err != nil {
			return err
		}
		if err := limit(0); err != nil {
			return err
		}
		reads, writes := operations(s, w)
		problems := []error{unavailable(ctx, writes)}
		for name, do := range reads {
			if err := do(ctx); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
			}
		}
		return errors.Join(append(problems, limit(1<<40), s.SetWaiting(ctx, "w", 1))...)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestOpenFails: the error says to the operator what and why, without a password, and to callers no more than that it is unavailable.
func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	text := bytes.Repeat([]byte("no database "), 1000)
	broken, file := filepath.Join(dir, "broken.db"), filepath.Join(dir, "file")
	if err := errors.Join(os.WriteFile(broken, text, 0o600), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for url, says := range map[string]string{
		broken:                          "not a database",
		filepath.Join(file, "x.db"):     "not a directory",
		"mysql://root:hunter2@host/x":   "postgres://HOST/DATABASE",
		"postgres://u:hunter2@h:port/x": "postgres://…",
		"postgres://u:hunter2@127.0.0.1:1/watches?sslmode=disable": "PostgreSQL at 127.0.0.1:1, database watches",
	} {
		_, err := store.Open(t.Context(), store.Options{URL: url})
		wantKind(t, url, err, fault.PriceStoreUnavailable)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
		if f, _ := fault.As(err); f == nil || f.Detail != "the store of price watches cannot be used right now" {
			t.Errorf("%s: %+v", url, f)
		}
	}
	if kept, err := os.ReadFile(broken); err != nil || !bytes.Equal(kept, text) {
		t.Errorf("the broken file was changed: %d bytes, %v", len(kept), err)
	}
}

// TestOpenedTogether: processes that start at the same time bring the tables up to date one after the other, others' tables included.
func TestOpenedTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		var group sync.WaitGroup
		var migrating atomic.Int32
		for i := range 6 {
			group.Go(func() {
				s, err := store.Open(t.Context(), store.Options{URL: url, Migrate: func(ctx context.Context, db *sql.DB) error {
					if migrating.Add(1) != 1 {
						t.Error("two migrate at the same time")
					}
					defer migrating.Add(-1)
					_, err := db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE others_%d AS SELECT count(*) AS n FROM price_event_counter", i))
					return err
				}})
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		s := open(t, url)
		for i := range 6 {
			if n := rows(t, s, fmt.Sprint("others_", i)); n != 1 {
				t.Errorf("table %d has %d rows", i, n)
			}
		}
		failure := errors.New("no")
		_, err := store.Open(t.Context(), store.Options{URL: url, Migrate: func(context.Context, *sql.DB) error { return failure }})
		if !errors.Is(err, failure) {
			t.Error(err)
		}
	})
}

// TestContextEnds: an operation whose caller left or whose deadline ended says so, not that the store is unavailable.
func TestContextEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s, w := seeded(t, url)
		gone, leave := context.WithCancel(t.Context())
		leave()
		late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		reads, writes := operations(s, w)
		for _, all := range []map[string]func(context.Context) error{reads, writes} {
			for name, do := range all {
				wantKind(t, name, do(gone), fault.CallerGone)
				wantKind(t, name, do(late), fault.DeadlineExceeded)
			}
		}
		intact(t, s)
	})
}

// TestInTx: an error of the function is returned as it is and undoes everything.
func TestInTx(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s, w := seeded(t, url)
		failure := errors.New("no")
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			stored, err := s.FinishTick(t.Context(), tx, store.Tick{Watch: w, Observation: observation(start().Add(time.Hour), 1), Events: events(3)})
			if err != nil || !stored {
				t.Errorf("%v, %v", stored, err)
			}
			return failure
		})
		if err != failure { //nolint:errorlint // It must be this one.
			t.Error(err)
		}
		err = s.InTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "no statement")
			return err
		})
		wantKind(t, "no statement", err, fault.Internal)
		intact(t, s)
	})
}

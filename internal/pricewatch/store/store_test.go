//go:build unix

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
)

var cluster *postgres.Cluster

func TestMain(m *testing.M) {
	if os.Getenv(asWriter) != "" {
		os.Exit(writer()) //nolint:forbidigo // This is a main.
	}
	code, err := postgres.Run(func(c *postgres.Cluster) int {
		cluster = c
		return m.Run()
	})
	if err == nil && code == 0 {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // This is a main.
}

// start is the time of the tests' first observation.
func start() time.Time { return time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC) }

// open opens a store for the length of the test.
func open(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// onBoth runs a test on a new SQLite file and on a new PostgreSQL database.
func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "pricewatch.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, cluster.Database(t)) })
}

func definition(name string, interval time.Duration) *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{
		DisplayName: name, Interval: durationpb.New(interval),
		Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"610947572360"}}},
	}
}

// create creates a watch of an owner that is due at start.
func create(t *testing.T, s *store.Store, owner, id string) *store.Watch {
	t.Helper()
	w := &store.Watch{ID: id, Owner: owner, Definition: definition(id, time.Minute), CreateTime: start(), NextDue: start()}
	if err := s.CreateWatch(t.Context(), w, nil, 0); err != nil {
		t.Fatal(err)
	}
	return w
}

// observation has one product at a price in fen, or none at all for 0.
func observation(due time.Time, fen int64) *zhaohuov1.PriceObservation {
	o := &zhaohuov1.PriceObservation{
		DueTime: timestamppb.New(due), FetchTime: timestamppb.New(due.Add(time.Second)), UpstreamCalls: 1,
		Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX,
	}
	if fen == 0 {
		return o
	}
	price := (money.Amount(fen) * money.Fen).Proto(money.CNY)
	o.ProductCount = 1
	o.Products = []*zhaohuov1.ObservedPrice{{ProductId: "610947572360", Title: "蓝牙耳机", Price: price}}
	o.Statistics = &zhaohuov1.PriceStatistics{Min: price, Max: price, Mean: price, Median: price, P5: price, Q1: price, Q3: price, P95: price}
	return o
}

func events(n int) []*zhaohuov1.PriceEvent {
	all := make([]*zhaohuov1.PriceEvent, n)
	for i := range all {
		all[i] = &zhaohuov1.PriceEvent{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL, Title: fmt.Sprint(i)}
	}
	return all
}

// finish stores a tick in a transaction of its own.
func finish(ctx context.Context, s *store.Store, tick store.Tick) (stored bool, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		stored, err = s.FinishTick(ctx, tx, tick)
		return err
	})
	return stored, err
}

// observe reads a watch and stores an observation of it.
func observe(t *testing.T, s *store.Store, id string, due time.Time, fen int64, n int) {
	t.Helper()
	w, err := s.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := finish(t.Context(), s, store.Tick{
		Watch: w, Observation: observation(due, fen), Events: events(n), Memory: []byte("memory"), Day: "2026-11-27",
	})
	if err != nil || !stored {
		t.Fatalf("stored %v, %v", stored, err)
	}
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// rows counts the rows of a table.
func rows(t *testing.T, s *store.Store, table string) (n int) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// advance does what a scheduler does once: it takes what is due and moves it on by an interval.
func advance(ctx context.Context, s *store.Store, now time.Time, limit int) (due []store.DueWatch, err error) {
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		var err error
		if due, err = s.Due(ctx, tx, now, limit); err != nil {
			return err
		}
		slots := make([]store.Slot, len(due))
		for i, w := range due {
			slots[i] = store.Slot{ID: w.ID, Next: w.Due.Add(w.Interval)}
		}
		return s.Advance(ctx, tx, slots)
	})
	return due, err
}

// The tables of a SQLite file are made without waiting for the disk. What is stored afterwards waits for it.
func TestCommitsToAFileWaitForTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watches.db")
	for _, name := range []string{"a new file", "a file that is there"} {
		s, err := store.Open(t.Context(), store.Options{URL: path})
		if err != nil {
			t.Fatal(err)
		}
		var synchronous string
		if err := s.DB().QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous); err != nil || synchronous != "2" {
			t.Errorf("%s: synchronous is %s, %v", name, synchronous, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

//go:build unix

package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/dataform"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

const (
	sandbox = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	live    = zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE
)

// opens opens a store as a process of a source does, and closes it.
func opens(t *testing.T, url string, source zhaohuov1.AnswerSource) error {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, Source: source})
	if err != nil {
		return err
	}
	return s.Close()
}

// TestOneSource: the first process decides whether a store is for the sandbox or for 1688. Those of the other source do not get it, and are
// told why. Of two that start together one gets it.
func TestOneSource(t *testing.T) {
	for _, source := range []zhaohuov1.AnswerSource{sandbox, live} {
		t.Run(source.String(), func(t *testing.T) {
			onBoth(t, func(t *testing.T, url string) {
				other := sandbox + live - source
				for range 2 {
					if err := opens(t, url, source); err != nil {
						t.Fatal(err)
					}
					err := opens(t, url, other)
					wantKind(t, "the other source", err, fault.PriceStoreUnavailable)
					says := map[zhaohuov1.AnswerSource]string{sandbox: "it holds price watches of the sandbox", live: "it holds price watches of 1688"}[source]
					if err == nil || !strings.Contains(err.Error(), says) {
						t.Errorf("%v", err)
					}
					if err := opens(t, url, 0); err != nil {
						t.Errorf("a process that makes no observations: %v", err)
					}
				}
			})
		})
	}
	onBoth(t, func(t *testing.T, url string) {
		var group sync.WaitGroup
		var opened [3]atomic.Int32
		for i := range 8 {
			source := []zhaohuov1.AnswerSource{sandbox, live}[i%2]
			group.Go(func() {
				if opens(t, url, source) == nil {
					opened[source].Add(1)
				}
			})
		}
		group.Wait()
		if s, l := opened[sandbox].Load(), opened[live].Load(); s+l != 4 || s*l != 0 {
			t.Errorf("%d processes of the sandbox and %d of 1688 got the store", s, l)
		}
	})
}

// TestUpgrade: a store of the version before, with rows in all of its tables, is brought up to date, and everything in it is read.
// testdata has its dumps.
func TestUpgrade(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		load(t, url)
		if err := opens(t, url, sandbox); err == nil {
			t.Error("the sandbox gets a store whose observations are of 1688")
		}
		if err := opens(t, url, live); err != nil {
			t.Fatal(err)
		}
		s := open(t, url)
		for table, want := range map[string]int{
			"price_watch": 3, "price_watch_image": 1, "price_watch_deleted": 1, "price_observation": 9, "price_observation_products": 6, "price_event": 9,
			"price_event_counter": 1, "price_webhook": 2, "price_webhook_delivery": 6, "price_store": 1,
		} {
			if n := rows(t, s, table); n != want {
				t.Errorf("%s has %d rows, want %d", table, n, want)
			}
		}
		w, err := s.GetWatch(t.Context(), "店 shop", "pw_a")
		if err != nil {
			t.Fatal(err)
		}
		if w.Definition.GetDisplayName() != "耳机 pw_a" || w.Ticks != 3 || w.DayCalls != 2 || string(w.Memory) != "\x00\x02" || !w.NextDue.Equal(start().Add(time.Hour)) ||
			len(w.Webhooks) != 2 || string(w.Webhooks[0].Secret) != "new" || string(w.Webhooks[0].OldSecret) != "\x01\x02\x00\xff" || w.Webhooks[1].Disabled != "gone" {
			t.Errorf("%+v", w)
		}
		if image, err := s.Image(t.Context(), "pw_a"); err != nil || string(image) != "\xff\xd8 picture \x00" {
			t.Errorf("%q, %v", image, err)
		}
		history, err := s.Observations(t.Context(), "pw_a", store.Range{}, 10, true)
		if err != nil || len(history) != 3 || history[1].GetProducts()[0].GetPrice().GetNanos() != 500_000_000 || len(history[2].GetProducts()) != 0 {
			t.Errorf("%v, %v", history, err)
		}
		next, err := s.NextDelivery(t.Context(), "wh_a", start())
		if err != nil || next == nil || next.EventID != 2 {
			t.Errorf("%+v, %v", next, err)
		}
		observe(t, s, "pw_a", start().Add(time.Hour), 90, 1)
		if last, err := s.LastEventID(t.Context()); err != nil || last != 13 {
			t.Errorf("the next event is %d, %v", last, err)
		}
		if err := s.DeleteWatch(t.Context(), "", "pw_c"); err != nil {
			t.Error(err)
		}
	})
}

// TestDowngrade: the tables of a newer version are refused with both numbers, and stay as they are.
func TestDowngrade(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		var known int64
		if err := s.DB().QueryRowContext(t.Context(), "SELECT max(version_id) FROM price_schema_version").Scan(&known); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO price_schema_version (version_id, is_applied) VALUES ($1, $2)", known+1, true); err != nil {
			t.Fatal(err)
		}
		before := rows(t, s, "price_schema_version")
		newer, err := new(dataform.NewerError), opens(t, url, live)
		if !errors.As(err, &newer) || *newer != (dataform.NewerError{Found: known + 1, Known: known}) {
			t.Errorf("a store of a newer version: %v", err)
		}
		if after := rows(t, s, "price_schema_version"); after != before {
			t.Errorf("%d versions, %d before", after, before)
		}
	})
}

// load runs the dump of the version before.
func load(t *testing.T, url string) {
	t.Helper()
	name := "version2-sqlite.sql"
	if strings.HasPrefix(url, "postgres://") {
		name = "version2-postgres.sql"
	}
	dump, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if name == "version2-postgres.sql" {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), string(dump)); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := sqlitefile.Open(t.Context(), url, sqlitefile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Writer.ExecContext(t.Context(), string(dump)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

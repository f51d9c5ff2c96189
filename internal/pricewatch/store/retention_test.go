//go:build unix

package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// past is an observation as a plain model has it.
type past struct {
	watch  string
	due    time.Time
	failed bool
	// bytes is what it takes.
	bytes int64
}

// chinaDate is the day of China that a time is in, by the time zone's rules.
func chinaDate(t *testing.T) func(time.Time) string {
	t.Helper()
	china, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return func(at time.Time) string { return at.In(china).Format(time.DateOnly) }
}

// left is what a retention leaves of a history, in the order of due times within each watch.
func left(all []past, now time.Time, keep store.Retention, day func(time.Time) string) []past {
	all = slices.DeleteFunc(slices.Clone(all), func(p past) bool { return p.due.Before(now.Add(-keep.Daily)) })
	thinned := day(now.Add(-keep.Raw))
	all = slices.DeleteFunc(all, func(p past) bool {
		if day(p.due) >= thinned {
			return false
		}
		return slices.ContainsFunc(all, func(other past) bool {
			if other.watch != p.watch || day(other.due) != day(p.due) {
				return false
			}
			if other.failed != p.failed {
				return p.failed
			}
			return other.due.After(p.due)
		})
	})
	for keep.Bytes > 0 {
		sum := int64(0)
		for _, p := range all {
			sum += p.bytes
		}
		if sum <= keep.Bytes {
			break
		}
		oldest := slices.MinFunc(all, func(a, b past) int { return a.due.Compare(b.due) }).due
		cut := oldest.Add(max(now.Sub(oldest)/64, time.Millisecond))
		all = slices.DeleteFunc(all, func(p past) bool { return p.due.Before(cut) })
	}
	return all
}

// TestRetentionModel: whatever was observed when, what is left of it after each of several prunings is what a plain model leaves.
func TestRetentionModel(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s, day := open(t, url), chinaDate(t)
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			watches := []string{fmt.Sprint(run, "-a"), fmt.Sprint(run, "-b")}
			for _, id := range watches {
				w := &store.Watch{ID: id, Owner: "a", Definition: definition(id, time.Minute), CreateTime: start(), NextDue: start()}
				if err := s.CreateWatch(t.Context(), w, nil, 0); err != nil {
					t.Fatal(err)
				}
			}
			defer func() {
				for _, id := range watches {
					if err := s.DeleteWatch(t.Context(), "a", id); err != nil {
						t.Fatal(err)
					}
				}
			}()
			var all []past
			now := start()
			for range rapid.IntRange(1, 4).Draw(t, "prunings") {
				for range rapid.IntRange(0, 12).Draw(t, "observations") {
					now = now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "hours")) * time.Hour)
					id := rapid.SampledFrom(watches).Draw(t, "watch")
					all = append(all, storePast(t, s, id, now, rapid.IntRange(0, 2).Draw(t, "failed") == 0))
				}
				keep := store.Retention{Raw: time.Duration(rapid.IntRange(0, 200).Draw(t, "raw hours")) * time.Hour}
				keep.Daily = keep.Raw + time.Duration(rapid.IntRange(0, 300).Draw(t, "more hours"))*time.Hour
				keep.Bytes = int64(rapid.SampledFrom([]int{0, 1, 1000, 3000}).Draw(t, "bytes"))
				if _, err := s.Prune(t.Context(), now, keep); err != nil {
					t.Fatal(err)
				}
				all = left(all, now, keep, day)
				same(t, s, watches, all)
			}
		})
	})
}

// storePast stores an observation and returns it as the model has it.
func storePast(t *rapid.T, s *store.Store, id string, due time.Time, failed bool) past {
	t.Helper()
	w, err := s.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	o := observation(due, 100)
	if failed {
		o = observation(due, 0)
		o.Error = &status.Status{Code: 14, Message: "gone"}
	}
	if stored, err := finish(t.Context(), s, store.Tick{Watch: w, Observation: o}); err != nil || !stored {
		t.Fatalf("stored %v, %v", stored, err)
	}
	summary := proto.CloneOf(o)
	summary.WatchId, summary.Products = id, nil
	size := 128 + proto.Size(summary) + proto.Size(&zhaohuov1.PriceObservation{Products: o.GetProducts()})
	return past{id, due, failed, int64(size)}
}

// same compares what is stored with the model.
func same(t *rapid.T, s *store.Store, watches []string, want []past) {
	t.Helper()
	sum := int64(0)
	for _, id := range watches {
		got, err := s.Observations(t.Context(), id, store.Range{}, 1000, true)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for _, p := range want {
			if p.watch != id {
				continue
			}
			sum += p.bytes
			if i == len(got) || !got[i].GetDueTime().AsTime().Equal(p.due) || (got[i].GetError() != nil) != p.failed ||
				(len(got[i].GetProducts()) == 0) != p.failed {
				t.Fatalf("%s, observation %d: got %v, want %+v", id, i, got[i:], p)
			}
			i++
		}
		if i != len(got) {
			t.Fatalf("%s has %d observations, want %d", id, len(got), i)
		}
	}
	if n, err := s.HistoryBytes(t.Context()); n != sum || err != nil {
		t.Fatalf("the history takes %d bytes, %v; want %d", n, err, sum)
	}
}

// TestRetentionInParts: a history that no transaction deletes at once is thinned to its days, each time the rest of it.
func TestRetentionInParts(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		w := create(t, s, "a", "w")
		const perDay, days = 450, 3
		begin := time.Date(2026, 11, 28, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			for i := range perDay * days {
				due := begin.Add(time.Duration(i) * 24 * time.Hour / perDay)
				o := observation(due, 100)
				if i%perDay >= 300 { // The last one that succeeded is in the middle of the day.
					o.Error = &status.Status{Code: 14}
				}
				if stored, err := s.FinishTick(t.Context(), tx, store.Tick{Watch: w, Observation: o}); err != nil || !stored {
					return fmt.Errorf("stored %v: %w", stored, err)
				}
				w.Ticks++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for day, want := range []int{days * perDay, 1 + 2*perDay, 1 + 1 + perDay, 3} {
			now := begin.Add(time.Duration(day)*24*time.Hour + time.Hour)
			if _, err := s.Prune(t.Context(), now, store.Retention{Daily: 1000 * time.Hour}); err != nil {
				t.Fatal(err)
			}
			if n := rows(t, s, "price_observation"); n != want {
				t.Errorf("on day %d there are %d observations, want %d", day, n, want)
			}
		}
		kept, err := s.Observations(t.Context(), "w", store.Range{}, 10, true)
		if err != nil {
			t.Fatal(err)
		}
		for day, o := range kept {
			want := begin.Add(time.Duration(day*perDay+299) * 24 * time.Hour / perDay)
			if !o.GetDueTime().AsTime().Equal(want.Truncate(time.Millisecond)) || o.GetError() != nil {
				t.Errorf("day %d: %v, want the one of %v", day, o, want)
			}
		}
	})
}

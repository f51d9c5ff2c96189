package limiter_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/dataform"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
)

// openLedger opens a ledger and collects its errors.
func openLedger(t testing.TB, path string, exact bool) (*limiter.Ledger, *[]string) {
	t.Helper()
	coded := &[]string{}
	days, err := limiter.OpenLedger(context.Background(), path, "key", limiter.LedgerOptions{
		Exact: exact, Needed: true, OnError: func(err error) { *coded = append(*coded, err.Error()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return days, coded
}

func dayUsed(t testing.TB, g limiter.Limiter, api string) [2]int64 {
	t.Helper()
	s, err := g.State(context.Background(), api)
	if err != nil {
		t.Fatal(err)
	}
	return [2]int64{s.DayUsed, s.DayUsedAPI}
}

func TestLedgerSurvivesRestart(t *testing.T) {
	for name, exact := range map[string]bool{"exact": true, "lazy": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "quota 100%?.db")
			var got [][2]int64
			for range 3 {
				days, _ := openLedger(t, path, exact)
				g := limiter.NewLocal(limiter.Limits{}, days)
				departed(t, g, "search")
				departed(t, g, "image")
				got = append(got, dayUsed(t, g, "image"))
				if err := g.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([][2]int64{{2, 1}, {4, 2}, {6, 3}}, got); diff != "" {
				t.Errorf("counts over restarts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRestartWithinASecond: calls committed before the restart still count.
func TestRestartWithinASecond(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "quota.db")
	var at []int64
	for range 2 {
		days, _ := openLedger(t, path, true)
		g := limiter.NewLocal(limiter.Limits{App: limiter.Limit{PerSecond: 4}}, days)
		for range 4 {
			at = append(at, departed(t, g, "search").at)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if most := mostInASecond(at); most != 4 {
		t.Errorf("%d attempts were committed in one half-open second, want 4", most)
	}
}

func TestMidnight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		days, coded := openLedger(t, filepath.Join(t.TempDir(), "quota.db"), true)
		g := limiter.NewLocal(limiter.Limits{App: limiter.Limit{PerDay: 2}}, days)
		var got []bool
		// The bubble's clock begins at 08:00 in GMT+8.
		for _, pause := range []time.Duration{0, 0, 0, 16*time.Hour - time.Microsecond, time.Microsecond, 0, 0, 24 * time.Hour} {
			time.Sleep(pause)
			got = append(got, must(t)(g.Reserve(t.Context(), "search")).Granted)
		}
		if diff := cmp.Diff([]bool{true, true, false, false, true, true, false, true}, got); diff != "" {
			t.Errorf("commits (-want +got):\n%s", diff)
		}
		if err := g.Close(); err != nil || len(*coded) > 0 {
			t.Errorf("close: %v, reported: %v", err, *coded)
		}
	})
}

func TestBrokenLedger(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"no database": func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("not a database ", 1000))) },
		"damaged": func(t *testing.T, path string) {
			days, _ := openLedger(t, path, true)
			departed(t, limiter.NewLocal(limiter.Limits{}, days), "search")
			if err := days.Close(); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 100; i < len(content); i++ {
				content[i] = 0xee
			}
			write(t, path, content)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "quota.db")
			spoil(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			days, coded := openLedger(t, path, true)
			g := limiter.NewLocal(limiter.Limits{}, days)
			departed(t, g, "search")
			if used := dayUsed(t, g, "search"); used != [2]int64{1, 1} {
				t.Errorf("counts are %v, want a new count", used)
			}
			if err := g.Close(); err != nil {
				t.Fatal(err)
			}
			if len(*coded) != 1 {
				t.Errorf("reported %q, want one report", *coded)
			}
			if aside, err := os.ReadFile(path + ".broken"); err != nil || string(aside) != string(before) {
				t.Errorf("the invalid file was not moved aside: %v", err)
			}
		})
	}
}

// TestLedgerOfANewerVersion: it is refused, also where counting in memory would do, and stays as it is.
func TestLedgerOfANewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quota.db")
	days, _ := openLedger(t, path, true)
	if err := days.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var form int64
	if err := db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&form); err != nil || form != 1 {
		t.Fatalf("its form is %d, %v", form, err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 2"); err != nil {
		t.Fatal(err)
	}
	for _, needed := range []bool{true, false} {
		_, err := limiter.OpenLedger(t.Context(), path, "key", limiter.LedgerOptions{Needed: needed, OnError: func(err error) { t.Error(err) }})
		newer := new(dataform.NewerError)
		if !errors.As(err, &newer) || *newer != (dataform.NewerError{Found: 2, Known: 1}) || !strings.Contains(err.Error(), path) {
			t.Errorf("needed %v: %v", needed, err)
		}
	}
	if err := db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&form); err != nil || form != 2 {
		t.Errorf("its form is %d after it was refused, %v", form, err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFailingLedger: a ledger that cannot be written costs no call and no count of this process, and is reported once.
func TestFailingLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quota.db")
	days, coded := openLedger(t, path, true)
	g := limiter.NewLocal(limiter.Limits{App: limiter.Limit{PerDay: 4}}, days)
	departed(t, g, "search")
	other := sqliteExec(t, path, "DROP TABLE calls")
	departed(t, g, "search")
	departed(t, g, "search")
	if used := dayUsed(t, g, "search"); used != [2]int64{3, 3} || len(*coded) != 1 {
		t.Errorf("counts are %v, reported %q; want 3 and one report", used, *coded)
	}
	other("CREATE TABLE calls (app_key TEXT, api TEXT, day INTEGER, used INTEGER, PRIMARY KEY (app_key, api, day))")
	departed(t, g, "search")
	if v := must(t)(g.Reserve(t.Context(), "search")); v.Cause != limiter.DailyLimit {
		t.Errorf("the fifth of four: %+v", v)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestClockADayAheadAndBack: each day keeps its count when the clock jumps.
func TestClockADayAheadAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		days, _ := openLedger(t, filepath.Join(t.TempDir(), "quota.db"), true)
		today := time.Now()
		add := func(now time.Time) bool {
			_, ok := days.Add(now, "search", now, 3, 0)
			return ok
		}
		var got []bool
		for _, now := range []time.Time{today, today, today.Add(24 * time.Hour), today, today, today.Add(24 * time.Hour), today.Add(24 * time.Hour), today.Add(24 * time.Hour)} {
			got = append(got, add(now))
		}
		if diff := cmp.Diff([]bool{true, true, true, true, false, true, true, false}, got); diff != "" {
			t.Errorf("calls of a day with three, by a clock that jumps (-want +got):\n%s", diff)
		}
		if err := days.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestVanishedLedger: a directory that is deleted while in use is reported and created again, with today's count.
func TestVanishedLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		path := filepath.Join(dir, "quota.db")
		days, coded := openLedger(t, path, true)
		g := limiter.NewLocal(limiter.Limits{}, days)
		departed(t, g, "search")
		departed(t, g, "image")
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		departed(t, g, "search")
		if len(*coded) != 1 || !strings.Contains((*coded)[0], path) {
			t.Errorf("reported %q, want one report with the path", *coded)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		days, _ = openLedger(t, path, true)
		g = limiter.NewLocal(limiter.Limits{}, days)
		if used := dayUsed(t, g, "image"); used != [2]int64{3, 1} {
			t.Errorf("%v calls are stored, want 3, 1 of them of the API", used)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLedgerIsPrivate: only its owner can read the file, also one that was readable before.
func TestLedgerIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quota.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	days, _ := openLedger(t, path, true)
	g := limiter.NewLocal(limiter.Limits{}, days)
	departed(t, g, "search")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + suffix); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", suffix, info.Mode(), err)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLedgerOfOlderRelease: its count and last commit time are taken over.
func TestLedgerOfOlderRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quota.db")
	other := sqliteExec(t, path, `CREATE TABLE departures (app_key TEXT NOT NULL, api TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL,
		last INTEGER NOT NULL, PRIMARY KEY (app_key, api)) STRICT`)
	now := time.Now()
	today := strconv.FormatInt((now.Unix()+8*3600)/86400, 10)
	last := strconv.FormatInt(now.UnixMicro(), 10)
	other("INSERT INTO departures VALUES ('key', '', " + today + ", 7, " + last + "), ('key', 'image', " + today + ", 2, " + last + ")")
	days, _ := openLedger(t, path, true)
	if kept, known := days.Last(); !known || !kept.Equal(time.UnixMicro(now.UnixMicro())) {
		t.Errorf("the last commit is %v, %v; want %v", kept, known, now)
	}
	g := limiter.NewLocal(limiter.Limits{}, days)
	if used := dayUsed(t, g, "image"); used != [2]int64{7, 2} {
		t.Errorf("counts are %v, want 7 and 2", used)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestStoredCommitIsNeverBeforeTheRealOne: what a killed process leaves behind covers the slots it had reserved.
func TestStoredCommitIsNeverBeforeTheRealOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "quota.db")
		days, _ := openLedger(t, path, true)
		limits := limiter.Limits{App: limiter.Limit{PerSecond: 4}}
		g := limiter.NewLocal(limits, days)
		v := must(t)(g.Reserve(t.Context(), "search"))
		time.Sleep(limiter.Validity) // As late as possible.
		left, ok := g.Commit(v.Slot)
		if !ok {
			t.Fatal("the slot is void at its end")
		}
		// Another process starts with the file as it is now, while this one writes nothing more.
		second, _ := openLedger(t, path, true)
		other := limiter.NewLocal(limits, second)
		for range 4 {
			if next := departed(t, other, "search").at; next-left < 1_000_000 {
				t.Errorf("a call was committed %d µs after the last one of the process before", next-left)
			}
		}
		for _, g := range []limiter.Limiter{g, other} {
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

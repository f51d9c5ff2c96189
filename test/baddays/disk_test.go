package baddays_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// TestFullDisk: while the disk is full, every question is answered and stored answers can be read. When there is space
// again, answers are stored again.
func TestFullDisk(t *testing.T) {
	p, dir := process.Open(t), t.TempDir()
	s := serve(t, p.Settings(dir, nil))
	s.answers(t, 0, 20)
	stored(t, dir, 20)
	s.fill(t, diskFills)
	for i := 20; i < 40; i++ {
		if got := s.ask(t, i); got.status != 200 || got.first == "" {
			t.Errorf("question %d, with a full disk: %+v", i, got)
		}
	}
	s.knows(t, 0, 40) // these are still in memory
	process.Eventually(t, "the failure is counted", func() bool { return s.Metric(t, "zhaohuo_cache_store_failures_total") > 0 })
	s.fill(t, diskHas)
	next := 40
	process.Eventually(t, "answers are stored again", func() bool {
		s.answers(t, next, next+1)
		next++
		return storedIn(dir) > 20
	})
	s.End(t, syscall.SIGKILL)
	s = serve(t, p.Settings(dir, nil))
	s.knows(t, 0, 20)
	if moved := aside(t, dir); len(moved) != 0 {
		t.Errorf("taken for damage: %v", moved)
	}
}

// aside lists files that were moved aside.
func aside(t *testing.T, dir string) []string {
	t.Helper()
	moved, err := filepath.Glob(filepath.Join(dir, "cache.db.corrupt-*Z"))
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

// TestDamagedCache: a file that is damaged, before the start or in use, is moved aside and logged once. The service
// continues, and later answers survive a kill.
func TestDamagedCache(t *testing.T) {
	const saying = "the disk cache's file is damaged"
	for name, inUse := range map[string]bool{"before the start": false, "in use": true} {
		t.Run(name, func(t *testing.T) {
			p, dir := process.Open(t), t.TempDir()
			settings := p.Settings(dir, nil)
			s := serve(t, settings)
			s.answers(t, 0, 30)
			stored(t, dir, 30)
			if !inUse {
				s.End(t, syscall.SIGTERM)
			}
			for _, each := range []string{"cache.db", "cache.db-wal"} {
				path := filepath.Join(dir, each)
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, bytes.Repeat([]byte{0xa5}, int(info.Size())), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if !inUse {
				s = serve(t, settings)
			}
			next := 30
			process.Eventually(t, "answers are stored in a new file", func() bool {
				s.answers(t, next, next+1)
				next++
				return len(aside(t, dir)) > 0 && storedIn(dir) >= 10
			})
			if said, moved := strings.Count(s.Stderr.String(), saying), aside(t, dir); said != 1 || len(moved) != 1 {
				t.Errorf("said %d times, moved %v", said, moved)
			}
			there := storedIn(dir)
			s.End(t, syscall.SIGKILL)
			s = serve(t, settings)
			calls := p.Calls.Load()
			s.answers(t, 30, next)
			if spent := p.Calls.Load() - calls; spent > int64(next-30-there) {
				t.Errorf("%d calls were spent, with %d of %d answers stored", spent, there, next-30)
			}
			if strings.Contains(s.Stderr.String(), saying) {
				t.Error("said again after a restart")
			}
		})
	}
}

// TestTwoServicesOnOneDirectory: two services share a data directory, and one of them is killed under load again and again.
// No question fails, and no stored answer is fetched again.
func TestTwoServicesOnOneDirectory(t *testing.T) {
	p, dir := process.Open(t), t.TempDir()
	settings := p.Settings(dir, map[string]string{"ZHAOHUO_UPSTREAM_DAILY": "100000"})
	const questions = 90
	steady := serve(t, settings)
	var next atomic.Int64
	var load sync.WaitGroup
	load.Go(func() {
		for i := int(next.Add(1)) - 1; i < questions; i = int(next.Add(1)) - 1 {
			steady.answers(t, i, i+1)
		}
	})
	for range 3 {
		other := serve(t, settings)
		for range 10 {
			if i := int(next.Add(1)) - 1; i < questions {
				other.answers(t, i, i+1)
			}
		}
		before := storedIn(dir)
		other.End(t, syscall.SIGKILL)
		if after := storedIn(dir); after < before {
			t.Errorf("%d answers were stored before the kill, %d after", before, after)
		}
	}
	load.Wait()
	there := storedIn(dir)
	if there < questions/2 {
		t.Errorf("%d answers are stored of %d", there, questions)
	}
	// The killed service may have had answers in memory that were not stored yet. The other one stores them all.
	calls := p.Calls.Load()
	third := serve(t, settings)
	third.answers(t, 0, questions)
	if spent := p.Calls.Load() - calls; spent > int64(questions-there) {
		t.Errorf("%d calls were spent, with %d of %d answers stored", spent, there, questions)
	}
	if moved := aside(t, dir); len(moved) != 0 {
		t.Errorf("taken for damage: %v", moved)
	}
}

package pricewatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// reader is a stream that runs, and the ids of the events that it has got.
type reader struct {
	mu  sync.Mutex
	ids []string
	// slow, if set, is received from before each event.
	slow  chan struct{}
	cut   context.CancelFunc
	ended chan error
}

// read begins a stream of all watches of "me", or of one.
func read(t *testing.T, s *Service, watchID, after string, slow chan struct{}) *reader {
	t.Helper()
	ctx, cut := context.WithCancel(t.Context())
	r := &reader{slow: slow, cut: cut, ended: make(chan error, 1)}
	go func() {
		r.ended <- s.Stream(ctx, "me", &zhaohuov1.StreamPriceEventsRequest{WatchId: watchID, AfterEventId: after}, func(m *zhaohuov1.StreamPriceEventsResponse) error {
			if m.GetEvent() == nil {
				return nil
			}
			if r.slow != nil {
				select {
				case <-r.slow:
				case <-ctx.Done():
				}
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.ids = append(r.ids, m.GetEvent().GetId())
			return nil
		})
	}()
	return r
}

func (r *reader) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func (r *reader) end(t *testing.T) {
	t.Helper()
	r.cut()
	if err := <-r.ended; fault.KindOf(err) != fault.CallerGone {
		t.Error(err)
	}
}

// stored are the ids of the events in the store: all of "me", or those of one watch.
func stored(t *testing.T, s *Service, watchID string) (ids []string) {
	t.Helper()
	all, err := s.Store.Events(t.Context(), "me", watchID, 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range all {
		ids = append(ids, event.GetId())
	}
	return ids
}

// inBubble runs a test with a store in a bubble of fake time.
func inBubble(t *testing.T, test func(t *testing.T, s *Service)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "w.db")
	synctest.Test(t, func(t *testing.T) {
		kept, err := store.Open(t.Context(), store.Options{URL: path})
		if err != nil {
			t.Fatal(err)
		}
		s := New(Options{Store: kept, Engine: newIdle(), IntervalMin: time.Second})
		test(t, s)
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestManyReadersReadTheStoreOnce: of 200 streams one reads the store each second, and nobody does when they have gone.
func TestManyReadersReadTheStoreOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Service) {
		id := create(t, s, words("a"), nil).GetId()
		asked := s.Engine.(idle).asked
		var readers []*reader
		for range 200 {
			readers = append(readers, read(t, s, "", "", nil))
		}
		synctest.Wait()
		before := asked.Load()
		for i := range 10 {
			observe(t, s, id, day.Add(time.Duration(i)*time.Second), 100, 3)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if reads := asked.Load() - before; reads > 10 {
			t.Errorf("in 10 seconds the store was read %d times", reads)
		}
		want := stored(t, s, "")
		for i, r := range readers {
			if diff := cmp.Diff(want, r.got()); diff != "" {
				t.Fatalf("reader %d (-want +got):\n%s", i, diff)
			}
			r.end(t)
		}
		before = asked.Load()
		time.Sleep(time.Minute)
		if now := asked.Load(); now != before || s.feed != nil {
			t.Errorf("without readers the store is read %d times a minute", now-before)
		}
	})
}

// TestSlowReaderDelaysNobody: while a reader takes nothing, the others get thousands of events at once. Then it gets each of them once
// and in order, as does one who was away meanwhile, and one who reads a single watch. Events of others are no reader's.
func TestSlowReaderDelaysNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Service) {
		one, two := create(t, s, words("a"), nil).GetId(), create(t, s, words("b"), nil).GetId()
		foreign, err := s.Create(t.Context(), "other", words("c"), nil)
		if err != nil {
			t.Fatal(err)
		}
		observe(t, s, one, day, 100, 5)
		slow := read(t, s, "", "0", make(chan struct{}))
		quick, ofTwo := read(t, s, "", "2", nil), read(t, s, two, "0", nil)
		synctest.Wait()
		left := quick.got()
		quick.end(t)
		for i := range 12 {
			for n, id := range []string{one, two, foreign.GetId()} {
				observe(t, s, id, day.Add(time.Duration(1+i)*time.Minute), 100, 40*(n+1)+i)
			}
			if i%2 == 0 {
				time.Sleep(time.Second)
				synctest.Wait()
				if diff := cmp.Diff(stored(t, s, two), ofTwo.got()); diff != "" {
					t.Fatalf("round %d: the reader of one watch (-want +got):\n%s", i, diff)
				}
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		back := read(t, s, "", left[len(left)-1], nil)
		synctest.Wait()
		want := stored(t, s, "")
		if len(want) < 1000 || len(slow.got()) != 0 {
			t.Fatalf("%d events; the slow reader has %d", len(want), len(slow.got()))
		}
		close(slow.slow)
		synctest.Wait()
		for name, got := range map[string][]string{"slow": slow.got(), "back": append(append([]string{"1", "2"}, left...), back.got()...)} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(stored(t, s, two), ofTwo.got()); diff != "" {
			t.Errorf("of one watch (-want +got):\n%s", diff)
		}
		for _, r := range []*reader{slow, ofTwo, back} {
			r.end(t)
		}
	})
}

// TestStreamsWhileTheStoreIsGone: they end and say so. When it is back, who goes on after the last event misses nothing.
func TestStreamsWhileTheStoreIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Service) {
		id := create(t, s, words("a"), nil).GetId()
		readers := []*reader{read(t, s, "", "0", nil), read(t, s, "", "0", nil)}
		observe(t, s, id, day, 100, 2)
		time.Sleep(time.Second)
		synctest.Wait()
		var file string
		if err := s.Store.DB().QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list`).Scan(&file); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
		for _, r := range readers {
			if err := <-r.ended; fault.KindOf(err) != fault.PriceStoreUnavailable || len(r.got()) != 2 {
				t.Errorf("%v after %q", err, r.got())
			}
			r.cut()
		}
		if err := os.Rename(file+".away", file); err != nil {
			t.Fatal(err)
		}
		observe(t, s, id, day.Add(time.Minute), 100, 2)
		second := read(t, s, "", "2", nil)
		synctest.Wait()
		if got := second.got(); !slices.Equal(got, []string{"3", "4"}) {
			t.Errorf("then %q", got)
		}
		second.end(t)
	})
}

// TestHeartbeats: one at once, and one 15 seconds after the last message, with the id to go on after.
func TestHeartbeats(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Service) {
		id := create(t, s, words("a"), nil).GetId()
		begin := time.Now()
		var got []string
		enough := errors.New("enough")
		go func() {
			time.Sleep(39500 * time.Millisecond)
			observe(t, s, id, day, 100, 1) // It is noticed at the next look, a second after the last one.
		}()
		err := s.Stream(t.Context(), "me", &zhaohuov1.StreamPriceEventsRequest{}, func(m *zhaohuov1.StreamPriceEventsResponse) error {
			got = append(got, fmt.Sprintf("%.0f: %s%s", time.Since(begin).Seconds(), m.GetHeartbeatAfterEventId(), m.GetEvent().GetId()))
			if len(got) == 6 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"0: 0", "15: 0", "30: 0", "40: 1", "55: 1", "70: 1"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

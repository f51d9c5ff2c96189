//go:build unix

package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestWatchIsReadAsWritten: all that was given comes back, also after the store was opened again.
func TestWatchIsReadAsWritten(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		w := &store.Watch{
			ID: "w", Owner: "店 shop", Definition: definition("耳机", time.Hour), Paused: true,
			CreateTime: start().Add(1_234_567 * time.Nanosecond), Memory: []byte{0, 1, 255},
		}
		image := []byte(strings.Repeat("\x00\xffpicture", 100_000))
		if err := s.CreateWatch(t.Context(), w, image, 1); err != nil {
			t.Fatal(err)
		}
		if w.Version != 1 || w.ImageSize != int64(len(image)) || !w.CreateTime.Equal(start().Add(time.Millisecond)) || !w.UpdateTime.Equal(w.CreateTime) {
			t.Errorf("created: %+v", w)
		}
		for _, each := range []*store.Store{s, open(t, url)} {
			got, err := each.GetWatch(t.Context(), w.Owner, w.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(w, got, protocmp.Transform()); diff != "" {
				t.Error(diff)
			}
			if kept, err := each.Image(t.Context(), w.ID); err != nil || !slices.Equal(kept, image) {
				t.Errorf("image of %d bytes, %v", len(kept), err)
			}
		}
	})
}

// TestOwners: nobody reads, changes, lists or deletes another's watch, and no id of any form is anything but not found.
func TestOwners(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		for _, owner := range []string{"", "a"} {
			create(t, s, owner, "of "+owner)
			observe(t, s, "of "+owner, start(), 100, 2)
		}
		change := func(*store.Watch) ([]byte, bool, error) { return nil, false, errors.New("it was called") }
		for _, pair := range [][2]string{
			{"a", "of "}, {"", "of a"}, {"b", "of a"}, {"a", ""}, {"a", "of a "}, {"a", "OF A"}, {"a", "x\x00"}, {"a", "\xff"}, {"a", "' OR 1=1 --"},
		} {
			owner, id := pair[0], pair[1]
			_, err := s.GetWatch(t.Context(), owner, id)
			wantKind(t, fmt.Sprintf("get %q as %q", id, owner), err, fault.PriceWatchNotFound)
			_, err = s.UpdateWatch(t.Context(), owner, id, change)
			wantKind(t, fmt.Sprintf("update %q as %q", id, owner), err, fault.PriceWatchNotFound)
			wantKind(t, fmt.Sprintf("delete %q as %q", id, owner), s.DeleteWatch(t.Context(), owner, id), fault.PriceWatchNotFound)
			if id == "" {
				continue // Events of no watch are those of all.
			}
			if found, err := s.Events(t.Context(), owner, id, 0, 10); len(found) != 0 || err != nil {
				t.Errorf("events of %q as %q: %v, %v", id, owner, found, err)
			}
		}
		for owner, want := range map[string]int{"": 1, "a": 1, "b": 0} {
			list, err := s.ListWatches(t.Context(), owner, store.Cursor{}, 10)
			found, eventsErr := s.Events(t.Context(), owner, "", 0, 10)
			if len(list) != want || len(found) != 2*want || errors.Join(err, eventsErr) != nil {
				t.Errorf("%q has %d watches, %d events, %v, %v", owner, len(list), len(found), err, eventsErr)
			}
		}
	})
}

// TestListPages: pages of any size give every watch once, the newest first, also those created at the same time.
func TestListPages(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		var want []string
		for i := range 11 {
			id := fmt.Sprintf("w%02d", (i*7)%11)
			w := &store.Watch{ID: id, Owner: "a", Definition: definition(id, time.Hour), CreateTime: start().Add(time.Duration(i/4) * time.Second)}
			if err := s.CreateWatch(t.Context(), w, nil, 0); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprintf("%d %s", i/4, id))
		}
		create(t, s, "b", "other")
		slices.Sort(want)
		slices.Reverse(want)
		for size := 1; size <= 12; size++ {
			var got []string
			for after := (store.Cursor{}); ; {
				page, err := s.ListWatches(t.Context(), "a", after, size)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range page {
					got = append(got, fmt.Sprintf("%d %s", int(w.CreateTime.Sub(start()).Seconds()), w.ID))
					after = store.Cursor{CreateTime: w.CreateTime, ID: w.ID}
				}
				if len(page) < size {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d: %s", size, diff)
			}
		}
	})
}

// TestLimit: of creations at the same time no more succeed than the owner may have.
func TestLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		create(t, s, "b", "other")
		var group sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			group.Go(func() {
				w := &store.Watch{ID: fmt.Sprint("w", i), Owner: "a", Definition: definition("", time.Hour)}
				errs[i] = s.CreateWatch(t.Context(), w, nil, 5)
			})
		}
		group.Wait()
		refused := 0
		for _, err := range errs {
			if err != nil {
				wantKind(t, "one too many", err, fault.PriceWatchLimitReached)
				refused++
			}
		}
		if n := rows(t, s, "price_watch"); refused != 7 || n != 6 {
			t.Errorf("%d were refused, %d watches are there", refused, n)
		}
	})
}

// TestUpdate: the version grows with each change of the definition, the image or the pause, and with nothing else.
func TestUpdate(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		create(t, s, "a", "w")
		refusal := errors.New("refused")
		for i, step := range []struct {
			change  func(*store.Watch) ([]byte, bool, error)
			version int64
			updated bool
			err     error
		}{
			{func(*store.Watch) ([]byte, bool, error) { return nil, false, nil }, 1, false, nil},
			{func(w *store.Watch) ([]byte, bool, error) { w.Definition.DisplayName = "new"; return nil, false, nil }, 2, true, nil},
			{func(w *store.Watch) ([]byte, bool, error) {
				w.Definition.DisplayName = "no"
				return nil, false, refusal
			}, 2, false, refusal},
			{func(w *store.Watch) ([]byte, bool, error) {
				w.Paused, w.NextDue = true, time.Time{}
				return nil, false, nil
			}, 3, false, nil},
			{func(w *store.Watch) ([]byte, bool, error) { w.Paused = true; return nil, false, nil }, 3, false, nil},
			{func(*store.Watch) ([]byte, bool, error) { return []byte("image"), true, nil }, 4, true, nil},
			{func(*store.Watch) ([]byte, bool, error) { return []byte("image"), true, nil }, 4, false, nil},
			{func(*store.Watch) ([]byte, bool, error) { return nil, true, nil }, 5, true, nil},
			{func(w *store.Watch) ([]byte, bool, error) { w.NextDue = start(); return nil, false, nil }, 5, false, nil},
		} {
			before, err := s.FindWatch(t.Context(), "w")
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.UpdateWatch(t.Context(), "a", "w", step.change)
			if !errors.Is(err, step.err) {
				t.Fatalf("step %d: %v", i, err)
			}
			after, err := s.FindWatch(t.Context(), "w")
			if err != nil {
				t.Fatal(err)
			}
			if after.Version != step.version || after.UpdateTime.Equal(before.UpdateTime) == step.updated {
				t.Errorf("step %d: version %d, updated %v, before %v", i, after.Version, after.UpdateTime, before.UpdateTime)
			}
			if diff := cmp.Diff(after, got, protocmp.Transform()); step.err == nil && diff != "" {
				t.Errorf("step %d: what was returned is not what is stored: %s", i, diff)
			}
			image, err := s.Image(t.Context(), "w")
			if err != nil || int64(len(image)) != after.ImageSize {
				t.Errorf("step %d: an image of %d bytes, and %d are told, %v", i, len(image), after.ImageSize, err)
			}
		}
	})
}

// TestUpdatesWaitForEachOther: no change of two at the same time is lost.
func TestUpdatesWaitForEachOther(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		create(t, s, "a", "w")
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, err := s.UpdateWatch(t.Context(), "a", "w", func(w *store.Watch) ([]byte, bool, error) {
					w.Definition.UpstreamCallsPerDay++
					return nil, false, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		w, err := s.FindWatch(t.Context(), "w")
		if err != nil || w.Definition.GetUpstreamCallsPerDay() != 8 || w.Version != 9 {
			t.Errorf("%+v, %v", w, err)
		}
	})
}

// TestDelete: with a watch goes all that belongs to it and nothing else, and a tick under way stores nothing.
func TestDelete(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		for _, id := range []string{"gone", "stays"} {
			create(t, s, "a", id)
			for i := range 30 {
				observe(t, s, id, start().Add(time.Duration(i)*time.Minute), 100, 1)
			}
			_, err := s.UpdateWatch(t.Context(), "a", id, func(*store.Watch) ([]byte, bool, error) { return []byte("image"), true, nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		w, err := s.FindWatch(t.Context(), "gone")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteWatch(t.Context(), "a", "gone"); err != nil {
			t.Fatal(err)
		}
		stored, err := finish(t.Context(), s, store.Tick{Watch: w, Observation: observation(start().Add(time.Hour), 1), Events: events(1)})
		if stored || err != nil {
			t.Errorf("a tick of a deleted watch: %v, %v", stored, err)
		}
		for table, want := range map[string]int{
			"price_watch": 1, "price_watch_image": 1, "price_observation": 30, "price_observation_products": 30, "price_event": 30, "price_watch_deleted": 0,
		} {
			if n := rows(t, s, table); n != want {
				t.Errorf("%s has %d rows, want %d", table, n, want)
			}
		}
		wantKind(t, "deleted twice", s.DeleteWatch(t.Context(), "a", "gone"), fault.PriceWatchNotFound)
	})
}

// TestWaitingAndCalls: what a watch waits for is noted until its observation is stored; calls are counted a day.
func TestWaitingAndCalls(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		create(t, s, "a", "w")
		check := func(wait zhaohuov1.PriceWatchWait, day string, calls int32) {
			t.Helper()
			w, err := s.FindWatch(t.Context(), "w")
			if err != nil || w.WaitingFor != wait || w.Day != day || w.DayCalls != calls {
				t.Errorf("%v, %q, %d, %v; want %v, %q, %d", w.WaitingFor, w.Day, w.DayCalls, err, wait, day, calls)
			}
		}
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		check(0, "", 0)
		_, err := advance(t.Context(), s, start(), 10)
		do(err)
		check(zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER, "", 0)
		do(s.SetWaiting(t.Context(), "w", zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA))
		_, err = advance(t.Context(), s, start().Add(time.Minute), 10)
		do(err)
		check(zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA, "", 0)
		do(s.SpendCalls(t.Context(), "w", "2026-11-26", 3))
		do(s.SpendCalls(t.Context(), "w", "2026-11-27", 2))
		check(zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA, "2026-11-27", 2)
		observe(t, s, "w", start(), 100, 0)
		check(0, "2026-11-27", 3)
		do(s.SetWaiting(t.Context(), "gone", zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY))
		do(s.SpendCalls(t.Context(), "gone", "2026-11-27", 1))
	})
}

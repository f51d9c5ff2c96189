//go:build unix

package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// model is a store in plain maps: what the real one must answer after the same operations.
type model struct {
	watches map[string]*store.Watch
	images  map[string]string
	// observations and events are in the order of storing.
	observations map[string][]*zhaohuov1.PriceObservation
	events       []*zhaohuov1.PriceEvent
}

// both is the real store and the model of it. Each run has owners and ids of its own, so that runs can share a store.
type both struct {
	t     *rapid.T
	s     *store.Store
	run   int
	next  int
	clock time.Time
	model model
}

func (b *both) owner() string {
	return fmt.Sprintf("%d %s", b.run, rapid.SampledFrom([]string{"", "a"}).Draw(b.t, "owner"))
}

// id is a watch that is there, mostly.
func (b *both) id() string {
	ids := append(slices.Sorted(maps.Keys(b.model.watches)), "none")
	return rapid.SampledFrom(ids).Draw(b.t, "id")
}

func (b *both) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *both) same(want, got any) {
	b.t.Helper()
	if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
		b.t.Fatal(diff)
	}
}

func (b *both) create(*rapid.T) {
	b.next++
	w := &store.Watch{
		ID: fmt.Sprintf("%d-%d", b.run, b.next), Owner: b.owner(), CreateTime: b.clock, NextDue: b.clock,
		Definition: definition("", time.Duration(rapid.IntRange(1, 3).Draw(b.t, "minutes"))*time.Minute),
	}
	image := rapid.SampledFrom([]string{"", "image"}).Draw(b.t, "image")
	mine := 0
	for _, each := range b.model.watches {
		if each.Owner == w.Owner {
			mine++
		}
	}
	err := b.s.CreateWatch(b.t.Context(), w, []byte(image), 4)
	if mine >= 4 {
		if fault.KindOf(err) != fault.PriceWatchLimitReached {
			b.t.Fatalf("%d watches are there already: %v", mine, err)
		}
		return
	}
	b.ok(err)
	copied := *w
	copied.UpdateTime, copied.Version, copied.ImageSize = w.CreateTime, 1, int64(len(image))
	b.model.watches[w.ID], b.model.images[w.ID] = &copied, image
}

func (b *both) update(*rapid.T) {
	id, owner := b.id(), b.owner()
	name := rapid.SampledFrom([]string{"", "x", "y"}).Draw(b.t, "name")
	pause := rapid.Bool().Draw(b.t, "paused")
	image := rapid.SampledFrom([]string{"keep", "", "image", "another"}).Draw(b.t, "image")
	got, err := b.s.UpdateWatch(b.t.Context(), owner, id, func(w *store.Watch) ([]byte, bool, error) {
		w.Definition.DisplayName, w.Paused, w.NextDue = name, pause, time.Time{}
		if !pause {
			w.NextDue = b.clock
		}
		return []byte(image), image != "keep", nil
	})
	w := b.model.watches[id]
	if w == nil || w.Owner != owner {
		if fault.KindOf(err) != fault.PriceWatchNotFound {
			b.t.Fatal(err)
		}
		return
	}
	b.ok(err)
	redefined := name != w.Definition.GetDisplayName() || image != "keep" && image != b.model.images[id]
	if redefined || pause != w.Paused {
		w.Version++
	}
	if redefined {
		w.UpdateTime = got.UpdateTime // The clock of the store is not the model's.
	}
	if image != "keep" {
		b.model.images[id], w.ImageSize = image, int64(len(image))
	}
	w.Definition = proto.CloneOf(w.Definition)
	w.Definition.DisplayName, w.Paused, w.NextDue = name, pause, time.Time{}
	if !pause {
		w.NextDue = b.clock
	}
	b.same(w, got)
}

func (b *both) delete(*rapid.T) {
	id, owner := b.id(), b.owner()
	err := b.s.DeleteWatch(b.t.Context(), owner, id)
	if w := b.model.watches[id]; w == nil || w.Owner != owner {
		if fault.KindOf(err) != fault.PriceWatchNotFound {
			b.t.Fatal(err)
		}
		return
	}
	b.ok(err)
	b.forget(id)
}

func (b *both) forget(id string) {
	delete(b.model.watches, id)
	delete(b.model.images, id)
	delete(b.model.observations, id)
	b.model.events = slices.DeleteFunc(b.model.events, func(e *zhaohuov1.PriceEvent) bool { return e.GetWatchId() == id })
}

// finish stores an observation, or one with the due time of the last one, or one of a watch that is gone.
func (b *both) finish(*rapid.T) {
	id := b.id()
	w := b.model.watches[id]
	due := b.clock
	repeated := false
	if old := b.model.observations[id]; len(old) > 0 && rapid.Bool().Draw(b.t, "again") {
		due, repeated = old[len(old)-1].GetDueTime().AsTime(), true
	}
	read := store.Watch{ID: id}
	if w != nil {
		read = *w
	}
	tick := store.Tick{
		Watch: &read, Observation: observation(due, rapid.Int64Range(0, 3).Draw(b.t, "fen")), Events: events(rapid.IntRange(0, 3).Draw(b.t, "events")),
		Memory: []byte(due.String()), Day: due.Format(time.DateOnly),
	}
	for _, event := range tick.Events {
		event.Time = timestamppb.New(due)
	}
	before, err := b.s.LastEventID(b.t.Context())
	b.ok(err)
	stored, err := finish(b.t.Context(), b.s, tick)
	b.ok(err)
	if stored != (w != nil && !repeated) {
		b.t.Fatalf("stored %v; watch %v, again %v", stored, w, repeated)
	}
	if !stored {
		return
	}
	o := proto.CloneOf(tick.Observation)
	o.WatchId = id
	b.model.observations[id] = append(b.model.observations[id], o)
	w.Last = proto.CloneOf(o)
	w.Last.Products = nil
	w.Ticks++
	w.WaitingFor, w.Memory = 0, tick.Memory
	if w.Day != tick.Day {
		w.Day, w.DayCalls = tick.Day, 0
	}
	w.DayCalls += o.GetUpstreamCalls()
	for i, event := range tick.Events {
		event = proto.CloneOf(event)
		event.Id, event.WatchId = strconv.FormatInt(before+int64(i)+1, 10), id
		b.model.events = append(b.model.events, event)
	}
}

// schedule takes what is due and moves it on.
func (b *both) schedule(*rapid.T) {
	due, err := advance(b.t.Context(), b.s, b.clock, 100)
	b.ok(err)
	var want []store.DueWatch
	for _, w := range b.model.watches {
		if !w.NextDue.IsZero() && !w.NextDue.After(b.clock) {
			interval := store.Interval(w.Definition)
			want = append(want, store.DueWatch{ID: w.ID, Owner: w.Owner, Due: w.NextDue, Interval: interval, CreateTime: w.CreateTime})
			w.NextDue = w.NextDue.Add(interval)
			w.WaitingFor = max(w.WaitingFor, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER)
		}
	}
	order := func(a, b store.DueWatch) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(want, order)
	slices.SortFunc(due, order)
	b.same(want, due)
}

// prune deletes the first half of the time so far.
func (b *both) prune(*rapid.T) {
	before := start().Add(b.clock.Sub(start()) / 2).Truncate(time.Second)
	_, err := b.s.Prune(b.t.Context(), before, store.Retention{})
	b.ok(err)
	old := func(due time.Time) bool { return due.Before(before) }
	for id, all := range b.model.observations {
		b.model.observations[id] = slices.DeleteFunc(all, func(o *zhaohuov1.PriceObservation) bool { return old(o.GetDueTime().AsTime()) })
	}
	b.model.events = slices.DeleteFunc(b.model.events, func(e *zhaohuov1.PriceEvent) bool { return old(e.GetTime().AsTime()) })
}

// check compares everything that can be read.
func (b *both) check(t *rapid.T) {
	for _, name := range []string{"", "a"} {
		owner := fmt.Sprintf("%d %s", b.run, name)
		list, err := b.s.ListWatches(t.Context(), owner, store.Cursor{}, 100)
		b.ok(err)
		var want []*store.Watch
		for _, w := range b.model.watches {
			if w.Owner == owner {
				got, err := b.s.GetWatch(t.Context(), owner, w.ID)
				b.ok(err)
				b.same(w, got)
				listed := *w
				listed.Memory = nil
				want = append(want, &listed)
			}
		}
		slices.SortFunc(want, func(a, b *store.Watch) int { return b.CreateTime.Compare(a.CreateTime) })
		b.same(want, list)
		found, err := b.s.Events(t.Context(), owner, "", 0, 1000)
		b.ok(err)
		events := slices.DeleteFunc(slices.Clone(b.model.events), func(e *zhaohuov1.PriceEvent) bool { return b.model.watches[e.GetWatchId()].Owner != owner })
		if len(events) > 0 || len(found) > 0 {
			b.same(events, found)
		}
	}
	for id := range b.model.watches {
		got, err := b.s.Observations(t.Context(), id, store.Range{}, 1000, true)
		b.ok(err)
		if want := b.model.observations[id]; len(want) > 0 || len(got) > 0 {
			b.same(want, got)
		}
		image, err := b.s.Image(t.Context(), id)
		b.ok(err)
		b.same(b.model.images[id], string(image))
	}
}

// TestModel: after any operations in any order, the store answers as plain maps do.
func TestModel(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			b := &both{t: t, s: s, run: run, clock: start(), model: model{
				watches: map[string]*store.Watch{}, images: map[string]string{}, observations: map[string][]*zhaohuov1.PriceObservation{},
			}}
			defer func() {
				for id, w := range b.model.watches {
					b.ok(s.DeleteWatch(t.Context(), w.Owner, id))
				}
			}()
			operations := map[string]func(*rapid.T){
				"create": b.create, "update": b.update, "delete": b.delete, "finish": b.finish, "schedule": b.schedule, "prune": b.prune,
			}
			for range rapid.IntRange(1, 20).Draw(t, "operations") {
				b.clock = b.clock.Add(time.Second)
				operations[rapid.SampledFrom(slices.Sorted(maps.Keys(operations))).Draw(t, "operation")](t)
			}
			b.check(t)
		})
	})
}

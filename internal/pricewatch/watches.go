package pricewatch

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// Create stores a new watch, whose first observation is due at once. image is that of its comparison; empty for none.
func (s *Service) Create(ctx context.Context, owner string, asked *zhaohuov1.PriceWatch, image []byte) (*zhaohuov1.PriceWatch, error) {
	now := s.Now().Truncate(time.Millisecond)
	webhooks, err := s.webhooks(asked.GetWebhooks(), nil)
	if err != nil {
		return nil, err
	}
	w := &store.Watch{
		ID: newID(), Owner: owner, Definition: s.definition(asked, image), CreateTime: now, NextDue: now, Webhooks: webhooks,
	}
	if err := s.Store.CreateWatch(ctx, w, image, s.Limit); err != nil {
		return nil, err
	}
	s.Engine.Wake()
	return s.shown(w, nil), nil
}

// newID is an id that nobody can guess: "pw_" and 16 letters and digits.
func newID() string {
	random := make([]byte, 10)
	_, _ = rand.Read(random) // It never fails.
	return "pw_" + strings.ToLower(base32.StdEncoding.EncodeToString(random))
}

// Get returns a watch.
func (s *Service) Get(ctx context.Context, owner, id string) (*zhaohuov1.PriceWatch, error) {
	w, err := s.Store.GetWatch(ctx, owner, id)
	if err != nil {
		return nil, err
	}
	observed, err := s.observed(ctx, w)
	if err != nil {
		return nil, err
	}
	return s.shown(w, observed), nil
}

// List returns a page of the owner's watches, the newest first.
func (s *Service) List(ctx context.Context, owner string, q *zhaohuov1.ListPriceWatchesRequest) (*zhaohuov1.ListPriceWatchesResponse, error) {
	pages := pages{"watches", owner}
	var after store.Cursor
	if q.GetPageToken() != "" {
		place, err := pages.read(q.GetPageToken(), 2)
		if err != nil {
			return nil, err
		}
		after = store.Cursor{CreateTime: millis(place[0]), ID: place[1]}
	}
	size := pageSize(q.GetPageSize())
	found, err := s.Store.ListWatches(ctx, owner, after, size+1)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListPriceWatchesResponse{}
	if len(found) > size {
		found = found[:size]
		last := found[size-1]
		answer.NextPageToken = pages.token(millisText(last.CreateTime), last.ID)
	}
	observed, err := s.observed(ctx, found...)
	if err != nil {
		return nil, err
	}
	for _, w := range found {
		answer.PriceWatches = append(answer.PriceWatches, s.shown(w, observed))
	}
	return answer, nil
}

// Change is what an update does to a watch.
type Change struct {
	ID string
	// Etag is the version that the watch must have; empty for any.
	Etag string
	// Fields are the names of the fields to change, and Values has their new values.
	Fields []string
	Values *zhaohuov1.PriceWatch
	// Image is the new image of a comparison; empty keeps the one that is there.
	Image []byte
	// Check refuses a definition; it must be quick. hasImage reports whether its comparison has an image.
	Check func(definition *zhaohuov1.PriceWatch, hasImage bool) error
}

// Update changes fields of a watch.
func (s *Service) Update(ctx context.Context, owner string, c Change) (*zhaohuov1.PriceWatch, error) {
	w, err := s.Store.UpdateWatch(ctx, owner, c.ID, func(w *store.Watch) ([]byte, bool, error) {
		if c.Etag != "" && c.Etag != etagOf(w) {
			return nil, false, fault.New(fault.PriceWatchChanged, "its etag is %q now", etagOf(w)).WithSubject(c.ID)
		}
		if slices.Contains(c.Fields, "webhooks") {
			var err error
			if w.Webhooks, err = s.webhooks(c.Values.GetWebhooks(), w.Webhooks); err != nil {
				return nil, false, err
			}
		}
		before := w.Definition
		merged := proto.CloneOf(before)
		kept := before.GetComparison().GetImage()
		for _, name := range c.Fields {
			setField(merged, c.Values, name)
		}
		image, setImage := c.Image, slices.Contains(c.Fields, "comparison") && len(c.Image) > 0 || slices.Contains(c.Fields, "products")
		w.Definition = s.definition(merged, image)
		if comparison := w.Definition.GetComparison(); comparison != nil && len(image) == 0 {
			comparison.Image = kept
		}
		if err := c.Check(w.Definition, w.Definition.GetComparison().GetImage() != nil); err != nil {
			return nil, false, err
		}
		if !w.Paused && !proto.Equal(before.GetInterval(), w.Definition.GetInterval()) {
			w.NextDue = engine.NextDue(w, s.Now()) // The rest of a long interval must not delay a short one.
		}
		return image, setImage, nil
	})
	if err != nil {
		return nil, err
	}
	return s.shownChanged(ctx, w), nil
}

// setField copies a field of a definition, a member of the target for the whole target.
func setField(to, from *zhaohuov1.PriceWatch, name string) {
	switch name {
	case "display_name":
		to.DisplayName = from.GetDisplayName()
	case "products", "comparison":
		to.Target = from.GetTarget()
	case "interval":
		to.Interval = from.GetInterval()
	case "conditions":
		to.Conditions = from.GetConditions()
	case "upstream_calls_per_day":
		to.UpstreamCallsPerDay = from.GetUpstreamCallsPerDay()
	}
}

// definition is a copy of the fields of a watch that callers set. In place of its image it has the image's hash as an id: the
// target of two definitions is equal exactly if they observe the same.
func (s *Service) definition(w *zhaohuov1.PriceWatch, image []byte) *zhaohuov1.PriceWatch {
	d := proto.CloneOf(&zhaohuov1.PriceWatch{
		DisplayName: w.GetDisplayName(), Target: w.GetTarget(), Interval: w.GetInterval(), Conditions: w.GetConditions(),
		UpstreamCallsPerDay: w.GetUpstreamCallsPerDay(),
	})
	if d.GetInterval() == nil {
		d.Interval = durationpb.New(max(store.DefaultInterval, s.IntervalMin))
	}
	if comparison := d.GetComparison(); comparison != nil {
		comparison.Image = nil
		if len(image) > 0 {
			sum := sha256.Sum256(image)
			comparison.Image = &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: "sha256:" + hex.EncodeToString(sum[:])}}
		}
	}
	return d
}

// Pause stops observing.
func (s *Service) Pause(ctx context.Context, owner, id string) (*zhaohuov1.PriceWatch, error) {
	return s.change(ctx, owner, id, func(w *store.Watch) {
		if !w.Paused {
			w.Paused, w.NextDue, w.WaitingFor = true, time.Time{}, waitsForNothing
		}
	})
}

// Resume observes again, at once.
func (s *Service) Resume(ctx context.Context, owner, id string) (*zhaohuov1.PriceWatch, error) {
	w, err := s.change(ctx, owner, id, func(w *store.Watch) {
		if w.Paused {
			w.Paused, w.NextDue = false, s.Now()
		}
	})
	if err == nil {
		s.Engine.Wake()
	}
	return w, err
}

func (s *Service) change(ctx context.Context, owner, id string, change func(*store.Watch)) (*zhaohuov1.PriceWatch, error) {
	w, err := s.Store.UpdateWatch(ctx, owner, id, func(w *store.Watch) ([]byte, bool, error) {
		change(w)
		return nil, false, nil
	})
	if err != nil {
		return nil, err
	}
	return s.shownChanged(ctx, w), nil
}

// Delete deletes a watch with its history.
func (s *Service) Delete(ctx context.Context, owner, id string) error {
	return s.Store.DeleteWatch(ctx, owner, id)
}

// Run observes a watch now.
func (s *Service) Run(ctx context.Context, owner, id string) (*zhaohuov1.PriceObservation, error) {
	if _, err := s.Store.GetWatch(ctx, owner, id); err != nil {
		return nil, err
	}
	return s.Engine.RunNow(ctx, id)
}

// observed returns the ids of those watches that are being observed, if any of the given ones may be.
func (s *Service) observed(ctx context.Context, all ...*store.Watch) ([]string, error) {
	now := s.Now()
	if !slices.ContainsFunc(all, func(w *store.Watch) bool { return s.waitsFor(w, now) != waitsForNothing }) {
		return nil, nil
	}
	return s.Engine.Observed(ctx)
}

const waitsForNothing = zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_UNSPECIFIED

// waitsFor is what a watch waits for unless it is being observed.
func (s *Service) waitsFor(w *store.Watch, now time.Time) zhaohuov1.PriceWatchWait {
	if w.WaitingFor == waitsForNothing && !w.Paused && !w.NextDue.IsZero() && !w.NextDue.After(now) {
		return zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER
	}
	return w.WaitingFor
}

// shownChanged is a watch that was changed just now, as callers see it. The change is stored already: if reading what is being
// observed fails, the watch is shown as not being observed.
func (s *Service) shownChanged(ctx context.Context, w *store.Watch) *zhaohuov1.PriceWatch {
	observed, _ := s.observed(ctx, w)
	return s.shown(w, observed)
}

// shown is a watch as callers see it. observed are the watches that are being observed.
func (s *Service) shown(w *store.Watch, observed []string) *zhaohuov1.PriceWatch {
	now := s.Now()
	shown := proto.CloneOf(w.Definition)
	if comparison := shown.GetComparison(); comparison != nil {
		comparison.Image = nil
	}
	shown.Id, shown.Etag = w.ID, etagOf(w)
	shown.Webhooks = shownWebhooks(w.Webhooks)
	shown.State = stateOf(w)
	if !slices.Contains(observed, w.ID) {
		shown.WaitingFor = s.waitsFor(w, now)
	}
	shown.LastObservation, shown.ImageSizeBytes = w.Last, w.ImageSize
	shown.UpstreamCallsToday = w.CallsOn(now)
	shown.CreateTime, shown.UpdateTime = timestamppb.New(w.CreateTime), timestamppb.New(w.UpdateTime)
	if !w.Paused && !w.NextDue.IsZero() {
		shown.NextDueTime = timestamppb.New(w.NextDue)
	}
	return shown
}

func etagOf(w *store.Watch) string { return "v" + strconv.FormatInt(w.Version, 10) }

func stateOf(w *store.Watch) zhaohuov1.PriceWatchState {
	switch {
	case w.Paused:
		return zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_PAUSED
	case w.Last == nil:
		return zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE
	case w.Last.GetError() != nil:
		return zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_FAILING
	case w.Last.GetProductCount() == 0:
		return zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_NOTHING_FOUND
	default:
		return zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE
	}
}

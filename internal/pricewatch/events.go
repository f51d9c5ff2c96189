package pricewatch

import (
	"context"
	"strconv"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// eventsAtOnce is how many events a stream takes at a time. A slow reader holds no more than these.
const eventsAtOnce = 100

// Events returns a page of the owner's events, the oldest first.
func (s *Service) Events(ctx context.Context, owner string, q *zhaohuov1.ListPriceEventsRequest) (*zhaohuov1.ListPriceEventsResponse, error) {
	after, err := eventID(q.GetAfterEventId())
	if err != nil {
		return nil, err
	}
	if err := s.checkOwned(ctx, owner, q.GetWatchId()); err != nil {
		return nil, err
	}
	size := pageSize(q.GetPageSize())
	found, err := s.Store.Events(ctx, owner, q.GetWatchId(), after, size+1)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListPriceEventsResponse{NextAfterEventId: q.GetAfterEventId(), More: len(found) > size}
	answer.Events = found[:min(len(found), size)]
	if n := len(answer.GetEvents()); n > 0 {
		answer.NextAfterEventId = answer.GetEvents()[n-1].GetId()
	}
	return answer, nil
}

// eventID reads the id of an event; empty is the one before the first.
func eventID(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, fault.Invalid("after_event_id", "EVENT_ID", "is not the id of an event: a decimal number")
	}
	return id, nil
}

// checkOwned refuses the id of a watch that the owner does not have; empty is all of its watches.
func (s *Service) checkOwned(ctx context.Context, owner, id string) error {
	if id == "" {
		return nil
	}
	_, err := s.Store.GetWatch(ctx, owner, id)
	return err
}

// Stream sends events as they are stored, and heartbeats. It ends with ctx, with an error of send or the store, and with
// ServerDraining. Each reader goes on at its own pace.
func (s *Service) Stream(
	ctx context.Context, owner string, q *zhaohuov1.StreamPriceEventsRequest, send func(*zhaohuov1.StreamPriceEventsResponse) error,
) error {
	after, last, err := s.beginning(ctx, owner, q)
	if err != nil {
		return err
	}
	if err := send(heartbeatAfter(after)); err != nil {
		return err
	}
	f, leave := s.join(ctx, last)
	defer leave()
	beat := time.NewTimer(s.heartbeat)
	defer beat.Stop()
	for {
		b, err := s.next(ctx, f, owner, q.GetWatchId(), after)
		if err != nil {
			return err
		}
		for _, event := range b.events {
			if err := send(&zhaohuov1.StreamPriceEventsResponse{Content: &zhaohuov1.StreamPriceEventsResponse_Event{Event: event}}); err != nil {
				return err
			}
			beat.Reset(s.heartbeat)
		}
		after = b.upTo
		if b.more == nil && !s.isDraining() {
			continue
		}
		if err := s.await(ctx, b.more, beat, func() error {
			beat.Reset(s.heartbeat)
			return send(heartbeatAfter(after))
		}); err != nil {
			return err
		}
	}
}

// beginning is the id after which a stream begins, and the id of the last event that there is.
func (s *Service) beginning(ctx context.Context, owner string, q *zhaohuov1.StreamPriceEventsRequest) (after, last int64, err error) {
	if after, err = eventID(q.GetAfterEventId()); err != nil {
		return 0, 0, err
	}
	if err := s.checkOwned(ctx, owner, q.GetWatchId()); err != nil {
		return 0, 0, err
	}
	if last, err = s.Store.LastEventID(ctx); err != nil {
		return 0, 0, err
	}
	if q.GetAfterEventId() == "" || after > last {
		// An id that was never given is of a store that was replaced: waiting for it would lose all that comes before.
		after = last
	}
	return after, last, nil
}

// await waits until there is more to read.
func (s *Service) await(ctx context.Context, more <-chan struct{}, beat *time.Timer, onBeat func() error) error {
	for {
		select {
		case <-ctx.Done():
			return fault.Ended(ctx, "while events were waited for")
		case <-s.Draining:
			return draining()
		case <-more:
			return nil
		case <-beat.C:
			if err := onBeat(); err != nil {
				return err
			}
		}
	}
}

func (s *Service) isDraining() bool {
	select {
	case <-s.Draining:
		return true
	default:
		return false
	}
}

func heartbeatAfter(id int64) *zhaohuov1.StreamPriceEventsResponse {
	return &zhaohuov1.StreamPriceEventsResponse{
		Content: &zhaohuov1.StreamPriceEventsResponse_HeartbeatAfterEventId{HeartbeatAfterEventId: strconv.FormatInt(id, 10)},
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// watchTail shows events.
type watchTail struct {
	ID    string `arg:"" optional:"" name:"id" help:"Id of the price watch. Without one: the events of all."`
	All   bool   `name:"all" help:"Begin with the oldest event that is kept, not with what happens from now on."`
	After string `name:"after" placeholder:"EVENT_ID" help:"Begin after this event."`
	Count int    `name:"count" short:"n" placeholder:"N" help:"End after N events."`
	JSON  bool   `name:"json" help:"One event per line, in JSON, with its id."`

	Target target `embed:"" group:"Server"`
}

const (
	// tailSilence is how long a server may say nothing: it sends a heartbeat each 15 seconds.
	tailSilence = 50 * time.Second
	// tailFirstWait and tailLongestWait bound the time between attempts to connect again.
	tailFirstWait   = time.Second
	tailLongestWait = 30 * time.Second
)

// errEnough ends a stream from which enough was read.
var errEnough = errors.New("enough")

// tailing is a run of the command.
type tailing struct {
	*session
	question *zhaohuov1.StreamPriceEventsRequest
	json     bool
	// left is how many events are wanted still; below zero for all.
	left int
	// began tells that a server has answered once, cut that it has not since the connection was lost.
	began, cut bool
	wait       time.Duration
}

// Run follows the events until the user ends it. A lost connection is made again, and goes on after the last event.
func (c *watchTail) Run(s *session) error {
	after := c.After
	switch {
	case c.All && after != "":
		return usage("--all and --after do not go together")
	case c.Count < 0:
		return usage("--count: %d is no number of events", c.Count)
	case c.All:
		after = "0"
	}
	r := &tailing{
		session: s, json: c.JSON, left: c.Count, wait: tailFirstWait,
		question: &zhaohuov1.StreamPriceEventsRequest{WatchId: c.ID, AfterEventId: after},
	}
	if c.Count == 0 {
		r.left = -1
	}
	for {
		err := r.follow(c.Target)
		switch {
		case s.ctx.Err() != nil, errors.Is(err, errEnough):
			return nil //nolint:nilerr // The user ended it, or has all events that were asked for.
		case !r.began || !passing(err):
			return err
		}
		if !r.cut {
			r.cut = true
			if err != nil {
				printFailure(s.Stderr, err, s.words)
			}
			s.note("the connection ended; connecting again, to go on after event %s", r.question.GetAfterEventId())
		}
		if !pause.For(s.ctx, r.wait) {
			return nil
		}
		r.wait = min(2*r.wait, tailLongestWait)
	}
}

// follow reads events over one connection until it ends.
func (r *tailing) follow(t target) error {
	conn, err := t.openServer(r.session)
	if err != nil {
		return err
	}
	err = receive(r.session, conn, tailSilence, streamPriceEvents, r.question, r.take)
	return errors.Join(err, conn.close())
}

// take writes an event and remembers where it was.
func (r *tailing) take(m *zhaohuov1.StreamPriceEventsResponse) error {
	if r.cut {
		r.note("connected again")
	}
	r.began, r.cut, r.wait = true, false, tailFirstWait
	event := m.GetEvent()
	if event == nil {
		r.question.AfterEventId = m.GetHeartbeatAfterEventId()
		return nil
	}
	if err := r.write(event); err != nil {
		return err
	}
	r.question.AfterEventId = event.GetId()
	if r.left--; r.left == 0 {
		return errEnough
	}
	return nil
}

func (r *tailing) write(event *zhaohuov1.PriceEvent) error {
	if !r.json {
		_, err := fmt.Fprintln(r.Stdout, r.eventLine(event))
		return err
	}
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(event)
	if err == nil {
		_, err = r.Stdout.Write(append(text, '\n'))
	}
	return err
}

// passing reports whether what a stream ended with may pass by itself: the end of the server, of the network or of the time.
func passing(err error) bool {
	if err == nil || exitCode(err) == exitLater {
		return true
	}
	var called callError
	if !errors.As(err, &called) {
		return false
	}
	st := status.Convert(called.error)
	return len(st.Details()) == 0 && (st.Code() == codes.Internal || st.Code() == codes.Unknown || st.Code() == codes.Canceled) // The transport's.
}

func streamPriceEvents(
	ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.StreamPriceEventsRequest, o ...grpc.CallOption,
) (grpc.ServerStreamingClient[zhaohuov1.StreamPriceEventsResponse], error) {
	return zhaohuov1.NewPriceWatchServiceClient(conn).StreamPriceEvents(ctx, q, o...)
}

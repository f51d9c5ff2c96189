// Package pricewatch does what PriceWatchService offers: it creates and changes watches, reads their history, and hands on
// their events. It owns no data and makes no observation: store keeps, engine observes. Definitions come checked.
package pricewatch

import (
	"context"
	"sync"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// Engine observes watches.
type Engine interface {
	// RunNow observes a watch, or joins an observation that is due or running, and returns what was stored. When ctx ends
	// first, the observation goes on.
	RunNow(ctx context.Context, id string) (*zhaohuov1.PriceObservation, error)
	// Observed returns the ids of the watches that are being observed at this moment.
	Observed(ctx context.Context) ([]string, error)
	// OpenTicks returns the observations that have a place in the queue, by the ids of their watches.
	OpenTicks(ctx context.Context) (map[string]engine.OpenTick, error)
	// NewEvents returns a channel that is closed when events are stored after this call, as far as this process knows.
	NewEvents() <-chan struct{}
	// Wake makes the engine look for due watches at once.
	Wake()
}

// Options configure a Service.
type Options struct {
	Store  *store.Store
	Engine Engine
	// Webhooks decides where events may be sent to.
	Webhooks Webhooks
	// Now is the clock; nil for time.Now.
	Now func() time.Time
	// IntervalMin is the shortest interval of a watch.
	IntervalMin time.Duration
	// Limit is the most watches of one owner; 0 for no limit.
	Limit int
	// Draining is closed when the server stops and streams must end. Nil: never.
	Draining <-chan struct{}
}

// Service is what the RPCs do. Owners are the names of API keys; "" is every caller without one. Faults: PriceWatchNotFound
// for a watch that is not there or is another owner's, and PriceStoreUnavailable.
type Service struct {
	Options

	// feed is what the streams of this process read, nil while there are none. feedMu guards it.
	feedMu sync.Mutex
	feed   *feed
	// poll is how often it is looked for events of other processes, and heartbeat how often a stream says that it lives.
	poll, heartbeat time.Duration
	// rowsAtOnce is how many rows of a history are in memory at a time.
	rowsAtOnce int
	// trendPoints is how many points a trend has at most whose resolution the caller leaves open.
	trendPoints int
}

const (
	pollInterval      = time.Second
	heartbeatInterval = 15 * time.Second
	historyRows       = 5000
	trendPointsMax    = 2000
)

// The sizes of pages.
const (
	pageDefault = 50
	pageMax     = 500
)

// New makes a Service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{Options: o, poll: pollInterval, heartbeat: heartbeatInterval, rowsAtOnce: historyRows, trendPoints: trendPointsMax}
}

// pageSize is how many items a page has.
func pageSize(asked int32) int {
	if asked <= 0 {
		return pageDefault
	}
	return int(min(asked, pageMax))
}

// draining is the fault of a stream that ends because the server stops.
func draining() error {
	return fault.New(fault.ServerDraining, "this server is shutting down; go on after the last event at another one")
}

package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// fixedObserver always sees three products.
type fixedObserver struct{}

func (fixedObserver) Observe(_ context.Context, w *store.Watch, _ []byte, due time.Time) (*zhaohuov1.PriceObservation, error) {
	return &zhaohuov1.PriceObservation{WatchId: w.ID, DueTime: timestamppb.New(due), ProductCount: 3}, nil
}

// A watch is observed by hand, and the stored observation is returned.
func Example() {
	if err := runOnce(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: 3 products
}

func runOnce(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(ctx, store.Options{URL: filepath.Join(dir, "pricewatch.db"), Migrate: engine.Migrate})
	if err != nil {
		return err
	}
	defer s.Close()
	e, err := engine.New(engine.Options{Store: s, Observer: fixedObserver{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil {
		return err
	}
	w := &store.Watch{
		ID: "w1", Owner: "shop", Paused: true,
		Definition: &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"610947572360"}}}},
	}
	if err := s.CreateWatch(ctx, w, nil, 100); err != nil {
		return err
	}
	observation, err := e.RunNow(ctx, w.ID)
	if err != nil {
		return err
	}
	fmt.Println(observation.GetProductCount(), "products")
	return e.Stop(ctx)
}

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// A watch is created, observed once, and read back with its history.
func Example() {
	if err := observeOnce(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// stored: true
	// stored again: false
	// 耳机 has 1 observation, the last of 2026-11-27
}

func observeOnce(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(ctx, store.Options{URL: filepath.Join(dir, "pricewatch.db")})
	if err != nil {
		return err
	}
	defer s.Close()
	w := &store.Watch{ID: "w1", Owner: "shop", Definition: &zhaohuov1.PriceWatch{DisplayName: "耳机"}}
	if err := s.CreateWatch(ctx, w, nil, 100); err != nil {
		return err
	}
	tick := store.Tick{Watch: w, Observation: &zhaohuov1.PriceObservation{
		DueTime: timestamppb.New(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)),
	}}
	for _, label := range []string{"stored", "stored again"} {
		err := s.InTx(ctx, func(tx *sql.Tx) error {
			stored, err := s.FinishTick(ctx, tx, tick)
			fmt.Printf("%s: %v\n", label, stored)
			return err
		})
		if err != nil {
			return err
		}
	}
	if w, err = s.GetWatch(ctx, "shop", "w1"); err != nil {
		return err
	}
	history, err := s.Observations(ctx, w.ID, store.Range{}, 10, false)
	if err != nil {
		return err
	}
	fmt.Printf("%s has %d observation, the last of %s\n", w.Definition.GetDisplayName(), len(history),
		w.Last.GetDueTime().AsTime().Format(time.DateOnly))
	return nil
}

// A watch that may spend ten upstream calls a day, and has spent four.
func ExampleWatch_CallsLeft() {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	w := &store.Watch{Definition: &zhaohuov1.PriceWatch{UpstreamCallsPerDay: 10}, Day: "2026-11-27", DayCalls: 4}
	fmt.Println(w.CallsLeft(now))
	fmt.Println(w.CallsLeft(now.AddDate(0, 0, 1)))
	// Output:
	// 6 true
	// 10 true
}

package pricewatch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// idleEngine observes nothing.
type idleEngine struct{ pricewatch.Engine }

func (idleEngine) Wake() {}

// A watch is created and paused. Another owner does not see it.
func Example() {
	if err := createAndPause(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// PRICE_WATCH_STATE_ACTIVE 1h0m0s
	// PRICE_WATCH_STATE_PAUSED
	// PRICE_WATCH_NOT_FOUND: there is no price watch with this id
}

func createAndPause(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "pricewatch")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	kept, err := store.Open(ctx, store.Options{URL: filepath.Join(dir, "pricewatch.db")})
	if err != nil {
		return err
	}
	defer kept.Close()
	service := pricewatch.New(pricewatch.Options{Store: kept, Engine: idleEngine{}})
	made, err := service.Create(ctx, "shop", &zhaohuov1.PriceWatch{
		Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "保温杯"}},
	}, nil)
	if err != nil {
		return err
	}
	fmt.Println(made.GetState(), made.GetInterval().AsDuration())
	paused, err := service.Pause(ctx, "shop", made.GetId())
	if err != nil {
		return err
	}
	fmt.Println(paused.GetState())
	_, err = service.Get(ctx, "another", made.GetId())
	fmt.Println(err)
	return nil
}
